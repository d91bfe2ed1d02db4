/**
 * For servers that hand `chat_template_kwargs` on to the model's chat template: thinking is turned on and off by the
 * variable most templates have, and how much is a field of the body. What a client does not ask for stays as the server
 * was started. Source: oh-my-pi, on the chat-template arguments of vLLM and llama.cpp.
 */
export const TEMPLATE_SWITCH = {
  efforts: ['low', 'medium', 'high'],
  on: { chat_template_kwargs: { enable_thinking: true } },
  off: { chat_template_kwargs: { enable_thinking: false } },
};
