"""The seeded suite: one wrong fact in a sentence is always refused, and the truth mostly passes."""

# ruff: noqa: S311  (the dice are for variety, not for secrets)

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from tests.workers.guard.records import Item, items, lies, truths
from workers.guard.guard import guard
from workers.guard.verdict import Passage, Verdict

SEEDS = range(2)
MOST_FALSE_BLOCKS = 0.02


def judge(text: str, item: Item) -> Verdict:
    return guard((Passage("body", text, 400),), item.grounds())


@pytest.mark.parametrize("seed", SEEDS)
def test_no_sentence_with_one_wrong_fact_is_allowed(seed: int) -> None:
    random = Random(seed)
    told = [(item, kind, text) for item in items() for kind, text in lies(item, random)]
    allowed = [(item.title, kind, text) for item, kind, text in told if judge(text, item).allowed]
    assert len(told) > 800
    assert allowed == []


def test_a_wrong_fact_is_refused_for_what_is_wrong_with_it() -> None:
    random = Random(1)
    for item in items():
        for kind, text in lies(item, random):
            rules = {hit.rule for hit in judge(text, item).hits}
            assert rules & {f"unsupported-{one}" for one in kind.split(" or ")} or rules & _NEIGHBOURS, (text, rules)


_NEIGHBOURS = {"unsupported-certification", "unsupported-origin", "unsupported-material", "unsupported-feature"}
"""A word can be of two kinds: `kosher` is a mark among the features, `handmade` a way of making."""


def test_the_truth_is_allowed_nearly_always() -> None:
    told = [(item, text) for seed in SEEDS for item in items() for text in truths(item, Random(seed))]
    refused = Counter(text for item, text in told if not judge(text, item).allowed)
    assert len(told) > 1_000
    assert sum(refused.values()) <= MOST_FALSE_BLOCKS * len(told), refused


def test_a_wrong_fact_among_true_sentences_is_refused() -> None:
    random = Random(7)
    for item in items():
        true = list(truths(item, random))
        _, wrong = random.choice(list(lies(item, random)))
        true.insert(random.randrange(len(true)), wrong)
        verdict = guard((Passage("body", " ".join(true), 4_000),), item.grounds())
        assert not verdict.allowed, wrong


def test_a_record_does_not_support_the_sentences_of_another() -> None:
    everything = items()
    for item, other in pairwise(everything):
        told = [text for text in list(truths(item, Random(3)))[:3] if item.title in text]
        assert not any(judge(text, other).allowed for text in told)
