"""Product description: the model writes headline and body, the record fills bullets and the search line."""

from __future__ import annotations

from dataclasses import replace

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import ProductDescription
from schemas.provenance import Provenance
from schemas.request import GenerationRequest
from schemas.tasks import PRODUCT_DESCRIPTION, TaskContract
from workers.engines.engine import Sampling
from workers.guard.verdict import Passage
from workers.phrases.facts import native_facts
from workers.phrases.phrases import Phrases, phrases
from workers.tasks.answer import Answer, json_schema, read_answer, whole_sentences
from workers.tasks.example import PARASOL, TRAY, Example
from workers.tasks.fitting import headline_of, leading
from workers.tasks.product_facts import attribute_facts
from workers.tasks.product_task import ProductTask
from workers.tasks.product_text import next_to_nothing, product_of, stated
from workers.tasks.slug import slug
from workers.tasks.task import AGAINST_LOOPS, Candidate

MAX_HEADLINE_CHARACTERS = 80
MIN_BODY_CHARACTERS = 40
MIN_SENTENCE_CHARACTERS = 8
MAX_BODY_CHARACTERS = 600
MAX_BULLETS = 5
MAX_BULLET_CHARACTERS = 120
MAX_META_CHARACTERS = 160
MIN_TOLD_WORDS = 2

_SYSTEM = (
    "You restate the facts about a product as a short text for an online shop, in {language}. "
    "Use only the facts: add no material, number, feature or promise. "
    "Answer as JSON: a body of two or three short sentences, then a headline of a few words."
)


class DescriptionAnswer(Answer):
    """What the model writes."""

    body: str
    headline: str


_NAME_FIRST = (
    Example(
        TRAY,
        DescriptionAnswer(
            body="The Quillon Serving Tray by Kirnu is made of tulipwood and measures 38 cm across. "
            "It has two brass rings as handles. Wipe it with a damp cloth.",
            headline="Tulipwood serving tray with brass rings",
        ),
    ),
    Example(
        PARASOL,
        DescriptionAnswer(
            body="The Zephyrine Parasol is made of sailcloth and ash in a checked pattern. "
            "A crank opens the canopy, and a vent lets warm air out. The mast tilts.",
            headline="Checked parasol with a tilting mast",
        ),
    ),
)
_PART_FIRST = (
    Example(
        TRAY,
        DescriptionAnswer(
            body="Two brass rings are the handles of this serving tray by Kirnu. "
            "The Quillon Serving Tray is made of tulipwood and measures 38 cm across. Wipe it with a damp cloth.",
            headline="Serving tray with two brass rings",
        ),
    ),
    Example(
        PARASOL,
        DescriptionAnswer(
            body="A crank opens the canopy of the Zephyrine Parasol, and a vent lets warm air out. "
            "The parasol is made of sailcloth and ash in a checked pattern. The mast tilts.",
            headline="Tilting parasol in a checked pattern",
        ),
    ),
)
_KIND_FIRST = (
    Example(
        TRAY,
        DescriptionAnswer(
            body="This serving tray by Kirnu is made of tulipwood. It measures 38 cm across and has two brass rings "
            "as handles. Wipe the Quillon with a damp cloth.",
            headline="Round serving tray of tulipwood",
        ),
    ),
    Example(
        PARASOL,
        DescriptionAnswer(
            body="This parasol is made of sailcloth and ash in a checked pattern. A crank opens the canopy, "
            "and a vent lets warm air out. The mast of the Zephyrine tilts.",
            headline="Parasol of sailcloth and ash",
        ),
    ),
)
_STYLES = (_NAME_FIRST, _PART_FIRST, _KIND_FIRST)


class ProductDescriptionTask(ProductTask):
    """Describes a product from its own record."""

    contract: TaskContract = PRODUCT_DESCRIPTION
    system = _SYSTEM
    styles = _STYLES
    sampling = Sampling(max_tokens=120, frequency_penalty=AGAINST_LOOPS, json_schema=json_schema(DescriptionAnswer))

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse headline and body, and add bullets and meta description."""
        found = read_answer(text, DescriptionAnswer)
        if isinstance(found, RuleHit):
            return found
        body = whole_sentences(found.answer.body)
        product = product_of(request)
        whole = _whole(product, headline_of(found.answer.headline), body, _bullets(product, request.locale))
        return replace(whole, cut_off=found.cut_off)

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss something that is said about the product beyond its name."""
        return next_to_nothing(candidate.text("body"), request, at_least=MIN_TOLD_WORDS)

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Put the title where the headline is gone or says the body again; without a body there is no text."""
        product = product_of(request)
        body = candidate.text("body")
        spoken = phrases(request.locale)
        if len(body) < _least_body(product) or (spoken and body == _glance(product, spoken)):
            return None
        headline = candidate.text("headline")
        if not headline or headline.lower() in body.lower():
            headline = product.title
        return _whole(product, headline, body, candidate.texts("bullets"))

    def template(self, request: GenerationRequest) -> Candidate | None:
        """State the facts, one after the other; None without any, or without a title that can be shown."""
        product, spoken = product_of(request), phrases(request.locale)
        facts = stated(product, spoken) if spoken else ()
        if not spoken or not facts or not product.title:
            return None
        body = spoken.joined((_glance(product, spoken), *facts))
        return _whole(product, product.title, leading(body, MAX_BODY_CHARACTERS), _bullets(product, request.locale))

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> ProductDescription:
        """Give the record to publish."""
        return ProductDescription(
            product_id=product_of(request).product_id,
            locale=request.locale,
            provenance=provenance,
            headline=candidate.text("headline"),
            body=candidate.text("body"),
            bullets=candidate.texts("bullets"),
            meta_description=candidate.text("meta_description"),
            slug=slug(product_of(request)),
        )


def _whole(product: ProductFacts, headline: str, body: str, bullets: tuple[str, ...]) -> Candidate:
    """Put the parts in their places; the search line is as much of the body as fits."""
    passages = [
        Passage("headline", headline, MAX_HEADLINE_CHARACTERS),
        Passage("body", body, MAX_BODY_CHARACTERS, _least_body(product)),
        *(Passage(f"bullets.{number}", text, MAX_BULLET_CHARACTERS) for number, text in enumerate(bullets)),
        Passage("meta_description", leading(body, MAX_META_CHARACTERS) or product.title, MAX_META_CHARACTERS),
    ]
    return Candidate(tuple(passages))


def _least_body(product: ProductFacts) -> int:
    """Give how short a body may be: a record that says little has said it in few words."""
    told = sum(len(value) for _, value in attribute_facts(product)) + len(product.description or "")
    return max(MIN_SENTENCE_CHARACTERS, min(MIN_BODY_CHARACTERS, told))


def _glance(product: ProductFacts, spoken: Phrases) -> str:
    """Give the sentence that a template begins with, which says nothing alone."""
    if product.brand:
        return spoken.say("glance-by", product=product.title, brand=product.brand)
    return spoken.say("glance", product=product.title)


def _bullets(product: ProductFacts, locale: str) -> tuple[str, ...]:
    spoken = phrases(locale)
    facts = ((name[:1].upper() + name[1:], value) for name, value in native_facts(product, locale))
    stated = (spoken.say("fact", name=name, value=value) if spoken else f"{name}: {value}" for name, value in facts)
    return tuple(text for text in stated if len(text) <= MAX_BULLET_CHARACTERS)[:MAX_BULLETS]
