import { type Advice, type Finding, finding } from './finding.ts';
import type { Reply } from './provider-line.ts';
import { type Known, ofReply, SYSTEM } from './text-question.ts';
import { ASKED, toolBody } from './tool-questions.ts';

/** How a turn with a call is sent back; each change makes it simpler for a provider. */
interface Way {
  change: string;
  plugin: Advice;
  apply(messages: Message[]): void;
}
type Message = Record<string, unknown>;
const FOREIGN = 'call_Tapline0123456789abcdef';
const WAYS: Way[] = [
  { change: 'an id of nine letters', plugin: { plugin: 'tool-id', options: { profile: 'nine' } }, apply: (messages) => rename(messages, 'Tap123abc') },
  {
    change: 'a word between output and user',
    plugin: { plugin: 'assistant-bridge' },
    apply: (messages) => void messages.splice(-1, 0, { role: 'assistant', content: 'Understood.' }),
  },
  {
    change: 'a blank as content',
    plugin: { plugin: 'nonempty-assistant', options: { filler: ' ' } },
    apply: ([, , turn]) => void Object.assign(turn ?? {}, { content: ' ' }),
  },
  {
    change: 'the name on the output',
    plugin: { plugin: 'tool-output-names' },
    apply: ([, , , output]) => void Object.assign(output ?? {}, { name: 'note_color' }),
  },
];

/** A call that the client gives back with an id of ours, its output, and words behind it; with what was thought, and without. */
export async function askReplay(known: Known): Promise<Finding[]> {
  const { line, made } = known;
  const [call] = made?.calls ?? [];
  if (!made || !call) return [];
  const ask = (what: string, ways: readonly Way[], reasoning: string) => line.ask(what, toolBody(known, { messages: turnsOf(call, ways, reasoning) }));
  const tried = 'a call given back, with an id of ours';
  const first = await ask(tried, [], made.reasoning);
  if (first.verdict === 'unclear') return [ofReply('replay', tried, first, [], [])];
  const about = WAYS.map(({ plugin }) => plugin.plugin);
  const needed = first.verdict === 'accepted' ? [] : await findNeeded((ways) => ask(`${tried}: with ${namesOf(ways)}`, ways, made.reasoning));
  const without = made.reasoning === '' ? undefined : await ask(`${tried}: without its reasoning`, needed ?? [], '');
  const replay =
    needed === undefined
      ? finding('replay', tried, {
          seen: without?.verdict === 'accepted' ? 'plain' : 'note',
          did: `${(first as { did: string }).did}, however it was told`,
          about: [],
        })
      : needed.length === 0
        ? finding('replay', tried, { did: 'took it', about })
        : finding('replay', tried, {
            ...{ seen: 'quirk', did: `${(first as { did: string }).did}, and took it with ${namesOf(needed)}`, about },
            advice: needed.map(({ plugin }) => plugin),
          });
  return without ? [replay, withoutReasoning(needed !== undefined, without)] : [replay];
}

/** Changes are added until it is accepted; then each but the last is taken away again. Undefined: none of them helps. */
async function findNeeded(ask: (ways: readonly Way[]) => Promise<Reply>): Promise<Way[] | undefined> {
  for (let count = 1; count <= WAYS.length; count++) {
    if ((await ask(WAYS.slice(0, count))).verdict !== 'accepted') continue;
    let needed = WAYS.slice(0, count);
    for (const way of WAYS.slice(0, count - 1)) {
      const fewer = needed.filter((each) => each !== way);
      if ((await ask(fewer)).verdict === 'accepted') needed = fewer;
    }
    return needed;
  }
  return undefined;
}

function withoutReasoning(acceptedWith: boolean, without: Reply): Finding {
  const [question, tried, about] = ['reasoning-replay', 'the same turn without its reasoning', ['reasoning-replay']] as const;
  if (without.verdict === 'unclear') return ofReply(question, tried, without, [], []);
  if (without.verdict === 'accepted' && !acceptedWith)
    return finding(question, 'reasoning_content sent back', { seen: 'quirk', did: 'took the turn only without', advice: [{ plugin: 'reasoning-strip' }] });
  if (without.verdict === 'accepted') return finding(question, tried, { did: 'took it, with and without', about });
  return ofReply(question, tried, without, acceptedWith ? [{ plugin: 'reasoning-replay' }] : [], about);
}

function turnsOf({ name, arguments: args }: { name: string; arguments: string }, ways: readonly Way[], reasoning: string): Message[] {
  const messages: Message[] = [
    SYSTEM,
    ASKED,
    {
      ...{ role: 'assistant', content: null, ...(reasoning && { reasoning_content: reasoning }) },
      tool_calls: [{ id: FOREIGN, type: 'function', function: { name, arguments: args || '{}' } }],
    },
    { role: 'tool', tool_call_id: FOREIGN, content: 'noted' },
    { role: 'user', content: 'Thank you. Say bye.' },
  ];
  for (const way of ways) way.apply(messages);
  return messages;
}

const namesOf = (ways: readonly Way[]): string => ways.map(({ change }) => change).join(', ');

function rename(messages: Message[], id: string): void {
  for (const message of messages) {
    if (message['role'] === 'tool') message['tool_call_id'] = id;
    for (const call of (message['tool_calls'] ?? []) as { id: string }[]) call.id = id;
  }
}
