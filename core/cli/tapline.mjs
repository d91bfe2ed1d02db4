#!/usr/bin/env node
// Plain JavaScript that any Node can read: an old Node, or a checkout without its packages, gets one clear line.
import { existsSync } from 'node:fs';

// First of all, because loading the rest takes a second or two: a key that was given must not stay in the process list.
if (process.argv.some((word) => /^--[\w-]*key\b/.test(word))) process.title = 'tapline';

const [major, minor] = process.versions.node.split('.').map(Number);
const here = (file) => new URL(file, import.meta.url);

/** The same versions as "engines" in package.json. */
function isSupported() {
  return (major === 22 && minor >= 19) || major >= 24;
}

/** The dependencies are in this package's own node_modules, or beside the package. */
function isInstalled() {
  for (let folder = here('./'); ; ) {
    if (existsSync(new URL('node_modules/commander/package.json', folder))) return true;
    const parent = new URL('../', folder);
    if (parent.href === folder.href) return false;
    folder = parent;
  }
}

function refuse(why) {
  process.stderr.write(`tapline: ${why}\n`);
  process.exit(1);
}

if (!isInstalled()) refuse('its packages are not installed: run "npm ci" first');
if (!isSupported())
  refuse(`it needs Node 22.19 or later (not 23), and this is ${process.version}: update Node; in a checkout, "npm ci" and "npm start" bring their own`);
// a checkout runs its sources, the package runs dist: Node strips no types below node_modules
await import(import.meta.url.includes('/node_modules/') ? '../../dist/core/cli/main.js' : './main.ts');
