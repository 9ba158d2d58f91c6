"""Review summary: the points and numbers are found and counted, the model only phrases them."""

from __future__ import annotations

import re

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import CitedStatement, ReviewSummary
from schemas.provenance import Provenance
from schemas.request import Facts, GenerationRequest
from schemas.tasks import REVIEW_SUMMARY, TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.text import neutralise, sentences
from workers.guard.verdict import Grounds, Passage, Source
from workers.tasks.answer import Answer, json_schema, read_answer, whole_sentences
from workers.tasks.aspects import Point, Side, points, share_of_unhappy
from workers.tasks.language import is_english
from workers.tasks.product_facts import kind_of, product_sources, without_orders
from workers.tasks.task import Candidate, reasons_in_words
from workers.tasks.wording import stems, strange_words

MAX_SUMMARY_CHARACTERS = 320
MIN_SUMMARY_CHARACTERS = 20
MAX_POINTS = 4
MAX_POINT_CHARACTERS = 80
UNHAPPY_SHARE_TO_SHOW = 0.2
"""From this share of one- and two-star reviews on, a summary must say what they criticise."""

HIDDEN_PRAISE = "hidden-praise"
HIDDEN_CRITICISM = "hidden-criticism"
SWEEPING = "sweeping"
OFF_THE_POINTS = "off-the-points"
SAYS_NOTHING = "says-nothing"

_SYSTEM = (
    "You sum up what reviewers say about a product in one or two short sentences. Use only the points given. "
    "Say what is praised and what is criticised. Do not speak for all reviewers. Answer as JSON.\n\n"
    "Product: Zephyrine Parasol\nPraised: easy to put together, sturdy\nCriticised: too heavy for some\n\nAnswer:\n"
    '{"summary":"Reviewers find it sturdy and easy to put together. Some find it too heavy."}\n\n'
    "Product: Quillon Serving Tray\nPraised: looks good\nCriticised: nothing\n\nAnswer:\n"
    '{"summary":"Reviewers say that it looks good."}\n\n'
    "Product: Orrin Door Mat\nPraised: soft\nCriticised: smells at first, marks easily\n\nAnswer:\n"
    '{"summary":"Reviewers like that it is soft. Some say that it smells at first and marks easily."}'
)
_ALL = re.compile(
    r"\b(every(one|body)|all (reviewers|buyers|customers|users)|nobody|no one|unanimous\w*|always)\b", re.IGNORECASE
)
_EMPTY = stems("the for its too was were some find first reviewer use early easily good off put")
_PHRASING = stems(
    "reviewer buyer customer user shopper people owner some many most few several other find found like liked love "
    "loved praise praised criticise criticised criticize mention mentioned note noted say said feel felt report "
    "complain appreciate enjoy think call describe consider with that this these they them their have has had was "
    "were are but and also while although though however overall generally often quite very really more less than "
    "both about from for its it's being been well good great nice product item one bit rather when find finding seem "
    "review rating star point average out positive negative"
)
"""What a summary may say besides the points and the product's own words."""


class SummaryAnswer(Answer):
    """What the model writes."""

    summary: str


class ReviewSummaryTask:
    """Sums up a product's reviews in English; other languages have no words for the points yet, and are withheld."""

    contract: TaskContract = REVIEW_SUMMARY
    sampling = Sampling(max_tokens=90, json_schema=json_schema(SummaryAnswer))

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that product or reviews are missing."""
        facts = request.facts or Facts()
        return None if facts.product and facts.reviews else "a review summary needs a product and its reviews"

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Give the points to be phrased; with none, or a title that gives orders, the model is not asked."""
        if not is_english(request.locale) or not _points(request) or not _product(request).title:
            return None
        return Prompt(_SYSTEM, f"{_asked(request)}\n\nAnswer:")

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons."""
        return Prompt(_SYSTEM, f"{_asked(request)}\n\n{reasons_in_words(hits)}\n\nAnswer:")

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse the summary and put the points beside it."""
        found = read_answer(text, SummaryAnswer)
        if isinstance(found, RuleHit):
            return found
        return _candidate(request, whole_sentences(found.answer.summary), cut_off=found.cut_off)

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give the product, the counts, and of each review only the words in which it makes a point."""
        reviews = tuple(
            Source(f"review:{review_id}", words)
            for point in _points(request)
            for review_id, words in zip(point.review_ids, point.words, strict=True)
        )
        numbers = (
            Source("review_count", f"{len(_facts(request).reviews)} reviews"),
            Source("average_rating", f"{_average(request)} out of 5"),
        )
        ours = tuple(Source("points", point.text) for point in _points(request))
        return Grounds((*product_sources(_product(request)), *numbers, *reviews, *ours), request.locale)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Refuse what speaks for everybody, what is in no point, and sentences that make none."""
        summary = candidate.text("summary")
        hits = []
        if found := _ALL.search(summary):
            hits.append(RuleHit(rule=SWEEPING, detail=f"'{found[0]}' speaks for all reviewers"))
        if strange := strange_words(_ALL.sub("", summary), facts=_own_words(request), phrasing=_PHRASING):
            hits.append(RuleHit(rule=OFF_THE_POINTS, detail=f"'{strange[0]}' is not in the points"))
        if any(not _mentions(sentence, _points(request)) for sentence in sentences(summary)):
            hits.append(RuleHit(rule=SAYS_NOTHING, detail="a sentence makes no point"))
        return tuple(hits)

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss praise where there is some, and criticism where there is some."""
        summary = candidate.text("summary")
        hits = []
        for rule, some in ((HIDDEN_PRAISE, _points_of(request, "pro")), (HIDDEN_CRITICISM, _points_of(request, "con"))):
            if some and not _mentions(summary, some):
                hits.append(RuleHit(rule=rule, detail=f"'{some[0].text.lower()}' is not mentioned"))
        return tuple(hits)

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Keep what is left if there is a summary in it, and the criticism if there must be some."""
        if len(candidate.text("summary")) < MIN_SUMMARY_CHARACTERS:
            return None
        return None if _must_criticise(request) and not candidate.texts("cons") else candidate

    def template(self, request: GenerationRequest) -> Candidate | None:
        """State the numbers and the points."""
        if not is_english(request.locale):
            return None
        count = len(_facts(request).reviews)
        said = [f"{_average(request)} out of 5 from {count} {'review' if count == 1 else 'reviews'}."]
        for verb, side in (("Praised", "pro"), ("Criticised", "con")):
            if some := _points_of(request, "pro" if side == "pro" else "con"):
                said.append(f"{verb}: {', '.join(point.text.lower() for point in some)}.")
        return _candidate(request, " ".join(said), cut_off=False)

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> ReviewSummary:
        """Give the record to publish, each point with its reviews."""
        return ReviewSummary(
            product_id=_product(request).product_id,
            locale=request.locale,
            provenance=provenance,
            review_count=len(_facts(request).reviews),
            average_rating=_average(request),
            summary=candidate.text("summary"),
            pros=_cited(candidate.texts("pros"), _points_of(request, "pro")),
            cons=_cited(candidate.texts("cons"), _points_of(request, "con")),
        )


def _facts(request: GenerationRequest) -> Facts:
    return request.facts or Facts()


def _product(request: GenerationRequest) -> ProductFacts:
    product = _facts(request).product
    if product is None:
        raise ValueError("no product: `missing` was not asked")
    return without_orders(product)


def _points(request: GenerationRequest) -> tuple[Point, ...]:
    return points(_facts(request).reviews)


def _points_of(request: GenerationRequest, side: Side) -> tuple[Point, ...]:
    return tuple(point for point in _points(request) if point.side == side)[:MAX_POINTS]


def _average(request: GenerationRequest) -> float:
    reviews = _facts(request).reviews
    return round(sum(review.rating for review in reviews) / len(reviews), 1)


def _must_criticise(request: GenerationRequest) -> bool:
    return share_of_unhappy(_facts(request).reviews) >= UNHAPPY_SHARE_TO_SHOW


def _asked(request: GenerationRequest) -> str:
    product = _product(request)
    lines = [f"Product: {neutralise(product.title)}", f"Type: {kind_of(product)}" if kind_of(product) else ""]
    for name, side in (("Praised", "pro"), ("Criticised", "con")):
        some = _points_of(request, "pro" if side == "pro" else "con")
        lines.append(f"{name}: {', '.join(point.text.lower() for point in some) or 'nothing'}")
    return "\n".join(line for line in lines if line)


def _own_words(request: GenerationRequest) -> str:
    product = _product(request)
    return " ".join((product.title, product.brand or "", *product.categories, *(one.text for one in _points(request))))


def _mentions(text: str, some: tuple[Point, ...]) -> bool:
    """Say whether a telling word of one of the points is in the text."""
    return any((stems(point.text) - _EMPTY) & stems(text) for point in some)


def _candidate(request: GenerationRequest, summary: str, *, cut_off: bool) -> Candidate:
    passages = [Passage("summary", summary, MAX_SUMMARY_CHARACTERS, MIN_SUMMARY_CHARACTERS)]
    for place, side in (("pros", "pro"), ("cons", "con")):
        some = _points_of(request, "pro" if side == "pro" else "con")
        passages += [Passage(f"{place}.{n}", point.text, MAX_POINT_CHARACTERS) for n, point in enumerate(some)]
    return Candidate(tuple(passages), cut_off)


def _cited(texts: tuple[str, ...], some: tuple[Point, ...]) -> tuple[CitedStatement, ...]:
    return tuple(CitedStatement(text=point.text, review_ids=point.review_ids) for point in some if point.text in texts)
