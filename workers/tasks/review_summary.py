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
from workers.guard.text import neutralise, normalise, sentences
from workers.guard.verdict import Grounds, Passage, Source
from workers.tasks.answer import Answer, json_schema, read_answer, whole_sentences
from workers.tasks.aspects import Point, Side, points, share_of_unhappy
from workers.tasks.language import is_english
from workers.tasks.product_facts import kind_of, product_sources, without_orders
from workers.tasks.task import Candidate, prompt_about

# ruff: noqa: SIM905  (a word list reads best as lines)

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
TURNED_POINT = "turned-point"

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
_SWEEPING = re.compile(
    r"\b(every(one|body)?|all|nobody|no one|unanimous\w*|always|never|most|mostly|majority|many|few|several|both|half"
    r"|generally|usually|often|overall|widely|on average)\b",
    re.IGNORECASE,
)
"""What speaks for everybody, or counts: nobody has counted but us."""

_PHRASING = frozenset(
    "a an the and but while although though however or is are be being was were has have had it its s they them their "
    "this that these with of for to as in by when about also on "
    "reviewer reviewers buyer buyers customer customers user users shopper shoppers people owners some others other "
    "find finds finding found say says said saying note notes noted mention mentions mentioned report reports reported "
    "feel feels felt think thinks describe described consider considered complain complained like likes liked love "
    "loves loved praise praises praised appreciate appreciated enjoy enjoyed criticise criticised criticize criticized "
    "product item review reviews rating rated".split()
)
"""What a summary may say besides the points and what the product is."""

_PRAISING = re.compile(r"\b(?:lik|lov|prais|appreciat|enjoy)\w*", re.IGNORECASE)
_BLAMING = re.compile(r"\b(?:criti|complain)\w*", re.IGNORECASE)
_SAYING = re.compile(r"\b(?:find|found|say|said|note|mention|report|feel|felt|think|describ|consider|criti|compl)\w*")
_CLAUSE = re.compile(
    r"[;:]|\b(?:but|while|although|though|however)\b|\band (?=(?:some|others?|reviewers|criti|compl)\w*\b)",
    re.IGNORECASE,
)
_SIGNS: dict[Side, str] = {"pro": "\u2795", "con": "\u2796"}
"""What stands for a point in a text whose sides are compared."""

_INSTEAD = {"its": "(?:its|the)", "dry": "(?:(?:you|them|it) )?dry", "easy": "(?:it )?easy"}
"""Words of points for which a text may put others."""


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
        return prompt_about(_asked(request), system=_SYSTEM)

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons."""
        return prompt_about(_asked(request), system=_SYSTEM, refused=hits)

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
        """Refuse what counts or speaks for all, what is in no point, what makes none, and points on the wrong side."""
        summary = normalise(candidate.text("summary"))
        marked = _marked(summary, request)
        hits = []
        if found := _SWEEPING.search(marked):
            hits.append(RuleHit(rule=SWEEPING, detail=f"'{found[0]}' speaks for more reviewers than were counted"))
        if strange := _strange(_SWEEPING.sub("", marked), request):
            hits.append(RuleHit(rule=OFF_THE_POINTS, detail=f"'{strange}' is not in the points"))
        if any(_is_empty(sentence) for sentence in sentences(marked)):
            hits.append(RuleHit(rule=SAYS_NOTHING, detail="a sentence makes no point"))
        if any(_is_turned(sentence) for sentence in sentences(marked)):
            hits.append(RuleHit(rule=TURNED_POINT, detail="praise and criticism are mixed up"))
        return tuple(hits)

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss praise where there is some, and criticism where there is some."""
        marked = _marked(normalise(candidate.text("summary")), request)
        sides: tuple[tuple[str, Side], ...] = ((HIDDEN_PRAISE, "pro"), (HIDDEN_CRITICISM, "con"))
        return tuple(
            RuleHit(rule=rule, detail=f"'{some[0].text.lower()}' is not mentioned")
            for rule, side in sides
            if (some := _points_of(request, side)) and _SIGNS[side] not in marked
        )

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


def _phrase(point: Point) -> re.Pattern[str]:
    """Give how a point is said: its words in their order, some of their endings free."""
    said = point.text.lower().removeprefix("some reviewers were ").removeprefix("feels ")
    said = said.removesuffix(" for some").removesuffix(" in use")
    words = (_INSTEAD.get(word, rf"{re.escape(word.removesuffix('s'))}s?") for word in said.split())
    return re.compile(rf"\b{' '.join(words)}\b(?: in use)?(?: for (?:some|others))?", re.IGNORECASE)


def _marked(summary: str, request: GenerationRequest) -> str:
    """Give the summary with each point that it makes as its side's sign, and without the product's title."""
    text = re.sub(re.escape(normalise(_product(request).title)), " ", summary, flags=re.IGNORECASE)
    for point in sorted(_points(request), key=lambda one: -len(one.text)):
        text = _phrase(point).sub(f" {_SIGNS[point.side]} ", text)
    return text


def _strange(marked: str, request: GenerationRequest) -> str | None:
    """Give the first word or number that is neither plain phrasing nor what the product is."""
    product = _product(request)
    called = set(re.findall(r"[^\W\d_]+", f"{kind_of(product)} {product.title.split()[-1]}".lower()))
    called |= {word.removesuffix("s") for word in called}
    words = re.findall(r"[^\W_]+", marked.lower())
    return next((word for word in words if word not in _PHRASING | called), None)


def _is_empty(sentence: str) -> bool:
    """Say whether a sentence asks, or makes no point."""
    return "?" in sentence or not any(sign in sentence for sign in _SIGNS.values())


def _is_turned(sentence: str) -> bool:
    """Say whether a clause praises what is criticised, or the reverse, or throws both together."""
    praised = False
    for clause in _CLAUSE.split(sentence):
        pro, con = (_SIGNS[side] in clause for side in _SIGNS)
        praised = praised or bool(_PRAISING.search(clause))
        if (pro and con) or (pro and _BLAMING.search(clause)) or (con and _PRAISING.search(clause)):
            return True
        if con and praised and not _SAYING.search(clause.lower()):  # "love that it is soft, but smells at first"
            return True
    return False


def _candidate(request: GenerationRequest, summary: str, *, cut_off: bool) -> Candidate:
    passages = [Passage("summary", summary, MAX_SUMMARY_CHARACTERS, MIN_SUMMARY_CHARACTERS)]
    for place, side in (("pros", "pro"), ("cons", "con")):
        some = _points_of(request, "pro" if side == "pro" else "con")
        passages += [Passage(f"{place}.{n}", point.text, MAX_POINT_CHARACTERS) for n, point in enumerate(some)]
    return Candidate(tuple(passages), cut_off)


def _cited(texts: tuple[str, ...], some: tuple[Point, ...]) -> tuple[CitedStatement, ...]:
    return tuple(CitedStatement(text=point.text, review_ids=point.review_ids) for point in some if point.text in texts)
