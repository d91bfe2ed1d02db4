import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const PATHS: Record<Dialect, string> = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' };
const ASKED: Record<Dialect, object> = {
  chat: { messages: [{ role: 'user', content: 'hi' }] },
  responses: { input: 'hi' },
  messages: { max_tokens: 99, messages: [{ role: 'user', content: 'hi' }] },
};
const WHOLE: Record<Dialect, object> = {
  chat: { choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }] },
  responses: { object: 'response', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] }] },
  messages: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn' },
};

for (const dialect of ['chat', 'responses', 'messages'] as const)
  for (const door of ['chat', 'responses', 'messages'] as const)
    describe(`a provider of ${dialect} behind ${PATHS[door]}`, () => {
      const ask = async (status: number, body: unknown) => {
        const provider = await ScriptedProvider.start(json(status, body));
        const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [dialect]: provider.base }, retries: { times: 0 } }) });
        try {
          const response = await gateway.post({ model: 'm', ...ASKED[door] }, {}, PATHS[door]);
          return `${response.status} ${await response.text()}`;
        } finally {
          await gateway.stop();
          await provider.stop();
        }
      };

      it('answers with 200 and an answer', async () => {
        expect(await ask(200, WHOLE[dialect])).to.match(/^200 .*hello/);
      });

      for (const status of [201, 206])
        it(`fails with HTTP ${status}, which says that this is not all`, async () => {
          expect(await ask(status, WHOLE[dialect])).to.match(new RegExp(`^502 .*HTTP ${status}, which is no whole answer`));
        });

      for (const [what, body, words] of [
        ['null', 'null', 'not JSON'],
        ['a number', '42', 'not JSON'],
        ['garbage', '{oops', 'not JSON'],
        ['an empty object', '{}', 'JSON that is no answer'],
        ['something else in JSON', '{"id":"x","object":"list","data":[]}', 'JSON that is no answer'],
      ] as const)
        it(`fails in words with ${what} in place of an answer`, async () => {
          expect(await ask(200, body)).to.match(new RegExp(`^502 .*${words}`));
        });
    });
