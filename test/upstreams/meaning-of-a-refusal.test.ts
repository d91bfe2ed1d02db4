import { expect } from 'chai';
import type { TokenNumbers } from '../../core/contract/errors.ts';
import { promptFits } from '../../core/kit/prompt-fits.ts';
import { failureToError, readFailure, readRefusal } from '../../core/upstreams/failure.ts';

const errorOf = (status: number, body: unknown) => failureToError(readFailure(status, body));
const says = (message: string, more: object = {}) => ({ error: { message, ...more } });

describe('a prompt that is too long', () => {
  const TOO_LONG: [provider: string, status: number, body: unknown, numbers?: TokenNumbers][] = [
    ['OpenAI', 400, says('Your input exceeds the context window of this model. Please adjust your input and try again.')],
    [
      'OpenAI, in an old form',
      400,
      says("This model's maximum context length is 8192 tokens, however your messages resulted in 9000 tokens."),
      { window: 8192, prompt: 9000 },
    ],
    [
      'DeepSeek',
      400,
      says("This model's maximum context length is 131072 tokens. However, you requested 140000 tokens. Please reduce the length."),
      { window: 131072, prompt: 140000 },
    ],
    [
      'vLLM, in an old form',
      400,
      says("This model's maximum context length is 32768 tokens. However, you requested 40000 tokens (38000 in the messages, 2000 in the completion)."),
      { window: 32768, prompt: 38000, completion: 2000 },
    ],
    ['Anthropic', 400, says('prompt is too long: 210000 tokens > 200000 maximum'), { window: 200000, prompt: 210000 }],
    [
      'SGLang',
      400,
      { object: 'error', message: "The input (40,000 tokens) is longer than the model's context length (32,768 tokens)." },
      { window: 32768, prompt: 40000 },
    ],
    [
      'SGLang, in total',
      400,
      {
        message:
          "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 40000 tokens: 36000 tokens from the input messages and 4000 tokens for the completion.",
      },
      { window: 32768, prompt: 36000, completion: 4000 },
    ],
    ['Gemini', 400, [says('The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).')], { window: 1048576, prompt: 1200000 }],
    ['Qwen', 400, says('<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]'), { window: 129024 }],
    [
      'LM Studio',
      400,
      {
        error:
          'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
      },
      { window: 4096, prompt: 9000 },
    ],
    ['LM Studio, without numbers', 400, { error: 'The number of tokens to keep from the initial prompt is greater than the context length.' }],
    ['MiniMax', 400, says('invalid params, context window exceeds limit (2013)')],
    ['oMLX', 400, says('Prompt too long: 45000 tokens exceeds max context window of 32768 tokens'), { window: 32768, prompt: 45000 }],
    [
      'Copilot',
      400,
      says('prompt token count of 150000 exceeds the limit of 128000', { code: 'model_max_prompt_tokens_exceeded' }),
      { window: 128000, prompt: 150000 },
    ],
    ['GitHub Models', 413, says('Request body too large for gpt-5 model. Max size: 8000 tokens.', { code: 'tokens_limit_reached' })],
    ['Doubao', 400, says('Input length 301234 exceeds the maximum length 229376 of the model.'), { window: 229376, prompt: 301234 }],
    ['Doubao, with images', 400, says('Total tokens of image and text exceed max message tokens. Request id: 02')],
    ['Bedrock', 400, says('BedrockException - {"message":"Input is too long for requested model."}')],
    ['Bedrock, with numbers', 400, says('Too many input tokens. Max input tokens: 8192, request input token count: 9000'), { window: 8192, prompt: 9000 }],
    ['StepFun', 400, says('the input tokens exceeds the max context length')],
    ['Ollama', 400, says('input length exceeds the context length')],
    ['Ollama, by how much', 400, says('prompt too long; exceeded max context length by 14 tokens')],
    ['SiliconFlow', 400, { code: 20015, message: 'length of prompt_tokens (40000) must be less than max_seq_len (32768).' }, { window: 32768, prompt: 40000 }],
    ['Hunyuan', 400, says('input tokens limit exceeded: max input length is 28672'), { window: 28672 }],
    ['TGI', 422, { error: 'Input validation error: `inputs` must have less than 4096 tokens. Given: 5000' }, { window: 4096, prompt: 5000 }],
    [
      'Mistral',
      400,
      { message: 'Prompt contains 140000 tokens and 0 draft tokens, too large for model with 131072 maximum context length', code: '3051' },
      { window: 131072, prompt: 140000 },
    ],
    ['Kimi', 400, says('Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)'), { window: 262144, prompt: 300000 }],
    ['Kimi, in a new form', 400, says('Input token length too long')],
    ['Fireworks', 400, says('The prompt is too long: 140000, model maximum context length: 131071'), { window: 131071, prompt: 140000 }],
    [
      'xAI',
      400,
      { code: 'x', error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens." },
      { window: 131072, prompt: 537812 },
    ],
    [
      'Cerebras',
      400,
      says('Please reduce the length of the messages or completion. Current length is 10000 while limit is 8192'),
      { window: 8192, prompt: 10000 },
    ],
    ['llama.cpp', 400, says('request does not fit', { type: 'exceed_context_size_error', n_prompt_tokens: 9000, n_ctx: 4096 }), { window: 4096, prompt: 9000 }],
    ['llama.cpp, with 500', 500, says('Context size has been exceeded.')],
    ['LiteLLM', 400, says('x', { type: 'ContextWindowExceededError' })],
    ['Cohere', 400, says('too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000'), { window: 4081 }],
    ['GLM, in Chinese', 400, says('输入内容的长度超出模型的上下文')],
  ];
  for (const [provider, status, body, numbers] of TOO_LONG) {
    it(`is known in the words of ${provider}, and its numbers by their place`, () => {
      const { code, details } = errorOf(status, body);
      expect(code).to.equal('context_length_exceeded');
      expect(details.tokens).to.deep.equal(numbers);
      expect(promptFits(details.tokens)).to.equal(false);
    });
  }

  const NO_ROOM: [provider: string, message: string, numbers: TokenNumbers][] = [
    [
      'vLLM',
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 17459 input tokens (32000 > 32768 - 17459). (parameter=max_tokens, value=32000)",
      { window: 32768, prompt: 17459, completion: 32000 },
    ],
    [
      'a newer vLLM',
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 17459 input tokens, for a total of at least 49459 tokens.",
      { window: 32768, prompt: 17459, completion: 32000 },
    ],
    [
      'OpenAI',
      "This model's maximum context length is 8192 tokens. However, you requested 8256 tokens (64 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.",
      { window: 8192, prompt: 64, completion: 8192 },
    ],
    [
      'Anthropic',
      'input length and `max_tokens` exceed context limit: 149854 + 61287 > 200000, decrease input length or `max_tokens` and try again',
      { window: 200000, prompt: 149854, completion: 61287 },
    ],
    [
      'Together',
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32769. Given: 30000 `inputs` tokens and 4096 `max_new_tokens`',
      { window: 32769, prompt: 30000, completion: 4096 },
    ],
  ];
  for (const [provider, message, numbers] of NO_ROOM) {
    it(`is told apart from an answer that has no room, in the words of ${provider}`, () => {
      const { code, details } = errorOf(400, says(message));
      expect([code, details.tokens, promptFits(details.tokens)]).to.deep.equal(['context_length_exceeded', numbers, true]);
    });
  }

  const OTHERWISE: [code: string, status: number, message: string][] = [
    ['invalid_request', 400, 'max_tokens is too large: 32000. This model supports at most 8192 completion tokens, whereas you provided 32000.'],
    ['invalid_request', 400, 'max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for claude-x'],
    ['invalid_request', 400, 'Range of max_tokens should be [1, 65536]'],
    ['invalid_request', 400, 'The maximum tokens you requested exceeds the model limit of 4096'],
    ['invalid_request', 400, "Invalid 'input[3].call_id': string too long. Expected a string with maximum length 64."],
    ['invalid_request', 400, 'input image size exceeds the limit of 20 MB'],
    ['invalid_request', 400, 'The prompt is empty'],
    ['rate_limited', 429, 'Input tokens exceed the limit of 30000 tokens per minute (TPM)'],
    ['rate_limited', 429, 'Too many tokens, please wait before trying again.'],
    ['body_too_large', 413, 'request exceeds the maximum size limit (32 MB)'],
  ];
  for (const [code, status, message] of OTHERWISE)
    it(`is something else than "${message.slice(0, 60)}"`, () => expect(errorOf(status, says(message)).code).to.equal(code));
});

describe('an empty account', () => {
  const EMPTY: [status: number, error: object][] = [
    [429, { message: 'insufficient balance (1008)', type: 'insufficient_balance_error' }],
    [429, { message: 'Your account does not have enough credits.' }],
    [429, { message: 'Insufficient account balance' }],
    [429, { message: 'Your credit balance is too low to access the API.' }],
    [429, { message: 'You exceeded your current quota, please check your plan and billing details.' }],
    [429, { message: 'Your account is suspended due to insufficient balance, please recharge' }],
    [429, { message: 'billing hard limit has been reached' }],
    [429, { message: 'x', code: 'Arrearage' }],
    [429, { message: '余额不足或无可用资源包,请充值。' }],
    [429, { message: 'Monthly spending limit reached' }],
    [403, { message: 'Your team has used all available credits.' }],
    [403, { message: 'user quota is not enough', code: 'insufficient_user_quota' }],
    [402, { message: 'x' }],
    [400, { message: 'Access denied, your account is in arrears' }],
  ];
  for (const [status, error] of EMPTY) {
    it(`is known by ${JSON.stringify(error)} with ${status}, and nobody is told to wait`, () => {
      const failure = readFailure(status, { error }, { headers: {}, now: 0 });
      const { code, details } = failureToError(failure);
      expect([code, details.retryAfter]).to.deep.equal(['quota_exhausted', undefined]);
    });
  }

  const PASSING: [message: string, headers?: Record<string, string>][] = [
    ['Rate limit reached on tokens per min (TPM): Limit 10000, Used 9000. Please try again in 6s. You can raise it at https://x.example/account/billing.'],
    ['You exceeded your current quota, please check your plan and billing details. Please retry in 12.5s.'],
    ['You exceeded your current quota, please check your plan and billing details.', { 'retry-after': '20' }],
    ['Too many requests'],
    ['Concurrency limit reached, recharge to raise it; retry after 5 seconds'],
  ];
  for (const [message, headers = {}] of PASSING) {
    it(`is something else than "${message.slice(0, 60)}"${Object.keys(headers).length > 0 ? ' with a time to wait' : ''}`, () => {
      const { code, details } = failureToError(readRefusal(429, JSON.stringify({ error: { message } }), { headers, now: 0 }));
      expect(code).to.equal('rate_limited');
      expect(details.retryAfter).to.be.at.least(1);
    });
  }

  it('and a full prompt are found in a long text without a long search', () => {
    const texts = ['input '.repeat(200_000), '9'.repeat(1_000_000), 'exceeds '.repeat(100_000), 'context length '.repeat(70_000), '1,'.repeat(500_000)];
    const start = process.cpuUsage();
    for (const text of texts) errorOf(400, says(text));
    expect(process.cpuUsage(start).user / 1_000).to.be.below(1_000);
  });
});
