"""Product description: the model writes headline and body, the record fills bullets and the search line."""

from __future__ import annotations

import re
from dataclasses import replace

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import ProductDescription
from schemas.provenance import Provenance
from schemas.request import Facts, GenerationRequest
from schemas.tasks import PRODUCT_DESCRIPTION, TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.text import normalise, sentences
from workers.guard.verdict import Grounds, Passage
from workers.tasks.answer import Answer, json_schema, read_answer, whole_sentences
from workers.tasks.example import Example, example_leaks, telltales
from workers.tasks.invented import invented_materials
from workers.tasks.language import is_english, language_name
from workers.tasks.product_facts import attribute_facts, fact_lines, product_sources, without_orders
from workers.tasks.task import Candidate, prompt_about
from workers.tasks.turned import turned_warnings
from workers.tasks.wording import stems

MAX_HEADLINE_CHARACTERS = 80
MIN_BODY_CHARACTERS = 40
MAX_BODY_CHARACTERS = 600
MAX_BULLETS = 5
MAX_BULLET_CHARACTERS = 120
MAX_META_CHARACTERS = 160
MIN_TOLD_WORDS = 2

SAYS_NOTHING = "says-nothing"
_NUMBER = re.compile(r"\d+")
_EMPTY_WORDS = stems("the and for with are you your that this its has have all from not but can made when yes")

_SYSTEM = (
    "You restate the facts about a product as a short text for an online shop, in {language}. "
    "Use only the facts: add no material, number, feature or promise. "
    "Answer as JSON: a body of two or three short sentences, then a headline of a few words."
)


class DescriptionAnswer(Answer):
    """What the model writes."""

    body: str
    headline: str


# Their goods are out of the way, so that what a small model copies out of them is seen (`example_leaks`).
_EXAMPLES = (
    Example(
        ProductFacts(
            product_id="example-1",
            title="Quillon Serving Tray",
            brand="Kirnu",
            categories=("Table/Trays",),
            attributes={
                "material": ("Tulipwood",),
                "diameter": ("38 cm",),
                "handles": ("Two brass rings",),
                "care": ("Wipe with a damp cloth",),
            },
        ),
        DescriptionAnswer(
            body="The Quillon Serving Tray by Kirnu is made of tulipwood and measures 38 cm across. "
            "It has two brass rings as handles. Wipe it with a damp cloth.",
            headline="Tulipwood serving tray with brass rings",
        ),
    ),
    Example(
        ProductFacts(
            product_id="example-2",
            title="Zephyrine Parasol",
            categories=("Garden/Shade/Parasols",),
            attributes={"material": ("Sailcloth", "Ash"), "pattern": ("Checked",), "weather": ("Sunny", "Calm")},
            description="Sit under the Zephyrine Parasol all afternoon. Its crank opens the canopy and a vent lets "
            "warm air out. • Crank. • Tilting mast.",
        ),
        DescriptionAnswer(
            body="The Zephyrine Parasol is made of sailcloth and ash in a checked pattern. "
            "A crank opens the canopy, and a vent lets warm air out. The mast tilts.",
            headline="Checked parasol with a tilting mast",
        ),
    ),
)
_TELLTALES = telltales(_EXAMPLES)


class ProductDescriptionTask:
    """Describes a product from its own record."""

    contract: TaskContract = PRODUCT_DESCRIPTION
    sampling = Sampling(max_tokens=120, json_schema=json_schema(DescriptionAnswer))

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that the product is missing."""
        return None if request.facts and request.facts.product else "a product description needs a product"

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Ask for a headline and a body from the facts; a product whose title gives orders is not written about."""
        if not _product(request).title:
            return None
        return prompt_about(_asked(_product(request)), system=_system(request))

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons for which the first text was refused."""
        return prompt_about(_asked(_product(request)), system=_system(request), refused=hits)

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse headline and body, and add bullets and meta description."""
        found = read_answer(text, DescriptionAnswer)
        if isinstance(found, RuleHit):
            return found
        body = whole_sentences(found.answer.body)
        product = _product(request)
        whole = _whole(product, _headline(found.answer.headline), body, _bullets(product))
        return replace(whole, cut_off=found.cut_off)

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give the product's record."""
        return Grounds(product_sources(_product(request)), request.locale)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Refuse what comes from the prompt's examples, materials that the record lacks, and warnings turned round."""
        product = _product(request)
        return (
            *example_leaks(candidate, _TELLTALES, product),
            *invented_materials(candidate, product),
            *turned_warnings(candidate, product_sources(product)),
        )

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss something that is said about the product beyond its name."""
        product, body = _product(request), candidate.text("body")
        values = " ".join(value for _, value in attribute_facts(product))
        told = (stems(values) | stems(product.description or "") - stems(product.title)) - _EMPTY_WORDS
        said = len(stems(body) & told) + len(_NUMBER.findall(body))
        if said >= min(MIN_TOLD_WORDS, len(told)):
            return ()
        return (RuleHit(rule=SAYS_NOTHING, detail="the body says next to nothing about the product"),)

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Put the title where the headline is gone or says the body again; without a body there is no text."""
        product = _product(request)
        body = candidate.text("body")
        if len(body) < MIN_BODY_CHARACTERS:
            return None
        headline = candidate.text("headline")
        if not headline or headline.lower() in body.lower():
            headline = product.title
        return _whole(product, headline, body, candidate.texts("bullets"))

    def template(self, request: GenerationRequest) -> Candidate | None:
        """State the facts, one after the other; None without any, or without a title that can be shown."""
        product = _product(request)
        facts = attribute_facts(product)
        if not facts or not product.title or not is_english(request.locale):
            return None
        by = f" by {product.brand}" if product.brand else ""
        stated = [f"{name.capitalize()}: {value}." for name, value in facts]
        body = " ".join([f"The {product.title}{by} at a glance.", *stated])
        return _whole(product, product.title, _leading(body, MAX_BODY_CHARACTERS), _bullets(product))

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> ProductDescription:
        """Give the record to publish."""
        return ProductDescription(
            product_id=_product(request).product_id,
            locale=request.locale,
            provenance=provenance,
            headline=candidate.text("headline"),
            body=candidate.text("body"),
            bullets=candidate.texts("bullets"),
            meta_description=candidate.text("meta_description"),
        )


def _product(request: GenerationRequest) -> ProductFacts:
    product = (request.facts or Facts()).product
    if product is None:
        raise ValueError("no product: `missing` was not asked")
    return without_orders(product)


def _system(request: GenerationRequest) -> str:
    return "\n\n".join((_SYSTEM.format(language=language_name(request.locale)), *map(_shown, _EXAMPLES)))


def _asked(product: ProductFacts) -> str:
    return f"Facts:\n{fact_lines(product)}"


def _shown(example: Example) -> str:
    return f"{_asked(example.product)}\n\nAnswer:\n{example.answer.model_dump_json()}"


def _whole(product: ProductFacts, headline: str, body: str, bullets: tuple[str, ...]) -> Candidate:
    """Put the parts in their places; the search line is as much of the body as fits."""
    passages = [
        Passage("headline", headline, MAX_HEADLINE_CHARACTERS),
        Passage("body", body, MAX_BODY_CHARACTERS, MIN_BODY_CHARACTERS),
        *(Passage(f"bullets.{number}", text, MAX_BULLET_CHARACTERS) for number, text in enumerate(bullets)),
        Passage("meta_description", _leading(body, MAX_META_CHARACTERS) or product.title, MAX_META_CHARACTERS),
    ]
    return Candidate(tuple(passages))


def _headline(text: str) -> str:
    """Give the first sentence without its full stop: a headline is one."""
    return next(iter(sentences(normalise(text))), "").rstrip(".")


def _bullets(product: ProductFacts) -> tuple[str, ...]:
    stated = (f"{name.capitalize()}: {value}" for name, value in attribute_facts(product))
    return tuple(text for text in stated if len(text) <= MAX_BULLET_CHARACTERS)[:MAX_BULLETS]


def _leading(text: str, max_characters: int) -> str:
    """Give as many of the first sentences as fit."""
    kept = ""
    for sentence in sentences(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > max_characters:
            break
        kept = longer
    return kept
