import type { Content, Item } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { partsInText } from '../core/kit/parts-in-text.ts';

/** The first bytes of images, in hexadecimal. */
const KINDS: readonly [kind: string, begins: RegExp][] = [
  ['png', /^89504e47/],
  ['jpeg', /^ffd8ff/],
  ['gif', /^47494638/],
  ['webp', /^52494646(.{0,8}$|.{8}57454250)/],
  ['bmp', /^424d/],
  ['tiff', /^(49492a00|4d4d002a)/],
  ['heic', /^.{8}66747970(686569|686576|6d6966|6d7366)/],
  ['avif', /^.{8}66747970617669/],
];
/** Labels whose data must begin as its kind does. */
const CHECKED = /^image\/(png|jpe?g|gif|webp)$/i;
const UNSEEN = '[image omitted: the model cannot see images]';
const NONE = '[image omitted: its data is not an image]';

/**
 * Replaces images with a note if the model is known not to see them, or if their data is no image, which a provider
 * would refuse on every turn. Labels an image as the kind that its data has, and finds the images in outputs that are
 * JSON as text.
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
          const url = part.image_url ? trueUrl(part.image_url) : part.image_url;
          if (url && url !== part.image_url) part.image_url = url;
          if (!blind && (url || !part.image_url)) continue;
          exchange.warn(blind ? { param, reason: 'the_model_cannot_see_images' } : { param: `${param}.image_url`, reason: 'the_data_is_no_image' });
          parts[partAt] = { type: 'input_text', text: blind ? UNSEEN : NONE };
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
  if (item.type === 'message') return typeof item.content === 'string' ? [] : item.content;
  if (item.type !== 'function_call_output' && item.type !== 'custom_tool_call_output') return [];
  if (typeof item.output === 'string') item.output = partsInText(item.output) ?? item.output;
  return typeof item.output === 'string' ? [] : item.output;
}

/** The URL under the label of its data; undefined if that is no image. A kind that is not known here passes. */
function trueUrl(url: string): string | undefined {
  if (/^https?:\/\//i.test(url)) return url;
  const [head = '', label = '', base64] = /^data:([^;,]*)(?:[^,]*?(;base64))?,/i.exec(url.slice(0, 200)) ?? [];
  const kind = head === '' || base64 ? kindOf(url.slice(head.length, head.length + 32)) : undefined;
  if (kind) return label.toLowerCase() === `image/${kind}` ? url : `data:image/${kind};base64,${url.slice(head.length)}`;
  return /^image\//i.test(label) && !CHECKED.test(label) ? url : undefined;
}

function kindOf(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64').toString('hex');
  return KINDS.find(([, begins]) => begins.test(bytes))?.[0];
}
