import { expect } from 'chai';
import type { ChatMessage } from '../../core/dialects/chat/wire.ts';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { json, type Reply, ScriptedProvider } from '../support/scripted-provider.ts';
import { CodexOnZai, catalogue, outputsOf, saidIn } from './support/codex-on-zai.ts';
import { homeFolder, workFolder } from './support/folders.ts';
import { type CodexVersion, runCodex } from './support/run-codex.ts';
import { type RunningGateway, runGateway } from './support/run-gateway.ts';

const VERSIONS: CodexVersion[] = ['0.169', '0.110'];
const runs = (id: string, reasoning: string, cmd: string): ChatAnswer => ({
  reasoning,
  calls: [{ id, name: 'exec_command', arguments: JSON.stringify({ cmd }) }],
  finish: 'tool_calls',
});

/** DeepSeek refuses a call of its own that comes back without the reasoning that led to it. */
function strictly(reply: Reply): Reply {
  return (response, asked) => {
    const bare = asked.body.messages.some(({ tool_calls: calls, reasoning_content: reasoning }: ChatMessage) => calls && !reasoning);
    const message = 'The `reasoning_content` in the thinking mode must be passed back to the API.';
    return (bare ? json(400, { error: { message, type: 'invalid_request_error', code: 'invalid_request_error' } }) : reply)(response, asked);
  };
}

describe('Codex before a provider that wants its reasoning back', () => {
  let provider: ScriptedProvider;
  let gateway: RunningGateway;
  before(async () => {
    provider = await ScriptedProvider.start();
    gateway = await runGateway(['--preset', 'openai-compatible', '--upstream', provider.base, ...(process.env['H3'] ? ['--disable', 'reasoning-memory'] : [])]);
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  for (const version of VERSIONS) {
    it(`works through two turns with reasoning and tools, version ${version}`, async () => {
      const [home, folder] = [homeFolder(), workFolder()];
      const turn = async (prompt: string, command: string[], ...said: ChatAnswer[]): Promise<void> => {
        provider.script(...said.map((each) => strictly(answers(each))));
        const overrides = { model_catalog_json: catalogue() };
        void overrides;
        const { stdout, stderr, exitCode } = await runCodex(prompt, { version, home, folder, command, config: gateway.codexConfig });
        expect(stdout.trim(), stderr).to.equal('Done.');
        expect(exitCode).to.equal(0);
      };
      const ids = ['call_a', 'call_b', 'call_c'].map((id) => `${id}_${version.replace('.', '_')}`);
      await turn('look', [], runs(`${ids[0]}`, 'First I look.', 'echo one'), runs(`${ids[1]}`, 'Once more.', 'echo two'), { reasoning: 'That is all.', content: 'Done.' });
      await turn('look again', ['resume', '--last'], runs(`${ids[2]}`, 'As asked.', 'echo three'), { content: 'Done.' });
      const reasonings = provider.asked.at(-1)?.body.messages.flatMap(({ tool_calls: calls, reasoning_content: reasoning }: ChatMessage) => (calls ? [reasoning] : []));
      expect(reasonings).to.deep.equal(['First I look.', 'Once more.', 'As asked.']);
      console.log(provider.asked.at(-1)?.body.messages.map((m: any) => [m.role, m.reasoning_content]));
    });
  }
});
