import { expect } from 'chai';
import type { Item, StreamEvent, Tool } from '../../core/contract/canonical.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import { createPipeline } from '../../core/pipeline/create-pipeline.ts';
import { dsmlCalls } from '../../plugins/dsml-calls.ts';
import { invokeCalls } from '../../plugins/invoke-calls.ts';
import { kimiCalls } from '../../plugins/kimi-calls.ts';
import { thinkTags } from '../../plugins/think-tags.ts';
import { xmlCalls } from '../../plugins/xml-calls.ts';
import { testExchange } from '../support/test-exchange.ts';

interface Case {
  text: string;
  /** Texts as they are, reasoning in parentheses, calls as `name{…}`. */
  items: string[];
}

const tools: Tool[] = [
  { type: 'function', name: 'run', parameters: { type: 'object', properties: { cmd: { type: 'string' }, times: { type: 'integer' }, on: { type: 'array' } } } },
  { type: 'function', name: 'look' },
];
const filler = 'a < b </x> > "c" '.repeat(60);

const suites: { plugin: Plugin; cases: Case[] }[] = [
  {
    plugin: thinkTags(),
    cases: [
      { text: 'Plain < text, <thin> ice.', items: ['Plain < text, <thin> ice.'] },
      { text: '<think>First.</think>\n\nThen.', items: ['(First.)', '\n\nThen.'] },
      { text: '\n<thinking>a</think>b</thinking> c', items: ['(a</think>b)', '\n c'] },
      { text: 'a ◁think▷b◁/think▷ c <think>d</think>', items: ['a ', '(b)', ' c ', '(d)'] },
      { text: '<think>\n</think>\n\na<think></think>b', items: ['\n\nab'] },
      { text: '\n</think>a</think> `<think>` b', items: ['\na</think> `<think>` b'] },
      { text: '</think></think>', items: [] },
      { text: '<think>a</thi', items: ['(a</thi)'] },
      { text: '<<think>><</think>>', items: ['<', '(><)', '>'] },
      { text: ' \n', items: [' \n'] },
    ],
  },
  {
    plugin: kimiCalls(),
    cases: [
      { text: 'Plain <| text, <|tool|> x <|open|>', items: ['Plain <| text, <|tool|> x <|open|>'] },
      {
        text: 'So.<|tool_calls_section_begin|> <|tool_call_begin|>functions.run:0<|tool_call_argument_begin|>{"cmd":"a <b|> c"}<|tool_call_end|>\n<|tool_call_begin|>look:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>End.',
        items: ['So.', 'End.', 'run{"cmd":"a <b|> c"}', 'look{}'],
      },
      {
        text: 'So.<|open|>tools<|sep|><|open|>call tool="run" index="1"<|sep|><|open|>argument key="cmd" type="string"<|sep|>a <b <| c<|close|>argument<|sep|><|open|>argument key="on" type="array"<|sep|>[1]<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>End.',
        items: ['So.', 'End.', 'run{"cmd":"a <b <| c","on":[1]}'],
      },
      {
        text: `<|tool_call_begin|>run<|tool_call_argument_begin|>${JSON.stringify({ cmd: filler })}<|tool_call_end|>.`,
        items: ['.', `run${JSON.stringify({ cmd: filler })}`],
      },
      { text: '<|tool_call_begin|>run<|tool_call_argument_begin|>text', items: ['<|tool_call_begin|>run<|tool_call_argument_begin|>text'] },
      {
        text: '<|tool_call_begin|>gone<|tool_call_argument_begin|>{}<|tool_call_end|>',
        items: ['<|tool_call_begin|>gone<|tool_call_argument_begin|>{}<|tool_call_end|>'],
      },
    ],
  },
  {
    plugin: invokeCalls(),
    cases: [
      { text: 'Plain <minimax> text, <function', items: ['Plain <minimax> text, <function'] },
      {
        text: 'So.\n<minimax:tool_call>\n<invoke name="run">\n<parameter name="cmd">a <b> </c></parameter>\n<parameter name="times">2</parameter>\n</invoke>\n<invoke name="look"></invoke>\n</minimax:tool_call>End.',
        items: ['So.\n', 'End.', 'run{"cmd":"a <b> </c>","times":2}', 'look{}'],
      },
      {
        text: `<function_calls><invoke name="run"><parameter name="cmd">${filler}</parameter></invoke></function_calls>.`,
        items: ['.', `run${JSON.stringify({ cmd: filler })}`],
      },
      {
        text: '<minimax:tool_call>x<invoke name="look"></invoke></minimax:tool_call>',
        items: ['<minimax:tool_call>x<invoke name="look"></invoke></minimax:tool_call>'],
      },
      { text: '<minimax:tool_call><invoke name="look"></invoke>', items: ['<minimax:tool_call><invoke name="look"></invoke>'] },
    ],
  },
  {
    plugin: dsmlCalls(),
    cases: [
      { text: 'Plain <｜ text, <|DSML|x.', items: ['Plain <｜ text, <|DSML|x.'] },
      {
        text: 'So.\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="run">\n<｜DSML｜parameter name="cmd" string="true">ls > "x"\n</｜DSML｜parameter>\n<｜DSML｜parameter name="times" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke name="look">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>\nEnd.',
        items: ['So.\n', '\nEnd.', 'run{"cmd":"ls > \\"x\\"\\n","times":2}', 'look{}'],
      },
      {
        text: '<｜｜DSML｜｜tool_calls><｜｜DSML｜｜invoke name="run"><｜｜DSML｜｜invoke name="cmd" string="say \\"a>b\\" &lt;" /></｜｜DSML｜｜invoke></｜｜DSML｜｜tool_calls>',
        items: ['run{"cmd":"say \\"a>b\\" <"}'],
      },
      { text: 'a<|DSML|invoke name="look"/>b<||DSML||invoke name="look"></||DSML||invoke>', items: ['a', 'b', 'look{}', 'look{}'] },
      { text: 'a<｜DSML｜invoke name="gone"/>b<｜DSML｜invoke name="look"/>', items: ['a<｜DSML｜invoke name="gone"/>b', 'look{}'] },
      { text: '<｜DSML｜tool_calls>x<｜DSML｜invoke name="look"/>', items: ['<｜DSML｜tool_calls>x<｜DSML｜invoke name="look"/>'] },
      { text: '`<｜DSML｜tool_calls` <｜DSML｜invoke name="look"/>', items: ['`<｜DSML｜tool_calls` <｜DSML｜invoke name="look"/>'] },
      { text: '<｜DSML｜tool_calls><｜DSML｜invoke name="look"/>', items: ['<｜DSML｜tool_calls><｜DSML｜invoke name="look"/>'] },
      {
        text: `<|DSML|invoke name="run"><|DSML|parameter name="cmd" string="true">${filler}</|DSML|parameter></|DSML|invoke>.`,
        items: ['.', `run${JSON.stringify({ cmd: filler })}`],
      },
    ],
  },
  {
    plugin: xmlCalls(),
    cases: [
      { text: 'Plain < text, <tool_ca', items: ['Plain < text, <tool_ca'] },
      {
        text: 'So.\n<tool_call>run\n<arg_key>cmd</arg_key>\n<arg_value>ls > "x"</arg_value>\n<arg_key>on</arg_key><arg_value>["a"]</arg_value>\n</tool_call>\nEnd.',
        items: ['So.\n', '\nEnd.', 'run{"cmd":"ls > \\"x\\"","on":["a"]}'],
      },
      {
        text: '<tool_call>\n{"name":"run","arguments":{"cmd":"}</tool_call>\\""}}\n</tool_call>\n<tool_call>look</tool_call>',
        items: ['run{"cmd":"}</tool_call>\\""}', 'look{}'],
      },
      { text: '<tool_call>gone</tool_call><tool_call>look</tool_call>', items: ['<tool_call>gone</tool_call>', 'look{}'] },
      { text: 'The <tool_call> tag <tool_call>look</tool_call>', items: ['The <tool_call> tag <tool_call>look</tool_call>'] },
      {
        text: '<tool_call>run<arg_key>cmd</arg_key><arg_value><tool_call>look</tool_call></arg_value></tool_call>',
        items: ['<tool_call>run<arg_key>cmd</arg_key><arg_value><tool_call>look</tool_call></arg_value></tool_call>'],
      },
      { text: '<tool_call>{"name":"run"', items: ['<tool_call>{"name":"run"'] },
      {
        text: `<tool_call>run<arg_key>cmd</arg_key><arg_value>${filler}</arg_value></tool_call>.`,
        items: ['.', `run${JSON.stringify({ cmd: filler })}`],
      },
      {
        text: 'So.\n<tool_call>\n<function=run>\n<parameter=cmd>\nls > "x"\n\n</parameter>\n<parameter=times>2</parameter>\n</function>\n</tool_call>\nEnd.',
        items: ['So.\n', '\nEnd.', 'run{"cmd":"ls > \\"x\\"\\n","times":2}'],
      },
      { text: '<function=look></function> and <function=look>\n</function>', items: [' and ', 'look{}', 'look{}'] },
      { text: '<function=gone></function><function=look></function>', items: ['<function=gone></function>', 'look{}'] },
      { text: 'A <function=f(x)> is <function=look></function>', items: ['A <function=f(x)> is <function=look></function>'] },
      {
        text: '<function=run><parameter=cmd>a<parameter=on>[]</parameter></function>',
        items: ['<function=run><parameter=cmd>a<parameter=on>[]</parameter></function>'],
      },
      { text: '<tool_call><function=look></function>', items: ['<tool_call><function=look></function>'] },
      { text: '<function=run><parameter=cmd>ls</parameter></func', items: ['<function=run><parameter=cmd>ls</parameter></func'] },
      { text: `<function=run><parameter=cmd>\n${filler}\n</parameter></function>.`, items: ['.', `run${JSON.stringify({ cmd: filler })}`] },
    ],
  },
];

for (const { plugin, cases } of suites) {
  describe(`${plugin.name} finds the same wherever the text is cut`, () => {
    const pipeline = createPipeline([plugin], 'chat', 'translated');

    /** The finished items; what streamed of them must be the same. */
    async function itemsOf(deltas: readonly string[], atOnce: boolean): Promise<string[]> {
      const exchange = testExchange();
      await pipeline.request.promise({ model: 'test-model', input: [], tools: structuredClone(tools) }, exchange);
      const events = messageOf(exchange.newKey(), deltas);
      const batches = atOnce ? [events] : events.map((event) => [event]);
      const out = batches.flatMap((batch) => pipeline.events.call(batch, exchange));
      expect(out.at(-1)?.type).to.equal('end');
      return finished(out);
    }

    for (const { text, items } of cases) {
      it(`${JSON.stringify(text.slice(0, 70))}`, async () => {
        expect(await itemsOf([text], true), 'in one piece').to.deep.equal(items);
        expect(await itemsOf([...text], true), 'one character at a time, in one batch').to.deep.equal(items);
        expect(await itemsOf([...text], false), 'one character at a time').to.deep.equal(items);
        for (let at = 1; at < text.length; at++)
          expect(await itemsOf([text.slice(0, at), text.slice(at)], false), `cut at ${at}: …${text.slice(at, at + 20)}`).to.deep.equal(items);
      });
    }
  });
}

function messageOf(key: number, deltas: readonly string[]): StreamEvent[] {
  const message = { type: 'message' as const, role: 'assistant' as const };
  return [
    { type: 'start' },
    { type: 'item.added', key, item: { ...message, content: [] } },
    ...deltas.map((delta) => ({ type: 'item.delta' as const, key, channel: 'text' as const, delta })),
    { type: 'item.done', key, item: { ...message, content: [{ type: 'output_text', text: deltas.join('') }] } },
    { type: 'end', status: 'completed' },
  ];
}

function finished(events: readonly StreamEvent[]): string[] {
  const streamed = new Map<number, string>();
  const items: string[] = [];
  for (const event of events) {
    if (event.type === 'item.added') streamed.set(event.key, '');
    if (event.type === 'item.delta') streamed.set(event.key, (streamed.get(event.key) ?? 'never added: ') + event.delta);
    if (event.type !== 'item.done') continue;
    expect(streamed.get(event.key), 'what streamed of the item').to.equal(contentOf(event.item));
    streamed.delete(event.key);
    items.push(told(event.item));
  }
  expect([...streamed.keys()], 'items that are still open').to.deep.equal([]);
  return items;
}

function contentOf(item: Item): string {
  if (item.type === 'function_call') return item.arguments;
  const [part] = (item.type === 'message' || item.type === 'reasoning') && Array.isArray(item.content) ? item.content : [];
  return part && 'text' in part ? part.text : '';
}

function told(item: Item): string {
  if (item.type === 'function_call') return item.name + item.arguments;
  return item.type === 'reasoning' ? `(${contentOf(item)})` : contentOf(item);
}
