import type http from 'node:http';
import { expect } from 'chai';
import { serialise } from '../../plugins/serialise.ts';
import { answered, type Pair, startPair, until } from '../support/pair.ts';
import { json, type Reply, says } from '../support/scripted-provider.ts';

const ANSWER = 'data: {"choices":[{"delta":{"content":"Once"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

describe('requests that wait for each other', () => {
  let pair: Pair;
  let held: http.ServerResponse[];
  const holds: Reply = (response) => void held.push(response);
  const ask = (model = 'm', path = '/v1/responses') =>
    pair.gateway.post({ model, input: 'hi', messages: [{ role: 'user', content: 'hi' }], stream: true }, {}, path);
  /** Until the provider has it, or it waits: there is nothing else left to happen. */
  const settled = async () => {
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  };
  beforeEach(async () => {
    held = [];
    pair = await startPair({ plugins: [serialise()] });
  });
  afterEach(() => pair.stop());

  it('are sent in the order they came, each when the one before has ended, in both lanes', async () => {
    pair.provider.script(holds, holds, holds);
    const answers = [];
    for (const [at, path] of ['/v1/responses', '/v1/chat/completions', '/v1/responses'].entries()) {
      answers.push(ask('m', path).then((response) => response.text()));
      if (at === 0) await until(() => held.length === 1);
      else await settled();
    }
    for (const [at, answer] of answers.entries()) {
      await until(() => held.length > at);
      await settled();
      expect(held).to.have.length(at + 1);
      held[at]?.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER);
      expect(await answer).to.include('Once');
    }
  });

  it('do not wait for another model', async () => {
    pair.provider.script(holds, says('Hello.'));
    const first = ask();
    await until(() => held.length === 1);
    expect((await answered(await ask('another'), pair.gateway)).final.status).to.equal('completed');
    held[0]?.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER);
    await (await first).text();
  });

  it('go on where one before them is refused', async () => {
    pair.provider.script(json(400, { error: { message: 'no' } }), json(400, { error: { message: 'no' } }), says('Hello.'));
    const answers = await Promise.all([ask(), ask(), ask()].map(async (asked) => (await asked).text()));
    expect(answers.filter((text) => text.includes('Hello.'))).to.have.length(1);
    expect(pair.provider.asked).to.have.length(3);
  });

  it('are no longer there when their client has gone, waiting or not', async () => {
    pair.provider.script(holds, says('Hello.'));
    const gone = new AbortController();
    const leaving = (signal: AbortSignal) =>
      fetch(`${pair.gateway.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"model":"m","input":"hi","stream":true}',
        signal,
      }).catch(() => {});
    const first = leaving(gone.signal);
    await until(() => held.length === 1);
    const left = new AbortController();
    const second = leaving(left.signal);
    await settled();
    const third = ask();
    await settled();
    left.abort();
    await second;
    await until(() => pair.gateway.lines.some(({ status }) => status === 'aborted'));
    expect(pair.provider.asked).to.have.length(1);
    gone.abort();
    await first;
    expect((await answered(await third, pair.gateway)).final.status).to.equal('completed');
    expect(pair.provider.asked).to.have.length(2);
  });
});
