import { askTogether } from './ask-together.ts';
import { type Finding, finding } from './finding.ts';
import type { ChatBody } from './provider-line.ts';
import { type Known, ofReply, plainBody, SYSTEM, USER } from './text-question.ts';

/** Tries the role that most providers do not know, alone: refusals of it name the other roles too. */
export function askDeveloper(known: Known): Promise<Finding[]> {
  const messages = [{ ...SYSTEM, role: 'developer' }, USER];
  return askTogether(known.line, 'the role developer', () => plainBody(known), [
    {
      ...{ question: 'developer-role', tried: 'the role developer', words: /developer/i, advice: [{ plugin: 'developer-to-system' }] },
      apply: (body) => {
        body['messages'] = messages;
      },
    },
  ]);
}

/** Tries several system messages, one of them late, and a name on a message. */
export function askMessages(known: Known): Promise<Finding[]> {
  const body = () => ({ ...plainBody(known), messages: [{ ...SYSTEM }, { ...USER }] });
  const messagesOf = (asked: ChatBody) => asked['messages'] as Record<string, unknown>[];
  return askTogether(known.line, 'several system messages, a name', body, [
    {
      ...{
        question: 'several-system',
        tried: 'several system messages, one late',
        words: /system/i,
        advice: [{ plugin: 'merge-system' }, { plugin: 'late-system' }],
      },
      apply: (asked) => {
        messagesOf(asked).splice(1, 0, { role: 'system', content: 'Be kind.' });
        messagesOf(asked).splice(-1, 0, { role: 'user', content: 'Wait.' }, { role: 'system', content: 'Be brief.' });
      },
    },
    {
      ...{ question: 'name', tried: 'a name on a message', words: /\bname\b/i, advice: [{ plugin: 'strip-names' }] },
      apply: (asked) => {
        Object.assign(messagesOf(asked).at(-1) ?? {}, { name: 'ann' });
      },
    },
  ]);
}

/** Tries null in an earlier turn of the assistant; after a refusal, finds out if the turn itself is refused. */
export async function askNulls(known: Known): Promise<Finding[]> {
  const tried = 'null where the assistant has nothing';
  const { reasoning } = known.text;
  const turn = { role: 'assistant', content: 'Hello.', ...(reasoning && { reasoning_content: reasoning }) };
  const ask = (what: string, nulls: object) =>
    known.line.ask(what, plainBody(known, { messages: [SYSTEM, USER, { ...turn, ...nulls }, { role: 'user', content: 'Again.' }] }));
  const reply = await ask(tried, { refusal: null, tool_calls: null });
  const about = ['strip-nulls'];
  if (reply.verdict === 'accepted') return [finding('nulls', tried, { did: 'took it', about })];
  const without = reply.verdict === 'refused' ? await ask(`${tried}: without`, {}) : reply;
  if (without.verdict !== 'accepted') return [finding('nulls', tried, { seen: 'unclear', did: `${reply.did}, and the turn without null as well` })];
  return [ofReply('nulls', tried, reply, [{ plugin: 'strip-nulls' }], about)];
}

/** Tries text in parts, which may be refused, or counted as if each part were a message. */
export async function askParts(known: Known): Promise<Finding[]> {
  const tried = 'text in parts';
  const content = USER.content.split(/(?=,? (?:to|who|next))/).map((text) => ({ type: 'text', text }));
  const reply = await known.line.ask(tried, plainBody(known, { messages: [SYSTEM, { role: 'user', content }] }));
  const [advice, about] = [[{ plugin: 'flatten-content' }], ['flatten-content']];
  if (reply.verdict !== 'accepted') return [ofReply('content-parts', tried, reply, advice, about)];
  const [whole, parts] = [known.text.usage?.prompt, reply.answer.usage?.prompt];
  // a part may cost a token where a word is cut; a message costs three or more
  const split = whole !== undefined && parts !== undefined && parts - whole >= 3 * (content.length - 1);
  const did = `counted ${(parts ?? 0) - (whole ?? 0)} tokens more: each part seems to become a message`;
  return [finding('content-parts', tried, split ? { seen: 'quirk', did, advice, about } : { did: 'took it', about })];
}

/** Tries fields of the body that not every provider knows. */
export function askFields(known: Known): Promise<Finding[]> {
  const drop = (field: string) => [{ plugin: 'drop-params', options: { params: [field] } }];
  return askTogether(known.line, 'an unknown field, stop, an effort', () => plainBody(known), [
    {
      ...{
        question: 'unknown-field',
        tried: 'a field that nobody knows',
        words: /tapline_probe|extra|unknown|unrecogni[sz]ed/i,
        advice: [{ plugin: 'allow-params' }],
      },
      apply: (body) => {
        body['tapline_probe'] = true;
      },
    },
    {
      ...{ question: 'stop', tried: 'stop', words: /\bstop\b/i, advice: drop('stop') },
      apply: (body) => {
        body['stop'] = ['Zebra'];
      },
    },
    {
      ...{ question: 'effort', tried: 'reasoning_effort', words: /effort|reasoning/i, advice: drop('reasoning_effort') },
      apply: (body) => {
        body['reasoning_effort'] = 'high'; // the word that most models know
      },
    },
  ]);
}

/** Asks for an answer by a schema. */
export async function askSchema(known: Known): Promise<Finding[]> {
  const tried = 'an answer by a JSON schema';
  const schema = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'], additionalProperties: false };
  const response_format = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
  const reply = await known.line.ask(tried, plainBody(known, { response_format }, 256));
  const [advice, about] = [[{ plugin: 'json-schema-prompt' }], ['json-schema-prompt']];
  if (reply.verdict !== 'accepted') return [ofReply('json-schema', tried, reply, advice, about)];
  const { text, finish } = reply.answer;
  if (/^\s*\{/.test(text)) return [finding('json-schema', tried, { did: 'kept to it', about })];
  if (finish === 'length') return [finding('json-schema', tried, { seen: 'unclear', did: 'took it, and gave no answer within the limit' })];
  return [finding('json-schema', tried, { seen: 'quirk', did: 'took it, and answered in words', advice, about })];
}

/** A red square of eight pixels. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC';

/** Tries a tiny image. A fact of the model, not a plugin, marks a model that cannot see. */
export async function askImage(known: Known): Promise<Finding[]> {
  const tried = 'a tiny image';
  const content = [
    { type: 'text', text: 'Which color?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
  ];
  const reply = await known.line.ask(tried, plainBody(known, { messages: [SYSTEM, { role: 'user', content }] }));
  if (reply.verdict === 'accepted') return [finding('images', tried, { did: 'took it' })];
  if (reply.verdict === 'unclear') return [ofReply('images', tried, reply, [], [])];
  return [
    finding('images', tried, { seen: 'note', did: `${reply.did}: give the model \`input: ['text']\` in the preset's models, then images become a note` }),
  ];
}
