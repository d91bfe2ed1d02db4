import { expect } from 'chai';
import type { Codec } from '../../core/dialects/codec.ts';
import { messagesFrontDoor } from '../../core/dialects/messages/door/front-door.ts';
import { responsesCodec } from '../../core/dialects/responses/codec/codec.ts';
import { objectJson } from '../../core/kit/call-arguments.ts';
import { fitsStrict } from '../../core/kit/json-schema.ts';
import { wellFormedJson } from '../../core/kit/parse-json.ts';
import { createExchange, encode } from '../support/codec-bench.ts';

const closed = (properties: object, required: string[] = Object.keys(properties)) => ({ type: 'object', properties, required, additionalProperties: false });
const TEXT = { type: 'string' };
const OPTIONAL = closed({ name: TEXT, nickname: TEXT }, ['name']);

describe('a request that OpenAI takes', () => {
  for (const [asked, sent, warnings] of [
    [1, 16, ['max_output_tokens: at_least_16']],
    [16, 16, []],
    [undefined, undefined, []],
  ] as const) {
    it(`asks Responses for ${sent ?? 'no number of'} tokens where the client asks for ${asked ?? 'none'}`, () => {
      const encoded = encode(responsesCodec as Codec, asked === undefined ? {} : { max_output_tokens: asked });
      expect([(encoded.body as Record<string, unknown>)['max_output_tokens'], encoded.warnings]).to.deep.equal([sent, warnings]);
    });
  }

  for (const [what, schema, fits] of [
    ['requires all', closed({ a: TEXT, b: { type: ['string', 'null'] } }), true],
    ['has an optional property', OPTIONAL, false],
    ['allows other properties', { type: 'object', properties: { a: TEXT }, required: ['a'] }, false],
    ['has an optional property deep inside', closed({ list: { type: 'array', items: OPTIONAL } }), false],
    ['has a property named required', closed({ required: { type: 'array', items: TEXT } }), true],
  ] as const) {
    it(`${fits ? 'is' : 'is not'} strict with a schema that ${what}`, () => {
      expect(fitsStrict(schema)).to.equal(fits);
      const tool = { name: 'f', input_schema: schema, strict: true };
      const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], tools: [tool], output_format: { type: 'json_schema', schema } };
      const { tools, text } = messagesFrontDoor.decode(structuredClone(body) as never, createExchange({}, 'messages'));
      expect([JSON.stringify(tools), text?.format?.strict ?? false]).to.deep.equal([JSON.stringify(tools).replace(/"strict":\w+/, `"strict":${fits}`), fits]);
    });
  }

  for (const [what, text, sent] of [
    ['half a pair', 'cut \ud83d', 'cut \ufffd'],
    ['the other half', '\ude00 cut', '\ufffd cut'],
    ['whole pairs', '😀\ud83d\ude00', '😀😀'],
    ['the words of an escape', 'say \\ud83d', 'say \\ud83d'],
    ['a backslash before half a pair', '\\\ud83d', '\\\ufffd'],
  ] as const) {
    it(`keeps JSON well formed with ${what}`, () => {
      expect(JSON.parse(wellFormedJson(JSON.stringify({ [text]: text })))).to.deep.equal({ [sent]: sent });
      expect(objectJson(JSON.stringify({ text }))).to.equal(JSON.stringify({ text: sent }));
    });
  }

  it('keeps pairs that are written as escapes', () => {
    expect(wellFormedJson('"\\ud83d\\uDE00 \\uD83D"')).to.equal('"\\ud83d\\uDE00 \ufffd"');
  });
});
