import { join } from 'node:path';
import { workFolder } from '../../support/folders.ts';
import { freePort } from './free-port.ts';
import { end, type RealServer } from './llama-server.ts';
import { startServer } from './run-python.ts';

export const LITELLM_KEY = 'sk-key-of-the-tests-0123456789abcdef';

/** LiteLLM's proxy with these models: by name, what LiteLLM is told about each. */
export async function startLiteLlm(models: Record<string, object>): Promise<RealServer> {
  const list = Object.entries(models).map(([name, told]) => ({ model_name: name, litellm_params: { model: `openai/${name}`, api_key: 'none', ...told } }));
  const folder = workFolder({ 'config.yaml': JSON.stringify({ model_list: list }) }); // JSON is YAML
  const port = String(await freePort());
  const environment = {
    HOME: folder,
    LITELLM_MASTER_KEY: LITELLM_KEY,
    LITELLM_LOCAL_MODEL_COST_MAP: 'True', // or it asks the network for one
    LITELLM_TELEMETRY: 'False',
  };
  const child = startServer('litellm', ['--config', join(folder, 'config.yaml'), '--host', '127.0.0.1', '--port', port], environment);
  await child.until(({ stderr, stdout }) => /Uvicorn running on/.test(stdout + stderr));
  return { base: `http://127.0.0.1:${port}/v1`, child, stop: () => end(child) };
}
