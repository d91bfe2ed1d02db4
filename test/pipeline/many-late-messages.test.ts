import { expect } from 'chai';
import type { Exchange } from '../../core/contract/exchange.ts';
import { lateSystem } from '../../plugins/late-system.ts';

const MANY = 200_000;

describe('late system messages in their hundreds of thousands', () => {
  const late = Array.from({ length: MANY }, () => ({ role: 'system', content: 'b' }));
  const exchange = { warn() {} } as unknown as Exchange;

  it('become parts of the one message of the user before them, in Messages', async () => {
    const body: Record<string, unknown> = { model: 'm', messages: [{ role: 'user', content: 'a' }, ...late] };
    await lateSystem().wire?.messages?.request?.(body, exchange);
    const [message, ...others] = body['messages'] as { content: unknown[] }[];
    expect([message?.content.length, others.length]).to.deep.equal([MANY + 1, 0]);
  });

  it('wait for the outputs of a call, in Chat', async () => {
    const calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const start = [
      { role: 'user', content: 'a' },
      { role: 'assistant', tool_calls: calls },
    ];
    const body = { model: 'm', messages: [...start, ...late, { role: 'tool', tool_call_id: 'c', content: 'x' }, { role: 'user', content: 'z' }] };
    await lateSystem().wire?.chat?.request?.(body as never, exchange);
    expect(body.messages.slice(0, 3).map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'tool']);
    expect(body.messages).to.have.length(MANY + 4);
  });
});
