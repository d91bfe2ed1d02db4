import { z } from 'zod';
import type { ChatRequest } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { toolsOf } from '../core/kit/body-lists.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Choice = z.strictObject({
  /** Models that this entry is for, as a regular expression; all by default. */
  models: Pattern.default(''),
  /** `omit` drops the choice `auto`. */
  auto: z.literal('omit').optional(),
  /** `drop-tools` sends no tools in place of the choice `none`, for providers that do not know it. */
  none: z.literal('drop-tools').optional(),
  /** The choice in place of `required`; `omit` sends none. */
  required: z.enum(['any', 'auto', 'omit']).optional(),
  /**
   * The choice in place of a named tool; `omit` sends none. With `required` and `any`, the named tool becomes the only
   * one.
   */
  named: z.enum(['required', 'any', 'auto', 'omit']).optional(),
  /** Offers only the named tool, even if it cannot be forced. */
  narrow: z.boolean().default(false),
  /** The choice in place of a forced one while the model thinks; `omit` drops every choice. */
  whileThinking: z.enum(['auto', 'omit']).optional(),
  /** The model thinks `by-default`, or only if the request turns it on (`when-told`). */
  thinks: z.enum(['by-default', 'when-told']).default('by-default'),
  /** Fields of the body that turn thinking off, so that a call can be forced. */
  unthink: z.record(z.string(), z.unknown()).optional(),
});
type Choice = z.output<typeof Choice>;

const Options = z.strictObject({
  /**
   * One entry per group of models; the first whose `models` match applies. A choice that the entry does not name is
   * kept.
   */
  choices: z.array(Choice).default([]),
});

/**
 * Replaces the choice of a tool with one that the provider knows. A call that cannot be forced is left to the model,
 * with a warning.
 */
export function toolChoice(options: z.input<typeof Options> = {}): Plugin {
  const choices = parseOptions('tool-choice', Options, options).choices.map((choice) => ({ choice, models: new RegExp(choice.models) }));

  return {
    name: 'tool-choice',
    wire: {
      chat: {
        request(body, exchange) {
          const fitting = choices.find(({ models }) => models.test(body.model))?.choice;
          if (fitting && body.tool_choice != null) choose(body, fitting, exchange);
        },
      },
    },
  };
}

function choose(body: ChatRequest, choice: Choice, exchange: Exchange): void {
  const { tool_choice: asked } = body;
  const kind = asked === 'auto' || asked === 'none' ? asked : typeof asked === 'object' ? 'named' : 'required';
  const forced = kind === 'named' || kind === 'required';
  let thinking = choice.whileThinking !== undefined && thinks(body, choice);
  if (thinking && forced && choice.unthink) {
    delete body.reasoning_effort;
    Object.assign(body, structuredClone(choice.unthink));
    exchange.warn({ param: 'reasoning', reason: 'no_thinking_where_a_call_is_forced' });
    thinking = false;
  }
  if (kind === 'none' && (thinking || choice.none)) return dropTools(body);
  const put = thinking && (forced || choice.whileThinking === 'omit') ? choice.whileThinking : choice[kind];
  if (put === undefined || put === 'drop-tools') return;
  if (kind === 'named' && (choice.narrow || put === 'required' || put === 'any')) narrow(body);
  if (put === 'omit') delete body.tool_choice;
  else body.tool_choice = put;
  if (forced && put !== 'required' && put !== 'any') exchange.warn({ param: 'tool_choice', reason: 'a_forced_call_is_left_to_the_model' });
}

/** Reads the switches of every provider; without any, the model's default decides. */
function thinks({ thinking, enable_thinking: enabled, chat_template_kwargs: template, reasoning_effort: effort }: ChatRequest, choice: Choice): boolean {
  const type = field(thinking, 'type');
  const switches = [
    typeof type === 'string' ? type !== 'disabled' : undefined,
    enabled,
    field(template, 'enable_thinking'),
    typeof effort === 'string' ? effort !== 'none' : undefined,
  ];
  return (switches.find((each) => typeof each === 'boolean') as boolean | undefined) ?? choice.thinks === 'by-default';
}

function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>)[name] : undefined;
}

function dropTools(body: ChatRequest): void {
  delete body.tools;
  delete body.tool_choice;
  delete body.parallel_tool_calls;
}

/** Leaves an unknown name for the provider to refuse. */
function narrow(body: ChatRequest): void {
  const name = field(field(body.tool_choice, 'function'), 'name');
  const named = toolsOf(body).filter((tool) => tool.function.name === name);
  if (named.length > 0) body.tools = named;
}
