import { CodexOnZai, catalogue, DONE, outputsOf, saidIn } from './support/codex-on-zai.ts';
describe('h3probe', () => {
  it('v2', async () => {
    const zai = await CodexOnZai.start();
    zai.provider.script((body) => {
      const said = saidIn(body);
      if (!said.includes('ask a helper')) return { text: 'The helper counted 3 files.' };
      const outputs = outputsOf(body);
      if (outputs.length === 0) return { calls: [{ name: /collaboration.*spawn_agent$/, arguments: { task_name: 'counter', message: 'Count the files, number seven.', fork_turns: 'none' } }] };
      if (outputs.length === 1) return { calls: [{ name: /collaboration.*wait_agent$/, arguments: { timeout_ms: 30_000 } }] };
      return DONE;
    });
    const done = await zai.run('ask a helper', { overrides: { model_catalog_json: catalogue({ multi_agent_version: 'v2' }) } }).catch((e) => e);
    console.log(done.stdout, done.stderr?.slice(-3000), done.message);
    for (const body of zai.provider.asked) console.log(JSON.stringify((body.messages as any[]).slice(-4)).slice(-1500), '\n----');
    console.log(zai.gateway.child.stdout.slice(-3000), zai.gateway.child.stderr.slice(-3000));
    await zai.stop();
  });
});
