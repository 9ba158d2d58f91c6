"""Image text: what stands for a product's picture, from the picture where the model sees it, else from the record."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from pydantic import Field

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import ImageText
from schemas.provenance import Provenance
from schemas.request import GenerationRequest
from schemas.tasks import IMAGE_TEXT, TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.text import normalise
from workers.guard.verdict import Grounds, Passage
from workers.phrases.facts import native_value
from workers.phrases.phrases import Phrases, phrases
from workers.tasks.answer import Answer, json_schema, read_answer
from workers.tasks.fitting import at_word, fitting, told
from workers.tasks.language import language_name
from workers.tasks.product_facts import attribute_facts, kind_of
from workers.tasks.product_text import asked_about, product_grounds, product_of, strays
from workers.tasks.task import Candidate, prompt_about

MAX_ALT_CHARACTERS = 125
MIN_ALT_CHARACTERS = 3

_COLOUR_NAMES: Final = frozenset(["colour", "color", "farbe", "couleur", "color principal", "颜色"])
_SYSTEM: Final = (
    "You describe a product's picture to people who cannot see it, in {language}, in one sentence of at most 120 "
    "characters. Say what the product is and looks like; do not begin with 'picture of'. Of the facts only repeat what "
    "can be seen. Answer as JSON."
)


class AltAnswer(Answer):
    """What the model writes."""

    alt_text: Annotated[str, Field(max_length=250)]


class ImageTextTask:
    """Describes the first picture of a product; only a model that sees images is ever asked."""

    contract: TaskContract = IMAGE_TEXT
    sampling = Sampling(max_tokens=80, json_schema=json_schema(AltAnswer))

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that product or image are missing."""
        facts = request.facts
        return None if facts and facts.product and facts.image else "an image text needs a product and its image"

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Ask for a sentence about the picture; of a product whose title gives orders nothing is asked."""
        product = product_of(request)
        return self._shown(request) if product.title else None

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons."""
        return self._shown(request, hits)

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse the sentence."""
        found = read_answer(text, AltAnswer)
        if isinstance(found, RuleHit):
            return found
        said = fitting(told(found.answer.alt_text, MAX_ALT_CHARACTERS), MAX_ALT_CHARACTERS)
        return _candidate(said, cut_off=found.cut_off or said != normalise(found.answer.alt_text))

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give the product's record: what only the picture shows is not known to be true."""
        return product_grounds(request)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Refuse materials and names that the record lacks."""
        return strays(candidate, request)

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss nothing: one sentence is enough."""
        return ()

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Keep what is left if there is anything."""
        return candidate if candidate.text("alt_text") else None

    def template(self, request: GenerationRequest) -> Candidate | None:
        """Name the product, its kind and its colour; of several colours none, since the picture shows only one."""
        product, spoken = product_of(request), phrases(request.locale)
        if not product.title or spoken is None:
            return None
        return _candidate(at_word(_named(product, spoken), MAX_ALT_CHARACTERS), cut_off=False)

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> ImageText:
        """Give the record to publish, which says what was looked at."""
        return ImageText(
            product_id=product_of(request).product_id,
            locale=request.locale,
            provenance=provenance,
            image=(request.facts.image if request.facts else None) or "",
            alt_text=candidate.text("alt_text"),
            based_on="record" if provenance.origin == "template" else "picture",
        )

    def _shown(self, request: GenerationRequest, refused: tuple[RuleHit, ...] = ()) -> Prompt:
        system = _SYSTEM.format(language=language_name(request.locale))
        prompt = prompt_about(asked_about(product_of(request)), system=system, refused=refused)
        return replace(prompt, image=request.facts.image if request.facts else None)


def _candidate(text: str, *, cut_off: bool) -> Candidate:
    return Candidate((Passage("alt_text", text, MAX_ALT_CHARACTERS, MIN_ALT_CHARACTERS),), cut_off)


def _named(product: ProductFacts, spoken: Phrases) -> str:
    title = normalise(product.title)
    named = spoken.say("made-by", product=title, brand=product.brand) if product.brand else title
    kind = kind_of(product)
    more = [native_value(kind, spoken.language)] if kind and not _is_said(kind, title) else []
    colours = [
        native_value(value, spoken.language, name=name)
        for name, value in attribute_facts(product)
        if name.lower() in _COLOUR_NAMES and "," not in value
    ]
    return ", ".join((named, *more, *(one for one in colours if one.lower() not in title.lower())))


def _is_said(kind: str, title: str) -> bool:
    """Say whether a title has a word that begins as the kind does: `Jacket` says `Jackets`."""
    beginnings = {word[:4] for word in kind.lower().split()}
    return any(word[:4] in beginnings for word in title.lower().split())
