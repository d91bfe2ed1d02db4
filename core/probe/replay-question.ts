import { type Advice, type Finding, finding } from './finding.ts';
import type { MadeCall } from './fold-answer.ts';
import type { Reply } from './provider-line.ts';
import { type Known, ofReply, SYSTEM } from './text-question.ts';
import { ASKED, toolBody } from './tool-questions.ts';

type Message = Record<string, unknown>;
/** One change that may make a turn with a call acceptable. */
interface Way {
  change: string;
  plugin: Advice;
  /** Matches a refusal that names what this changes. */
  words: RegExp;
  apply(messages: Message[]): void;
}
type Ask = (what: string, ways: readonly Way[], reasoningIn: string | undefined) => Promise<Reply>;

const FOREIGN = 'call_Tapline0123456789abcdef';
const CONTENT = /null|empty|(?<!reasoning_)content/i;
const WAYS: readonly Way[] = [
  {
    ...{ change: 'an id of nine letters', plugin: { plugin: 'tool-id', options: { profile: 'nine' } }, words: /\bids?\b/i },
    apply: (messages) => rename(messages, 'Tap123abc'),
  },
  {
    ...{ change: 'a word between output and user', plugin: { plugin: 'assistant-bridge' }, words: /after role|role.*(after|order|follow)|order/i },
    apply: (messages) => {
      messages.splice(-1, 0, { ...messages[2], content: 'Understood.', tool_calls: undefined });
    },
  },
  {
    ...{ change: 'a blank as content', plugin: { plugin: 'nonempty-assistant', options: { filler: ' ' } }, words: CONTENT },
    apply: (messages) => {
      for (const message of messages) message['content'] ??= ' ';
    },
  },
  {
    ...{ change: 'the name on the output', plugin: { plugin: 'tool-output-names' }, words: /\bname\b/i },
    apply: ([, , , output]) => {
      Object.assign(output ?? {}, { name: 'note_color' });
    },
  },
];
/** Replaces the blank if it is enough that nothing is null. */
const LEFT_OUT: Way = {
  ...{ change: 'the content left out', plugin: { plugin: 'strip-nulls' }, words: CONTENT },
  apply: ([, , turn]) => {
    delete turn?.['content'];
  },
};

/** Sends a call back with an id of ours, its output and a user message after it; with its reasoning, and without. */
export async function askReplay(known: Known): Promise<Finding[]> {
  const { line, made } = known;
  const [call] = made?.calls ?? [];
  if (!made || !call) return [];
  const tried = 'a call given back, with an id of ours';
  const ask: Ask = (what, ways, reasoningIn) =>
    line.ask(what === '' ? tried : `${tried}: ${what}`, toolBody(known, { messages: turnsOf(call, ways, reasoningIn && { [reasoningIn]: made.reasoning }) }));
  const plainIn = made.reasoning === '' ? undefined : 'reasoning_content';
  const first = await ask('', [], plainIn);
  if (first.verdict === 'unclear') return [ofReply('replay', tried, first, [], [])];
  const named = first.verdict === 'refused' && /reasoning/i.test(first.words);
  const needed = first.verdict === 'accepted' ? [] : named ? undefined : await findNeeded(first, (ways) => ask(`with ${namesOf(ways)}`, ways, plainIn));
  if (needed && plainIn) return [replayFinding(tried, first, needed), await askWithout(ask, needed)];
  if (needed) return [replayFinding(tried, first, needed)];
  return plainIn ? [await askOtherField(ask, tried, first)] : [replayFinding(tried, first, undefined)];
}

function replayFinding(tried: string, first: Reply, needed: readonly Way[] | undefined): Finding {
  const about = [...WAYS, LEFT_OUT].map(({ plugin }) => plugin.plugin);
  if (first.verdict === 'accepted') return finding('replay', tried, { did: 'took it', about });
  if (!needed) return finding('replay', tried, { seen: 'unclear', did: `${first.did}, whatever was changed` });
  return finding('replay', tried, {
    seen: 'quirk',
    did: `${first.did}, and took it with ${namesOf(needed)}`,
    advice: needed.map(({ plugin }) => plugin),
    about,
  });
}

async function askWithout(ask: Ask, needed: readonly Way[]): Promise<Finding> {
  const [question, tried, about] = ['reasoning-replay', 'the same turn without its reasoning', ['reasoning-replay']];
  const reply = await ask('without its reasoning', needed, undefined);
  if (reply.verdict === 'accepted') return finding(question, tried, { did: 'took it, with and without', about });
  return ofReply(question, tried, reply, [{ plugin: 'reasoning-replay' }], about);
}

/** The provider refuses `reasoning_content`; tries the same under another name, and without. */
async function askOtherField(ask: Ask, tried: string, first: Reply): Promise<Finding> {
  const subject = 'reasoning_content sent back';
  const under = (field: string | undefined, did: string) =>
    finding('reasoning-replay', subject, {
      seen: 'quirk',
      did,
      advice: [{ plugin: 'reasoning-field', ...(field && { options: { field } }) }],
      about: ['reasoning-field'],
    });
  if ((await ask('with reasoning', [], 'reasoning')).verdict === 'accepted') return under('reasoning', 'refused it, and took it as reasoning');
  if ((await ask('without its reasoning', [], undefined)).verdict === 'accepted') return under(undefined, 'took the turn only without');
  return replayFinding(tried, first, undefined);
}

/**
 * Applies the change that a refusal names, else the next one in the list, until the turn is accepted. Then takes away
 * changes that no refusal named, unless they are needed. Undefined if nothing helps.
 */
async function findNeeded(first: Reply, ask: (ways: readonly Way[]) => Promise<Reply>): Promise<readonly Way[] | undefined> {
  let reply = first;
  let tried: readonly Way[] = [];
  const named = new Set<Way>();
  while (reply.verdict === 'refused' && tried.length < WAYS.length) {
    const { words } = reply;
    const left = WAYS.filter((way) => !tried.includes(way));
    const next = left.find((way) => way.words.test(words)) ?? (left[0] as Way);
    if (next.words.test(words)) named.add(next);
    tried = [...tried, next];
    reply = await ask(tried);
  }
  if (reply.verdict !== 'accepted') return undefined;
  for (const way of tried.slice(0, -1)) {
    const fewer = tried.filter((each) => each !== way);
    if (!named.has(way) && (await ask(fewer)).verdict === 'accepted') tried = fewer;
  }
  const blank = tried.find(({ words }) => words === CONTENT);
  if (!blank) return tried;
  const leftOut = tried.map((way) => (way === blank ? LEFT_OUT : way));
  return (await ask(leftOut)).verdict === 'accepted' ? leftOut : tried;
}

function turnsOf({ name, arguments: args }: MadeCall, ways: readonly Way[], reasoning: object | undefined | ''): Message[] {
  const messages: Message[] = [
    { ...SYSTEM },
    { ...ASKED },
    { role: 'assistant', content: null, ...reasoning, tool_calls: [{ id: FOREIGN, type: 'function', function: { name, arguments: args || '{}' } }] },
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
