import { expect } from 'chai';
import { mistralLike, startAccent } from '../support/accent-provider.ts';
import { workFolder } from '../support/folders.ts';
import { type Finished, type RunningGateway, runGateway, runTapline } from '../support/run-gateway.ts';
import { ScriptedProvider } from '../support/scripted-provider.ts';

const KEY = 'key-of-the-probe-0123456789';
const probe = (base: string, ...words: string[]): Promise<Finished> =>
  runTapline(['probe', 'openai-compatible', '--no-config', '--upstream', base, ...words], { environment: { TAPLINE_UPSTREAM_KEY: KEY } });

describe('tapline probe', () => {
  it('prints a config with which the provider refuses nothing more', async () => {
    const provider = await startAccent(mistralLike);
    let gateway: RunningGateway | undefined;
    try {
      const { stdout, stderr, exitCode } = await probe(provider.base, '--model', 'm', '--as', 'yaml');
      expect(exitCode, stderr).to.equal(0);
      expect(stdout + stderr).not.to.include(KEY);
      const [plugins] = stdout.slice(stdout.indexOf('plugins:')).split('\n\n'); // what follows is said, not to be pasted
      const folder = workFolder({ 'proxy.config.yaml': `preset: openai-compatible\n${plugins}` });
      gateway = await runGateway(['--upstream', provider.base], { folder, environment: { TAPLINE_UPSTREAM_KEY: KEY } });
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'm',
          max_completion_tokens: 9,
          seed: 1,
          tool_choice: 'required',
          tools: [{ type: 'function', function: { name: 'note', parameters: { type: 'object', properties: {} } } }],
          messages: [
            { role: 'user', content: 'hi', name: 'ann' },
            { role: 'assistant', content: null, tool_calls: [{ id: 'call_of_another_kind', type: 'function', function: { name: 'note', arguments: '{}' } }] },
            { role: 'tool', tool_call_id: 'call_of_another_kind', content: 'noted' },
            { role: 'user', content: 'and?' },
          ],
        }),
      });
      expect(response.status, await response.text()).to.equal(200);
    } finally {
      await gateway?.stop();
      await provider.stop();
    }
  });

  it('ends with 1, and says why, where nothing can be found out', async () => {
    const provider = await ScriptedProvider.start();
    const { base } = provider;
    await provider.stop();
    const { stdout, stderr, exitCode } = await probe(base, '--model', 'm');
    expect([stdout, exitCode]).to.deep.equal(['', 1]);
    expect(stderr).to.match(/tapline: the provider could not be reached/);
  });
});
