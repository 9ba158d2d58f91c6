"""Preference tuning on a tiny model: pairs, the losses of the papers, and a model that learns what was rejected."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from tests.training.tiny import examples, tiny_model
from training.examples import DEV, TRAIN, DataError, Example, write
from training.language_model import LanguageModel, load
from training.learning import Learner
from training.objectives import Preference, objective_of, references
from training.packing import Pack
from training.pairs import pairs
from training.recipe import Method, Recipe, RecipeError
from training.tokens import Encoded, ExampleTokens
from training.tune import Asked, tune

CPU = torch.device("cpu")
PREFER = Recipe(
    objective="preference", method="full", epochs=5, batch_tokens=512, accumulate=1, check_every=3, dropout=0.0,
    learning_rate=0.005, anchor=0.0, beta=0.5,
)  # fmt: skip


def lie(of: Example, *, kind: str = "lie") -> Example:
    return replace(of, source=f"{of.source}!{kind}", answer=of.answer.replace("A ", "A silk "), wanted=False)


def both(count: int, *, start: int = 0) -> list[Example]:
    return [found for one in examples(count, start=start) for found in (one, lie(one))]


def a_set(folder: Path, *, train: list[Example] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / TRAIN, train or both(8))
    write(folder / DEV, both(2, start=1_000))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def base(model: Path) -> LanguageModel:
    return load(model, PREFER)


def encoded(base: LanguageModel, some: list[Example]) -> list[Encoded]:
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    return [tokens.of_pair(one.wanted, one.rejected) for one in pairs(some)]


def measured(base: LanguageModel, pack: Pack, recipe: Recipe = PREFER) -> dict[str, float]:
    known = {one: (-9.0, -8.0) if one.answer else (0.0, -8.0) for one in pack.examples}
    objective = objective_of(recipe, known)
    values = objective.measure(base.model.eval(), pack, CPU).tolist()
    return dict(zip(("loss", *objective.figures), values, strict=True))


def figures(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_a_rejected_text_stands_beside_its_own_edit_else_beside_another_for_its_prompt() -> None:
    first, second = examples(2)
    edit = replace(first, source="0+edited", answer="A lamp.")
    approved, refused = replace(first, source="R9"), replace(lie(first), source="R8!withheld")
    found = pairs([approved, edit, lie(first, kind="edited"), refused, lie(second)])
    assert [(one.wanted and one.wanted.source, one.rejected.source) for one in found] == [
        ("0+edited", "0!edited"), ("0+edited", "R8!withheld"), (None, "1!lie")
    ]  # fmt: skip


def test_a_pack_of_pairs_has_the_losses_of_its_pairs_alone(base: LanguageModel) -> None:
    some = encoded(base, [*both(3), lie(examples(1, start=50)[0])])
    together = measured(base, Pack(tuple(some)))
    apart = [measured(base, Pack((one,))) for one in some]
    for name, value in together.items():
        assert value == pytest.approx(sum(one[name] for one in apart), rel=1e-4), name


def test_the_loss_is_that_of_the_paper(base: LanguageModel) -> None:
    (one,) = encoded(base, both(1))

    def said(text: tuple[int, ...]) -> float:
        ids = torch.tensor([[*one.prefix, *one.own, *text]])
        with torch.no_grad():
            odds = base.model.eval()(ids).logits[0].log_softmax(-1)
        return sum(float(odds[ids.shape[1] - len(text) + place - 1, token]) for place, token in enumerate(text))

    margin = 0.5 * ((said(one.answer) + 9) - (said(one.rejected) + 8))
    found = measured(base, Pack((one,)))
    assert found["reward_margin"] == pytest.approx(margin, rel=1e-3)
    assert found["loss"] == pytest.approx(math.log1p(math.exp(-margin)), rel=1e-3)


def test_a_text_without_a_counterpart_is_only_held_against_itself(base: LanguageModel) -> None:
    (alone,) = encoded(base, [lie(examples(1)[0])])
    found = measured(base, Pack((alone,)))
    assert alone.answer == ()
    assert found["chosen_reward"] == 0
    assert found["loss"] == pytest.approx(math.log1p(math.exp(-found["reward_margin"])), rel=1e-3)


def test_per_token_a_text_said_at_twice_the_length_counts_half(base: LanguageModel) -> None:
    (one,) = encoded(base, both(1))
    whole, each = (measured(base, Pack((one,)), replace(PREFER, per_token=per_token)) for per_token in (False, True))
    assert each["chosen_reward"] == pytest.approx(whole["chosen_reward"] / len(one.answer), rel=1e-4)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_preference_begins_at_none_and_is_learned(model: Path, tmp_path: Path, method: Method) -> None:
    rate = 0.005 if method == "full" else 0.05
    recipe = replace(PREFER, method=method, learning_rate=rate)
    tune(Asked(a_set(tmp_path / "set"), model, tmp_path / "run", report_to="none"), recipe)
    found = figures(tmp_path / "run")
    assert found[0]["loss"] == pytest.approx(math.log(2), abs=1e-3)
    assert found[-1]["dev_loss"] < 0.6
    assert found[-1]["dev_reward_accuracy"] == 1.0
    assert found[-1]["dev_reward_margin"] > 0.2
    assert (tmp_path / "run" / "model").is_dir()


def test_the_anchor_keeps_the_wanted_answer_likely(model: Path, tmp_path: Path) -> None:
    data = a_set(tmp_path / "set")
    for anchor in (0.0, 2.0):
        tune(Asked(data, model, tmp_path / f"{anchor}", report_to="none"), replace(PREFER, anchor=anchor))
    loose, held = (figures(tmp_path / name)[-1]["dev_chosen_reward"] for name in ("0.0", "2.0"))
    assert held > max(loose, 0) + 0.1


def test_a_preference_that_was_cut_off_goes_on_as_if_it_had_not_been(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = a_set(tmp_path / "set")
    recipe = replace(PREFER, method="lora", learning_rate=0.05, dropout=0.1)
    tune(Asked(data, model, tmp_path / "whole", report_to="none"), recipe)
    with monkeypatch.context() as breaking:
        breaking.setattr(Learner, "look", Mock(side_effect=[{"loss": 9.0}, {"loss": 8.0}, KeyboardInterrupt]))
        with pytest.raises(KeyboardInterrupt):
            tune(Asked(data, model, tmp_path / "cut", report_to="none"), recipe)
    tune(Asked(data, model, tmp_path / "cut", resume=True, report_to="none"), recipe)
    cut, whole = figures(tmp_path / "cut"), figures(tmp_path / "whole")
    assert [line["loss"] for line in cut] == [line["loss"] for line in whole]
    assert cut[-1] == whole[-1]


def test_only_a_preference_is_compared_with_where_it_began(base: LanguageModel) -> None:
    some = encoded(base, both(2))
    known = references(base.model, some, PREFER, CPU)
    objective = Preference(known, beta=1.0, anchor=0.0, per_token=False)
    assert objective.measure(base.model, Pack(tuple(some)), CPU)[0].item() == pytest.approx(2 * math.log(2), abs=1e-3)
    assert references(base.model, some, replace(PREFER, objective="answer"), CPU) == {}


def test_a_set_in_which_nothing_was_rejected_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no rejected example"):
        tune(Asked(a_set(tmp_path / "set", train=examples(3)), model, tmp_path / "run"), PREFER)


def test_a_prefix_cannot_hold_a_preference() -> None:
    with pytest.raises(RecipeError, match="two texts in one pack"):
        replace(PREFER, method="prefix")
