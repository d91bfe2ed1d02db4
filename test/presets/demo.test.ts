import { expect } from 'chai';
import { demo } from '../../presets/demo.ts';
import { eventsOf, startGateway } from '../support/test-gateway.ts';

const SHELL = { type: 'function', function: { name: 'Bash', parameters: { type: 'object' } } };

describe('the demo provider', () => {
  const ask = async (body: object) => {
    const gateway = await startGateway({ preset: demo() });
    try {
      return await (await gateway.post({ model: 'tapline-demo', ...body }, {}, '/v1/chat/completions')).text();
    } finally {
      await gateway.stop();
    }
  };

  it('streams as a Chat SDK reads it: the role first, an index everywhere, usage only when it is asked for', async () => {
    const body = { stream: true, messages: [{ role: 'user', content: 'hello' }] };
    const chunks = eventsOf(await ask(body));
    expect(chunks[0].choices[0].delta.role).to.equal('assistant');
    for (const { id, object, choices } of chunks)
      expect({ id: typeof id, object, index: choices[0].index }).to.deep.equal({ id: 'string', object: 'chat.completion.chunk', index: 0 });
    expect(chunks.at(-1).choices[0].finish_reason).to.equal('stop');
    const counted = eventsOf(await ask({ ...body, stream_options: { include_usage: true } }));
    expect(counted.at(-1).usage.total_tokens).to.be.greaterThan(0);
  });

  it('has no embeddings, and says so', async () => {
    const gateway = await startGateway({ preset: demo() });
    const { status } = await gateway.post({ model: 'tapline-demo', input: 'hi' }, {}, '/v1/embeddings');
    await gateway.stop();
    expect(status).to.equal(404);
  });

  it('answers whole with all that belongs to a completion', async () => {
    const { id, object, choices, usage } = JSON.parse(await ask({ messages: [{ role: 'user', content: 'hello' }] }));
    expect({ id: typeof id, object, role: choices[0].message.role, index: choices[0].index }).to.deep.equal({
      id: 'string',
      object: 'chat.completion',
      role: 'assistant',
      index: 0,
    });
    expect(usage.total_tokens).to.equal(usage.prompt_tokens + usage.completion_tokens);
  });

  it('makes its one harmless call when it is asked to run something and has a shell, and only then', async () => {
    const run = { messages: [{ role: 'user', content: 'run something' }] };
    const [call] = JSON.parse(await ask({ ...run, tools: [SHELL] })).choices[0].message.tool_calls;
    expect(JSON.parse(call.function.arguments).command).to.equal('echo tapline-demo');
    for (const body of [
      run,
      { ...run, tools: [{ type: 'custom', custom: { name: 'x' } }] },
      { messages: [{ role: 'user', content: 'hello' }], tools: [SHELL] },
    ])
      expect(JSON.parse(await ask(body)).choices[0].message.tool_calls).to.equal(undefined);
  });
});
