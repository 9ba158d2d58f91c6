"""A decision on one frequent question: what may be said, and what is then on its topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from deploy.faq.judge import Proposal
from deploy.faq.read import Asked, CannotApprove, asked_of, faqs_of, named, product_of, replies_of
from deploy.faq.write import decided
from deploy.reader import Reader
from schemas.codec import Codec
from schemas.events import Product
from schemas.outputs import SupportReply
from schemas.questions import FaqEntry, ProductFaq
from streams.question_state import record_of

_EVERY_LANGUAGE = "und"
"""The language of a rejection, which is one in all of them (BCP 47: undetermined)."""


class Writes(Protocol):
    """Puts a product's FAQ on its topic."""

    def write(self, faq: ProductFaq) -> None:
        """Write a product's whole FAQ; returns when it is committed. Raises NotWritten."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and its language."""

    locale: str
    text: str


@dataclass(frozen=True, slots=True)
class Deciding:
    """One question as it stood when it was read, and the writer that may decide on it."""

    asked: Asked
    faq: ProductFaq
    product: Product | None
    replies: tuple[SupportReply, ...]
    writer: Writes

    def standing(self, locale: str | None) -> Answer:
        """Give the answer approved earlier, else the one that was published last; raises CannotApprove."""
        approved = {each.locale: each.answer for each in self.asked.entries if each.answer}
        published = {each.locale: each.text for each in self.replies if not each.handover}
        language = self.language(locale)
        text = approved.get(language) or published.get(language)
        if text is None:
            raise CannotApprove(f"nobody answered it in '{language}' yet: give an answer with `shelftalk faq edit`")
        return Answer(language, text)

    def language(self, locale: str | None) -> str:
        """Give the language that is meant, or the only one that there is; raises CannotApprove."""
        there = sorted(
            {each.locale for each in self.replies} | {one.locale for one in self.asked.entries if one.answer}
        )
        if locale is None and len(there) != 1:
            raise CannotApprove(f"say in which language, with --locale: there are {', '.join(there) or 'none'}")
        return locale or there[0]

    def proposal(self, answer: Answer, numbers: tuple[int, ...]) -> Proposal:
        """Give what is to be approved, for all wordings or those of these numbers, from 1; raises CannotApprove."""
        if self.product is None:
            raise CannotApprove(
                f"product {self.asked.product_id} is deleted or unknown: there is nothing to answer from"
            )
        wordings = self.asked.question.wordings
        if any(number > len(wordings) for number in numbers):
            raise CannotApprove(f"there are {len(wordings)} wordings: look them up with `shelftalk faq show`")
        kept = tuple(wordings[number - 1] for number in numbers) or wordings
        return Proposal(self.product, answer.locale, kept, answer.text)

    def approve(self, proposal: Proposal, *, by: str, now_unix_ms: int) -> None:
        """Put the answer on its topic; raises NotWritten and CannotApprove."""
        entry = FaqEntry(
            entry_id=self._entry_id,
            status="approved",
            locale=proposal.locale,
            wordings=proposal.wordings,
            answer=proposal.answer,
            rests_on=record_of(proposal.product),
            reviewed_by=by,
            reviewed_unix_ms=now_unix_ms,
        )
        self.writer.write(decided(self.faq, entry))

    def reject(self, *, by: str, now_unix_ms: int) -> None:
        """Put a rejection on its topic; raises NotWritten and CannotApprove."""
        entry = FaqEntry(
            entry_id=self._entry_id,
            status="rejected",
            locale=_EVERY_LANGUAGE,
            wordings=self.asked.question.wordings,
            reviewed_by=by,
            reviewed_unix_ms=now_unix_ms,
        )
        self.writer.write(decided(self.faq, entry))

    @property
    def _entry_id(self) -> str:
        """Give the id under which it was decided on before, though its most asked wording may be another now."""
        return self.asked.entries[0].entry_id if self.asked.entries else self.asked.question.entry_id


def deciding_on(entry_id: str, source: Reader, codec: Codec, writer: Writes) -> Deciding:
    """Read all that is needed to decide on a question; raises CannotRead, NoSuchQuestion and RegistryUnavailable."""
    asked = named(asked_of(source, codec), entry_id)
    return Deciding(
        asked=asked,
        faq=faqs_of(source, codec).get(asked.product_id, ProductFaq(product_id=asked.product_id, entries=())),
        product=product_of(source, codec, asked.product_id),
        replies=replies_of(source, codec, asked.question.newest_id),
        writer=writer,
    )
