"""Ad copy: the model writes two short sentences and a headline, each channel takes of them what fits there."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from pydantic import Field

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import AdCopy, AdVariant
from schemas.provenance import Provenance
from schemas.request import GenerationRequest
from schemas.tasks import AD_COPY, TaskContract
from workers.engines.engine import Sampling
from workers.guard.text import normalise, sentences
from workers.guard.verdict import Passage
from workers.phrases.phrases import phrases
from workers.tasks.answer import Answer, json_schema, read_answer
from workers.tasks.channels import CHANNELS, DISPLAY, SHOPPING, SOCIAL, Channel
from workers.tasks.example import PARASOL, TRAY, Example
from workers.tasks.fitting import at_word, fitting, headline_of, told
from workers.tasks.product_facts import attribute_facts
from workers.tasks.product_task import ProductTask
from workers.tasks.product_text import next_to_nothing, product_of, stated
from workers.tasks.task import AGAINST_LOOPS, Candidate

MIN_HEADLINE_CHARACTERS = 3
MIN_DESCRIPTION_CHARACTERS = 5
MAX_TEXT_CHARACTERS = 240
MAX_HEADLINE_CHARACTERS = 60
MIN_TOLD_WORDS = 2
MAX_TITLE_FACTS = 3

TOO_LONG = "too-long"
"""The rule that refuses ads of which no sentence fits a channel."""

_SYSTEM: Final = (
    "You restate the facts about a product as a short ad for an online shop, in {language}. "
    "Use only the facts: add no material, number, feature or promise. "
    "Answer as JSON: a text of two short sentences of at most 80 characters each, then a headline of two to four words."
)


class AdAnswer(Answer):
    """What the model writes."""

    text: Annotated[str, Field(max_length=MAX_TEXT_CHARACTERS)]
    headline: Annotated[str, Field(max_length=MAX_HEADLINE_CHARACTERS)]


_NAME_FIRST = (
    Example(
        TRAY,
        AdAnswer(
            text="The Quillon Serving Tray is made of tulipwood and measures 38 cm. Its handles are two brass rings.",
            headline="Tulipwood serving tray",
        ),
    ),
    Example(
        PARASOL,
        AdAnswer(
            text="The Zephyrine Parasol is made of sailcloth and ash. A crank opens the canopy, and the mast tilts.",
            headline="Checked parasol",
        ),
    ),
)
_PART_FIRST = (
    Example(
        TRAY,
        AdAnswer(
            text="Two brass rings are the handles of this serving tray. It is made of tulipwood, 38 cm across.",
            headline="Tray with brass rings",
        ),
    ),
    Example(
        PARASOL,
        AdAnswer(
            text="A crank opens this checked parasol. It is made of sailcloth and ash, and the mast tilts.",
            headline="Tilting parasol",
        ),
    ),
)
_STYLES = (_NAME_FIRST, _PART_FIRST)


class AdCopyTask(ProductTask):
    """Advertises a product on every channel with what its own record says."""

    contract: TaskContract = AD_COPY
    system = _SYSTEM
    styles = _STYLES
    sampling = Sampling(max_tokens=90, frequency_penalty=AGAINST_LOOPS, json_schema=json_schema(AdAnswer))

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse text and headline, and make an ad of them for each channel."""
        found = read_answer(text, AdAnswer)
        if isinstance(found, RuleHit):
            return found
        said = told(found.answer.text, SOCIAL.max_description)
        ads = _ads(product_of(request), headline_of(found.answer.headline), said)
        return replace(ads, cut_off=found.cut_off or said != normalise(found.answer.text))

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss something that is said about the product beyond its name, and a description for each channel."""
        if not _is_complete(candidate):
            return (RuleHit(rule=TOO_LONG, detail="the sentences are too long"),)
        return next_to_nothing(candidate.text(f"{SHOPPING.name}.description"), request, at_least=MIN_TOLD_WORDS)

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Make the ads again of the sentences that stand, the title in place of a lost headline; None without any."""
        said = candidate.text(f"{SHOPPING.name}.description")
        headline = candidate.text(f"{DISPLAY.name}.headline")
        ads = _ads(product_of(request), headline, said)
        return ads if _is_complete(ads) else None

    def template(self, request: GenerationRequest) -> Candidate | None:
        """State the facts, as many as fit a channel; None without any, or without a title that can be shown."""
        product, spoken = product_of(request), phrases(request.locale)
        facts = stated(product, spoken) if spoken else ()
        return _ads(product, "", spoken.joined(facts)) if spoken and facts and product.title else None

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> AdCopy:
        """Give the record to publish."""
        variants = (
            AdVariant(
                channel=channel.name,
                headline=candidate.text(f"{channel.name}.headline"),
                description=candidate.text(f"{channel.name}.description"),
            )
            for channel in CHANNELS
        )
        return AdCopy(
            product_id=product_of(request).product_id,
            locale=request.locale,
            provenance=provenance,
            variants=tuple(variants),
        )


def _ads(product: ProductFacts, headline: str, said: str) -> Candidate:
    """Give each channel as much of what is said as fits there, and a headline that says something else."""
    passages = []
    written = "" if headline.lower() in said.lower() else headline
    for channel in CHANNELS:
        title = _headline(channel, written, product)
        text = fitting(_turned(said) if channel is DISPLAY else said, channel.max_description)
        passages.append(Passage(f"{channel.name}.headline", title, channel.max_headline, MIN_HEADLINE_CHARACTERS))
        if text:
            place = f"{channel.name}.description"
            passages.append(Passage(place, text, channel.max_description, MIN_DESCRIPTION_CHARACTERS))
    return Candidate(tuple(passages))


def _is_complete(ads: Candidate) -> bool:
    return all(ads.text(f"{channel.name}.description") for channel in CHANNELS)


def _headline(channel: Channel, written: str, product: ProductFacts) -> str:
    """Give the headline that was written, if it fits, else the title; a listing's is always the record's."""
    if channel is SHOPPING:
        return _listing_title(product)
    return written if 0 < len(written) <= channel.max_headline else at_word(product.title, channel.max_headline)


def _listing_title(product: ProductFacts) -> str:
    """Give brand, title and the first short attributes, as many as fit."""
    title = normalise(product.title)
    brand = normalise(product.brand or "")
    named = title if not brand or brand.lower() in title.lower() else f"{brand} {title}"
    for _, value in attribute_facts(product)[:MAX_TITLE_FACTS]:
        longer = f"{named}, {value}"
        if value != "yes" and value.lower() not in named.lower() and len(longer) <= SHOPPING.max_headline:
            named = longer
    return at_word(named, SHOPPING.max_headline)


def _turned(said: str) -> str:
    """Give the last sentence first: two ads of one size need not begin alike."""
    row = sentences(said)
    return " ".join((*row[-1:], *row[:-1]))
