import { expect } from 'chai';
import type { ChatRequest } from '../../core/contract/chat-wire.ts';
import type { Exchange } from '../../core/contract/exchange.ts';
import { findPreset } from '../../core/pipeline/catalogue.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';

describe('of 140 tools', () => {
  for (const name of ['groq', 'kimi', 'openai']) {
    it(`${name} is offered the 128 that it accepts, the one to be called among them`, async () => {
      const { plugins } = (await findPreset(name))();
      const limit = resolvePlugins({ preset: name, listed: plugins }).find((plugin) => plugin.name === 'tool-limit');
      const tools = Array.from({ length: 140 }, (_, at) => ({ type: 'function' as const, function: { name: `tool_${at}` } }));
      const body: ChatRequest = { model: 'm', messages: [], tools, tool_choice: { type: 'function', function: { name: 'tool_139' } } };
      const warnings: object[] = [];
      await limit?.wire?.chat?.request?.(body, { warn: (warning) => warnings.push(warning) } as Partial<Exchange> as Exchange);
      expect(body.tools).to.deep.equal([...tools.slice(0, 127), tools[139]]);
      expect(warnings).to.deep.equal([{ param: 'tools', reason: 'only_128_of_140_are_offered' }]);
    });
  }
});
