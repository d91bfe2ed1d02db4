import { type Finding, finding } from './finding.ts';
import type { FoldedAnswer } from './fold-answer.ts';
import type { ChatBody, ProviderLine, Reply } from './provider-line.ts';

type Limit = 'max_tokens' | 'max_completion_tokens';

/** Results of earlier questions, for later ones. */
export interface Known {
  line: ProviderLine;
  model: string;
  /** The field that limits an answer. */
  limit: Limit;
  /** The answer to the plain request. */
  text: FoldedAnswer;
  /** The first call that the model made. */
  made?: FoldedAnswer;
  /** Every choice of a tool was refused, `auto` too. */
  choiceless?: true;
}

const TINY = 32;
export const SYSTEM = { role: 'system', content: 'You answer in one word.' };
export const USER = { role: 'user', content: 'Say hello to Ann, who lives next door to Bob.' };

/** The smallest plain request; `more` may make it a stream. */
export function plainBody({ model, limit }: Pick<Known, 'model' | 'limit'>, more: ChatBody = {}, tokens = TINY): ChatBody {
  return { model, messages: [{ ...SYSTEM }, { ...USER }], [limit]: tokens, ...more };
}

/** Asks for a plain text in a stream. Returns the reply itself if it is no answer: the probe ends there. */
export async function askText(line: ProviderLine, model: string): Promise<{ known: Known; findings: Finding[] } | Reply> {
  const USAGE = { stream_options: { include_usage: true } };
  let first: Reply | undefined;
  for (const [limit, options] of [
    ['max_tokens', USAGE],
    ['max_completion_tokens', USAGE],
    ['max_tokens', {}],
  ] as const) {
    const reply = await line.ask('a text in a stream', plainBody({ model, limit }, { stream: true, ...options }));
    first ??= reply;
    if (reply.verdict === 'unclear') return reply;
    if (reply.verdict === 'accepted') return { known: { line, model, limit, text: reply.answer }, findings: readText(reply.answer, limit, options === USAGE) };
  }
  return first as Reply;
}

function readText(answer: FoldedAnswer, limit: Limit, withUsage: boolean): Finding[] {
  const { streamed, marked, usageAt, text, reasoningIn } = answer;
  const places = { finish: 'with the finish reason', behind: 'in a chunk of its own', elsewhere: 'in several chunks' };
  const findings = [
    finding('streaming', 'a text in a stream', {
      seen: streamed ? 'plain' : 'note',
      did: streamed ? `streamed it, and ${marked ? 'marked' : 'did not mark'} the end` : 'answered with one body',
    }),
    finding('usage', 'usage in a stream', {
      seen: usageAt ? 'plain' : 'note',
      did: usageAt ? `reported it ${places[usageAt]}` : 'reported none: it is estimated',
      ...(!withUsage && { seen: 'quirk', did: 'refused stream_options', advice: [{ plugin: 'drop-params', options: { params: ['stream_options'] } }] }),
    }),
    reasoningFinding(reasoningIn, text),
  ];
  if (limit === 'max_tokens') return findings;
  const advice = [{ plugin: 'max-tokens', options: { field: limit } }];
  return [...findings, finding('token-limit', 'max_tokens', { seen: 'quirk', did: `refused it, and took ${limit}`, advice, about: ['max-tokens'] })];
}

function reasoningFinding(fields: readonly string[], text: string): Finding {
  const about = ['think-tags', 'reasoning-details', 'thinking-chunks'];
  const seenAs = (more: Partial<Finding> & { did: string }) => finding('reasoning-field', 'where reasoning stands', { about, ...more });
  if (/^\s*<think(ing)?>/.test(text)) return seenAs({ seen: 'quirk', did: 'wrote it into the text, in tags', advice: [{ plugin: 'think-tags' }] });
  if (fields.length === 0) return seenAs({ seen: 'note', did: 'sent none', about: [] });
  return seenAs({ seen: 'plain', did: `sent it in ${fields.join(' and ')}` });
}

/** Asks if the other field for the limit of an answer is taken, and heeded. */
export async function askTokenLimit(known: Known): Promise<Finding[]> {
  if (known.limit !== 'max_tokens') return [];
  const tried = 'max_completion_tokens in place of max_tokens';
  const messages = [SYSTEM, { role: 'user', content: 'Count from one to a hundred, in words.' }];
  const reply = await known.line.ask(tried, plainBody({ ...known, limit: 'max_completion_tokens' }, { messages }, 8));
  const advice = [{ plugin: 'max-tokens', options: { field: 'max_tokens' } }];
  const about = ['max-tokens'];
  if (reply.verdict !== 'accepted') return [ofReply('token-limit', tried, reply, advice, about)];
  const { usage, finish } = reply.answer;
  const ignored = (usage?.completion ?? 0) > TINY || (usage === undefined && finish === 'stop');
  return [finding('token-limit', tried, ignored ? { seen: 'quirk', did: 'took it, and wrote more', advice, about } : { did: 'took it', about })];
}

/** The finding for a reply that is not an answer. */
export function ofReply(
  question: string,
  tried: string,
  reply: Exclude<Reply, { verdict: 'accepted' }>,
  advice: Finding['advice'],
  about: readonly string[],
): Finding {
  return finding(question, tried, reply.verdict === 'unclear' ? { seen: 'unclear', did: reply.did } : { seen: 'quirk', did: reply.did, advice, about });
}
