"""Near-duplicates: the same in almost the same words is once in a set, and never in two."""

from __future__ import annotations

from random import Random

import pytest

from training.duplicates import _Known, _runs, overlaps, without_duplicates
from training.examples import Example, Message

LONG = "the stool is made of oak and carries ninety kilos on three legs that are turned by hand in the workshop itself"


def example(source: str, answer: str, *, asked: str = "", wanted: bool = True) -> Example:
    return Example("t", source, (Message("user", asked or source),) if asked else (), answer, wanted)


def test_the_first_of_near_duplicates_stays() -> None:
    some = [example("a", LONG), example("b", f"{LONG}!"), example("c", LONG.upper()), example("d", "another text")]
    kept, dropped = without_duplicates(some)
    assert ([one.source for one in kept], dropped) == (["a", "d"], 2)


def test_an_unwanted_answer_is_no_duplicate_of_the_wanted_one() -> None:
    kept, dropped = without_duplicates([example("a", LONG), example("b", LONG, wanted=False)])
    assert (len(kept), dropped) == (2, 0)


def test_a_known_text_is_compared_with_few_others() -> None:
    known = _Known()
    for number in range(200):
        known.add(_runs(f"lamp {number} of brass with {number} arms and {number} bulbs"), str(number))
    assert max(map(len, known._by_band.values())) < 20


def test_texts_that_differ_in_what_they_say_are_no_duplicates() -> None:
    some = [example(str(size), f"It is {size} cm wide.", asked=f"width: {size} cm") for size in range(40)]
    assert without_duplicates(some)[1] == 0


@pytest.mark.parametrize("seed", range(20))
def test_one_word_changed_in_a_long_text_is_found(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    words = [f"word{dice.randrange(10_000)}" for _ in range(120)]
    other = [*words]
    other[dice.randrange(120)] = "changed"
    assert overlaps([example("a", " ".join(words))], [example("b", " ".join(other))])


def test_the_same_prompt_overlaps_whatever_its_answer() -> None:
    known = [example("dev-1", "It is oak.", asked="material: Oak")]
    (found,) = overlaps(
        [example("a", "Made of oak wood.", asked="Material:  oak"), example("b", "x", asked="y")], known
    )
    assert (found.source, found.evaluation) == ("a", "dev-1")
