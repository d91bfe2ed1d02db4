import { defineConfig } from 'tapline';
import { demo } from 'tapline/presets/demo';
import { zai } from 'tapline/presets/zai';

/** Without a key there is still something to talk to. */
export default defineConfig({
  preset: process.env['ZAI_API_KEY'] ? zai() : demo(),
});
