import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import { runGateway } from '../support/run-gateway.ts';

/** Each leaves something behind that nobody waits for: seen to end the process before it was caught. */
const CONFIG = `
const slips = {
  'drops-a-promise': () => void Promise.reject(new Error('of a promise')),
  'throws-in-a-timer': () => void setTimeout(() => { throw new Error('of a timer'); }),
  'rejects-with-nothing': () => void Promise.reject(),
};
export default {
  preset: 'demo',
  plugins: [
    ...Object.entries(slips).map(([name, end]) => ({ name, end })),
    { name: 'returns-a-copy', request: (request) => ({ ...request }), onError: 'skip' },
    { name: 'async-end', async end() { throw new Error('of an end'); } },
  ],
};
`;

describe('what a plugin leaves behind', () => {
  it('ends no process: it is logged with the plugin, and counted', async () => {
    const gateway = await runGateway(['--log-format', 'json'], { folder: workFolder({ 'proxy.config.mjs': CONFIG }) });
    const ask = async () => {
      const body = JSON.stringify({ model: 'tapline-demo', input: 'hi' });
      const answer = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      return ((await answer.json()) as { status: string }).status;
    };
    expect([await ask(), await ask()]).to.deep.equal(['completed', 'completed']);
    const stderr = await gateway.child.until((child) => child.stderr.split('the gateway goes on').length > 6 && child.stderr);
    expect(stderr).to.include('plugin \\"drops-a-promise\\" left a rejected promise that nobody waits for: of a promise');
    expect(stderr).to.include('left an exception that nobody catches: of a timer');
    expect(stderr).to.include('plugin \\"async-end\\" failed in end: of an end');
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as { stray_errors: number };
    expect(health.stray_errors).to.equal(6);
    expect(await gateway.stop()).to.equal(0);
  });
});
