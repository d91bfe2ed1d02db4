import type { FunctionTool } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { COMMAND_TOOL } from '../core/kit/command-tools.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { TypedJson } from '../core/kit/typed-json.ts';

interface OpenCall {
  readonly json: TypedJson;
  /** The number of characters that came, and that were passed on. */
  read: number;
  written: number;
}

/**
 * Writes arguments in the types that a tool declares: some models write `5.0` for an integer, a number, a boolean, a
 * list or an object as a string, or the whole object encoded twice, and clients refuse it. In the tools that run
 * commands or patches, a list or an object that is written as text stays.
 */
export function argumentTypes(): Plugin {
  const seen = perExchange(() => ({ tools: new Map<string, FunctionTool>(), open: new Map<number, OpenCall>(), logged: false }));

  const read = (name: string, exchange: Exchange): TypedJson | undefined => {
    const schema = seen(exchange).tools.get(name)?.parameters;
    return schema ? new TypedJson(schema, { plainText: COMMAND_TOOL.test(name) }) : undefined;
  };

  return {
    name: 'argument-types',
    request({ tools }, exchange) {
      for (const tool of tools ?? []) if (tool.type === 'function') seen(exchange).tools.set(tool.name, tool);
    },
    event(event, exchange) {
      switch (event.type) {
        case 'item.added': {
          const json = event.item.type === 'function_call' && !event.item.namespace ? read(event.item.name, exchange) : undefined;
          if (json) seen(exchange).open.set(event.key, { json, read: 0, written: 0 });
          return;
        }
        case 'item.delta': {
          const call = event.channel === 'arguments' ? seen(exchange).open.get(event.key) : undefined;
          if (!call) return;
          const delta = call.json.write(event.delta);
          call.read += event.delta.length;
          call.written += delta.length;
          return delta === event.delta ? undefined : delta === '' ? [] : { ...event, delta };
        }
        case 'item.done': {
          const call = seen(exchange).open.get(event.key);
          if (!call || event.item.type !== 'function_call') return;
          seen(exchange).open.delete(event.key);
          const json = read(event.item.name, exchange);
          if (!json) return;
          const mended = json.write(event.item.arguments) + json.end();
          const rest = call.read > 0 ? mended.slice(call.written) : '';
          if (json.changed) log(event.item.name, exchange);
          const done = json.changed ? { ...event, item: { ...event.item, arguments: mended } } : event;
          return rest === '' ? done : [{ type: 'item.delta', key: event.key, channel: 'arguments', delta: rest }, done];
        }
      }
    },
  };

  function log(tool: string, exchange: Exchange): void {
    if (!seen(exchange).logged)
      exchange.log.info({ plugin: 'argument-types', tool }, 'argument-types: the model wrote arguments in another type than the tool declares');
    seen(exchange).logged = true;
  }
}
