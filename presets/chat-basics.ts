import type { Plugin, PluginOption } from '../core/contract/plugin.ts';
import { developerToSystem } from '../plugins/developer-to-system.ts';
import { instructionsToSystem } from '../plugins/instructions-to-system.ts';
import { parallelCalls } from '../plugins/parallel-calls.ts';
import { toolShape } from '../plugins/tool-shape.ts';
import { type Basics, basics } from './basics.ts';

interface ChatBasics extends Pick<Basics, 'healing' | 'accents'> {
  /** `reasoning-content` or `reasoning-strip`. */
  reasoning: Plugin;
}

/** The basics, and the plugins for what no Chat server can be relied on to handle. */
export function chatBasics(more: ChatBasics): PluginOption {
  return basics({ ...more, instructions: [instructionsToSystem(), developerToSystem()], finish: [parallelCalls(), toolShape()] });
}
