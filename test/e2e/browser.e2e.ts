import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
// biome-ignore lint/suspicious/noTsIgnore: it is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import { type Browser, chromium, type Page } from 'playwright-core';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';

const SDK = dirname(createRequire(import.meta.url).resolve('openai'));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOREIGN = 'http://a-page.test';
const ASKED = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };
/** With the demo provider, as `print` and every other front end gets it. */
const SAID = 'Hello! I am the demo provider';

describe('a page in Chromium', () => {
  let browser: Browser;
  let gateway: RunningGateway;
  let pages: Server;
  let port: number;
  before(async () => {
    gateway = await runGateway(['--no-config', '--preset', 'demo', '--lane', 'translated']);
    pages = createServer((request, response) => {
      const path = normalize(decodeURI(request.url ?? '/'));
      const file = join(SDK, path.slice('/openai/'.length));
      if (path.startsWith('/openai/') && existsSync(file)) response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(file));
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>a page</title>');
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    port = (pages.address() as AddressInfo).port;
    const rules = `--host-resolver-rules=MAP ${new URL(FOREIGN).host} 127.0.0.1:${port}`;
    browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', rules] });
  });
  after(async () => {
    await browser?.close();
    pages.close();
    expect(await gateway.stop()).to.equal(0);
  });

  for (const host of ['127.0.0.1', 'localhost']) {
    it(`of this machine (${host}) streams a chat completion, and reads its request id`, async () => {
      const page = await open(`http://${host}:${port}/`);
      const { status, text, id } = await post(page);
      expect(status).to.equal(200);
      expect(text).to.include('data: [DONE]');
      expect(contentOf(text ?? '')).to.include(SAID);
      expect(id).to.match(/^\w+$/);
    });
  }

  it('of this machine streams with the openai SDK, whose headers it may send, and reads an error', async () => {
    const page = await open(`http://127.0.0.1:${port}/`);
    const told = await page.evaluate(
      async ([baseURL, model]: string[]) => {
        const { default: OpenAI } = await import('/openai/index.mjs' as string);
        const client = new OpenAI({ baseURL, apiKey: 'not-needed-here', dangerouslyAllowBrowser: true, maxRetries: 0, timeout: 10_000 });
        const messages = [{ role: 'user', content: 'hi' }];
        const text = await client.chat.completions.stream({ model, messages }).finalContent();
        const refusal = await client.chat.completions.create({ model, messages, n: 3 }).catch((thrown: { status: number; param: string }) => thrown);
        return { text, status: refusal.status, param: refusal.param };
      },
      [`${gateway.url}/v1`, 'm'],
    );
    expect(told.text).to.include(SAID);
    expect(told).to.deep.include({ status: 400, param: 'n' });
  });

  it('of any other origin gets nothing, neither an answer nor that there is one', async () => {
    const page = await open(`${FOREIGN}/`);
    expect(await page.evaluate('location.origin')).to.equal(FOREIGN);
    expect(await post(page)).to.deep.equal({ failed: 'TypeError' });
    const models = await page.evaluate((url: string) => fetch(url).then(String, ({ name }: Error) => name), `${gateway.url}/v1/models`);
    expect(models).to.equal('TypeError');
    const simple = await page.evaluate(
      ([url, body]: string[]) =>
        fetch(url ?? '', { method: 'POST', mode: 'no-cors', body: body ?? '' }).then(({ type, status }) => `${type} ${status}`, String),
      [`${gateway.url}/v1/chat/completions`, JSON.stringify(ASKED)],
    );
    expect(simple).to.equal('opaque 0');
    expect(gateway.child.stderr).to.include('forbidden_origin');
  });

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(url);
    return page;
  }

  function post(page: Page): Promise<{ status?: number; text?: string; id?: string | null; failed?: string }> {
    return page.evaluate(
      async ([url, body]: string[]) => {
        try {
          const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
          const response = await fetch(url ?? '', { method: 'POST', headers, body: body ?? '' });
          return { status: response.status, text: await response.text(), id: response.headers.get('x-request-id') };
        } catch (thrown) {
          return { failed: (thrown as Error).name };
        }
      },
      [`${gateway.url}/v1/chat/completions`, JSON.stringify(ASKED)],
    );
  }
});

function contentOf(stream: string): string {
  const chunks = stream.split('\n\n').filter((block) => block.startsWith('data: {'));
  return chunks.map((block) => JSON.parse(block.slice('data: '.length)).choices[0]?.delta?.content ?? '').join('');
}

/** The system's own: npm has no package that brings one. */
function chromiumPath(): string {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(existsSync);
  if (!found) throw new Error(`no Chromium is installed: none of ${NAMES.join(', ')} is in PATH`);
  return found;
}
