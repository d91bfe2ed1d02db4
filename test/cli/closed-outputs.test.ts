import { expect } from 'chai';
import { type RunningGateway, runGateway, runTapline } from '../support/run-gateway.ts';

const DEMO = ['--no-config', '--preset', 'demo', '--log-level', 'debug'];

async function asked({ url }: RunningGateway): Promise<number> {
  const body = JSON.stringify({ model: 'tapline-demo', input: 'hi' });
  const answer = await fetch(`${url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await answer.text();
  return answer.status;
}

/** Asks three times: the first line fails, and only a later one is an error that somebody must listen for. */
const askedThrice = async (gateway: RunningGateway) => [await asked(gateway), await asked(gateway), await asked(gateway)];

describe('a gateway', () => {
  for (const format of ['json', 'text']) {
    it(`outlives the readers of its log, as ${format}, and of its greeting`, async () => {
      const gateway = await runGateway([...DEMO, '--log-format', format]);
      gateway.child.stopReading('stderr');
      expect(await askedThrice(gateway)).to.deep.equal([200, 200, 200]);
      await gateway.child.until(({ stdout }) => stdout.includes('the log is lost (EPIPE)'));
      expect(gateway.child.stdout.split('the log is lost').length).to.equal(2);
      gateway.child.stopReading('stdout');
      expect(await askedThrice(gateway)).to.deep.equal([200, 200, 200]);
      expect(await gateway.stop()).to.equal(0);
    });
  }
});

describe('a command that prints', () => {
  it('ends well when its reader has read enough', async () => {
    expect((await runTapline(['plugins'], { closed: 'stdout' })).exitCode).to.equal(0);
  });
  it('fails as ever when nobody reads why', async () => {
    expect((await runTapline(['serve', '--port', 'none'], { closed: 'stderr' })).exitCode).to.equal(1);
  });
});
