import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Models that accept a schema themselves, as a regular expression. */
  except: Pattern.optional(),
});

/** Writes the schema of the answer into the prompt and asks for any JSON object, for models that accept no schema. */
export function jsonSchemaPrompt(options: z.input<typeof Options> = {}): Plugin {
  const { except } = parseOptions('json-schema-prompt', Options, options);
  const able = except === undefined ? undefined : new RegExp(except);

  return {
    name: 'json-schema-prompt',
    wire: {
      chat: {
        request(body, exchange) {
          const format = body.response_format as { type?: string; json_schema?: { schema?: unknown } } | undefined;
          if (format?.type !== 'json_schema' || able?.test(body.model)) return;
          body.response_format = { type: 'json_object' };
          const content = `Answer with one JSON object, and nothing else, that is valid against this JSON schema:\n${JSON.stringify(format.json_schema?.schema ?? {})}`;
          body.messages.push({ role: 'user', content });
          exchange.warn({ param: 'text.format', reason: 'the_schema_is_only_in_the_prompt' });
        },
      },
    },
  };
}
