"""What a model's summary of points may say: whole points, each on its own side, in plain phrasing, and no counts."""

# ruff: noqa: SIM905  (a word list reads best as lines)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.ledger import RuleHit
from workers.guard.text import normalise, sentences
from workers.reviews.points import Point, Side

HIDDEN_PRAISE = "hidden-praise"
HIDDEN_CRITICISM = "hidden-criticism"
SWEEPING = "sweeping"
OFF_THE_POINTS = "off-the-points"
SAYS_NOTHING = "says-nothing"
TURNED_POINT = "turned-point"

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

_INSTEAD = {
    "its": "(?:its|the)",
    "dry": "(?:(?:you|them|it) )?dry",
    "easy": "(?:it )?easy",
    "had": "ha(?:s|d|ve)",
    "has": "ha(?:s|ve)",
    "does": "do(?:es)?",
}
"""Words of points for which a text may put others."""


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to say: the points, the product's title, and the words for what it is."""

    points: tuple[Point, ...]
    title: str
    called: frozenset[str]


def wrong_in(summary: str, said: Said) -> Iterator[RuleHit]:
    """Find what counts or speaks for all, what is in no point, sentences without one, and points on the wrong side."""
    marked = _marked(summary, said)
    if found := _SWEEPING.search(marked):
        yield RuleHit(rule=SWEEPING, detail=f"'{found[0]}' speaks for more reviewers than were counted")
    if strange := _strange(_SWEEPING.sub("", marked), said):
        yield RuleHit(rule=OFF_THE_POINTS, detail=f"'{strange}' is not in the points")
    if any(_is_empty(sentence) for sentence in sentences(marked)):
        yield RuleHit(rule=SAYS_NOTHING, detail="a sentence makes no point")
    if any(_is_turned(sentence) for sentence in sentences(marked)):
        yield RuleHit(rule=TURNED_POINT, detail="praise and criticism are mixed up")


def hidden_in(summary: str, said: Said) -> Iterator[RuleHit]:
    """Find praise, or criticism, that there is and that the summary says nothing of."""
    marked = _marked(summary, said)
    sides: tuple[tuple[str, Side], ...] = ((HIDDEN_PRAISE, "pro"), (HIDDEN_CRITICISM, "con"))
    for rule, side in sides:
        some = [point for point in said.points if point.side == side]
        if some and _SIGNS[side] not in marked:
            yield RuleHit(rule=rule, detail=f"'{some[0].label.lower()}' is not mentioned")


def points_in(sentence: str, some: tuple[Point, ...]) -> tuple[Point, ...]:
    """Give the points that a sentence makes."""
    return tuple(point for point in some if _phrase(point).search(normalise(sentence)))


def _phrase(point: Point) -> re.Pattern[str]:
    """Give how a point is said: its words in their order, some of their endings free."""
    words = (_INSTEAD.get(word, rf"{re.escape(word.removesuffix('s'))}s?") for word in point.label.lower().split())
    return re.compile(rf"\b{' '.join(words)}\b(?: for (?:some|others))?", re.IGNORECASE)


def _marked(summary: str, said: Said) -> str:
    """Give the summary with each point that it makes as its side's sign, and without the product's title."""
    title = re.escape(normalise(said.title))
    text = re.sub(title, " ", normalise(summary), flags=re.IGNORECASE) if title else normalise(summary)
    for point in sorted(said.points, key=lambda one: -len(one.label)):
        text = _phrase(point).sub(f" {_SIGNS[point.side]} ", text)
    return text


def _strange(marked: str, said: Said) -> str | None:
    """Give the first word or number that is neither plain phrasing nor what the product is."""
    called = said.called | {word.removesuffix("s") for word in said.called}
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
