import { type Finding, finding } from './finding.ts';
import type { ChatBody, ProviderLine, Reply } from './provider-line.ts';

/** One of several things that a single request tries. */
export interface Part {
  question: string;
  tried: string;
  /** Matches a refusal that names it. */
  words: RegExp;
  /** Plugins that help against a refusal, the ones this part is about. */
  advice: Finding['advice'];
  apply(body: ChatBody): void;
}

/**
 * Tries several parts in one request; if it is accepted, all of them are plain. If a refusal names one part, that part
 * is left out and the rest tried again; if it names none, or several, each part is tried alone.
 */
export async function askTogether(line: ProviderLine, what: string, body: () => ChatBody, parts: readonly Part[]): Promise<Finding[]> {
  const reply = await line.ask(what, apply(body(), parts));
  if (reply.verdict !== 'refused') return parts.map((part) => findingOf(part, reply));
  const named = parts.filter(({ words }) => words.test(reply.words));
  const [first] = parts.length === 1 ? parts : named.length === 1 ? named : [];
  const rest = parts.filter((part) => part !== first);
  if (first && rest.length === 0) return [findingOf(first, reply)];
  if (first) return inOrder(parts, [findingOf(first, reply), ...(await askTogether(line, `${what}: without ${first.question}`, body, rest))]);
  const findings: Finding[] = [];
  for (const part of parts) findings.push(...(await askTogether(line, `${what}: ${part.question} alone`, body, [part])));
  if (findings.some(({ seen }) => seen !== 'plain')) return findings;
  return findings.map((each) => ({ ...each, seen: 'unclear', did: 'took each alone, and refused them together' }));
}

function apply(body: ChatBody, parts: readonly Part[]): ChatBody {
  for (const part of parts) part.apply(body);
  return body;
}

function findingOf({ question, tried, advice }: Part, reply: Reply): Finding {
  const about = advice.map(({ plugin }) => plugin);
  if (reply.verdict === 'accepted') return finding(question, tried, { did: 'took it', about });
  if (reply.verdict === 'unclear') return finding(question, tried, { seen: 'unclear', did: reply.did });
  return finding(question, tried, { seen: 'quirk', did: reply.did, advice, about });
}

function inOrder(parts: readonly Part[], findings: readonly Finding[]): Finding[] {
  return parts.flatMap(({ question }) => findings.find((each) => each.question === question) ?? []);
}
