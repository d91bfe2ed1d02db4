import { expect } from 'chai';
import { forceStream } from '../../plugins/force-stream.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { json, says } from '../support/scripted-provider.ts';

describe('a provider that only streams', () => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await startPair({ plugins: [forceStream()] });
  });
  afterEach(() => pair.stop());

  it('is asked for a stream where the client waits, and the client gets one body', async () => {
    const { final, status } = await pair.ask([says('Hello.')], { stream: false });
    expect(pair.provider.asked[0]?.body).to.deep.include({ stream: true, stream_options: { include_usage: true } });
    expect([status, final.status, final.output[0].content[0].text]).to.deep.equal([200, 'completed', 'Hello.']);
  });

  it('refuses with the status it has', async () => {
    const { final, status } = await pair.ask([json(404, { error: { message: 'gone' } })], { stream: false });
    expect([status, final.error.message]).to.deep.equal([404, 'gone']);
  });

  it('is asked as the client asks where both speak Chat: nothing is folded there', async () => {
    pair.provider.script(json(200, { choices: [{ message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }] }));
    const response = await pair.gateway.post({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }, {}, '/v1/chat/completions');
    expect(((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content).to.equal('Hello.');
    expect(pair.provider.asked[0]?.body).not.to.have.property('stream');
  });
});
