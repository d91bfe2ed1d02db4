import { z } from 'zod';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { placesOf, putAt } from '../core/kit/body-paths.ts';
import { parseOptions } from '../core/kit/options.ts';

/** Names that reach beyond an object's own fields. */
const HOSTILE = ['__proto__', 'constructor', 'prototype'];
/** A key belongs where the gateway recognises and redacts it; the others belong to the connection. */
const RESERVED = /^(authorization|proxy-authorization|x-api-key|api-key|cookie|host|connection|content-length|transfer-encoding)$/i;
const isPath = (text: string): boolean => text.split('.').every((name) => name !== '' && !HOSTILE.includes(name));
const path = z.string().refine(isPath, 'expected a path like provider.only');
const header = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected the name of a header');
const noKey = (headers: object): boolean => !Object.keys(headers).some((name) => RESERVED.test(name));
const line = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected one line of Latin letters');
const range = z.tuple([z.number(), z.number()]).refine(([least, most]) => least <= most, 'expected [least, most]');

const Rule = z.strictObject({
  /** The model that the provider is asked for; `*` stands for any text, and case does not matter. */
  model: z.string().min(1).optional(),
  /** The client's dialect; any by default. */
  client: z.enum(['responses', 'chat', 'messages']).optional(),
  /** The lane of the exchange; any by default. */
  lane: z.enum(['native', 'translated']).optional(),
  /** Paths to drop, before anything else. In a path, `*` stands for each element of a list. */
  drop: z.array(path).optional(),
  /** Path → new path, for fields that are present. */
  rename: z.record(path, path).optional(),
  /** Path → value, for fields that are missing. */
  default: z.record(path, z.unknown()).optional(),
  /** Path → value, for fields that are present or missing. */
  set: z.record(path, z.unknown()).optional(),
  /** Path → the least and the most that a number may be. */
  clamp: z.record(path, range).optional(),
  /** Changes to the headers of the provider's request. */
  headers: z
    .strictObject({
      /** Header → value. */
      set: z.record(header, line).refine(noKey, 'expected headers other than keys and those of the connection').optional(),
      /** Headers to drop. */
      drop: z.array(header).optional(),
    })
    .optional(),
});
type Rule = z.output<typeof Rule>;

const Options = z.strictObject({
  /**
   * Each rule applies where its `model`, `client` and `lane` match. It runs `drop`, `rename`, `default`, `set` and
   * `clamp` in this order, by dotted path, and then `headers`.
   */
  rules: z.array(Rule).default([]),
});

/**
 * Changes the body and the headers of the provider's request by a table of rules: drops, renames, fills in, sets and
 * limits fields, for all requests or for some models, clients and lanes.
 */
export function rules(options: z.input<typeof Options> = {}): Plugin {
  refuseHostile(options);
  const table = parseOptions('rules', Options, options).rules.map((rule) => ({ rule, fits: matcherOf(rule.model ?? '*') }));
  const request = (body: object, exchange: Exchange) => {
    for (const { rule, fits } of table) {
      const { client = exchange.client.dialect, lane = exchange.lane } = rule;
      if (!fits(exchange.model) || client !== exchange.client.dialect || lane !== exchange.lane) continue;
      changeBody(body, rule, exchange);
      changeHeaders(exchange.upstream.headers, rule.headers ?? {});
    }
  };
  return { name: 'rules', wire: { chat: { request }, responses: { request }, messages: { request } } };
}

/** Runs before the schema, which does not see a field called `__proto__`. */
function refuseHostile(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, each] of Object.entries(value)) {
    const hostile = name.split('.').some((part) => HOSTILE.includes(part));
    if (hostile) throw new GatewayError('config_invalid', `options of "rules": a rule must not name the field "${name}"`, { param: name });
    refuseHostile(each);
  }
}

/** Patterns are no regular expressions: the client names the model, and must not choose how long a search takes. */
function matcherOf(pattern: string): (model: string) => boolean {
  const [first = '', ...others] = pattern.toLowerCase().split('*');
  const last = others.pop();
  return (model) => {
    const name = model.toLowerCase();
    if (last === undefined) return name === first;
    let at = name.startsWith(first) ? first.length : -1;
    for (const part of others) {
      const found = at < 0 ? -1 : name.indexOf(part, at);
      at = found < 0 ? -1 : found + part.length;
    }
    return at >= 0 && name.length - last.length >= at && name.endsWith(last);
  };
}

/** Warns about every value that the client asked for and does not get. */
function changeBody(body: object, { drop = [], rename = {}, default: absent = {}, set = {}, clamp = {} }: Rule, exchange: Exchange): void {
  const put = (path: string, value: unknown) => putAt(body, path, value) || exchange.warn({ param: path, reason: 'no_place_for_a_rule' });
  for (const path of drop) {
    for (const [holder, name] of placesOf(body, path)) {
      // a switch that is on by default is not lost
      if (holder[name] !== true) exchange.warn({ param: path, reason: 'dropped_by_a_rule' });
      delete holder[name];
    }
  }
  for (const [from, to] of Object.entries(rename)) {
    for (const [holder, name] of placesOf(body, from)) {
      put(to, holder[name]);
      delete holder[name];
    }
  }
  for (const [path, value] of Object.entries(absent)) if (placesOf(body, path).length === 0) put(path, value);
  for (const [path, value] of Object.entries(set)) put(path, value);
  for (const [path, [least, most]] of Object.entries(clamp)) {
    for (const [holder, name] of placesOf(body, path)) {
      const asked = holder[name];
      if (typeof asked !== 'number' || (asked >= least && asked <= most)) continue;
      holder[name] = Math.min(Math.max(asked, least), most);
      exchange.warn({ param: path, reason: 'clamped_by_a_rule' });
    }
  }
}

function changeHeaders(sent: Record<string, string>, { set = {}, drop = [] }: NonNullable<Rule['headers']>): void {
  const gone = [...drop, ...Object.keys(set)].map((name) => name.toLowerCase());
  for (const name of Object.keys(sent)) if (gone.includes(name.toLowerCase())) delete sent[name];
  for (const [name, value] of Object.entries(set)) sent[name.toLowerCase()] = value;
}
