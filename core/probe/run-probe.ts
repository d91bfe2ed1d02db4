import { GatewayError } from '../contract/errors.ts';
import { type Finding, finding } from './finding.ts';
import { askDeveloper, askFields, askImage, askMessages, askNulls, askParts, askSchema } from './message-questions.ts';
import { type LineOptions, ProviderLine, type Reply } from './provider-line.ts';
import { askReplay } from './replay-question.ts';
import { askText, askTokenLimit } from './text-question.ts';
import { askChoices, askTools } from './tool-questions.ts';

export interface ProbeOptions extends Omit<LineOptions, 'within' | 'most'> {
  /** The first one that the provider lists, unless given. */
  model: string | undefined;
  /** Milliseconds that one request may take. */
  within?: number;
}

export interface ProbeResult {
  model: string;
  findings: Finding[];
  /** Requests that were sent. */
  requests: number;
  /** Tokens as the provider counted them. */
  tokens: { prompt: number; completion: number };
}

const WITHIN = 30_000;
/** A plain provider gets about a dozen requests, one that refuses much at most twice as many. */
const MOST = 26;

const QUESTIONS = [askTokenLimit, askDeveloper, askMessages, askNulls, askParts, askFields, askTools, askChoices, askReplay, askSchema, askImage];

/**
 * Asks tiny questions, one after the other. Rejects with the failure that makes them useless: a refused key, an
 * unreachable provider, a web page, an unknown model.
 */
export async function runProbe({ model: named, within = WITHIN, ...options }: ProbeOptions): Promise<ProbeResult> {
  const line = new ProviderLine({ ...options, within, most: MOST });
  try {
    const listed = await line.models();
    const model = named ?? listed?.[0];
    if (model === undefined) throw new GatewayError('config_invalid', 'the provider lists no models: name one with --model');
    const text = await askText(line, model);
    if ('verdict' in text) throw useless(text, model, listed);
    const { known } = text;
    const findings = [listFinding(model, listed), ...text.findings];
    for (const ask of QUESTIONS) findings.push(...(await ask(known)));
    return { model, findings, requests: line.asked, tokens: line.tokens };
  } finally {
    await line.close();
  }
}

function listFinding(model: string, listed: readonly string[] | undefined): Finding {
  const did = !listed
    ? 'has no list of models'
    : listed.includes(model)
      ? `lists it, among ${listed.length}`
      : `does not list it among ${listed.length}, and answers`;
  return finding('model', `the model ${model}`, { seen: listed?.includes(model) ? 'plain' : 'note', did });
}

function useless(reply: Reply, model: string, listed: readonly string[] | undefined): GatewayError {
  const lists = listed ? `; it lists ${listed.slice(0, 20).join(', ')}${listed.length > 20 ? ', …' : ''}` : '';
  const { did } = reply as { did: string };
  const words = reply.verdict === 'refused' ? reply.words.trim() : '';
  return new GatewayError('upstream_protocol', `a plain text with model "${model}": the provider ${did}${words && ` saying "${words.slice(0, 200)}"`}${lists}`);
}
