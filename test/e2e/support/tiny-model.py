"""Writes a model of a few megabytes to the file that is named: a real one, whose next word follows from the last one alone.

No weights come from anywhere: what a word is followed by is written into the last matrix. The template begins an answer with
another word for each kind of question, so the model greets, calls a tool, or ends its task.
"""

import sys

import gguf
import numpy as np

# By the word the template begins the answer with. No word stands twice.
SENTENCES = {
    "<|greets|>": ["<think>\n", "A greeting", ".\n", "</think>\n\n", "Hello", " from", " a", " tiny", " model", "!"],
    "<|calls|>": ["<think>", "\nA file", " first", ".\n</think>\n\n", "<tool_call>", '\n{"name": "exec_command", "arguments": {"cmd": "echo tiny > made.txt"}}', "\n</tool_call>"],
    "<|bashes|>": ["<think>\nA", " file now", ".\n</think>\n\n<tool_call>", '\n{"name": "Bash", "arguments": {"command": "echo tiny > made.txt"}}', "\n</tool_call>\n"],
    "<|ends|>": ["All", " done."],
}
TEMPLATE = """
{%- if tools %}<|system|>Tools:{% for tool in tools %} {{ tool.function.name }}{% endfor %}. A call looks so:
<tool_call>
{"name": <its name>, "arguments": <a JSON object>}
</tool_call>{% endif -%}
{%- for message in messages -%}
<|{{ message.role }}|>
{%- if message.role == 'assistant' and message.reasoning_content %}<think>
{{ message.reasoning_content }}
</think>

{% endif -%}
{%- if message.content %}{{ message.content }}{% endif -%}
{%- for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}}
</tool_call>
{%- endfor -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{%- if messages[-1].role == 'tool' %}<|ends|>{% elif tools and 'Bash' in tools | map(attribute='function') | map(attribute='name') | list %}<|bashes|>{% elif tools %}<|calls|>{% else %}<|greets|>{% endif -%}
{%- endif -%}"""

END = "</s>"
special = ["<unk>", "<s>", END]
# any text can be read byte by byte; a space and what is frequent in English are words of their own, or long prompts would take long
frequent = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur".split()
words = list(SENTENCES) + ["<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "\u2581", *frequent] + [word for sentence in SENTENCES.values() for word in sentence]
tokens = special + [f"<0x{byte:02X}>" for byte in range(256)] + words
types = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.USER_DEFINED] * len(words)
place = {token: at for at, token in enumerate(tokens)}
assert len(place) == len(tokens) <= 512

WIDTH, HEAD, INNER = 512, 32, 32
follower = np.zeros((len(tokens), WIDTH), dtype=np.float32)
follower[place[END], : len(tokens)] = 0.5  # what nothing follows is the end
for start, sentence in SENTENCES.items():
    for word, following in zip([start, *sentence], sentence):
        follower[place[following], place[word]] = 1


def zeros(*shape):
    return np.zeros(shape, dtype=np.float32)


def ones(*shape):
    return np.ones(shape, dtype=np.float32)


tensors = {
    "token_embd": np.eye(len(tokens), WIDTH, dtype=np.float32),
    "output_norm": ones(WIDTH),
    "output": follower,
    "blk.0.attn_norm": ones(WIDTH),
    "blk.0.attn_q": zeros(HEAD, WIDTH),
    "blk.0.attn_k": zeros(HEAD, WIDTH),
    "blk.0.attn_v": zeros(HEAD, WIDTH),
    "blk.0.attn_output": zeros(WIDTH, HEAD),
    "blk.0.ffn_norm": ones(WIDTH),
    "blk.0.ffn_gate": zeros(INNER, WIDTH),
    "blk.0.ffn_up": zeros(INNER, WIDTH),
    "blk.0.ffn_down": zeros(WIDTH, INNER),
}

model = gguf.GGUFWriter(sys.argv[1], "llama")
model.add_name("tiny")
model.add_context_length(262_144)
model.add_embedding_length(WIDTH)
model.add_feed_forward_length(INNER)
model.add_block_count(1)
model.add_head_count(1)
model.add_head_count_kv(1)
model.add_key_length(HEAD)
model.add_value_length(HEAD)
model.add_rope_dimension_count(HEAD)
model.add_layer_norm_rms_eps(1e-5)
model.add_vocab_size(len(tokens))
model.add_tokenizer_model("llama")
model.add_token_list(tokens)
model.add_token_scores([0.0] * len(tokens))
model.add_token_types(types)
model.add_unk_token_id(0)
model.add_bos_token_id(1)
model.add_eos_token_id(2)
model.add_add_bos_token(True)
model.add_add_space_prefix(False)
model.add_chat_template(TEMPLATE)
for name, values in tensors.items():
    model.add_tensor(f"{name}.weight", values)
model.write_header_to_file()
model.write_kv_data_to_file()
model.write_tensors_to_file()
model.close()
