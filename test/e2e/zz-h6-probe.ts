import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from '../support/chat-answer.ts';
import { ScriptedProvider } from '../support/scripted-provider.ts';
import { workFolder } from './support/folders.ts';
import { runClaude } from './support/run-claude.ts';
import { runGateway } from './support/run-gateway.ts';
import { json, type Reply } from '../support/scripted-provider.ts';
let queue: Reply[] = [];
const serve: Reply = (r, a) => a.method === 'GET' ? json(404, {})(r, a) : (queue.length > 1 ? queue.shift()! : queue[0]!)(r, a);
const script = (...q: Reply[]) => { queue = q; };
script(answers({ content: 'Hello there.' }));
const provider = await ScriptedProvider.start(serve);
const gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, '--log-level', 'debug']);
try {
  console.log(await runClaude('Say hello', { url: gateway.url }));
  console.log(provider.asked.length, JSON.stringify(provider.asked[0]?.body).slice(0, 500));
  console.log(provider.asked[0]?.body.messages.map((m: any) => [m.role, JSON.stringify(m.content).slice(0, 100)]), provider.asked[0]?.body.tools.map((t: any) => t.function.name));
  script(answers({ reasoning: 'thinking...', content: 'I write.', calls: [{ id: 'call_1', name: 'Bash', arguments: '{"command":"echo hi > out.txt","description":"x"}' }] , finish: 'tool_calls'}), answers({ content: 'Done.' }));
  const folder = workFolder();
  const n = provider.asked.length;
  console.log(await runClaude('Write the file', { url: gateway.url, folder }), existsSync(join(folder, 'out.txt')));
  console.log(JSON.stringify(provider.asked.slice(n).at(-1)?.body.messages.slice(-3)));
  console.log(gateway.child.stdout.slice(-3000), gateway.child.stderr.slice(-3000));
} finally {
  await gateway.stop();
  await provider.stop();
}
