"""Review summary: points, quotes and numbers are found and counted, the model only phrases the points."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import CitedStatement, ReviewSummary
from schemas.provenance import Provenance
from schemas.request import Facts, GenerationRequest, ReviewFact
from schemas.tasks import REVIEW_SUMMARY, TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.text import neutralise, sentences
from workers.guard.verdict import Grounds, Passage, Source
from workers.locale.formats import number
from workers.phrases.phrases import phrases
from workers.reviews.digest import Digest, digest, must_criticise, one_per_author
from workers.reviews.naming import Naming, naming
from workers.reviews.points import Point, Side
from workers.reviews.prose import consensus, verdict
from workers.tasks.answer import Answer, json_schema, read_answer, whole_sentences
from workers.tasks.language import is_english
from workers.tasks.product_facts import kind_of, product_sources, without_orders
from workers.tasks.summary_rules import Said, hidden_in, points_in, wrong_in
from workers.tasks.task import Candidate, prompt_about

MAX_SUMMARY_CHARACTERS = 400
MIN_SUMMARY_CHARACTERS = 20
MAX_POINT_CHARACTERS = 80
MAX_QUOTE_CHARACTERS = 200
MAX_VERDICT_CHARACTERS = 80

_IN_THEIR_WORDS = "In their words:"
_SYSTEM = (
    "You sum up what reviewers say about a product in one or two short sentences. Use only the points given. "
    "Say what is praised and what is criticised. Do not speak for all reviewers. Answer as JSON.\n\n"
    "Product: Zephyrine Parasol\nPraised: easy to set up, sturdy\nCriticised: too heavy\n\nAnswer:\n"
    '{"summary":"Reviewers find it sturdy and easy to set up. Some find it too heavy."}\n\n'
    "Product: Quillon Serving Tray\nPraised: looks good\nCriticised: nothing\n\nAnswer:\n"
    '{"summary":"Reviewers say that it looks good."}\n\n'
    "Product: Orrin Door Mat\nPraised: soft\nCriticised: smells bad, scratches easily\n\nAnswer:\n"
    '{"summary":"Reviewers like that it is soft. Some say that it smells bad and scratches easily."}'
)


class SummaryAnswer(Answer):
    """What the model writes."""

    summary: str


class ReviewSummaryTask:
    """Sums up a product's reviews in English; in the templates' other languages it states their number and average."""

    contract: TaskContract = REVIEW_SUMMARY
    sampling = Sampling(max_tokens=120, json_schema=json_schema(SummaryAnswer))

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that product or reviews are missing."""
        facts = request.facts or Facts()
        return None if facts.product and facts.reviews else "a review summary needs a product and its reviews"

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Give the points to be phrased; with none, or a title that gives orders, the model is not asked."""
        if not _points(request) or not _product(request).title:
            return None
        return prompt_about(_asked(request), system=_SYSTEM)

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons."""
        return prompt_about(_asked(request), system=_SYSTEM, refused=hits)

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse the summary and put points, quotes and verdict beside it."""
        found = read_answer(text, SummaryAnswer)
        if isinstance(found, RuleHit):
            return found
        return _candidate(request, whole_sentences(found.answer.summary), cut_off=found.cut_off)

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give the product, the counts, our points, and of each review the words that make a point or are quoted."""
        said = _digest(request)
        makers = tuple(
            Source(f"review:{one.review_id}", one.words)
            for point in (*said.pros, *said.cons, *said.verdicts)
            for one in point.made
        )
        quoted = tuple(Source(f"review:{quote.review_id}", quote.text) for quote in said.quotes)
        ours = (
            consensus(said, _name(request)),
            verdict(said, _name(request)),
            *(one.label for one in _points(request)),
        )
        numbers = (
            Source("review_count", f"{_count(request)} reviews"),
            Source("average_rating", f"{_average(request)} out of 5"),
        )
        computed = tuple(Source("points", text) for text in ours if text)
        return Grounds((*product_sources(_product(request)), *numbers, *makers, *quoted, *computed), request.locale)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Refuse what counts or speaks for all, what is in no point, what makes none, and points on the wrong side."""
        return tuple(wrong_in(candidate.text("summary"), _to_say(request)))

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss praise where there is some, and criticism where there is some."""
        return tuple(hidden_in(candidate.text("summary"), _to_say(request)))

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Keep what is left if there is a summary in it, and the criticism if there must be some."""
        candidate = _from_the_start(candidate)
        if len(_text(candidate)) < MIN_SUMMARY_CHARACTERS:
            return None
        hides = must_criticise(_reviews(request)) and _digest(request).cons and not candidate.texts("cons")
        return None if hides else candidate

    def template(self, request: GenerationRequest) -> Candidate | None:
        """Say what reviewers agree on; where they agree on nothing, and in other languages, state the numbers."""
        if _digest(request) != Digest(mood=_digest(request).mood):
            return _candidate(request, consensus(_digest(request), _name(request)), cut_off=False)
        known = phrases(request.locale)
        if known is None:
            return None
        average, count = number(Decimal(str(_average(request))), request.locale), _count(request)
        text = (
            known.say("rating-of-one", average=average)
            if count == 1
            else known.say("rating", average=average, count=number(Decimal(count), request.locale))
        )
        return Candidate((Passage("summary", text, MAX_SUMMARY_CHARACTERS),))

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> ReviewSummary:
        """Give the record to publish: each point, sentence and quote with its reviews."""
        said = _left(candidate, _digest(request))
        return ReviewSummary(
            product_id=_product(request).product_id,
            locale=request.locale,
            provenance=provenance,
            review_count=_count(request),
            average_rating=_average(request),
            summary=_text(candidate),
            pros=tuple(_cited(point.label, (point,)) for point in said.pros),
            cons=tuple(_cited(point.label, (point,)) for point in said.cons),
            statements=_statements(candidate, said),
            quotes=tuple(CitedStatement(text=one.text, review_ids=(one.review_id,), support=1) for one in said.quotes),
            negative_share=round(said.negative_share, 3),
        )


def _facts(request: GenerationRequest) -> Facts:
    return request.facts or Facts()


def _reviews(request: GenerationRequest) -> tuple[ReviewFact, ...]:
    return one_per_author(_facts(request).reviews)


def _product(request: GenerationRequest) -> ProductFacts:
    product = _facts(request).product
    if product is None:
        raise ValueError("no product: `missing` was not asked")
    return without_orders(product)


def _digest(request: GenerationRequest) -> Digest:
    """Give what is said; reviews have words for it in English alone."""
    product = _product(request)
    if not is_english(request.locale):
        return Digest()
    return digest(_facts(request).reviews, names=f"{product.title} {product.brand or ''}")


def _points(request: GenerationRequest) -> tuple[Point, ...]:
    said = _digest(request)
    return (*said.pros, *said.cons)


def _name(request: GenerationRequest) -> Naming:
    return naming(_facts(request).reviews)


def _count(request: GenerationRequest) -> int:
    return len(_reviews(request))


def _average(request: GenerationRequest) -> float:
    reviews = _reviews(request)
    return round(sum(review.rating for review in reviews) / len(reviews), 1)


def _asked(request: GenerationRequest) -> str:
    product, said = _product(request), _digest(request)
    lines = [f"Product: {neutralise(product.title)}", f"Type: {kind_of(product)}" if kind_of(product) else ""]
    sides: tuple[tuple[str, Side], ...] = (("Praised", "pro"), ("Criticised", "con"))
    for name, side in sides:
        lines.append(f"{name}: {', '.join(point.label.lower() for point in said.of(side)) or 'nothing'}")
    return "\n".join(line for line in lines if line)


def _to_say(request: GenerationRequest) -> Said:
    product = _product(request)
    last = "".join(product.title.split()[-1:])  # a title that gives orders is none
    called = re.findall(r"[^\W\d_]+", f"{kind_of(product)} {last} {_name(request).noun}".lower())
    return Said(_points(request), product.title, frozenset(called))


def _candidate(request: GenerationRequest, summary: str, *, cut_off: bool) -> Candidate:
    said = _digest(request)
    advice = verdict(said, _name(request))
    sides: tuple[tuple[str, Side], ...] = (("pros", "pro"), ("cons", "con"))
    passages = [Passage("summary", summary, MAX_SUMMARY_CHARACTERS)] if summary else []
    passages += [Passage(f"quotes.{n}", one.text, MAX_QUOTE_CHARACTERS) for n, one in enumerate(said.quotes)]
    passages += [Passage("verdict", advice, MAX_VERDICT_CHARACTERS)] if advice else []
    for place, side in sides:
        passages += [
            Passage(f"{place}.{n}", point.label, MAX_POINT_CHARACTERS) for n, point in enumerate(said.of(side))
        ]
    return Candidate(tuple(passages), cut_off)


def _text(candidate: Candidate) -> str:
    """Give the whole summary as a reader reads it."""
    quoted = " ".join(f'"{text}"' for text in candidate.texts("quotes"))
    parts = (candidate.text("summary"), f"{_IN_THEIR_WORDS} {quoted}" if quoted else "", candidate.text("verdict"))
    return " ".join(part for part in parts if part)


def _from_the_start(candidate: Candidate) -> Candidate:
    """Let a summary that lost its first sentence not begin with a contrast."""
    passages = (
        replace(one, text=re.sub("^However, s", "S", one.text)) if one.place == "summary" else one
        for one in candidate.passages
    )
    return replace(candidate, passages=tuple(passages))


def _left(candidate: Candidate, said: Digest) -> Digest:
    """Give what of the digest the candidate still says."""
    return replace(
        said,
        pros=tuple(point for point in said.pros if point.label in candidate.texts("pros")),
        cons=tuple(point for point in said.cons if point.label in candidate.texts("cons")),
        verdicts=said.verdicts if candidate.text("verdict") else (),
        quotes=tuple(one for one in said.quotes if one.text in candidate.texts("quotes")),
    )


def _statements(candidate: Candidate, said: Digest) -> tuple[CitedStatement, ...]:
    """Give each sentence of ours with the reviews of the points that it makes."""
    made = [(text, points_in(text, (*said.pros, *said.cons))) for text in sentences(candidate.text("summary"))]
    advice = candidate.text("verdict")
    return tuple(_cited(text, some) for text, some in (*made, *(((advice, said.verdicts),) if advice else ())) if some)


def _cited(text: str, some: tuple[Point, ...]) -> CitedStatement:
    """Give a statement with all reviews that make one of its points; `support` is that of the least supported."""
    ids = tuple(dict.fromkeys(name for point in some for name in point.review_ids))
    return CitedStatement(text=text, review_ids=ids, support=min(len(point.made) for point in some))
