import { expect } from 'chai';
import { openaiCompatible } from '../presets/openai-compatible.ts';
import { ScriptedProvider, says } from './support/scripted-provider.ts';
import { eventsOf, startGateway, type TestGateway } from './support/test-gateway.ts';

describe('an exchange', () => {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  before(async () => {
    provider = await ScriptedProvider.start(says('hello'));
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }) });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  it('streams an answer and logs one line', async () => {
    const events = eventsOf(await (await gateway.post({ model: 'm', input: 'hi', stream: true })).text());
    expect(events.at(-1).response.output[0].content[0].text).to.equal('hello');
    expect(gateway.lines.filter(({ msg }) => msg === 'exchange')).to.have.length(1);
  });
});
