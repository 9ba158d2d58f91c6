"""What is remembered of the questions about a product, and which of them a person has answered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from pydantic import BaseModel, ConfigDict

from schemas.events import ProductFacts
from schemas.questions import FaqEntry, ProductQuestion
from schemas.request import Question, ReviewedAnswer
from streams.fingerprint import fingerprint
from streams.wording import asked, is_alike, telling

WORDINGS_KEPT = 50
SHOPPERS_KEPT = 30
QUESTION_CHARS = 200
"""A longer question tells a story of its own; no second shopper tells the same."""

_RESTS_ON = {"product_id", "title", "brand", "categories", "attributes", "description"}
"""What a reviewed answer may rest on: all that a reply reads but the price, which no such answer may state."""

_PERSONAL: Final = re.compile(
    r"@|https?:|www\.|\d(?:[\s().\-/]{0,2}\d){5,}|\bmy (?:name|address|order|account|phone|number|e-?mail)\b"
    r"|\b(?:i am|i'm) called\b"
    r"|\bich hei(?:ß|ss)e\b|\bmeine? (?:name|adresse|anschrift|bestellung|konto|telefon\w*|nummer|handy\w*|e-?mail)\b"
    r"|\bje m['\u2019]appelle\b|\bm(?:on|a) (?:nom|prénom|adresse|commande|compte|téléphone|numéro|e-?mail)\b"
    r"|\bme llamo\b|\bmi (?:nombre|dirección|pedido|cuenta|teléfono|número|correo|e-?mail)\b"
    r"|我叫|我的?(?:名字|姓名|地址|订单|账号|账户|电话|手机|邮箱)",
    re.IGNORECASE,
)
"""What may name a person, an order or an account: such a question is answered, and not kept."""


class Wording(BaseModel):
    """One way of asking, with the shoppers who asked so (as keys that say nothing elsewhere) and the newest of them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    text: str
    shoppers: tuple[str, ...]
    newest_id: str
    newest_unix_ms: int


class QuestionState(BaseModel):
    """How a product was asked about, and what people have decided on the frequent questions."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    wordings: tuple[Wording, ...] = ()
    entries: tuple[FaqEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Frequent:
    """Near-duplicate questions, the most asked wording first, with the number of different shoppers who asked one."""

    entry_id: str
    wordings: tuple[str, ...]
    shoppers: int
    newest_id: str
    newest_unix_ms: int


def with_question(state: QuestionState, question: ProductQuestion) -> QuestionState:
    """Give what is remembered after a question; a repeat, and one that is not to be kept, change nothing.

    Of too many wordings the one that fewest shoppers used goes, the oldest first, but never the one just asked.
    """
    if not is_kept(question.question):
        return state
    text = " ".join(question.question.text.split())
    known = next((each for each in state.wordings if asked(each.text) == asked(text)), None)
    new = _asked_once_more(known or Wording(text=text, shoppers=(), newest_id="", newest_unix_ms=-1), question)
    others = tuple(each for each in state.wordings if each is not known)
    if len(others) >= WORDINGS_KEPT:
        rarest = min(others, key=lambda each: (len(each.shoppers), each.newest_unix_ms, each.text))
        others = tuple(each for each in others if each is not rarest)
    return state if new == known else state.model_copy(update={"wordings": (*others, new)})


def is_kept(question: Question) -> bool:
    """Say whether a question may be counted: it stands alone, is short, and names no person, order or account."""
    return len(question.text) <= QUESTION_CHARS and _stands_alone(question) and not _PERSONAL.search(question.text)


def answer_for(
    state: QuestionState, question: Question, product: ProductFacts | None, locale: str
) -> ReviewedAnswer | None:
    """Give the answer that a person approved for this very question, while the product is what it was then."""
    if product is None or not _stands_alone(question):
        return None
    words, record = asked(question.text), record_of(product)
    return next(
        (
            ReviewedAnswer(entry_id=each.entry_id, text=each.answer)
            for each in state.entries
            if each.status == "approved" and each.answer and (each.locale, each.rests_on) == (locale, record)
            if any(asked(wording) == words for wording in each.wordings)
        ),
        None,
    )


def record_of(product: ProductFacts) -> str:
    """Give the fingerprint of what a reviewed answer about a product rests on."""
    return fingerprint(ProductFacts.model_validate(product.model_dump(include=_RESTS_ON)))


def frequent(product_id: str, wordings: Iterable[Wording]) -> tuple[Frequent, ...]:
    """Give the questions about a product, near-duplicates as one, those of most shoppers first."""
    groups: list[list[Wording]] = []
    for each in sorted(wordings, key=lambda each: (-len(each.shoppers), each.text)):
        near = next((group for group in groups if is_alike(asked(group[0].text), asked(each.text))), None)
        if near is None:
            groups.append([each])
        else:
            near.append(each)
    found = (_frequent(product_id, group) for group in groups)
    return tuple(sorted(found, key=lambda each: (-each.shoppers, each.entry_id)))


def entry_id(product_id: str, wording: str) -> str:
    """Give the name of a question about a product: the same for the same words, endings and small words aside."""
    return blake2b("\0".join((product_id, *asked(wording))).encode(), digest_size=6).hexdigest()


def _frequent(product_id: str, group: list[Wording]) -> Frequent:
    newest = max(group, key=lambda each: (each.newest_unix_ms, each.newest_id))
    return Frequent(
        entry_id=entry_id(product_id, group[0].text),
        wordings=tuple(each.text for each in group),
        shoppers=len({shopper for each in group for shopper in each.shoppers}),
        newest_id=newest.newest_id,
        newest_unix_ms=newest.newest_unix_ms,
    )


def _asked_once_more(wording: Wording, question: ProductQuestion) -> Wording:
    key = _shopper_key(question.question)
    shoppers = wording.shoppers if key in wording.shoppers else (*wording.shoppers, key)[:SHOPPERS_KEPT]
    asked_now = (question.occurred_unix_ms, question.question_id)
    newest_unix_ms, newest_id = max((wording.newest_unix_ms, wording.newest_id), asked_now)
    update = {"shoppers": shoppers, "newest_unix_ms": newest_unix_ms, "newest_id": newest_id}
    return wording.model_copy(update=update)


def _stands_alone(question: Question) -> bool:
    """Say whether a question can be understood without those before it: "And inside?" cannot."""
    words = asked(question.text)
    return bool(telling(words)) and (len(words) > 1 or not question.earlier)


def _shopper_key(question: Question) -> str:
    """Give a key that only tells two shoppers of one product apart; another product's differs."""
    salt = (question.product_id or "").encode()[:64]
    return blake2b(question.user_id.encode(), digest_size=6, key=salt).hexdigest()
