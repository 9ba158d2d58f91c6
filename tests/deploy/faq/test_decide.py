"""A decision replaces the one before it, and only where it means to."""

from __future__ import annotations

import pytest

from deploy.faq.decide import Answer, Deciding
from deploy.faq.read import Asked, CannotApprove, is_stale
from deploy.faq.show import details, fields, line
from deploy.faq.write import decided
from schemas.events import Product
from schemas.outputs import SupportReply
from schemas.questions import MAX_ENTRIES, FaqEntry, ProductFaq
from streams.question_state import Frequent
from tests.factories import product, reply
from tests.streams.test_replies import entry

PRODUCT = product()


class FakeFaqWriter:
    """Keeps what was decided."""

    def __init__(self) -> None:
        self.written: list[ProductFaq] = []

    def write(self, faq: ProductFaq) -> None:
        self.written.append(faq)


def deciding(*entries: FaqEntry, replies: tuple[SupportReply, ...] = (), of: Product | None = PRODUCT) -> Deciding:
    question = Frequent("E1", ("Is it warm enough?", "Is it warm?"), shoppers=3, newest_id="A9", newest_unix_ms=1)
    faq = ProductFaq(product_id="P1", entries=entries)
    return Deciding(Asked("P1", question, entries), faq, of, replies, FakeFaqWriter())


def approved(what: Deciding, answer: Answer, *numbers: int) -> tuple[FaqEntry, ...]:
    what.approve(what.proposal(answer, numbers), by="Mara", now_unix_ms=7)
    assert isinstance(what.writer, FakeFaqWriter)
    return what.writer.written[-1].entries


def test_what_was_published_last_can_be_approved_as_it_stands() -> None:
    what = deciding(replies=(reply("A9"),))
    (made,) = approved(what, what.standing(None))
    assert (made.answer, made.locale, made.wordings) == (reply().text, "en", what.asked.question.wordings)
    assert (made.entry_id, made.reviewed_by, is_stale(made, product())) == ("E1", "Mara", False)


def test_a_handover_is_no_answer_to_approve() -> None:
    with pytest.raises(CannotApprove, match="faq edit"):
        deciding(replies=(reply().model_copy(update={"handover": True}),)).standing(None)


def test_an_answer_approved_again_holds_for_the_record_as_it_is_now() -> None:
    old = entry("Is it warm enough?", one=product(title="Before"))
    what = deciding(old)
    assert is_stale(old, product())
    (made,) = approved(what, what.standing(None))
    assert (made.answer, is_stale(made, product())) == (old.answer, False)


def test_only_the_wordings_named_by_number_are_approved() -> None:
    (made,) = approved(deciding(), Answer("en", "Yes."), 2)
    assert made.wordings == ("Is it warm?",)


@pytest.mark.parametrize(("what", "numbers"), [(deciding(of=None), ()), (deciding(), (3,))])
def test_without_a_product_or_with_a_number_that_is_none_nothing_is_approved(
    what: Deciding, numbers: tuple[int, ...]
) -> None:
    with pytest.raises(CannotApprove):
        what.proposal(Answer("en", "Yes."), numbers)


def test_the_language_must_be_said_where_there_are_several_or_none() -> None:
    with pytest.raises(CannotApprove, match="--locale"):
        deciding().language(None)
    with pytest.raises(CannotApprove, match="de, en"):
        deciding(entry("Warm?"), entry("Warm?", locale="de")).language(None)
    assert deciding().language("fr") == "fr"


def test_a_rejection_is_one_in_every_language_and_an_approval_ends_it() -> None:
    what = deciding(entry("Warm?"), entry("Warm?", locale="de"))
    what.reject(by="Mara", now_unix_ms=7)
    assert isinstance(what.writer, FakeFaqWriter)
    (rejected,) = what.writer.written[-1].entries
    assert (rejected.status, rejected.answer) == ("rejected", None)
    assert [each.status for each in approved(deciding(rejected), Answer("en", "Yes."))] == ["approved"]


def test_other_entries_and_languages_stay() -> None:
    others = (entry("Warm?", locale="de"), entry("Dry?").model_copy(update={"entry_id": "E2"}))
    assert approved(deciding(*others), Answer("en", "Yes."))[:2] == others


def test_no_more_entries_are_kept_than_a_person_can_look_after() -> None:
    full = tuple(entry("Dry?").model_copy(update={"entry_id": f"N{place}"}) for place in range(MAX_ENTRIES))
    with pytest.raises(CannotApprove):
        decided(ProductFaq(product_id="P1", entries=full), entry("Warm?"))


def test_a_question_is_shown_with_what_was_decided_and_moves_no_cursor() -> None:
    hostile = Frequent("E1", ("Is it\x1b[31m warm\n?",), shoppers=1, newest_id="A9", newest_unix_ms=1)
    asked = Asked("P1", hostile, (entry("Warm?"),))
    shown = "|".join(each.plain for each in details(asked, (reply(),), product(), stale=frozenset({"en"})))
    assert line(asked).plain == "E1  P1  1 shopper  approved  Is it[31m warm ?"
    assert "\x1b" not in shown
    assert "given no more: the record has changed since" in shown
    assert fields(asked)["shoppers"] == 1
