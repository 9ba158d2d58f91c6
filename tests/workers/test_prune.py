from __future__ import annotations

from workers.guard.verdict import Passage
from workers.prune import prune
from workers.tasks.task import Candidate


def pruned(text: str, *, most: int = 100) -> str:
    def may_stand(passage: Passage) -> bool:
        return "wrong" not in passage.text and len(passage.text) <= passage.max_characters

    return prune(Candidate((Passage("body", text, most, 10),)), may_stand).text("body")


def test_what_is_wrong_goes_and_the_rest_stays_in_order() -> None:
    assert pruned("One is right. Two is wrong. Three is right.") == "One is right. Three is right."


def test_what_no_longer_fits_goes() -> None:
    assert pruned("One is right. Two is right too.", most=20) == "One is right."


def test_a_passage_that_loses_everything_is_gone() -> None:
    candidate = Candidate((Passage("body", "All is wrong.", 100),))
    assert prune(candidate, lambda _: False).passages == ()


def test_a_passage_that_may_stand_stays_as_the_model_wrote_it_and_is_judged_once() -> None:
    judged: list[str] = []

    def may_stand(passage: Passage) -> bool:
        judged.append(passage.text)
        return True

    text = "One is right.  Two is right."
    assert prune(Candidate((Passage("body", text, 100),)), may_stand).text("body") == text
    assert judged == [text]
