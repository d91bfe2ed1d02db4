import { expect } from 'chai';
import { TypedJson } from '../../core/kit/typed-json.ts';

const ENTRY = { type: 'object', properties: { text: { type: 'string' }, done: { type: 'boolean' } } };
const SCHEMA = {
  properties: {
    n: { type: 'integer' },
    x: { type: 'number' },
    flag: { type: 'boolean' },
    text: { type: 'string' },
    either: { type: ['string', 'integer'] },
    list: { type: 'array', items: ENTRY },
    map: { type: 'object', additionalProperties: { $ref: '#/$defs/n' } },
    one: { oneOf: [{ type: 'integer' }, { type: 'null' }] },
    words: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
    few: { allOf: [{ type: 'array', items: { type: 'integer' } }] },
    level: { enum: ['1', 2] },
    any: {},
    lost: { $ref: '#/nowhere' },
  },
  $defs: { n: { type: 'integer' } },
};
const mend = (json: string, schema: object = SCHEMA) => {
  const reader = new TypedJson(schema as Record<string, unknown>);
  return reader.write(json) + reader.end();
};

/** What the model wrote, and what the client gets; nothing: the same. */
const CASES: [written: string, mended?: string][] = [
  ['{"n":5.0,"x":1000.00,"any":5.0,"lost":"5"}', '{"n":5,"x":1000,"any":5.0,"lost":"5"}'],
  ['{"n":"5","x":"-1.5e3","flag":"False","one":"null"}', '{"n":5,"x":-1.5e3,"flag":false,"one":null}'],
  ['{"n":" 5.0 ","x":"7.0"}', '{"n":5,"x":7}'],
  ['{"n":12345678901234567890.0,"x":"12345678901234567890"}', '{"n":12345678901234567890,"x":12345678901234567890}'],
  ['{"n":"5.5","flag":"yes","list":"one","map":"[]","one":"","few":"[1,"}'],
  ['{"n":"0x5","x":"05","few":"Infinity"}'],
  ['{"text":"5","either":"5","words":"[\\"a\\"]","level":"1","any":"true","unknown":"[]"}'],
  ['{"list":"[{\\"text\\":\\"5\\",\\"done\\":\\"true\\"}]","few":["1",2.0]}', '{"list":[{"text":"5","done":true}],"few":[1,2]}'],
  ['{"list":"\\"[]\\"","map":"{\\"a\\":\\"1\\"}"}', '{"list":[],"map":{"a":1}}'],
  ['{"list":["{\\"done\\":\\"true\\"}"]}', '{"list":[{"done":true}]}'],
  ['"{\\"n\\":\\"5\\"}"', '{"n":5}'],
  ['"[1]"'],
  ['"say \\"hi\\""'],
  ['{"text":"\\\\","n":"5"}', '{"text":"\\\\","n":5}'],
  ['{"te\\u0078t":"5","\\u006e":"5"}', '{"te\\u0078t":"5","\\u006e":5}'],
  ['{"n" : "5" , "x"\n:\t1.0 }', '{"n" : 5 , "x"\n:\t1 }'],
  ['{"n":"5'],
  ['{"n":5.0'],
  [']}{"n":,"'],
  [''],
];

describe('arguments in the types that a tool declares', () => {
  for (const [written, mended = written] of CASES) {
    it(`${written} becomes ${mended === written ? 'nothing else' : mended}, wherever the stream is cut`, () => {
      expect(mend(written)).to.equal(mended);
      for (let cut = 0; cut <= written.length; cut++) {
        const reader = new TypedJson(SCHEMA);
        expect(reader.write(written.slice(0, cut)) + reader.write(written.slice(cut)) + reader.end(), `cut at ${cut}`).to.equal(mended);
      }
      const reader = new TypedJson(SCHEMA);
      expect([...written].map((character) => reader.write(character)).join('') + reader.end()).to.equal(mended);
      expect(reader.changed).to.equal(mended !== written);
    });
  }

  it('pass at once where nothing can change, a long text above all', () => {
    const reader = new TypedJson(SCHEMA);
    for (const piece of ['{"te', 'xt":"a lo', 'ng \\', '"text', '","n":1', '2', ',"few":[1,', '2]}']) expect(reader.write(piece)).to.equal(piece);
  });

  it('pass what is nested too deep for any tool as it is', () => {
    const deep = `{"n":"5","list":${'['.repeat(2_000)}"5"${']'.repeat(2_000)},"text":5}`;
    expect(mend(deep)).to.equal(deep.replace('"n":"5"', '"n":5'));
  });

  it('are found once each where alternatives refer to their own schema', () => {
    const n = { anyOf: ['and', 'or'].map((op) => ({ type: 'object', properties: { op: { const: op }, x: { $ref: '#/$defs/n' }, n: { type: 'integer' } } })) };
    const deep = (number: string) => `${'{"x":'.repeat(60)}{"n":${number}}${'}'.repeat(60)}`;
    expect(mend(deep('"5"'), { ...n, $defs: { n } })).to.equal(deep('5'));
  });

  it('leave a schema with too many alternatives alone', () => {
    const anyOf = Array.from({ length: 1_000 }, () => ({ type: 'integer' }));
    expect(mend('{"n":"5","m":"5"}', { properties: { n: { anyOf }, m: { anyOf: anyOf.slice(0, 50) } } })).to.equal('{"n":"5","m":5}');
  });

  it('take time in proportion to their length, whatever a provider sends', () => {
    const hostile: ((size: number) => string)[] = [
      (size) => `{"n":"${'5'.repeat(size)}"}`,
      (size) => `{"n":5.${'0'.repeat(size)}1}`,
      (size) => `{"list":"${'['.repeat(size)}`,
      (size) => `{"few":[${'"5",'.repeat(size / 4)}5]}`,
      (size) => `{${'"n":"5",'.repeat(size / 8)}"n":5}`,
      (size) => `{"text":"${'\\"'.repeat(size / 2)}"}`,
      (size) => '{"map":'.repeat(size / 7),
      (size) => JSON.stringify({ list: JSON.stringify(Array.from({ length: size / 20 }, () => JSON.stringify({ done: 'true' }))) }),
    ];
    for (const make of hostile) {
      const text = make(1_000_000);
      const reader = new TypedJson(SCHEMA);
      const before = process.cpuUsage();
      for (let at = 0; at < text.length; at += 50) reader.write(text.slice(at, at + 50));
      reader.end();
      expect(process.cpuUsage(before).user / 1_000, text.slice(0, 20)).to.be.below(1_000);
    }
  });
});
