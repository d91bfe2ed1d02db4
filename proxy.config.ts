import { defineConfig } from './core/config/define-config.ts';
import { demo } from './presets/demo.ts';
import { zai } from './presets/zai.ts';

/** Without a key there is still something to talk to. */
export default defineConfig({
  preset: process.env['ZAI_API_KEY'] ? zai() : demo(),
});
