/**
 * What users taught codex-relay, line by line; the titles quote its lines, "ours" marks where we differ on purpose.
 * Not here: history, reasoning found again and sub-agents (reasoning-memory.test.ts), parameters
 * added or dropped by configuration, tags of thought and leaked call markup: their plugins bring their own tests.
 */
import type http from 'node:http';
import { expect } from 'chai';
import { toolDenylist } from '../../plugins/tool-denylist.ts';
import { zai } from '../../presets/zai.ts';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { type Answered, Following, type Pair, startPair, until } from '../support/pair.ts';
import { json, type Reply, says, sse } from '../support/scripted-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+hi\n*** End Patch';
const LS = { type: 'function_call', call_id: 'call_1', name: 'ls', arguments: '{}' };
const LISTED = { type: 'function_call_output', call_id: 'call_1', output: 'a.txt' };
const TOOL = { type: 'function', name: 'ls', parameters: { type: 'object', properties: {} } };

function message(role: string, content: unknown): object {
  return { type: 'message', role, content };
}
function namespace(name: string, ...tools: object[]): object {
  return { type: 'namespace', name, description: '', tools };
}
function plain(name: string): object {
  return { type: 'function', name };
}
function calling(name: string, args = '{}', id = 'call_a'): ChatAnswer {
  return { calls: [{ id, name, arguments: args }], finish: 'tool_calls' };
}
function fragment(call: object, rest: object = {}): object {
  return { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, ...rest }] };
}
function content(text: string): object {
  return { choices: [{ index: 0, delta: { content: text } }] };
}
function finish(finish_reason: string, rest: object = {}): object {
  return { choices: [{ index: 0, delta: {}, finish_reason }], ...rest };
}
function typesOf({ final }: Answered): string[] {
  return final.output.map(({ type }: Loose) => type);
}
function doneOf({ events }: Answered): Loose[] {
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
}
/** Keeps the answer for the test to write. */
function holds(held: http.ServerResponse[]): Reply {
  return (response) => void held.push(response);
}

describe('what codex-relay learned', () => {
  let pair: Pair;
  const use = async (options: Parameters<typeof startPair>[0] = {}) => {
    await pair?.stop();
    pair = await startPair(options);
  };
  const sent = (): Loose => pair.provider.asked.at(-1)?.body;
  const roles = (): string[] => sent().messages.map(({ role }: Loose) => role);
  const tell = (input: unknown, body: object = {}) => pair.ask([says('ok')], { input, ...body });
  const names = (): string[] => sent().tools.map((tool: Loose) => tool.function.name);
  before(() => use());
  after(() => pair.stop());

  describe('Turns and text', () => {
    it('"blank or null user, system and developer messages in history are dropped"', async () => {
      await tell([...['user', 'system', 'developer'].flatMap((role) => ['', ' \n', null, []].map((blank) => message(role, blank))), message('user', 'hi')]);
      expect(sent().messages).to.deep.equal([{ role: 'user', content: 'hi' }]);
    });

    it('"… but never so many that no message is left (the newest stays)"', async () => {
      await tell([message('user', ''), message('user', ' ')]);
      expect(sent().messages).to.deep.equal([{ role: 'user', content: ' ' }]);
    });

    it('"blank ones do not split a run of parallel calls"', async () => {
      await tell([message('user', 'hi'), LS, message('user', ''), { ...LS, call_id: 'call_2' }, LISTED, { ...LISTED, call_id: 'call_2' }], { tools: [TOOL] });
      expect(roles()).to.deep.equal(['user', 'assistant', 'tool', 'tool']);
    });

    it('"… do not displace `instructions`, and a blank developer item is no instruction"', async () => {
      await tell([message('developer', ' '), message('user', 'hi')], { instructions: 'Be brief.' });
      expect(sent().messages).to.deep.equal([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ]);
      await tell([message('developer', ' '), message('user', 'hi')]);
      expect(roles()).to.deep.equal(['user']);
    });

    it('"an image-only message and an assistant message with only tool calls stay"', async () => {
      await tell([message('user', [{ type: 'input_image', image_url: PNG }]), message('assistant', ''), LS, LISTED], { tools: [TOOL] });
      expect(sent().messages[0].content).to.deep.equal([{ type: 'image_url', image_url: { url: PNG } }]);
      expect(sent().messages[1]).to.deep.include({ role: 'assistant', content: null }).and.to.have.property('tool_calls').with.length(1);
    });

    it('"`reasoning.effort` goes on as it is; an absent or null `reasoning` sends nothing"', async () => {
      await tell('hi', { reasoning: { effort: 'minimal', summary: 'auto' } });
      expect(sent()).to.include({ reasoning_effort: 'minimal' });
      for (const body of [{}, { reasoning: null }, { reasoning: {} }, { reasoning: { effort: null } }]) {
        await tell('hi', body);
        expect(sent()).to.have.all.keys('model', 'messages', 'stream', 'stream_options');
      }
    });

    it('"GLM-like models get `thinking:{type:"enabled"}` by their preset; other models\' requests are unchanged"', async () => {
      await tell('hi', { model: 'glm-5.1' });
      expect(sent()).not.to.have.property('thinking');
      const { plugins, models } = zai();
      await use({ preset: { plugins, models } });
      await tell('hi', { model: 'glm-5.1' });
      expect(sent().thinking).to.deep.equal({ type: 'enabled' });
      await use();
    });
  });

  describe('Tools', () => {
    it('"flat and namespaced names: flatten, restore only what came as a namespace"', async () => {
      const tools = [namespace('mcp__tiny', plain('echo')), plain('mcp__other__echo')];
      const ours = await pair.ask([answers(calling('mcp__tiny__echo'))], { tools });
      expect(names()).to.deep.equal(['mcp__tiny__echo', 'mcp__other__echo']);
      expect(ours.final.output[0]).to.include({ name: 'echo', namespace: 'mcp__tiny' });
      const flat = await pair.ask([answers(calling('mcp__other__echo'))], { tools });
      expect(flat.final.output[0]).to.include({ name: 'mcp__other__echo' }).and.not.to.have.property('namespace');
    });

    it('"a hyphenated or dotted flat name is never promoted to a namespace"', async () => {
      for (const name of ['tiny-echo', 'tiny.echo']) {
        await pair.ask([says('ok')], { tools: [namespace('tiny', plain('echo')), plain(name)] });
        const [, flat = ''] = names();
        const { final } = await pair.ask([answers(calling(flat))], { tools: [namespace('tiny', plain('echo')), plain(name)] });
        expect(final.output[0]).to.include({ name }).and.not.to.have.property('namespace');
      }
    });

    it('"collisions flat/namespace, namespace/namespace and nested-custom/bare are told apart" (ours: made unique, warned)', async () => {
      const nested = namespace('a', namespace('b', { type: 'custom', name: 'c' }));
      const tools = [plain('a__b__c'), namespace('a', plain('b__c')), namespace('a__b', plain('c')), nested];
      await pair.ask([says('ok')], { tools });
      const flat = names();
      const called: Loose[] = [];
      for (const name of flat) called.push((await pair.ask([answers(calling(name, '{"input":"x"}'))], { tools })).final.output[0]);
      expect(new Set(flat).size).to.equal(4);
      expect(called.map((call) => [call.type, call.namespace, call.name])).to.deep.equal([
        ['function_call', undefined, 'a__b__c'],
        ['function_call', 'a', 'b__c'],
        ['custom_tool_call', 'a__b', 'c'],
        ['function_call', 'a__b', 'c'],
      ]);
      expect(pair.gateway.lines.findLast(({ msg }) => msg === 'exchange')?.['warnings']).to.deep.include({ param: 'tools.a__b__c', reason: 'name_used_twice' });
    });

    it('"the denylist works on flattened names and removes the entry from the restore map too"', async () => {
      for (const denied of ['mcp__tiny__echo', 'mcp__tiny-echo', 'echo', 'mcp__tiny']) {
        await use({ plugins: [toolDenylist({ names: [denied] })] });
        const { final } = await pair.ask([answers(calling('mcp__tiny__echo'))], { tools: [namespace('mcp__tiny', plain('echo')), TOOL] });
        expect(names()).to.deep.equal(['ls']);
        expect(final.output[0], denied).not.to.have.property('namespace');
        expect(final.output[0].name, denied).not.to.equal('echo');
      }
      await use();
    });

    it('"`apply_patch` declared as custom or as function comes back as `custom_tool_call`"', async () => {
      for (const tool of [
        { type: 'custom', name: 'apply_patch' },
        { type: 'function', name: 'apply_patch', parameters: { type: 'object', properties: { input: { type: 'string' } } } },
      ]) {
        const { final } = await pair.ask([answers(calling('apply_patch', JSON.stringify({ input: PATCH })))], { tools: [tool] });
        expect(final.output[0]).to.include({ type: 'custom_tool_call', name: 'apply_patch', input: PATCH });
      }
    });

    it('"the declared field name (`input` or another single string) is honoured, also when the turn is replayed"', async () => {
      const tools = [{ type: 'function', name: 'apply_patch', parameters: { type: 'object', properties: { diff: { type: 'string' } } } }];
      const first = await pair.ask([answers(calling('apply_patch', JSON.stringify({ diff: PATCH })))], { tools });
      expect(sent().tools[0].function.parameters.properties).to.have.keys('diff');
      const [call] = first.final.output;
      await tell([message('user', 'hi'), call, { type: 'custom_tool_call_output', call_id: call.call_id, output: 'ok' }], { tools });
      expect(JSON.parse(sent().messages[1].tool_calls[0].function.arguments)).to.deep.equal({ diff: PATCH });
    });

    it('"a call to a tool that was not declared …" (ours: passes to Codex, never with a namespace it did not have)', async () => {
      const { final } = await pair.ask([answers(calling('spawn_agent'))], { tools: [TOOL, namespace('multi_agent_v1', plain('wait_agent'))] });
      expect(final.status).to.equal('completed');
      expect(final.output[0]).to.include({ type: 'function_call', name: 'spawn_agent' }).and.not.to.have.property('namespace');
    });

    it('"… a call with an empty id, or two calls with one id" (ours: made up, replaced, both warned)', async () => {
      const twice = ['', 'call_x', 'call_x'].map((id) => ({ id, name: 'ls', arguments: `{"n":"${id}"}` }));
      const { final, line } = await pair.ask([answers({ calls: twice, finish: 'tool_calls' })], { tools: [TOOL], stream: false });
      const ids = final.output.map(({ call_id }: Loose) => call_id);
      expect(new Set(ids).size).to.equal(3);
      expect(ids.every(Boolean)).to.equal(true);
      expect(line.warnings).to.deep.include({ param: 'tool_calls.id', reason: 'missing' });
      expect(line.warnings).to.deep.include({ param: 'tool_calls.id', reason: 'used_twice' });
    });

    it('"a tool dropped from the provider\'s request cannot come back as a call"', async () => {
      const hosted = await pair.ask([answers(calling('web_search', '{"query":"x"}'))], { tools: [{ type: 'web_search' }, TOOL] });
      expect(names()).to.deep.equal(['ls']);
      expect(typesOf(hosted)).to.deep.equal(['function_call']); // no call of a kind the client would take for its provider's
      await use({ plugins: [toolDenylist({ names: ['ls', 'exec'] })] });
      for (const [name, tool] of [
        ['ls', TOOL],
        ['exec', { type: 'custom', name: 'exec' }],
      ] as const) {
        const { final } = await pair.ask([answers(calling(name))], { tools: [tool] });
        expect(final.output[0].name).not.to.equal(name);
      }
      await use();
    });

    it('"empty arguments of a finished call become `{}`"', async () => {
      for (const stream of [true, false]) {
        const { final } = await pair.ask([answers(calling('ls', ''))], { tools: [TOOL], stream });
        expect(final.output[0].arguments).to.equal('{}');
      }
    });

    it('"arguments that are not a string are not silently rewritten": they keep their meaning', async () => {
      const { status } = await tell([message('user', 'hi'), { ...LS, arguments: { a: 1 } }, LISTED], { stream: false, tools: [TOOL] });
      expect(status).to.equal(200);
      expect(sent().messages[1].tool_calls[0].function.arguments).to.equal('{"a":1}');
    });

    it('"… empty arguments in replayed history are repaired"', async () => {
      await tell([message('user', 'hi'), { ...LS, arguments: '' }, LISTED], { tools: [TOOL] });
      expect(sent().messages[1].tool_calls[0].function.arguments).to.equal('{}');
    });

    it('"duplicate call ids in history are sent once, and never create an empty assistant message"', async () => {
      await tell([message('user', 'hi'), LS, LS, LISTED, message('user', 'go on')], { tools: [TOOL] });
      expect(roles()).to.deep.equal(['user', 'assistant', 'tool', 'user']);
      expect(sent().messages[1].tool_calls).to.have.length(1);
      await tell([message('user', 'hi'), LS, LISTED, message('user', 'go on'), LS, message('user', 'again')], { tools: [TOOL] });
      for (const { role, content: said, tool_calls: calls } of sent().messages)
        if (role === 'assistant') expect(Boolean(said) || calls?.length > 0).to.equal(true);
    });

    it('"non-string outputs are not lost": texts', async () => {
      const output = [
        { type: 'input_text', text: 'one' },
        { type: 'input_text', text: 'two' },
      ];
      await tell([message('user', 'hi'), LS, { ...LISTED, output }], { tools: [TOOL] });
      expect(sent().messages.at(-1)).to.include({ role: 'tool', content: 'one\ntwo' });
    });

    it('"non-string outputs are not lost": images', async () => {
      await tell([message('user', 'hi'), LS, { ...LISTED, output: [{ type: 'input_image', image_url: PNG }] }], { tools: [TOOL] });
      expect(sent().messages.slice(-2)).to.deep.equal([
        { role: 'tool', tool_call_id: 'call_1', content: '[image attached below]' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: PNG } }] },
      ]);
    });

    it('"non-string outputs are not lost": files', async () => {
      const output = [{ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' }];
      await tell([message('user', 'hi'), LS, { ...LISTED, output }], { tools: [TOOL] });
      expect(JSON.stringify(sent().messages)).to.include('JVBERi0=');
    });

    it('"sub-agents: names of the collaboration tools are kept"', async () => {
      const tools = [namespace('collaboration', ...['spawn_agent', 'send_message', 'wait_agent'].map(plain))];
      await pair.ask([says('ok')], { tools });
      expect(names()).to.deep.equal(['collaboration__spawn_agent', 'collaboration__send_message', 'collaboration__wait_agent']);
      const { final } = await pair.ask([answers(calling('collaboration__spawn_agent', '{"message":"x"}'))], { tools });
      expect(final.output[0]).to.include({ name: 'spawn_agent', namespace: 'collaboration', arguments: '{"message":"x"}' });
    });

    it('"`agent_message` items with plain text parts become user messages"', async () => {
      await tell([message('user', 'hi'), { type: 'agent_message', author: '/root', recipient: '/root/a', content: [{ type: 'input_text', text: 'Look.' }] }]);
      expect(sent().messages.at(-1)).to.deep.equal({ role: 'user', content: 'Look.' });
    });

    for (const encrypted of [{ encrypted_content: 'gAAAA' }, { content: [{ type: 'encrypted_content', encrypted_content: 'gAAAA' }] }]) {
      it(`"encrypted ones … are refused with a clear 400": ${JSON.stringify(encrypted)}`, async () => {
        const { status, final } = await tell([message('user', 'hi'), { type: 'agent_message', author: '/root', recipient: '/root/a', ...encrypted }]);
        expect(status).to.equal(400);
        expect(final.error.message).to.include('encrypted');
      });
    }
  });

  describe('Streams', () => {
    it('"a client that streams gets headers, `response.created` and keepalives" even if the provider has not answered (ours: after `commitAfter`)', async () => {
      const held: http.ServerResponse[] = [];
      await use();
      pair.provider.script(holds(held));
      const response = pair.gateway.post({ model: 'm', input: 'hi', stream: true });
      await until(() => held.length === 1);
      pair.clock.advance(2_000);
      const following = new Following(await response);
      await following.until('response.created');
      pair.clock.advance(15_000);
      await following.until(': keepalive');
      held[0]?.writeHead(500).end('{"error":{"message":"down"}}');
      expect((await following.end()).at(-1).type).to.equal('response.failed');
    });

    it('"a quick 4xx or 429 keeps its status" (ours)', async () => {
      await use({ preset: { retries: { times: 0 } } });
      for (const status of [400, 404, 429]) expect((await pair.ask([json(status, { error: { message: 'no' } })])).status).to.equal(status);
      await use();
    });

    it('"no `[DONE]` but a `finish_reason`: complete"', async () => {
      const { events } = await pair.ask([sse(content('Hello'), finish('stop'))]);
      expect(events.at(-1).type).to.equal('response.completed');
    });

    it('"`[DONE]` without a final newline: recognised, usage kept"', async () => {
      const { final } = await pair.ask([sse(content('Hello'), finish('stop', { usage: { prompt_tokens: 9, completion_tokens: 2 } }), 'data: [DONE]')]);
      expect([final.status, final.usage.input_tokens, final.usage.output_tokens]).to.deep.equal(['completed', 9, 2]);
    });

    it('"neither: failed"', async () => {
      expect((await pair.ask([sse(content('Hello'))])).events.at(-1).type).to.equal('response.failed');
    });

    it('"an error object inside the stream fails it even if `[DONE]` follows"', async () => {
      const { events } = await pair.ask([sse(content('Hello'), { error: { message: 'broken' } }, 'data: [DONE]\n\n')]);
      expect(events.at(-1).type).to.equal('response.failed');
      expect(events.filter(({ type }) => type === 'response.completed')).to.deep.equal([]);
    });

    it('"content after the `finish_reason` of a choice" (ours: kept, warned)', async () => {
      const { final, line } = await pair.ask([sse(content('Hello'), finish('stop'), content(' you'))]);
      expect(final.output[0].content[0].text).to.equal('Hello you');
      expect(line.warnings).to.deep.equal([{ param: 'finish_reason', reason: 'content_came_after_it' }]);
    });

    it('"a truncated tool call is never finalised as if whole"', async () => {
      const half = fragment({ id: 'call_a', function: { name: 'ls', arguments: '{"a":' } });
      const cut = await pair.ask([sse(half)], { tools: [TOOL] });
      expect([cut.events.at(-1).type, doneOf(cut)]).to.deep.equal(['response.failed', []]);
      const long = await pair.ask([sse(half, finish('length'))], { tools: [TOOL] });
      expect(doneOf(long).map(({ status }) => status)).to.deep.equal(['incomplete']);
      const codex = await pair.ask([sse(half, finish('length'))], { tools: [TOOL] }, { originator: 'codex_exec' });
      expect(doneOf(codex).filter(({ type }) => type === 'function_call')).to.deep.equal([]);
    });

    it('"a blocking answer with an embedded error is a failure too"', async () => {
      const { status, final } = await pair.ask([json(200, { error: { message: 'broken' } })], { stream: false });
      expect(status).to.equal(502);
      expect(final).to.have.all.keys('error');
    });

    it('"usage with cached tokens, blocking and streaming"', async () => {
      const usage = { prompt_tokens: 20, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 5 } };
      for (const stream of [true, false]) {
        const { final } = await pair.ask([answers({ content: 'Hello', usage })], { stream });
        expect(final.usage).to.deep.include({ input_tokens: 20, output_tokens: 7, total_tokens: 27, input_tokens_details: { cached_tokens: 5 } });
      }
    });
  });
});
