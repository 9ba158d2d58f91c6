"""Unlikelihood: the paper's sum, blind to what other texts and the prompt say, and a model that repeats itself less."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.tiny import a_set, examples, tiny_model
from training.language_model import Odds, load
from training.objectives import Answers, repetition
from training.packing import Pack
from training.recipe import Recipe, RecipeError
from training.tokens import ExampleTokens
from training.tune import Asked, tune

QUICK = Recipe(method="full", epochs=4, batch_tokens=512, check_every=9, learning_rate=0.02, dropout=0.0)


def odds(labels: list[int], texts: list[int], probabilities: list[list[float]]) -> Odds:
    return Odds(torch.tensor(probabilities).log(), torch.tensor(labels), torch.tensor(texts))


def test_each_earlier_token_counts_once_and_never_the_one_that_comes() -> None:
    some = [[0.5, 0.3, 0.2]] * 4
    found = repetition(odds([0, 0, 1, 0], [0, 0, 0, 0], some))
    # Third place: 0 was said (twice); fourth: 1 was said, and 0, which comes, is right.
    assert float(found) == pytest.approx(-math.log(1 - 0.5) - math.log(1 - 0.3))


def test_what_another_text_says_is_no_repetition() -> None:
    some = [[0.5, 0.3, 0.2]] * 4
    assert float(repetition(odds([0, 1, 2, 2], [0, 2, 4, 4], some))) == 0


def test_a_pack_has_the_term_of_its_examples_alone(tmp_path: Path) -> None:
    base = load(tiny_model(tmp_path), QUICK)
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    some, aim, cpu = [tokens.of(one) for one in examples(3)], Answers(0.5), torch.device("cpu")
    together = aim.measure(base.model, Pack(tuple(some)), cpu)
    apart = [aim.measure(base.model, Pack((one,)), cpu) for one in some]
    torch.testing.assert_close(together, torch.stack(apart).sum(0), rtol=1e-4, atol=1e-3)
    plain = Answers().measure(base.model, Pack(tuple(some)), cpu)
    assert together[0].item() == pytest.approx(plain[0].item() + 0.5 * together[1].item(), rel=1e-5)


def test_a_model_tuned_with_it_gives_less_to_what_was_said(tmp_path: Path) -> None:
    model, data = tiny_model(tmp_path / "model"), a_set(tmp_path / "set", train=8, dev=2)
    last = []
    for weight in (1e-6, 5.0):
        tune(Asked(data, model, tmp_path / f"{weight}", report_to="none"), replace(QUICK, unlikelihood=weight))
        last.append(json.loads((tmp_path / f"{weight}" / "metrics.jsonl").read_text().splitlines()[-1]))
    assert last[1]["dev_unlikelihood"] < 0.8 * last[0]["dev_unlikelihood"]


def test_it_is_a_term_of_answers_alone() -> None:
    with pytest.raises(RecipeError, match="a term of the objective answer"):
        replace(QUICK, objective="preference", unlikelihood=1.0)
