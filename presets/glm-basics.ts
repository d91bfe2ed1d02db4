import type { ModelFacts, Preset } from '../core/preset.ts';
import type { PluginOption } from '../core/resolve-plugins.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { glmErrors } from '../plugins/glm-errors.ts';
import { glmThinking } from '../plugins/glm-thinking.ts';
import { jsonSchemaPrompt } from '../plugins/json-schema-prompt.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoiceAuto } from '../plugins/tool-choice-auto.ts';
import { toolStream } from '../plugins/tool-stream.ts';
import { xmlCalls } from '../plugins/xml-calls.ts';
import { chatBasics } from './chat-basics.ts';

const TEXT = ['text'] as const;
const SIGHT = ['text', 'image'] as const;
const SWITCH = ['none', 'high'] as const;
/** Known in November 2026. */
const models: ModelFacts[] = [
  { id: 'glm-5.3', contextWindow: 1_000_000, maxOutput: 131_072, input: TEXT, efforts: ['low', 'high', 'max'] },
  { id: 'glm-5.3-flash', contextWindow: 1_000_000, maxOutput: 131_072, input: SIGHT, efforts: ['low', 'high', 'max'] },
  { id: 'glm-5.2', contextWindow: 1_000_000, maxOutput: 131_072, input: TEXT, efforts: ['none', 'high', 'max'] },
  { id: 'glm-5.1', contextWindow: 200_000, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-5', contextWindow: 204_800, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-5-turbo', contextWindow: 200_000, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.7', contextWindow: 204_800, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.7-flash', contextWindow: 200_000, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.6', contextWindow: 204_800, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.5-air', contextWindow: 131_072, maxOutput: 98_304, input: TEXT, efforts: SWITCH },
  { id: 'glm-5v-turbo', contextWindow: 200_000, maxOutput: 131_072, input: SIGHT, efforts: SWITCH },
  { id: 'glm-4.6v', contextWindow: 128_000, maxOutput: 32_768, input: SIGHT, efforts: SWITCH },
];

/** What the two houses that serve GLM have in common: models, patience, and the accent of its API. */
export function glmBasics(more?: PluginOption): Pick<Preset, 'keyNeeded' | 'models' | 'timeouts' | 'plugins'> {
  return {
    keyNeeded: true,
    models,
    timeouts: { idle: 600_000 }, // GLM 5 may think for minutes without a word
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [xmlCalls(), thinkTags()],
      accents: [
        glmThinking(),
        glmErrors(),
        toolChoiceAuto(),
        toolStream(),
        jsonSchemaPrompt({ except: '^glm-5\\.3' }),
        dropParams({ params: ['parallel_tool_calls'] }),
        more,
      ],
    }),
  };
}
