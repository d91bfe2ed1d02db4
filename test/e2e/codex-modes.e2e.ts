import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ChatMessage } from '../../core/contract/chat-wire.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import { CodexOnZai, catalogue, DONE, EVERYTHING, outputsOf, saidIn, shell, sinceUser, toolNames } from './support/codex-on-zai.ts';
import type { CodexVersion } from './support/run-codex.ts';

const VERSIONS: CodexVersion[] = ['0.169', '0.110'];
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const URL_OF_PNG = /^data:image\/png;base64,iVBORw0KGgo/;
const UNSEEN = '[image omitted: the model cannot see images]';
const SCHEMA = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false };

describe('Codex in every mode, on zai', () => {
  let zai: CodexOnZai;
  before(async () => {
    zai = await CodexOnZai.start();
  });
  after(() => zai.stop());

  for (const version of VERSIONS) {
    describe(`version ${version}`, () => {
      it('runs a shell command and tells the model what it printed', async () => {
        zai.provider.script({ calls: [shell('printf "so-%s" "$((6*7))"')] }, DONE);
        await zai.succeed('do it', { version });
        expect(outputsOf(zai.asked(1))[0]).to.contain('so-42');
      });

      it('calls the tool of an MCP server under the name this version gave it', async () => {
        zai.provider.script({ calls: [{ name: /^mcp__everything(__|-)echo$/, arguments: { message: 'there and back' } }] }, DONE);
        await zai.succeed('echo something', { version, config: EVERYTHING });
        expect(outputsOf(zai.asked(1))[0]).to.contain('Echo: there and back');
        expect(sinceUser(zai.asked(1))[0]?.tool_calls?.[0]?.function.name).to.match(/^mcp__everything(__|-)echo$/);
      });

      it('patches a file with apply_patch, offered by the catalogue', async () => {
        const folder = workFolder({ 'a.txt': 'old\n' });
        zai.provider.script({ calls: [{ name: 'apply_patch', arguments: { input: patchOf('old', 'new') } }] }, DONE);
        await zai.succeed('patch it', { version, folder, overrides: { model_catalog_json: catalogue() } });
        expect(readFileSync(join(folder, 'a.txt'), 'utf8')).to.equal('new\n');
      });

      for (const [how, command] of [
        ['attached with -i', 'attach'],
        ['that view_image opens', 'view'],
      ] as const) {
        it(`shows an image ${how} to a model that sees`, async () => {
          await look(version, command, 'glm-5v-turbo');
          const parts = imagesIn(zai.asked(-1).messages);
          expect(parts).to.have.length(1);
          expect(parts[0]).to.match(URL_OF_PNG);
        });

        it(`puts a note in place of an image ${how} for a model that does not`, async () => {
          await look(version, command, 'glm-5.3');
          expect(imagesIn(zai.asked(-1).messages)).to.deep.equal([]);
          expect(saidIn(zai.asked(-1))).to.contain(UNSEEN);
        });
      }

      it('answers by --output-schema: to a model that takes a schema as one, to another in the prompt', async () => {
        const words = ['--output-schema', join(workFolder({ 'schema.json': JSON.stringify(SCHEMA) }), 'schema.json')];
        const answer = JSON.stringify({ answer: 'forty-two' });
        zai.provider.script({ text: answer });
        await zai.succeed('answer it', { version, words }, answer);
        expect(zai.asked(0)['response_format']).to.deep.include({ type: 'json_schema' });
        expect((zai.asked(0)['response_format'] as { json_schema: { schema: object } }).json_schema.schema).to.deep.equal(SCHEMA);

        zai.provider.script({ text: answer });
        await zai.succeed('answer it', { version, words, overrides: { model: 'glm-5.1' } }, answer);
        expect(zai.asked(0)['response_format']).to.deep.equal({ type: 'json_object' });
        expect(saidIn(zai.asked(0))).to.contain(JSON.stringify(JSON.stringify(SCHEMA)).slice(1, -1));
      });

      it('reviews, with tools, in a thread of its own', async () => {
        const findings = {
          findings: [],
          overall_correctness: 'patch is correct',
          overall_explanation: 'Nothing is wrong with it.',
          overall_confidence_score: 0.9,
        };
        zai.provider.script({ calls: [shell('printf seen-$((1+1))')] }, { text: JSON.stringify(findings) });
        const { stdout, stderr, exitCode } = await zai.run('look at the last change', { version, command: ['review'] });
        expect(exitCode, stderr).to.equal(0);
        expect(stdout + stderr).to.contain('Nothing is wrong with it.');
        expect(outputsOf(zai.asked(1))[0]).to.contain('seen-2');
        expect(zai.provider.asked).to.have.length(2);
      });

      it('resumes the last thread, and the model remembers calls, reasoning and answer', async () => {
        const [home, folder] = [homeFolder(), workFolder()];
        zai.provider.script({ reasoning: 'I had better look.', calls: [shell('printf found-$((2+2))')] }, { text: 'The first answer.' });
        await zai.succeed('the first question', { version, home, folder }, 'The first answer.');
        zai.provider.script(DONE);
        await zai.succeed('the second question', { version, home, folder, command: ['resume', '--last'] });
        const { messages } = zai.asked(0);
        expect(outputsOf(zai.asked(0))[0]).to.contain('found-4');
        expect(messages.find(({ tool_calls: calls }) => calls)?.reasoning_content).to.equal('I had better look.');
        expect(messages.slice(-2).map(({ role, content }) => `${role}: ${textOf(content)}`)).to.deep.equal([
          'assistant: The first answer.',
          'user: the second question',
        ]);
      });

      it('goes on with a thread that ended in the midst of a call', async () => {
        const [home, folder] = [homeFolder(), workFolder()];
        zai.provider.script({ calls: [shell('kill -9 $PPID; exit')] });
        const { exitCode } = await zai.run('a question that ends badly', { version, home, folder });
        expect(exitCode).not.to.equal(0);
        zai.provider.script(DONE);
        await zai.succeed('go on', { version, home, folder, command: ['resume', '--last'] });
        expect(zai.provider.asked).to.have.length(1);
        expect(saidIn(zai.asked(0)))
          .to.contain('a question that ends badly')
          .and.contain('kill -9');
        expect(outputsOf(zai.asked(0))).to.have.length(1);
      });

      it('passes on the effort of the config, as GLM spells it, and leaves out a verbosity GLM does not know', async () => {
        zai.provider.script(DONE);
        const overrides = {
          model_catalog_json: catalogue({ support_verbosity: true }),
          model_reasoning_effort: 'high',
          model_verbosity: 'low',
        };
        await zai.succeed('think hard', { version, overrides });
        expect(zai.asked(0)['thinking']).to.deep.equal({ type: 'enabled' });
        expect(zai.asked(0).reasoning_effort).to.equal('high');
        expect(zai.asked(0)).not.to.have.any.keys('verbosity', 'text');
        const logged = zai.gateway.child.stdout + zai.gateway.child.stderr;
        expect(logged).to.match(/text\.verbosity/);
      });

      it('lets the model know that it called a tool nobody has', async () => {
        zai.provider.script({ calls: [{ name: 'teleport', arguments: {}, unoffered: true }] }, DONE);
        await zai.succeed('go there', { version });
        expect(outputsOf(zai.asked(1))[0]).to.match(/unsupported call: teleport/);
      });
    });
  }

  it('starts a sub-agent that works by itself, and waits for what it says', async () => {
    const task = 'Count the files, sub-agent number seven.';
    zai.provider.script((body) => {
      const said = saidIn(body);
      if (!said.includes('ask a helper')) return { text: 'The helper counted 3 files.' };
      const outputs = outputsOf(body);
      const id = /"agent_id":\s*"([^"]+)"/.exec(outputs[0] ?? '')?.[1];
      if (outputs.length === 0) return { calls: [{ name: /^multi_agent_v1.*spawn_agent$/, arguments: { message: task } }] };
      if (outputs.length === 1 && id) return { calls: [{ name: /^multi_agent_v1.*wait_agent$/, arguments: { targets: [id], timeout_ms: 30_000 } }] };
      return DONE;
    });
    await zai.succeed('ask a helper');
    const parents = zai.provider.asked.filter((body) => saidIn(body).includes('ask a helper'));
    const children = zai.provider.asked.filter((body) => !saidIn(body).includes('ask a helper'));
    expect(parents).to.have.length(3);
    expect(children).to.have.length(1);
    expect(saidIn(children[0] as (typeof children)[0])).to.contain(task);
    expect(outputsOf(zai.asked(-1))[1]).to.contain('The helper counted 3 files.');
  });

  describe('a patch as models write it', () => {
    const body = patchOf('old', 'new');
    for (const [how, input] of [
      ['in a fence', `\`\`\`diff\n${body}\n\`\`\``],
      ['in a fence with words around it', `Here is the patch:\n\n\`\`\`\n${body}\n\`\`\`\nThat is all.`],
      ['as JSON in the string', JSON.stringify({ input: body })],
      ['as a here-document', `apply_patch <<'EOF'\n${body}\nEOF`],
    ] as const) {
      it(`is applied ${how}`, async () => {
        const folder = workFolder({ 'a.txt': 'old\n' });
        zai.provider.script({ calls: [{ name: 'apply_patch', arguments: { input } }] }, DONE);
        await zai.succeed('patch it', { folder, overrides: { model_catalog_json: catalogue() } });
        expect(readFileSync(join(folder, 'a.txt'), 'utf8')).to.equal('new\n');
      });
    }

    it('is applied in a property of another name', async () => {
      const folder = workFolder({ 'a.txt': 'old\n' });
      zai.provider.script({ calls: [{ name: 'apply_patch', arguments: { patch: body } }] }, DONE);
      await zai.succeed('patch it', { folder, overrides: { model_catalog_json: catalogue() } });
      expect(readFileSync(join(folder, 'a.txt'), 'utf8')).to.equal('new\n');
    });

    it('changes nothing when it is none: the model is told so, once, and the turn goes on', async () => {
      const folder = workFolder({ 'a.txt': 'old\n' });
      zai.provider.script({ calls: [{ name: 'apply_patch', arguments: { input: 'replace old by new, please' } }] }, DONE);
      await zai.succeed('patch it', { folder, overrides: { model_catalog_json: catalogue() } });
      expect(readFileSync(join(folder, 'a.txt'), 'utf8')).to.equal('old\n');
      expect(zai.provider.asked).to.have.length(2);
      expect(outputsOf(zai.asked(1))).to.have.length(1);
      expect(outputsOf(zai.asked(1))[0]).to.match(/Begin Patch/);
    });
  });

  it('finds tools with tool_search, and calls what it found', async () => {
    zai.provider.script(
      { calls: [{ name: 'tool_search', arguments: { query: 'echo a message', limit: 5 } }] },
      { calls: [{ name: /everything.*echo$/, arguments: { message: 'found you' } }] },
      DONE,
    );
    await zai.succeed('echo something', { config: EVERYTHING, overrides: { model_catalog_json: catalogue({ supports_search_tool: true }) } });
    expect(toolNames(zai.asked(0))).to.include('tool_search');
    expect(toolNames(zai.asked(0)).filter((name) => name.includes('everything'))).to.deep.equal([]);
    expect(toolNames(zai.asked(1)).filter((name) => /everything.*echo$/.test(name))).to.have.length(1);
    expect(outputsOf(zai.asked(2))[1]).to.contain('Echo: found you');
  });

  describe('in lite mode, where all tools stand in the input', () => {
    const lite = () => ({ model_catalog_json: catalogue({ use_responses_lite: true }) });

    it('runs a shell command', async () => {
      const folder = workFolder();
      zai.provider.script({ calls: [{ name: /exec_command$/, arguments: { cmd: 'printf lite > lite.txt' } }] }, DONE);
      await zai.succeed('do it', { folder, overrides: lite() });
      expect(readFileSync(join(folder, 'lite.txt'), 'utf8')).to.equal('lite');
    });

    it('patches a file', async () => {
      const folder = workFolder({ 'a.txt': 'old\n' });
      zai.provider.script({ calls: [{ name: /apply_patch$/, arguments: { input: patchOf('old', 'new') } }] }, DONE);
      await zai.succeed('patch it', { folder, overrides: lite() });
      expect(readFileSync(join(folder, 'a.txt'), 'utf8')).to.equal('new\n');
    });

    it('calls the tool of an MCP server', async () => {
      zai.provider.script({ calls: [{ name: /everything.*echo$/, arguments: { message: 'lite, too' } }] }, DONE);
      await zai.succeed('echo something', { config: EVERYTHING, overrides: lite() });
      expect(outputsOf(zai.asked(1))[0]).to.contain('Echo: lite, too');
    });
  });

  async function look(version: CodexVersion, how: 'attach' | 'view', model: string): Promise<void> {
    const folder = workFolder();
    const file = join(folder, 'dot.png');
    writeFileSync(file, Buffer.from(PNG, 'base64'));
    zai.provider.script(...(how === 'view' ? [{ calls: [{ name: 'view_image', arguments: { path: file } }] }] : []), DONE);
    await zai.succeed('what is on it?', { version, folder, words: how === 'attach' ? ['-i', file] : [], overrides: { model } });
  }
});

function patchOf(before: string, after: string): string {
  return ['*** Begin Patch', '*** Update File: a.txt', '@@', `-${before}`, `+${after}`, '*** End Patch'].join('\n');
}

type Part = { type: string; text?: string; image_url?: { url: string } };
const partsOf = (content: ChatMessage['content']): Part[] => (Array.isArray(content) ? (content as Part[]) : []);

function textOf(content: ChatMessage['content']): string {
  return typeof content === 'string'
    ? content
    : partsOf(content)
        .map(({ text = '' }) => text)
        .join('');
}

/** The URLs of all images, in order. */
function imagesIn(messages: readonly ChatMessage[]): string[] {
  return messages.flatMap(({ content }) => partsOf(content).flatMap(({ type, image_url: image }) => (type === 'image_url' && image ? [image.url] : [])));
}
