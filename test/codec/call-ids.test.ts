import { expect } from 'chai';
import { chatCodec } from '../../core/dialects/chat/codec/codec.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import { messagesCodec } from '../../core/dialects/messages/codec/codec.ts';
import { responsesCodec } from '../../core/dialects/responses/codec/codec.ts';
import { decode } from '../support/codec-bench.ts';

const chunk = (...tool_calls: object[]) => ({ choices: [{ index: 0, delta: { tool_calls } }] });
const END = { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };
const item = { type: 'function_call', call_id: 7, name: 'f', arguments: '{}' };

describe('the ids of calls', () => {
  it('may change between the name of a call and its arguments', () => {
    const { items } = decode(chatCodec as Codec, [
      chunk({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
      chunk({ index: 0, id: 'b', function: { arguments: '{"cmd"' } }),
      chunk({ index: 0, id: 'b', function: { arguments: ':"ls"}' } }),
      chunk({ index: 1, id: 'c', function: { name: 'g', arguments: '{}' } }),
      END,
    ]);
    expect(items).to.deep.equal([
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"cmd":"ls"}' },
      { type: 'function_call', call_id: 'c', name: 'g', arguments: '{}' },
    ]);
  });

  it('are made new where a Chat provider numbers its calls: it begins anew in each answer', () => {
    const chunks = [chunk({ index: 0, id: 7, function: { name: 'f', arguments: '{' } }), chunk({ index: 0, id: 7, function: { arguments: '}' } }), END];
    const { items, warnings } = decode(chatCodec as Codec, chunks);
    expect([items, warnings]).to.deep.equal([[{ type: 'function_call', call_id: 'call_0002', name: 'f', arguments: '{}' }], ['tool_calls.id: no_text']]);
  });

  for (const [dialect, codec, chunks] of [
    ['Messages', messagesCodec, [{ type: 'message', content: [{ type: 'tool_use', id: 7, name: 'f', input: {} }], stop_reason: 'tool_use' }]],
    ['Responses', responsesCodec, [{ object: 'response', status: 'completed', output: [item] }]],
  ] as const) {
    it(`become texts where a ${dialect} provider numbers them`, () => {
      const { items, warnings } = decode(codec as Codec, chunks);
      expect([items, warnings]).to.deep.equal([[{ type: 'function_call', call_id: 'call_7', name: 'f', arguments: '{}' }], []]);
    });
  }
});
