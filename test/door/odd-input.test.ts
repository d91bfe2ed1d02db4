import { expect } from 'chai';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { ScriptedProvider, says } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const user = (...content: object[]) => ({ type: 'message', role: 'user', content });
const image = (url: string) => user({ type: 'input_image', image_url: url });
const tool = (name: string, parameters: object = { type: 'object', properties: {} }) => ({ type: 'function', name, parameters });
const CYCLE = {
  type: 'object',
  properties: { next: { $ref: '#' }, also: { $ref: '#/$defs/a' } },
  $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
};

describe('odd but well-formed input', () => {
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

  const ask = async (body: object) => {
    const answer = await gateway.post({ model: 'm', input: 'hi', ...body });
    return { status: answer.status, body: (await answer.json()) as { status?: string; error?: { code: string; param: string | null } | null } };
  };

  for (const [what, input, sent] of [
    ['an image that is text', image('data:image/png;base64,aGVsbG8='), '[image omitted: its data is not an image]'],
    ['a file of this machine', image('file:///etc/passwd'), '[image omitted: its data is not an image]'],
    [
      'an image of a kind nobody takes',
      image('data:image/tiff;base64,SUkqAA=='),
      [{ type: 'image_url', image_url: { url: 'data:image/tiff;base64,SUkqAA==' } }],
    ],
  ] as const) {
    it(`${what} is no reason to refuse`, async () => {
      const { status } = await ask({ input: [input] });
      expect([status, provider.asked.at(-1)?.body.messages[0].content]).to.deep.equal([200, sent]);
    });
  }

  it('a data URL of 40 MB is too large', async () => {
    const { status, body } = await ask({ input: [image(`data:image/png;base64,iVBORw0KGgo${'A'.repeat(40 << 20)}`)] });
    expect([status, body.error?.code]).to.deep.equal([413, 'request_too_large']);
  });

  for (const [what, tools] of [
    ['a grammar that is garbage', [{ type: 'custom', name: 'odd', format: { type: 'grammar', syntax: 'lark', definition: 'start: ((((\n\u0000*** "' } }]],
    ['a schema with circles', [tool('circle', CYCLE)]],
    ['300 tools', Array.from({ length: 300 }, (_, at) => tool(`tool_${at}`))],
  ] as const) {
    it(`${what} reaches the provider whole`, async () => {
      const { status, body } = await ask({ tools });
      expect([status, body.status]).to.deep.equal([200, 'completed']);
      expect(provider.asked.at(-1)?.body.tools).to.have.length(tools.length);
    });
  }

  it('a schema with circles keeps them', () => expect(JSON.stringify(provider.asked.map(({ body }) => body.tools ?? []))).to.contain('#/$defs/b'));
});
