import { expect } from 'chai';
import type { RunningGateway } from '../support/run-gateway.ts';
import type { TurnProvider } from '../support/turn.ts';
import { runPython } from './support/run-python.ts';
import { gatewayOn, UPSTREAMS } from './support/strict-upstreams.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any dialect
type Loose = any;

const DIALECTS = ['chat', 'responses', 'messages'] as const;
/** What it is called by in litellm, and the dialect it then asks in. */
const FLAVOURS = { 'openai/m': 'chat', 'openai/responses/m': 'responses', 'anthropic/m': 'messages' } as const;
/** Of the gateway: it comes as Bearer in OpenAI's dialects, as x-api-key in Messages. */
const KEY = 'the-right-key-of-this-gateway';
const [DID, SAID] = ['there "and" back', 'There and back 🎉.'];
const THOUGHT = 'A way:\n  "there", and back.';

/** Both turns of one flavour: what was thought, called and said, or what went wrong. */
interface Ran {
  upstream: string;
  model: string;
  stream: boolean;
  thought?: string;
  did?: string;
  said?: string;
  used?: number[];
  failed?: string;
}

/** To load it takes seconds: one process asks everything. */
describe('litellm 1.106, completion', () => {
  const running: { upstream: (typeof DIALECTS)[number]; provider: TurnProvider; gateway: RunningGateway }[] = [];
  let ran: Ran[] = [];
  before(async () => {
    for (const upstream of DIALECTS) {
      const { start, thinks } = UPSTREAMS[upstream];
      const provider = await start();
      running.push({ upstream, provider, gateway: await gatewayOn(provider, upstream, KEY) });
      provider.script((body) => ({
        ...(isSecond(body) ? { text: SAID } : { text: 'On my way.', calls: [{ name: 'walk', input: { way: DID } }] }),
        ...(thinks(body) && { thinking: THOUGHT }),
      }));
    }
    const bases = JSON.stringify(Object.fromEntries(running.map(({ upstream, gateway }) => [upstream, gateway.url])));
    ran = JSON.parse(await runPython(SCRIPT, { BASES: bases, KEY, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_TELEMETRY: 'False' }, 'servers'));
  });
  after(async () => {
    for (const { gateway, provider } of running) {
      expect(await gateway.stop()).to.equal(0);
      await provider.stop();
    }
  });

  for (const upstream of DIALECTS) {
    for (const [model, dialect] of Object.entries(FLAVOURS)) {
      for (const stream of [true, false]) {
        it(`${model} (${dialect}) thinks, calls a tool and says a text, ${stream ? 'streamed' : 'whole'}, on a provider of ${upstream}`, () => {
          const found = ran.find((each) => each.upstream === upstream && each.model === model && each.stream === stream);
          const { thought, did, said, used, failed } = found ?? {};
          expect({ thought, did, said, failed }).to.deep.equal({ thought: THOUGHT, did: DID, said: SAID, failed: undefined });
          for (const tokens of used ?? []) expect(tokens).to.be.greaterThan(0);
          expect(used).to.have.length(2);
        });
      }
    }

    it(`asks a provider of ${upstream} nothing that it refuses, twice for each`, () => {
      const { provider, gateway } = running.find((each) => each.upstream === upstream) as (typeof running)[number];
      expect({ refused: provider.refused, asked: provider.asked.length }).to.deep.equal({ refused: [], asked: 12 });
      const lanes = [...gateway.child.stderr.matchAll(/"lane":"(\w+)"/g)].map(([, lane]) => lane).sort();
      const native = Object.values(FLAVOURS).filter((dialect) => dialect === upstream).length * 4;
      expect(lanes).to.deep.equal([...Array(native).fill('native'), ...Array(12 - native).fill('translated')]);
    });
  }
});

/** It is told what its tool said. */
function isSecond({ messages, input }: Loose): boolean {
  return JSON.stringify(messages ?? input).includes('walked');
}

const SCRIPT = `
import os, json, litellm
litellm.suppress_debug_info = True # it would print it among what is read here
# of Responses it would else ask for a whole answer and make a stream of it, in which arguments come twice: no client could parse them
litellm.register_model({"m": {"litellm_provider": "openai", "mode": "chat", "supports_native_streaming": True, "supports_reasoning": True}})
SCHEMA = {"type": "object", "properties": {"way": {"type": "string"}}, "required": ["way"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "walk", "description": "Walks.", "parameters": SCHEMA}}]

def answer(stream, messages, more):
    made = litellm.completion(messages=messages, tools=TOOLS, stream=stream, api_key=os.environ["KEY"], max_retries=0, **more)
    if stream: made = litellm.stream_chunk_builder(list(made), messages=messages)
    return made.choices[0].message, made.usage.prompt_tokens

# it knows no model of this name, and would keep back what it believes such a one cannot take
FLAVOURS = {
    "openai/m": ("/v1", {"reasoning_effort": "medium", "allowed_openai_params": ["reasoning_effort"]}),
    "openai/responses/m": ("/v1", {"reasoning_effort": "medium", "allowed_openai_params": ["reasoning_effort"]}),
    "anthropic/m": ("", {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000, "allowed_openai_params": ["thinking"]}),
}

def run(model, base, stream):
    path, options = FLAVOURS[model]
    more = {"model": model, "api_base": base + path, **options}
    if stream: more["stream_options"] = {"include_usage": True}
    messages = [{"role": "user", "content": "go there and back"}]
    first, before = answer(stream, messages, more)
    call = first.tool_calls[0]
    second, after = answer(stream, [*messages, first.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": "walked"}], more)
    return {"thought": getattr(first, "reasoning_content", None), "did": json.loads(call.function.arguments)["way"], "said": second.content, "used": [before, after]}

ran = []
for upstream, base in json.loads(os.environ["BASES"]).items():
    for model in FLAVOURS:
        for stream in [True, False]:
            try: told = run(model, base, stream)
            except Exception as error: told = {"failed": repr(error)}
            ran.append({"upstream": upstream, "model": model, "stream": stream, **told})
print(json.dumps(ran))
`;
