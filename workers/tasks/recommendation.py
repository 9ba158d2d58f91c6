"""Recommendation: products and reasons come from the shopper's own history, the model writes the line above them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schemas.events import ActivityKind, ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import Recommendation, RecommendedItem
from schemas.provenance import Provenance
from schemas.request import Facts, GenerationRequest, HistoryItem
from schemas.tasks import RECOMMENDATION, TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.text import neutralise, normalise
from workers.guard.verdict import Grounds, Passage, Source
from workers.phrases.phrases import phrases
from workers.tasks.answer import Answer, json_schema, read_answer, whole_sentences
from workers.tasks.hostile import is_hostile
from workers.tasks.language import language_name
from workers.tasks.product_facts import product_sources, without_orders
from workers.tasks.task import Candidate, prompt_about

MAX_TEXT_CHARACTERS = 220
MIN_TEXT_CHARACTERS = 15
MAX_REASON_CHARACTERS = 160
MAX_TITLE_CHARACTERS = 200
MAX_ITEMS = 4

OFF_THE_ITEMS = "off-the-items"

_SAID_OF: Final[dict[ActivityKind, str]] = {
    "purchase": r"(?:bought|purchased) {title}",
    "cart": r"(?:put|added) {title} (?:in|to) your cart",
    "wishlist": r"wished for {title}",
    "view": r"(?:looked at|viewed|saw) {title}",
}
"""What a line may say of a step in the history, by its kind."""

_LIKE: Final = r"(?:you (?:may|might|could) (?:also )?(?:like|love|enjoy)|(?:you can |why not )?(?:try|discover))"
_ARTICLE: Final = r"(?:(?:the|our|this) )?"

_WEIGHT: Final[tuple[ActivityKind, ...]] = ("view", "wishlist", "cart", "purchase")
"""The stronger sign of interest later."""

_ASKED_AS: Final[dict[ActivityKind, str]] = {
    "purchase": "Bought",
    "cart": "Put in the cart",
    "wishlist": "Wished for",
    "view": "Looked at",
}
_SYSTEM = (
    "You write one short friendly sentence above product suggestions in an online shop, in {language}. "
    "Name what the shopper did and the suggested product, each by its whole name. Add nothing else. Answer as JSON.\n\n"
    "Looked at: Quillon Serving Tray\nSuggested: Zephyrine Parasol\n\nAnswer:\n"
    '{{"text":"Since you looked at the Quillon Serving Tray, you may like the Zephyrine Parasol."}}\n\n'
    "Put in the cart: Tamsin Egg Timer\nSuggested: Norrel Tea Towel\n\nAnswer:\n"
    '{{"text":"Since you put the Tamsin Egg Timer in your cart, you may like the Norrel Tea Towel."}}\n\n'
    "Bought: Orrin Door Mat, Set of 2\nSuggested: Wexcombe Umbrella Stand 60 cm\n\nAnswer:\n"
    '{{"text":"Since you bought the Orrin Door Mat, Set of 2, you may like the Wexcombe Umbrella Stand 60 cm."}}'
)


class RecommendationAnswer(Answer):
    """What the model writes."""

    text: str


@dataclass(frozen=True, slots=True)
class _Item:
    product: ProductFacts
    because: HistoryItem
    activity_ids: tuple[str, ...]

    @property
    def title(self) -> str:
        return normalise(self.product.title)


class RecommendationTask:
    """Recommends the candidates that the request brings, in its order."""

    contract: TaskContract = RECOMMENDATION
    sampling = Sampling(max_tokens=70, json_schema=json_schema(RecommendationAnswer))

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that history or candidates are missing."""
        facts = request.facts or Facts()
        return None if facts.history and facts.candidates else "a recommendation needs a history and candidates"

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Ask for a line about the first item; where nothing fits to be shown there is none."""
        if not _items(request):
            return None
        return prompt_about(_asked(request), system=_system(request))

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons."""
        return prompt_about(_asked(request), system=_system(request), refused=hits)

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse the line and put the items under it."""
        found = read_answer(text, RecommendationAnswer)
        if isinstance(found, RuleHit):
            return found
        return _candidate(request, whole_sentences(found.answer.text), cut_off=found.cut_off)

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give the shown products' records and the titles in the shopper's history."""
        shown = tuple(source for item in _items(request) for source in product_sources(item.product))
        history = tuple(Source(f"history:{item.activity_id}", item.title) for item in _history(request))
        return Grounds(shown + history, request.locale)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Refuse all but plain sentences that suggest an item by its title, for a step that the shopper really took."""
        if _sentences_allowed(request).fullmatch(normalise(candidate.text("text"))):
            return ()
        return (RuleHit(rule=OFF_THE_ITEMS, detail="the line says more than what was done and what is suggested"),)

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss nothing: each sentence that `check` allows names a suggested product."""
        return ()

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Keep what is left if there is a line and an item in it."""
        shown = candidate.texts("titles") and candidate.texts("reasons")
        return candidate if shown and len(candidate.text("text")) >= MIN_TEXT_CHARACTERS else None

    def template(self, request: GenerationRequest) -> Candidate | None:
        """Name the first item and its reason."""
        items, spoken = _items(request), phrases(request.locale)
        if not items or spoken is None:
            return None
        return _candidate(request, spoken.say("may-like", product=items[0].title), cut_off=False)

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> Recommendation:
        """Give the record to publish: the items whose title and reason both stand."""
        items = tuple(
            RecommendedItem(
                product_id=item.product.product_id,
                title=item.title,
                reason=_reason(item, request),
                because_of=item.activity_ids,
            )
            for item in _items(request)
            if item.title in candidate.texts("titles") and _reason(item, request) in candidate.texts("reasons")
        )
        return Recommendation(
            user_id=request.subject,
            locale=request.locale,
            provenance=provenance,
            text=candidate.text("text"),
            items=items,
        )


def _history(request: GenerationRequest) -> tuple[HistoryItem, ...]:
    history = (request.facts or Facts()).history
    return tuple(item for item in history if item.kind in _WEIGHT and not is_hostile(item.title))


def _items(request: GenerationRequest) -> tuple[_Item, ...]:
    """Give each candidate with the step of the history that is nearest to it."""
    history = _history(request)
    if not history:
        return ()
    candidates = map(without_orders, (request.facts or Facts()).candidates)
    return tuple(_item(product, history) for product in candidates if product.title)[:MAX_ITEMS]


def _item(product: ProductFacts, history: tuple[HistoryItem, ...]) -> _Item:
    nearest = max(
        history,
        key=lambda step: (_nearness(product, step), _WEIGHT.index(step.kind), step.occurred_unix_ms, step.activity_id),
    )
    same = tuple(step.activity_id for step in history if step.product_id == nearest.product_id)
    return _Item(product, nearest, same)


def _nearness(product: ProductFacts, step: HistoryItem) -> int:
    """Give how many steps of their category paths two products share."""
    return max((_shared(one, other) for one in product.categories for other in step.categories), default=0)


def _shared(one: str, other: str) -> int:
    steps = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        steps += 1
    return steps


def _system(request: GenerationRequest) -> str:
    return _SYSTEM.format(language=language_name(request.locale))


def _asked(request: GenerationRequest) -> str:
    first = _items(request)[0]
    did = _ASKED_AS[first.because.kind]
    return f"{did}: {neutralise(first.because.title)}\nSuggested: {neutralise(first.product.title)}"


def _sentences_allowed(request: GenerationRequest) -> re.Pattern[str]:
    """Give the whole of what a line may be: anything freer lets a small model mix up what is what.

    Titles stand whole, the shopper's only after what was done with them, the suggested ones only after the suggestion.
    """
    liked = f"{_LIKE} {_ARTICLE}(?:{_either(item.title for item in _items(request))})"
    done = "|".join(
        _SAID_OF[kind].format(title=f"{_ARTICLE}(?:{_either(titles)})") for kind, titles in _titles_by_kind(request)
    )
    since = f"(?:since|because|as) you (?:{done})"
    one = f"(?:{since},? {liked}|{liked}(?:,? {since})?)[.!]"
    return re.compile(f"{one}(?: {one})*", re.IGNORECASE)


def _titles_by_kind(request: GenerationRequest) -> tuple[tuple[ActivityKind, tuple[str, ...]], ...]:
    titles = {kind: tuple(step.title for step in _history(request) if step.kind == kind) for kind in _WEIGHT}
    return tuple((kind, some) for kind, some in titles.items() if some)


def _either(titles: Iterable[str]) -> str:
    return "|".join(re.escape(normalise(title)) for title in titles)


def _candidate(request: GenerationRequest, text: str, *, cut_off: bool) -> Candidate:
    items = _items(request)
    passages = [Passage("text", text, MAX_TEXT_CHARACTERS, MIN_TEXT_CHARACTERS)]
    # Each once: two products may have one reason, or one title.
    for number, title in enumerate(dict.fromkeys(item.title for item in items)):
        passages.append(Passage(f"titles.{number}", title, MAX_TITLE_CHARACTERS))
    for number, reason in enumerate(dict.fromkeys(_reason(item, request) for item in items)):
        passages.append(Passage(f"reasons.{number}", reason, MAX_REASON_CHARACTERS))
    return Candidate(tuple(passages), cut_off)


def _reason(item: _Item, request: GenerationRequest) -> str:
    """Give what the shopper did, in words where the words are the locale's, else the product's name alone."""
    looked_at, spoken = normalise(item.because.title), phrases(request.locale)
    return spoken.say(f"did-{item.because.kind}", product=looked_at) if spoken else looked_at
