import { askTogether } from './ask-together.ts';
import { type Advice, type Finding, finding } from './finding.ts';
import type { FoldedAnswer } from './fold-answer.ts';
import type { ChatBody, Reply } from './provider-line.ts';
import { type Known, ofReply, plainBody, SYSTEM } from './text-question.ts';

/** Leaves room for reasoning before a call. */
const TOKENS = 256;
const tool = (name: string, strict?: true) => ({
  type: 'function',
  function: {
    name,
    description: `Takes a ${name.slice(5)} down.`,
    parameters: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'], additionalProperties: false },
    ...(strict && { strict }),
  },
});
const [COLOR, NUMBER] = [tool('note_color'), tool('note_number')];
export const ASKED = { role: 'user', content: 'Note the color blue with the tool.' };
const NAMED = { type: 'function', function: { name: 'note_number' } };
const ABOUT = ['tool-choice'];
type Choice = Record<string, unknown>;

export const toolBody = (known: Known, more: ChatBody = {}) => plainBody(known, { messages: [SYSTEM, ASKED], tools: [COLOR, NUMBER], ...more }, TOKENS);
const choosing = (choice: Choice): Advice[] => [{ plugin: 'tool-choice', options: { choices: [choice] } }];

/** Asks for a call in a stream, with the choice left to the model, then with the flags that go with tools. */
export async function askTools(known: Known): Promise<Finding[]> {
  const tried = 'a call of a tool, in a stream';
  const stream = { stream: true };
  const reply = await known.line.ask(tried, toolBody(known, { ...stream, tool_choice: 'auto' }));
  if (reply.verdict === 'accepted')
    return [...readCall(reply.answer, known, tried), plainChoice('tool-choice-auto', 'tool_choice auto'), ...(await askFlags(known))];
  if (reply.verdict === 'unclear') return [ofReply('tool-call', tried, reply, [], [])];
  const without = await known.line.ask(`${tried}: without tool_choice`, toolBody(known, stream));
  if (without.verdict !== 'accepted')
    return [finding('tool-call', tried, { seen: without.verdict === 'refused' ? 'note' : 'unclear', did: `${without.did}: tools seem to be unsupported` })];
  known.choiceless = true;
  const findings = readCall(without.answer, known, tried);
  const advice = choosing(thinks(known) ? { whileThinking: 'omit' } : { auto: 'omit' });
  return [...findings, finding('tool-choice-auto', 'tool_choice auto', { seen: 'quirk', did: reply.did, advice, about: ABOUT }), ...(await askFlags(known))];
}

function readCall(answer: FoldedAnswer, known: Known, tried: string): Finding[] {
  const [call] = answer.calls;
  if (!call) return [finding('tool-call', tried, { seen: 'unclear', did: `took the tools, and called none (${answer.finish ?? 'no finish reason'})` })];
  known.made = answer;
  const did = `called it, ${answer.pieces > 1 ? `the arguments in ${answer.pieces} pieces` : 'the arguments in one piece'}`;
  const findings = [finding('tool-call', tried, { did })];
  const advice = [{ plugin: 'tool-id', options: { profile: 'word' } }];
  if (call.id === '') findings.push(finding('call-ids', 'the ids of its calls', { seen: 'quirk', did: 'gave none', advice, about: ['tool-id'] }));
  return findings;
}

const plainChoice = (question: string, tried: string): Finding => finding(question, tried, { did: 'took it', about: ABOUT });

function askFlags(known: Known): Promise<Finding[]> {
  return askTogether(known.line, 'strict, parallel_tool_calls', () => toolBody(known), [
    {
      ...{ question: 'strict', tried: 'strict on a function', words: /strict/i, advice: [{ plugin: 'strict-flag' }] },
      apply: (body) => {
        body['tools'] = [tool('note_color', true), tool('note_number', true)];
      },
    },
    {
      ...{ question: 'parallel-calls', tried: 'parallel_tool_calls', words: /parallel/i },
      advice: [{ plugin: 'drop-params', options: { params: ['parallel_tool_calls'] } }],
      apply: (body) => {
        body['parallel_tool_calls'] = true;
      },
    },
  ]);
}

/** Forces a call: of any tool, then of a named one that the prompt does not ask for. */
export async function askChoices(known: Known): Promise<Finding[]> {
  if (!known.made) return [];
  const force = (choice: unknown) =>
    known.line.ask(`tool_choice ${typeof choice === 'string' ? choice : 'with a name'}`, toolBody(known, { tool_choice: choice }));
  const required = await force('required');
  const any = required.verdict === 'refused' && !thinks(known) ? await force('any') : undefined;
  const named = await force(NAMED);
  const word = required.verdict === 'accepted' ? 'required' : any?.verdict === 'accepted' ? 'any' : 'auto';
  const stillForced = thinks(known) ? { whileThinking: known.choiceless ? 'omit' : 'auto' } : undefined;
  return [
    required.verdict === 'accepted'
      ? heeded('tool-choice-required', 'tool_choice required', required.answer, undefined, {})
      : choiceFinding('tool-choice-required', 'tool_choice required', required, stillForced ?? { required: word }),
    named.verdict === 'accepted'
      ? heeded('tool-choice-named', 'tool_choice with a name', named.answer, 'note_number', { narrow: true })
      : choiceFinding('tool-choice-named', 'tool_choice with a name', named, stillForced && word !== 'required' ? stillForced : { named: word }),
  ];
}

function heeded(question: string, tried: string, { calls: [call], finish }: FoldedAnswer, name: string | undefined, choice: Choice): Finding {
  if (call && (name === undefined || call.name === name)) return finding(question, tried, { did: 'heeded it', about: ABOUT });
  if (!call && finish === 'length') return finding(question, tried, { seen: 'unclear', did: 'took it, and made no call within the limit' });
  const advice = Object.keys(choice).length > 0 ? choosing(choice) : [];
  return finding(question, tried, { seen: advice.length > 0 ? 'quirk' : 'note', did: 'took it, and ignored it', advice, about: ABOUT });
}

function choiceFinding(question: string, tried: string, reply: Exclude<Reply, { verdict: 'accepted' }>, choice: Choice): Finding {
  const did = choice['required'] === 'any' ? `${reply.did}, and took any` : reply.did;
  return ofReply(question, tried, { ...reply, did }, choosing(choice), ABOUT);
}

function thinks({ text, made }: Known): boolean {
  return [text, made].some((answer) => (answer?.reasoningIn.length ?? 0) > 0);
}
