import { z } from 'zod';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { placesOf, putAt } from '../core/kit/body-paths.ts';
import { parseOptions } from '../core/kit/options.ts';

/** Names that reach beyond an object's own fields. */
const HOSTILE = ['__proto__', 'constructor', 'prototype'];
/** A key belongs where it is known as one, and redacted; the others belong to the connection. */
const RESERVED = /^(authorization|proxy-authorization|x-api-key|api-key|cookie|host|connection|content-length|transfer-encoding)$/i;
const isPath = (text: string): boolean => text.split('.').every((name) => name !== '' && !HOSTILE.includes(name));
const path = z.string().refine(isPath, 'expected a path like provider.only');
const header = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected the name of a header');
const noKey = (headers: object): boolean => !Object.keys(headers).some((name) => RESERVED.test(name));
const line = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected one line of Latin letters');
const range = z.tuple([z.number(), z.number()]).refine(([least, most]) => least <= most, 'expected [least, most]');

const Rule = z.strictObject({
  /** What the provider is asked for; `*` stands for any text, the case of letters does not count. */
  model: z.string().min(1).optional(),
  client: z.enum(['responses', 'chat', 'messages']).optional(),
  lane: z.enum(['native', 'translated']).optional(),
  /** Left out, before anything else. In a path `*` is each element of a list. */
  drop: z.array(path).optional(),
  /** From path to path, where there is something. */
  rename: z.record(path, path).optional(),
  /** Put where there is nothing. */
  default: z.record(path, z.unknown()).optional(),
  /** Put, whatever there is. */
  set: z.record(path, z.unknown()).optional(),
  /** Least and most of a number. */
  clamp: z.record(path, range).optional(),
  /** Of the request to the provider. */
  headers: z
    .strictObject({
      set: z.record(header, line).refine(noKey, 'expected headers that hold no key and are not of the connection').optional(),
      drop: z.array(header).optional(),
    })
    .optional(),
});
type Rule = z.output<typeof Rule>;

const Options = z.strictObject({
  /** Each has `drop`, `rename`, `default`, `set`, `clamp` (by dotted path, done in this order) and `headers`, and applies where its `model`, `client` and `lane` fit. */
  rules: z.array(Rule).default([]),
});

/** Changes the body and the headers of the provider's request by a table: leaves out, renames, fills in, sets and limits, for some models, clients and lanes or for all. */
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

/** A schema does not see a field that is called `__proto__`. */
function refuseHostile(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, each] of Object.entries(value)) {
    const hostile = name.split('.').some((part) => HOSTILE.includes(part));
    if (hostile) throw new GatewayError('config_invalid', `options of "rules": "${name}" is no field that a rule may name`, { param: name });
    refuseHostile(each);
  }
}

/** No regular expression: the client names the model, and must not choose how long a search takes. */
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

/** What a client asked for and does not get is told. */
function changeBody(body: object, { drop = [], rename = {}, default: absent = {}, set = {}, clamp = {} }: Rule, exchange: Exchange): void {
  const put = (path: string, value: unknown) => putAt(body, path, value) || exchange.warn({ param: path, reason: 'no_place_for_a_rule' });
  for (const path of drop) {
    for (const [holder, name] of placesOf(body, path)) {
      if (holder[name] !== true) exchange.warn({ param: path, reason: 'dropped_by_a_rule' }); // what is on by default is not lost
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
