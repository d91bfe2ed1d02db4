import { expect } from 'chai';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { ScriptedProvider } from '../support/scripted-provider.ts';

const FIRST = 'data: {"choices":[{"index":0,"delta":{"content":"one"}}]}\n\n';
const REST = 'data: {"choices":[{"index":0,"delta":{"content":"two"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const hasStarted = ({ child }: RunningGateway) => child.until(({ stderr }) => stderr.includes('stopping: waiting for running exchanges to end'));

describe('SIGHUP', () => {
  it('lets answers end, also when a closing terminal sends it twice', async () => {
    const finish = Promise.withResolvers<void>();
    const provider = await ScriptedProvider.start(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(FIRST);
      await finish.promise;
      response.end(REST);
    });
    const gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base]);
    try {
      const body = JSON.stringify({ model: 'm', input: 'hi', stream: true });
      const answer = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      gateway.child.signal('SIGHUP');
      await hasStarted(gateway);
      gateway.child.signal('SIGHUP');
      finish.resolve();
      expect(await answer.text())
        .to.include('onetwo')
        .and.include('response.completed');
      expect(await gateway.child.ended).to.equal(0);
    } finally {
      gateway.child.kill();
      await provider.stop();
    }
  });

  const LAUNCHERS = {
    'a script that ignores it': ['sh', '-c', `trap '' HUP; "$@" & wait`, 'sh'],
    'nohup in a shell': ['env', '_=/usr/bin/nohup', 'nohup'],
  };
  for (const [who, launcher] of Object.entries(LAUNCHERS)) {
    it(`stays ignored for ${who}`, async () => {
      const gateway = await runGateway(['--no-config', '--preset', 'demo', '--log-format', 'json'], { launcher });
      process.kill(-gateway.child.pid, 'SIGHUP');
      expect((await fetch(`${gateway.url}/health`)).status).to.equal(200);
      process.kill(-gateway.child.pid, 'SIGTERM');
      await gateway.child.ended;
      expect(gateway.child.stderr).to.include('stopping: waiting for running exchanges to end');
    });
  }
});
