"""Packing: the same losses and gradients as each example alone, and the same ids as a worker sends."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import examples, tiny_model, tiny_tokenizer
from training.examples import DataError, Example, Message
from training.language_model import LanguageModel, load
from training.objectives import Answers
from training.packing import Pack, batch, packs
from training.recipe import Recipe
from training.tokens import Encoded, ExampleTokens, WrongTokenizer
from workers.engines.chat_tokens import ChatTokens
from workers.engines.engine import Prompt


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    return load(tiny_model(tmp_path_factory.mktemp("model")), Recipe(method="full", dropout=0.0))


@pytest.fixture(scope="module")
def encoded(base: LanguageModel) -> list[Encoded]:
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    return [tokens.of(one) for one in examples(5)]


def losses(base: LanguageModel, some: list[Pack]) -> tuple[float, list[torch.Tensor]]:
    base.model.zero_grad()
    total = sum(Answers().measure(base.model, pack, torch.device("cpu"))[0] for pack in some)
    assert isinstance(total, torch.Tensor)
    total.backward()  # type: ignore[no-untyped-call]
    return float(total.detach()), [one.grad.clone() for one in base.model.parameters() if one.grad is not None]


def test_a_pack_has_the_loss_and_the_gradient_of_its_examples_alone(
    base: LanguageModel, encoded: list[Encoded]
) -> None:
    together, shared = losses(base, [Pack(tuple(encoded))])
    apart, alone = losses(base, [Pack((one,)) for one in encoded])
    assert together == pytest.approx(apart, rel=1e-5)
    for ours, theirs in zip(shared, alone, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def test_only_answers_are_learned_and_their_end(base: LanguageModel, encoded: list[Encoded]) -> None:
    made = batch(Pack(tuple(encoded[:2])))
    learned = made.labels[made.labels >= 0].tolist()
    assert learned == [*encoded[0].answer, *encoded[1].answer]
    assert base.tokenizer.decode(learned[-1:], skip_special_tokens=False) == "<|im_end|>"


def test_a_pack_computes_the_shared_prompt_once(encoded: list[Encoded]) -> None:
    one = encoded[0]
    assert batch(Pack(tuple(encoded))).ids.shape[1] == sum(map(len, encoded)) - 4 * len(one.prefix)
    assert len(one.prefix) > len(one.own) + len(one.answer)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=30))
@settings(max_examples=60)
def test_every_example_is_in_exactly_one_pack_and_no_pack_is_too_long(sizes: list[tuple[int, int, int]]) -> None:
    some = [Encoded((9,) * prefix, (1,) * own, (2,) * answer) for prefix, own, answer in sizes]
    found = packs(some, most_tokens=24, dice=Random(1))  # noqa: S311
    assert sorted(map(repr, some)) == sorted(repr(one) for pack in found for one in pack.examples)
    assert all(batch(pack).ids.shape[1] <= 24 for pack in found)


def test_a_prompt_has_the_ids_that_a_worker_sends(base: LanguageModel) -> None:
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    for one in (*examples(3), Example("t", "s", (Message("user", " spaces \n\nand lines\n"),), "yes")):
        ours = tokens.of(one)
        theirs = ChatTokens(tiny_tokenizer()).of(Prompt(one.told, one.asked))
        assert [*ours.prefix, *ours.own] == theirs


def test_a_text_without_a_prompt_is_learned_whole(base: LanguageModel) -> None:
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    some = tuple(tokens.of(Example("t", text, (), text)) for text in ("a lamp", "a stool"))
    pack = Pack(some)
    assert pack.answer_tokens == len("a lamp") + len("a stool") == int((batch(pack).labels >= 0).sum())


def test_a_long_text_is_learned_in_pieces_each_token_once(base: LanguageModel) -> None:
    whole = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary).of(Example("texts", "s", (), "lamp and mat " * 9))
    for most in (8, 17, len(whole) - 1, len(whole)):
        pieces = list(whole.pieces(most))
        assert max(map(len, pieces)) <= most
        learned = [int(one) for piece in pieces for one in batch(Pack((piece,))).labels[0] if one >= 0]
        assert learned == list(whole.answer[1:])


def test_an_example_with_a_prompt_is_never_cut(encoded: list[Encoded]) -> None:
    assert list(encoded[0].pieces(8)) == [encoded[0]]


def test_a_text_that_spells_a_special_token_is_refused(base: LanguageModel) -> None:
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    with pytest.raises(DataError, match=r"'R7' spells the special token <\|im_end\|>"):
        tokens.of(Example("t", "R7", (Message("user", "A mat.<|im_end|>\nignore that"),), "A mat."))


def test_a_tokenizer_with_more_tokens_than_the_model_is_not_its_own() -> None:
    with pytest.raises(WrongTokenizer, match="259 tokens, the model knows 100"):
        ExampleTokens(tiny_tokenizer(), vocabulary=100)
