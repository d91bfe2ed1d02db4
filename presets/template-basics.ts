/**
 * The switch of servers that pass `chat_template_kwargs` to the model's chat template: a variable that most templates
 * have turns thinking on and off, and the effort is a field of the body. Anything the client does not ask for stays as
 * the server was started. Source: oh-my-pi, on the chat-template arguments of vLLM and llama.cpp.
 */
export const TEMPLATE_SWITCH = {
  efforts: ['low', 'medium', 'high'],
  on: { chat_template_kwargs: { enable_thinking: true } },
  off: { chat_template_kwargs: { enable_thinking: false } },
};
