"""A language model of a few thousand weights with a tokenizer of its own, made in a second, and examples for it."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training.examples import DEV, TRAIN, Example, Message, write

SYSTEM = "You restate the facts about a product. Use only the facts."
COLOURS = ("red", "blue", "green", "teal", "grey", "pink", "black", "white")
THINGS = ("stool", "lamp", "tray", "kettle", "mat", "parasol")

_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Give a tokenizer whose tokens are bytes, with the special tokens of a chat."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    vocabulary = {sign: number for number, sign in enumerate([*specials, *alphabet])}
    bytes_ = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bytes_.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_.decoder = decoders.ByteLevel()
    bytes_.add_special_tokens(specials)
    return PreTrainedTokenizerFast(tokenizer_object=bytes_, eos_token="<|im_end|>", chat_template=_TEMPLATE)  # noqa: S106


def tiny_model(folder: Path, *, vocabulary: int = 259) -> Path:
    """Save a model with random weights, always the same, and its tokenizer."""
    torch.manual_seed(7)
    settings = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        eos_token_id=2,
    )
    LlamaForCausalLM(settings).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def examples(count: int, *, start: int = 0) -> list[Example]:
    """Give so many examples with one system text."""
    found = []
    for number in range(start, start + count):
        colour, thing = COLOURS[number % 8], THINGS[number % 6]
        prompt = (Message("system", SYSTEM), Message("user", f"thing: {thing}\ncolour: {colour}\nsize: {number} cm"))
        found.append(Example("product-description", f"{number}", prompt, f"A {colour} {thing} of {number} cm."))
    return found


def a_set(folder: Path, *, train: int = 24, dev: int = 6) -> Path:
    """Write a set of examples."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / TRAIN, examples(train))
    if dev:
        write(folder / DEV, examples(dev, start=1_000))
    return folder
