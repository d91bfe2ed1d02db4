import type { PluginOption } from '../core/contract/plugin.ts';
import { dsmlCalls } from '../plugins/dsml-calls.ts';
import { invokeCalls } from '../plugins/invoke-calls.ts';
import { kimiCalls } from '../plugins/kimi-calls.ts';
import { xmlCalls } from '../plugins/xml-calls.ts';

/** Finds the calls that open models leak into their text, for hosts that serve many of them, under any name. */
export function callMarkup(): PluginOption {
  return [
    // The host may leave calls of DeepSeek's models in the text.
    dsmlCalls(),
    // The host may leave calls of GLM, Qwen and Hermes models in the text.
    xmlCalls(),
    // The host may leave calls of Kimi in the text.
    kimiCalls(),
    // The host may leave calls of MiniMax in the text.
    invokeCalls(),
  ];
}
