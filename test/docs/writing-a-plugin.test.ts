import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pluginTest } from '../../core/cli/plugin-test.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { messageOf } from '../../core/contract/errors.ts';
import type { Plugin, PluginOption } from '../../core/contract/plugin.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { FixtureShape } from '../../core/fixtures/fixture.ts';
import { systemClock } from '../../core/kit/system-clock.ts';
import { checkPlugin } from '../../core/pipeline/check-plugin.ts';
import { demo } from '../../presets/demo.ts';
import { ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const root = new URL('../..', import.meta.url);

/** The code blocks of a page that begin with a file name, as files. */
async function filesOf(page: string): Promise<Map<string, string>> {
  const text = await readFile(new URL(page, root), 'utf8');
  return new Map([...text.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)].map(([, name = '', code = '']) => [name, code]));
}

/** The lines of the page's nth block of messages. */
async function messagesIn(nth: number): Promise<string[]> {
  const text = await readFile(new URL('docs/writing-a-plugin.md', root), 'utf8');
  const [, block = ''] = [...text.matchAll(/```text\n([\s\S]*?)\n```/g)][nth] ?? [];
  return block.split('\n');
}

function refusalOf(plugin: unknown): string {
  try {
    checkPlugin(plugin, './acme-accent.ts');
    return 'accepted';
  } catch (thrown) {
    return messageOf(thrown);
  }
}

describe('docs/writing-a-plugin.md', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapline-docs-'));
    for (const [name, code] of await filesOf('docs/writing-a-plugin.md')) {
      await writeFile(join(folder, name), code);
    }
  });
  after(() => rm(folder, { recursive: true }));

  it('shows a plugin that works, loaded through its proxy.config.ts', async () => {
    const provider = await ScriptedProvider.start(
      sse({ choices: [{ delta: { thoughts: 'hm' } }] }, { choices: [{ delta: { content: 'yes' }, finish_reason: 'stop' }] }, 'data: [DONE]\n\n'),
    );
    process.env['ACME_BASE'] = provider.base;
    const { config } = await loadConfig(join(folder, 'proxy.config.ts'));
    delete process.env['ACME_BASE'];
    const gateway = await startGateway({ preset: config.preset as Preset, plugins: config.plugins as PluginOption });
    const stream = await (await gateway.post({ model: 'm', input: 'hi', temperature: 1, stream: true })).text();
    expect(provider.asked[0]?.body).to.not.have.property('temperature');
    expect(stream).to.contain('"type":"summary_text","text":"hm"');
    await gateway.stop();
    await provider.stop();
  });

  it('shows a fixture of it, and what the command prints then', async () => {
    const text = await readFile(new URL('docs/writing-a-plugin.md', root), 'utf8');
    const [, json = ''] = /```json\n(\{\n {2}"it"[\s\S]*?)```/.exec(text) ?? [];
    const printed = async (fixture: string) => {
      await mkdir(join(folder, 'acme-accent.fixtures'), { recursive: true });
      await writeFile(join(folder, 'acme-accent.fixtures', 'thoughts.json'), fixture);
      let output = '';
      await pluginTest('./acme-accent.ts', {}, { folder, variables: {}, stdout: (line) => (output += line) });
      return output;
    };
    expect(text).to.include(`$ npx tapline plugin test ./acme-accent.ts\n${await printed(json)}\`\`\``);
    const failed = (await printed(json.replace('"thoughts"', '"thinks"'))).split('\n').slice(0, 4);
    expect(text).to.include(`\`\`\`\n${failed.join('\n')}\n\`\`\``);
  });

  it('shows what is refused at start, word by word', async () => {
    const shapes = [{ wire: { chat: { chunks() {} } } }, { async event() {} }, { timeout: '2s', event() {} }];
    const mistakes = [...shapes.map((shape) => ({ name: 'acme-accent', ...shape })), function acmeAccent() {}];
    expect(await messagesIn(0)).to.deep.equal(mistakes.map(refusalOf));
  });

  it('shows what fails at run time, word by word', async () => {
    const handlers: Omit<Plugin, 'name'>[] = [
      { request: (request) => void (request as never as { inputs: object[] }).inputs.push({}) },
      { request: (request) => void Object.assign(request, { input: 'text' }) },
      { event: () => 'text' as never },
      { request: () => new Promise(() => {}), timeout: 20 },
    ];
    const failures: string[] = [];
    for (const each of handlers) {
      const gateway = await startGateway({ preset: demo(), plugins: { name: 'acme-accent', ...each }, clock: systemClock });
      const { error } = (await (await gateway.post({ model: 'm', input: 'hi' })).json()) as { error: { message: string } };
      failures.push(error.message.replace('0.02 s', '10 s'));
      await gateway.stop();
    }
    expect(await messagesIn(1)).to.deep.equal(failures);
  });

  it('describes every field of a plugin', async () => {
    const text = await readFile(new URL('docs/writing-a-plugin.md', root), 'utf8');
    const described = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field);
    const [, known = ''] = /a plugin has ([\w, ]+);/.exec(refusalOf({ name: 'acme-accent', nonsense: 1 })) ?? [];
    const handlers = [...text.matchAll(/`(?:wire\.chat\.)?(\w+)\([\w, ]*\)`/g)].map(([, handler]) => handler);
    expect([...described, ...handlers, 'wire']).to.include.members(known.split(', '));
  });

  it('describes every field of a fixture', async () => {
    const text = await readFile(new URL('docs/writing-a-plugin.md', root), 'utf8');
    const described = [...text.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, field]) => field);
    const { wire, ...fields } = FixtureShape.shape;
    const inWire = Object.keys(wire.unwrap().shape).map((field) => `wire.${field}`);
    expect(described).to.include.members([...Object.keys(fields), ...inWire]);
  });

  it('shows the same plugin as the README', async () => {
    const [page, readme] = [await filesOf('docs/writing-a-plugin.md'), await filesOf('README.md')];
    expect(readme.get('acme-accent.ts')).to.equal(page.get('acme-accent.ts'));
  });
});
