import { expect } from 'chai';
import { chatCodec } from '../../core/dialects/chat/codec/codec.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import { messagesCodec } from '../../core/dialects/messages/codec/codec.ts';
import { responsesCodec } from '../../core/dialects/responses/codec/codec.ts';
import { encode } from '../support/codec-bench.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of three dialects
type Loose = any;

/** How each dialect spells the arguments of the call in the history. */
const DIALECTS: [name: string, codec: Codec, argumentsOf: (body: Loose) => unknown][] = [
  ['Chat', chatCodec as Codec, (body) => body.messages[1].tool_calls[0].function.arguments],
  ['Messages', messagesCodec as Codec, (body) => JSON.stringify(body.messages[1].content[0].input)],
  ['Responses', responsesCodec as Codec, (body) => body.input[1].arguments],
];
const ARGUMENTS: [what: string, json: string, sent: string][] = [
  ['an object as it is', '{"cmd":"ls"}', '{"cmd":"ls"}'],
  ['nothing as an empty object', '', '{}'],
  ['blanks as an empty object', ' \n', '{}'],
  ['null as an empty object', 'null', '{}'],
  ['an object that was cut as the text that it is', '{"cmd":"ls', '{"input":"{\\"cmd\\":\\"ls"}'],
  ['a list as text', '["ls"]', '{"input":"[\\"ls\\"]"}'],
  ['a number as text', '5', '{"input":"5"}'],
  ['plain words as text', 'ls -l', '{"input":"ls -l"}'],
  ['a string as text', '"ls"', '{"input":"\\"ls\\""}'],
  ['an object that was encoded twice as the object', '"{\\"cmd\\":\\"ls\\"}"', '{"cmd":"ls"}'],
];

for (const [name, codec, argumentsOf] of DIALECTS) {
  describe(`the arguments of a call in a history for ${name}`, () => {
    for (const [what, json, sent] of ARGUMENTS) {
      it(`sends ${what}`, () => {
        const { body, warnings } = encode(codec, {
          input: [
            { type: 'message', role: 'user', content: 'hi' },
            { type: 'function_call', call_id: 'call_1', name: 'exec', arguments: json },
            { type: 'function_call_output', call_id: 'call_1', output: 'failed to parse the arguments' },
          ],
        });
        expect(argumentsOf(body)).to.equal(sent);
        expect(warnings).to.deep.equal([]);
      });
    }
  });
}
