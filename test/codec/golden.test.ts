import { globSync } from 'node:fs';
import { expect } from 'chai';
import { DIALECTS, type Dialect } from '../../core/contract/dialect.ts';

type Direction = `${Dialect}-${Dialect}`;
interface Golden {
  case: string;
  /** The middle names of the files. */
  fixtures: string[];
  directions: Direction[];
}

const FOLDER = new URL('../../fixtures/exchanges/openai-compatible/', import.meta.url);
const ALL = DIALECTS.flatMap((client) => DIALECTS.flatMap((upstream): Direction[] => (client === upstream ? [] : [`${client}-${upstream}`])));
const from = (...clients: Dialect[]) => ALL.filter((direction) => clients.some((client) => direction.startsWith(`${client}-`)));
const to = (...upstreams: Dialect[]) => ALL.filter((direction) => upstreams.some((upstream) => direction.endsWith(`-${upstream}`)));

/** What must come through in each direction in which it can occur; the numbers are those of the fixtures. */
const GOLDEN: Record<number, Golden> = {
  1: { case: 'plain text', fixtures: ['text'], directions: ALL },
  2: { case: 'system and developer messages in the middle', fixtures: ['system-midway'], directions: ALL },
  3: { case: 'two parallel calls, their outputs out of order', fixtures: ['parallel-calls'], directions: ALL },
  4: { case: 'text and a call in one turn', fixtures: ['text-and-call'], directions: ALL },
  5: { case: 'text and an image beside an output', fixtures: ['beside-an-output'], directions: ALL },
  6: { case: 'an image in an output', fixtures: ['image-in-output'], directions: ALL },
  7: { case: 'custom tools, which Messages does not know', fixtures: ['custom-tool'], directions: from('responses', 'chat') },
  8: { case: 'namespaces, which only Responses knows', fixtures: ['namespace'], directions: from('responses') },
  9: { case: 'additional_tools, which only Responses knows', fixtures: ['additional-tools'], directions: from('responses') },
  10: { case: 'an interrupted call', fixtures: ['interrupted-call'], directions: ALL },
  11: { case: 'sealed reasoning, own and foreign', fixtures: ['sealed-reasoning'], directions: ALL },
  12: { case: 'effort and budget', fixtures: ['effort', 'no-effort'], directions: ALL },
  13: { case: 'a JSON schema, and one that is missing', fixtures: ['schema', 'schema-missing'], directions: ALL },
  14: { case: 'stop sequences, which Responses does not know', fixtures: ['stop'], directions: from('chat', 'messages') },
  15: { case: 'length', fixtures: ['length'], directions: ALL },
  16: { case: 'a refusal', fixtures: ['refusal'], directions: ALL },
  17: { case: 'usage with a cache', fixtures: ['cached-usage'], directions: ALL },
  18: { case: 'an error before and after the first byte', fixtures: ['refused', 'midstream'], directions: ALL },
  19: { case: 'the end of a stream without its last event', fixtures: ['cut'], directions: ALL },
  20: { case: 'CR LF', fixtures: ['crlf'], directions: ALL },
  21: { case: 'usage after the reason to finish', fixtures: ['late-usage'], directions: ALL },
  22: { case: 'calls with another reason to finish, which Responses does not tell', fixtures: ['stop-with-calls'], directions: to('chat', 'messages') },
  23: { case: 'several choices, which only Chat knows', fixtures: ['several-choices'], directions: from('chat') },
  25: { case: 'no output in the last event, which only Responses has', fixtures: ['empty-output'], directions: to('responses') },
  26: { case: 'long names and ids', fixtures: ['long-names'], directions: ALL },
  27: { case: 'no arguments', fixtures: ['no-arguments'], directions: ALL },
  29: { case: 'counted tokens, for which Chat has no place', fixtures: ['count'], directions: from('responses', 'messages') },
  30: { case: 'an item or block of an unknown type', fixtures: ['unknown-item'], directions: ALL },
};
/** What no exchange with this preset can show. */
const ELSEWHERE: Record<number, string> = {
  24: 'what the ChatGPT backend needs is its own preset’s',
  28: 'a client that goes away: test/pipeline/end-of-exchange.test.ts',
};

describe('the golden cases', () => {
  const files = globSync('golden-*.json', { cwd: FOLDER }).map((file) => file.replace(/\.json$/, ''));
  const nameOf = (number: string, fixture: string, direction: string) => `golden-${number.padStart(2, '0')}-${fixture}-${direction}`;

  for (const [number, { case: told, fixtures, directions }] of Object.entries(GOLDEN)) {
    it(`${number}, ${told}: have a fixture in each direction`, () => {
      const needed = fixtures.flatMap((fixture) => directions.map((direction) => nameOf(number, fixture, direction)));
      expect(files).to.include.members(needed);
    });
  }

  it('are thirty, and no fixture is of none of them', () => {
    const numbers = [...Object.keys(GOLDEN), ...Object.keys(ELSEWHERE)].map(Number).sort((one, other) => one - other);
    expect(numbers).to.deep.equal(Array.from({ length: 30 }, (_, at) => at + 1));
    const named = Object.entries(GOLDEN).flatMap(([number, { fixtures, directions }]) =>
      fixtures.flatMap((each) => directions.map((to) => nameOf(number, each, to))),
    );
    expect(files.filter((name) => !named.includes(name))).to.deep.equal([]);
  });
});
