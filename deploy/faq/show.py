"""Frequent questions for eyes and for other programs; what shoppers wrote cannot move the cursor."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from deploy.faq.judge import Proposal
from deploy.faq.read import Asked
from deploy.show import safe_text
from schemas.events import Product
from schemas.outputs import SupportReply
from schemas.questions import FaqEntry

Field = str | int | list[str] | list[dict[str, str | None]]


def line(asked: Asked) -> Text:
    """Give a question as one line: id, product, how many asked, what was decided, its most asked wording."""
    decided = ", ".join(sorted({each.status for each in asked.entries})) or "waits"
    shoppers = f"{asked.question.shoppers} shopper{'' if asked.question.shoppers == 1 else 's'}"
    head = f"{asked.question.entry_id}  {asked.product_id}  {shoppers}  {decided}  "
    return _one_line(f"{head}{asked.question.wordings[0]}")


def fields(asked: Asked) -> dict[str, Field]:
    """Give a question as fields for JSON."""
    return {
        "id": asked.question.entry_id,
        "product_id": asked.product_id,
        "shoppers": asked.question.shoppers,
        "wordings": list(asked.question.wordings),
        "entries": [{"status": each.status, "locale": each.locale, "answer": each.answer} for each in asked.entries],
    }


def details(
    asked: Asked, replies: tuple[SupportReply, ...], product: Product | None, *, stale: frozenset[str]
) -> Iterator[Text]:
    """Give all that is known about a question; `stale` are the languages whose answer the record has left behind."""
    yield line(asked)
    yield _one_line(f"product: {product.title if product else 'deleted or unknown'}")
    yield from (_one_line(f"  {number}  {text}") for number, text in enumerate(asked.question.wordings, start=1))
    for each in replies:
        was = f"handed over: {each.handover_reason}" if each.handover else each.text
        yield _one_line(f"published last ({each.locale}): {was}")
    yield from (_entry(each, is_stale=each.locale in stale) for each in asked.entries)


def proposed(proposal: Proposal, unborne: tuple[str, ...]) -> Iterator[Text]:
    """Give what is about to be approved, and what of it rests on the person's word alone."""
    yield from (_one_line(f"question ({proposal.locale}): {text}") for text in proposal.wordings)
    yield _one_line(f"answer: {proposal.answer}")
    yield from (_one_line(f"only your word: {detail}", "yellow") for detail in unborne)


def _entry(entry: FaqEntry, *, is_stale: bool) -> Text:
    note = ", given no more: the record has changed since; approve it again or say another" if is_stale else ""
    what = f": {entry.answer}" if entry.answer else ""
    return _one_line(f"{entry.status} ({entry.locale}) by {entry.reviewed_by}{note}{what}")


def _one_line(text: str, style: str = "") -> Text:
    return safe_text(" ".join(text.split("\n")), style)
