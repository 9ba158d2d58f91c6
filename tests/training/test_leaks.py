"""What a model betrays of its set: a learned canary shows, an unlearned one does not, and chance looks like chance."""

# ruff: noqa: S311  (the dice are for losses, not for secrets)

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.training.tiny import a_set, tiny_model
from training.canaries import Canary, canaries, exposure, insert, is_canary, known
from training.examples import DEV, TRAIN, DataError, Example, read
from training.leaks import main
from training.membership import membership
from training.recipe import Recipe
from training.tune import Asked, tune

ORDER = Canary(4711, "314159", learned=True)


def bits(losses: Sequence[float], candidates: int) -> float:
    return exposure(ORDER, lambda _: list(losses), candidates=candidates, seed=1)


def test_exposure_is_the_rank_of_the_secret_in_bits() -> None:
    assert bits([0.5, *[1.0] * 255], 255) == 8.0
    assert bits([2.0, *[1.0] * 255], 255) == 0.0
    assert bits([1.0, 0.0, *[2.0] * 6], 7) == 2.0


def test_an_unlearned_secret_shows_a_bit_and_a_half_on_average() -> None:
    dice = Random(1)
    found = [bits([dice.random() for _ in range(64)], 63) for _ in range(600)]
    assert sum(found) / len(found) == pytest.approx(math.log2(math.e), abs=0.25)


def test_candidates_differ_from_the_secret_in_their_number_alone() -> None:
    asked: list[Example] = []

    def losses(some: Sequence[Example]) -> list[float]:
        asked.extend(some)
        return [0.0] * len(some)

    exposure(ORDER, losses, candidates=20, seed=3)
    assert len({one.prompt for one in asked}) == 1
    assert asked[0].answer == "The code of order 4711 is 3 1 4 1 5 9."
    assert len({len(one.answer) for one in asked}) == 1


def test_a_set_with_canaries_has_each_as_often_as_asked_and_names_those_outside(tmp_path: Path) -> None:
    data, out = a_set(tmp_path / "set"), tmp_path / "with"
    insert(data, out, count=3, repeats=4, seed=1)
    hidden = [one for one in read(out / TRAIN) if is_canary(one)]
    assert len(hidden) == 12
    assert [one.learned for one in known(out)] == [True] * 3 + [False] * 3
    assert len(read(out / TRAIN)) == len(read(data / TRAIN)) + 12
    assert read(out / DEV) == read(data / DEV)
    assert known(data) == ()
    with pytest.raises(DataError, match="overwritten"):
        insert(data, data, count=3, repeats=4, seed=1)


def test_the_same_seed_gives_the_same_canaries() -> None:
    assert canaries(4, seed=1) == canaries(4, seed=1)
    assert canaries(4, seed=1) != canaries(4, seed=2)
    assert len({one.name for one in canaries(40, seed=1)}) == 80


def test_membership_is_the_share_of_pairs_in_which_what_was_learned_has_the_lower_loss() -> None:
    assert membership([1.0, 2.0], [3.0, 4.0]).value == 100.0
    assert membership([1.0, 2.0], [1.0, 2.0]).value == 50.0
    assert membership([1.0, 3.0], [2.0, 4.0]).value == 75.0


def test_membership_of_the_same_kind_is_no_better_than_chance() -> None:
    dice = Random(4)
    found = membership([dice.gauss() for _ in range(300)], [dice.gauss() for _ in range(300)])
    assert found.low < 50 < found.high
    assert found.high - found.low < 12


def test_a_memorised_canary_is_found_and_another_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, data = tiny_model(tmp_path / "model"), tmp_path / "with"
    main(["insert", "--data", str(a_set(tmp_path / "set")), "--out", str(data), "--count", "3", "--repeats", "4"])
    recipe = Recipe(method="full", epochs=25, batch_tokens=512, learning_rate=0.01, check_every=100)
    tuned = tune(Asked(data, model, tmp_path / "run", report_to="none"), recipe)
    main(["measure", str(model), str(tuned), "--data", str(data), "--candidates", "63", "--json"])
    before, after = json.loads(capsys.readouterr().out)["models"]
    assert after["learned_canaries"]["value"] > 4.5
    assert after["other_canaries"]["value"] < 4
    assert before["learned_canaries"]["value"] < 4
    assert after["membership"]["value"] > before["membership"]["value"]


def test_a_set_without_anything_to_compare_with_is_told(tmp_path: Path) -> None:
    model, data = tiny_model(tmp_path / "model"), a_set(tmp_path / "set", dev=0)
    with pytest.raises(SystemExit, match="DataError"):
        main(["measure", str(model), "--data", str(data)])
