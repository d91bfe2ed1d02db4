import type { Content, Item } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';

type Image = Extract<Content, { type: 'input_image' }>;
/** The first bytes, in base64, of the image types that providers accept. */
const KINDS: Record<string, RegExp> = { png: /^iVBORw0KGgo/, jpeg: /^\/9j\//, jpg: /^\/9j\//, gif: /^R0lGOD/, webp: /^UklGR/ };
const OMITTED = '[image omitted: the model cannot see images]';

/**
 * Replaces images with a note if the model is known not to see them, and refuses data that is not an image before it
 * reaches a provider.
 */
export function images(): Plugin {
  return {
    name: 'images',
    request(request, exchange) {
      const blind = isBlind(exchange);
      for (const [at, item] of request.input.entries()) {
        const parts = partsOf(item);
        for (const [partAt, part] of parts.entries()) {
          if (part.type !== 'input_image') continue;
          const param = `input[${at}].${item.type === 'message' ? 'content' : 'output'}[${partAt}]`;
          check(part, `${param}.image_url`);
          if (!blind) continue;
          exchange.warn({ param, reason: 'the_model_cannot_see_images' });
          parts[partAt] = { type: 'input_text', text: OMITTED };
        }
      }
    },
  };
}

/** True only if the preset lists the model without images: an unknown model may be able to see. */
function isBlind({ preset, model }: Exchange): boolean {
  const input = preset.models.find(({ id }) => id === model)?.input;
  return input !== undefined && !input.includes('image');
}

function partsOf(item: Item): Content[] {
  const content = item.type === 'message' ? item.content : item.type === 'function_call_output' || item.type === 'custom_tool_call_output' ? item.output : [];
  return typeof content === 'string' ? [] : content;
}

function check({ image_url: url }: Image, param: string): void {
  if (!url || /^https?:\/\//i.test(url)) return;
  const [, kind = '', bytes = ''] = /^data:image\/(\w+);base64,(.{0,16})/i.exec(url) ?? [];
  const known = Object.hasOwn(KINDS, kind.toLowerCase()) ? KINDS[kind.toLowerCase()] : undefined;
  if (!known)
    throw new GatewayError('unsupported_value', `${param}: expected an http URL, or a data URL of a png, jpeg, gif or webp image in base64`, { param });
  if (!known.test(bytes)) throw new GatewayError('unsupported_value', `${param}: the data is not a ${kind} image`, { param });
}
