import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'smol-toml';
import { type PrintFlags, printConfig } from '../../core/cli/print-config.ts';
import { mergeToml } from '../../core/clients/codex/merge-toml.ts';
import { json, ScriptedProvider } from '../support/scripted-provider.ts';

const OURS = `model = "m"
model_provider = "tapline"

[model_providers.tapline]
name = "Tapline"
base_url = "http://127.0.0.1:4891/v1"
`;
const TABLE = OURS.slice(OURS.indexOf('['));

describe('merging into a TOML file', () => {
  const rows: { it: string; text: string; merged: string }[] = [
    { it: 'an empty file', text: '', merged: OURS },
    { it: 'a file that says the same', text: `# mine\n${OURS}[tui]\nx = 1`, merged: `# mine\n${OURS}[tui]\nx = 1` },
    ...[`model = 'm'\nmodel_provider='tapline'\n[model_providers."tapline"]\n# mine\nbase_url = 'http://127.0.0.1:4891/v1' # x\nname = "Tapline"\n`].map(
      (text) => ({ it: 'a file that says the same in other words', text, merged: text }),
    ),
    {
      it: 'keys and comments of others, which stay',
      text: '# top\napproval_policy = "never" # why\n\n# of tui\n[tui] # here\nx = 1\n\n# the end\n',
      merged: `# top\napproval_policy = "never" # why\nmodel = "m"\nmodel_provider = "tapline"\n\n# of tui\n[tui] # here\nx = 1\n\n# the end\n\n${TABLE}`,
    },
    {
      it: 'keys that are there, in their place and with their comment',
      text: '  model="gpt-5"   # my favourite\nx = 1\n"model_provider" = \'openai\'\n',
      merged: `  model="m"   # my favourite\nx = 1\n"model_provider" = "tapline"\n\n${TABLE}`,
    },
    { it: 'no top-level key', text: '# file\n\n# of a\n[a]\n', merged: `# file\n\nmodel = "m"\nmodel_provider = "tapline"\n\n# of a\n[a]\n\n${TABLE}` },
    { it: 'comments alone', text: '# nothing yet', merged: `# nothing yet\n${OURS}` },
    {
      it: 'keys of the same name in a table, which are others',
      text: '[profiles.x]\nmodel = "a"\nmodel_provider = "b"\n',
      merged: `model = "m"\nmodel_provider = "tapline"\n\n[profiles.x]\nmodel = "a"\nmodel_provider = "b"\n\n${TABLE}`,
    },
    {
      it: 'an older table of ours, replaced with the tables below it',
      text: `${OURS.replace('4891', '1')}env_key = "OLD"\n# old\n\n[model_providers.tapline.http_headers]\na = "b"\n\n# of the next\n[model_providers.tapline2]\nname = "stays"\n`,
      merged: `${OURS}\n# of the next\n[model_providers.tapline2]\nname = "stays"\n`,
    },
    {
      it: 'our tables apart from each other',
      text: `${OURS.replace('4891', '1')}\n[tui]\nx = 1\n\n[model_providers."tapline".http_headers]\na = "b"\n[z]\n`,
      merged: `${OURS}\n[tui]\nx = 1\n\n[z]\n`,
    },
    {
      it: 'our table within its parent',
      text: `${OURS.slice(0, OURS.indexOf('\n['))}[model_providers]\ntapline = { name = "old" }\nother.name = "o"`,
      merged: `${OURS.slice(0, OURS.indexOf('\n['))}[model_providers]\nother.name = "o"\n\n${TABLE}`,
    },
    {
      it: 'values over several lines that look like tables and keys',
      text: 'a = """\n[model_providers.tapline]\nmodel = "no"\n"""\nb = [\n  "x", # ]\n  [\'"\'],\n]\nc = \'\'\'\n"""\'\'\'\n\n[t]\nd = { e = "}" } # "\n',
      merged: `a = """\n[model_providers.tapline]\nmodel = "no"\n"""\nb = [\n  "x", # ]\n  ['"'],\n]\nc = '''\n"""'''\nmodel = "m"\nmodel_provider = "tapline"\n\n[t]\nd = { e = "}" } # "\n\n${TABLE}`,
    },
    {
      it: 'a value over several lines, replaced',
      text: 'model = """\ngpt""" # x\nz = 1\n',
      merged: `model = "m" # x\nz = 1\nmodel_provider = "tapline"\n\n${TABLE}`,
    },
    { it: 'no final newline', text: 'x = 1', merged: `x = 1\n${OURS}` },
    { it: 'no final newline after a table', text: '[t]\nx = 1', merged: `model = "m"\nmodel_provider = "tapline"\n\n[t]\nx = 1\n\n${TABLE}` },
    {
      it: 'lines that end in CRLF',
      text: '# a\r\nmodel = "x" # b\r\n\r\n[t]\r\nx = 1\r\n',
      merged: `# a\nmodel = "m" # b\nmodel_provider = "tapline"\n\n[t]\nx = 1\n\n${TABLE}`.replaceAll('\n', '\r\n'),
    },
  ];
  for (const { it: what, text, merged } of rows) {
    it(`is right, and done once, with ${what}`, () => {
      expect(mergeToml(text, OURS)).to.equal(merged);
      expect(mergeToml(merged, OURS)).to.equal(merged);
      expect(parse(merged)['model_providers']).to.have.property('tapline').that.deep.equals({ name: 'Tapline', base_url: 'http://127.0.0.1:4891/v1' });
    });
  }

  for (const [what, text] of [
    ['is no TOML', 'model = \n'],
    ['has a key twice', 'model = "a"\nmodel = "b"\n'],
    ['keeps its providers in one line', 'model_providers = { other = { name = "o" } }\n'],
  ] as const) {
    it(`is refused where the file ${what}`, () => {
      expect(() => mergeToml(text, OURS)).to.throw(/./);
    });
  }
});

let home: string;
let [stdout, stderr] = ['', ''];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tapline-codex-home-'));
});
afterEach(() => rm(home, { recursive: true }));

const NOW = new Date('2026-11-21T10:11:12.345Z');
const COPY = 'config.toml.2026-11-21T10-11-12.345Z.bak';

/** `tapline print-config codex --no-config`, in this process. */
async function print(flags: PrintFlags = {}, variables: NodeJS.ProcessEnv = {}): Promise<void> {
  [stdout, stderr] = ['', ''];
  await printConfig(
    { config: false, preset: 'demo', logLevel: 'silent', ...flags },
    {
      folder: home,
      variables: { CODEX_HOME: home, ...variables },
      now: NOW,
      stdout: (text) => (stdout += text),
      stderr: (text) => (stderr += text),
    },
  );
}
const refusal = (flags: PrintFlags, variables?: NodeJS.ProcessEnv): Promise<string> =>
  print(flags, variables).then(
    () => 'accepted',
    (thrown: Error) => thrown.message,
  );
const put = (text: string): Promise<void> => writeFile(join(home, 'config.toml'), text);
const get = (name = 'config.toml'): Promise<string> => readFile(join(home, name), 'utf8');
const slugs = async (name = 'tapline-models.json'): Promise<string[]> => (JSON.parse(await get(name)).models as { slug: string }[]).map(({ slug }) => slug);

describe('print-config codex', () => {
  it('prints nothing but TOML, tells the rest on stderr, and writes nothing', async () => {
    await print({ preset: undefined });
    expect(parse(stdout)).to.deep.equal({
      model: 'tapline-demo',
      model_provider: 'tapline',
      model_catalog_json: join(home, 'tapline-models.json'),
      model_providers: { tapline: { name: 'Tapline', base_url: 'http://127.0.0.1:4891/v1', wire_api: 'responses' } },
    });
    expect(stdout).to.match(/^model = .*\n$/s);
    expect(stderr).to.contain('no preset is chosen').and.contain('tapline-models.json does not exist yet').and.contain('--write');
    expect(await readdir(home)).to.deep.equal([]);
  });

  it('takes the place of the gateway from the flags', async () => {
    for (const [flags, url] of [
      [{ port: '1234' }, 'http://127.0.0.1:1234/v1'],
      [{ host: '::1' }, 'http://[::1]:4891/v1'],
      [{ host: '0.0.0.0', apiKey: 'a-long-enough-client-key' }, 'http://127.0.0.1:4891/v1'],
    ] as const) {
      await print(flags);
      expect(stdout).to.contain(`base_url = "${url}"`);
    }
    expect(await refusal({ port: '0' })).to.contain('--port');
  });

  it('names the variable of the key only where clients must show one', async () => {
    await print();
    expect(stdout).not.to.contain('env_key');
    await print({}, { TAPLINE_API_KEY: 'secret-of-the-clients' });
    expect(stdout).to.contain('env_key = "TAPLINE_API_KEY"');
    expect(stdout + stderr).not.to.contain('secret-of-the-clients');
  });

  it('writes the catalogue where it is told, and leaves config.toml alone', async () => {
    await print({ catalog: 'sub/models.json' });
    expect(parse(stdout)['model_catalog_json']).to.equal(join(home, 'sub/models.json'));
    expect(await slugs('sub/models.json')).to.deep.equal(['tapline-demo']);
    expect(await readdir(home)).to.deep.equal(['sub']);
    expect(stderr).to.equal('');
  });

  it('does not put the catalogue in place of something else', async () => {
    await put('x = 1\n');
    expect(await refusal({ catalog: 'config.toml', write: true })).to.contain('is not a catalogue');
    expect(await get()).to.equal('x = 1\n');
  });

  it('chooses and declares a model', async () => {
    await print({ preset: 'zai', model: 'glm-5.1', write: true }, { ZAI_API_KEY: 'key' });
    expect(parse(await get())['model']).to.equal('glm-5.1');
    expect(stderr).to.equal('');
    await print({ preset: 'zai', model: 'glm-99', write: true }, { ZAI_API_KEY: 'key' });
    expect(parse(await get())['model']).to.equal('glm-99');
    expect(await slugs()).to.include.members(['glm-99', 'glm-5.3']);
    expect(stderr).to.contain('the model "glm-99" is not described');
  });

  it("offers a model map's names, but no patterns, with the facts of the models behind them", async () => {
    await print({ preset: 'zai', modelMap: 'gpt-5=glm-4.6v,o*=glm-5.1', write: true }, { ZAI_API_KEY: 'key' });
    expect(await slugs())
      .to.include.members(['gpt-5', 'glm-4.6v'])
      .and.not.include('o*');
    const entries = JSON.parse(await get('tapline-models.json')).models as { slug: string }[];
    expect(entries.find(({ slug }) => slug === 'gpt-5')).to.deep.include({ context_window: 128_000, input_modalities: ['text', 'image'] });
  });

  describe('for a provider whose models the preset does not know', () => {
    let provider: ScriptedProvider;
    beforeEach(async () => {
      provider = await ScriptedProvider.start(json(200, { object: 'list', data: [{ id: 'vendor/big' }, { id: 'small' }] }));
    });
    afterEach(() => provider.stop());
    const flags = (): PrintFlags => ({ preset: 'openai-compatible', upstream: provider.base });

    it('asks the provider', async () => {
      await print({ ...flags(), write: true });
      expect(parse(await get())['model']).to.equal('vendor/big');
      expect(await slugs()).to.deep.equal(['vendor/big', 'small']);
    });

    it('says what to do if that one tells none', async () => {
      provider.script(json(404, { error: { message: 'no such route' } }));
      expect(await refusal({ ...flags(), write: true }))
        .to.contain('--model')
        .and.contain(`${provider.base}/models`);
      expect(await readdir(home)).to.deep.equal([]);
    });

    it('does not ask where one is named', async () => {
      provider.script(json(404, {}));
      await print({ ...flags(), model: 'mine', write: true });
      expect(await slugs()).to.deep.equal(['mine']);
    });
  });
});

describe('print-config codex --write', () => {
  it('makes home, config and catalogue, for the user alone', async () => {
    const fresh = join(home, 'fresh');
    await print({ write: true }, { CODEX_HOME: fresh });
    expect((await readdir(fresh)).sort()).to.deep.equal(['config.toml', 'tapline-models.json']);
    expect(parse(await get('fresh/config.toml'))['model_provider']).to.equal('tapline');
    expect((await stat(join(fresh, 'config.toml'))).mode & 0o777).to.equal(0o600);
    expect(stdout).to.contain('written').and.not.contain('.bak');
    expect(stderr).to.equal('');
  });

  it('copies what was there to a dated file, keeps its mode, and does nothing the second time', async () => {
    await put('# mine\nmodel = "gpt-5" # old\n');
    await chmod(join(home, 'config.toml'), 0o640);
    await print({ write: true });
    expect(stdout).to.contain(COPY);
    expect(await get(COPY)).to.equal('# mine\nmodel = "gpt-5" # old\n');
    expect(await get()).to.match(/^# mine\nmodel = "tapline-demo" # old\nmodel_provider = "tapline"\nmodel_catalog_json = /);
    for (const name of ['config.toml', COPY]) expect((await stat(join(home, name))).mode & 0o777).to.equal(0o640);

    await rm(join(home, COPY));
    const [config, catalog] = [await stat(join(home, 'config.toml')), await stat(join(home, 'tapline-models.json'))];
    await print({ write: true });
    expect(stdout).to.contain('nothing to change');
    expect((await readdir(home)).sort()).to.deep.equal(['config.toml', 'tapline-models.json']);
    expect([(await stat(join(home, 'config.toml'))).ino, (await stat(join(home, 'tapline-models.json'))).ino]).to.deep.equal([config.ino, catalog.ino]);
  });

  it('writes through a link to the file it leads to', async () => {
    await mkdir(join(home, 'dotfiles'));
    await writeFile(join(home, 'dotfiles/codex.toml'), 'x = 1\n');
    await symlink(join(home, 'dotfiles/codex.toml'), join(home, 'config.toml'));
    await print({ write: true });
    expect((await lstat(join(home, 'config.toml'))).isSymbolicLink()).to.equal(true);
    expect(await get('dotfiles/codex.toml')).to.match(/^x = 1\nmodel = /);
    expect((await readdir(join(home, 'dotfiles'))).sort()).to.deep.equal(['codex.toml']);
  });

  for (const [what, text, said] of [
    ['broken', 'model = "gpt-5\n[tui', 'not valid TOML'],
    ['not UTF-8', Buffer.from([0x61, 0x3d, 0x22, 0xff, 0x22]), 'not valid TOML'],
    ['no text to edit by line', 'model_providers = { tapline = { name = "x" }, other = { name = "y" } }\n', 'cannot be edited'],
  ] as const) {
    it(`writes nothing where the file is ${what}`, async () => {
      await writeFile(join(home, 'config.toml'), text);
      expect(await refusal({ write: true }))
        .to.contain(said)
        .and.contain('nothing is written')
        .and.contain(join(home, 'config.toml'));
      expect(await readFile(join(home, 'config.toml'))).to.deep.equal(Buffer.from(text));
      expect(await readdir(home)).to.deep.equal(['config.toml']);
    });
  }

  it('prints without --write though the file is broken', async () => {
    await put('model = "gpt-5\n');
    await print();
    expect(parse(stdout)['model']).to.equal('tapline-demo');
  });

  it('warns of a top-level profile, with which Codex does not start, and of no other', async () => {
    await put('profile = "mine"\n\n[profiles.mine]\nmodel = "x"\n');
    await print({ write: true });
    expect(stderr).to.contain('"profile"').and.contain('0.169');
    expect(await get()).to.match(/^profile = "mine"\n/);
    await put('[a]\nprofile = "mine"\n');
    await print();
    expect(stderr).to.equal('');
  });
});
