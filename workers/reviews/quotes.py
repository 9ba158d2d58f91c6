"""Which sentences of reviews speak for many: short, about the thing, safe to print, and close to what others say."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from schemas.request import ReviewFact
from workers.guard.text import normalise, sentences
from workers.reviews.aspects import aspect_words
from workers.reviews.lexicon import words_of
from workers.reviews.sentiment import sentiment
from workers.tasks.hostile import is_hostile

FEWEST_WORDS, MOST_WORDS = 4, 20
_STEM_LETTERS: Final = 5
_DAMPING: Final = 2
_SIDED_FROM: Final = 0.1
_CROSS: Final = 0.7
"""A sentence against its review's own stars says less of that review than one with them."""

_NOT_OF_THE_THING: Final = re.compile(
    r"\b(?:i|we|my|me|mine|us|our|ours|he|she|him|her|his|hers|reviews?|reviewers?)\b|\d{3}|\.\s"
    r"|\b(?:husband|wife|son|daughter|mother|father|mom|dad|boyfriend|girlfriend|friend|sister|brother)s?\b"
    r"|\b(?:crap\w*|shit\w*|damn\w*|hell|suck\w*|fuck\w*|ass|bitch\w*|idiot\w*|stupid\w*)\b"
    r"|\b(?:not|n't) (?:an?|the|real|natural|genuine)\b"
    r"|\byou (?:should|must|have to|need|are|can (?:get|buy|find|order))\b"
    r"|\b(?:best|finest|ultimate|cheap\w*|stars?|than|unlike|compared|first|number one|free|warranty|guarantee\w*)\b",
    re.IGNORECASE,
)
"""Not quoted: what speaks of people, has long numbers, is rude, says what a thing is not, ranks or promises."""

_WITHOUT_SUBJECT: Final = re.compile(
    r"^(?:\w{3,}ing|am|was|were|have|had|has|wish|hope|hate|love|loved|like|liked|bought|got|ordered|received|took"
    r"|purchased|thought|would|will|could|can|can't|did|didn't|don't|do|does|need|needed|went|gave|tried|used|use|wore"
    r"|worn|sent|returned|buy|try|get|go|be|make|see|read|please|thanks?|thank|hi|hello|ok|yes|no|oh|wow|also|and|but|or"
    r"|so|because|however|if|when|while|although|since|after|before|except|maybe|then|than|which|who|what|how|why|certainly|sure"
    r"|here|there|write|describe|explain|provide|analy[sz]e|create|generate|list|summari[sz]e|translate|tell|say|state|give"
    r"|recommend|ignore|respond|answer|reply|click|visit|call|contact|check|follow|find|order|note|remember|consider|avoid"
    r"|save|keep|stay|stop|show|print|add|put|let|let's|imagine|pretend|act)\b",
    re.IGNORECASE,
)
"""What leaves out who did it, gives orders or hangs on the sentence before does not stand alone."""

_SAYS_OF_IT: Final = re.compile(
    r"\w\W+(?:is|are|was|were|isn't|aren't|wasn't|weren't|has|have|had|hasn't|does|do|did|doesn't|don't|didn't|can|can't"
    r"|will|won't|fits|looks|feels|works|runs|seems|lasts|holds|keeps|comes|stays|makes|sounds|smells|tastes|goes|needs"
    r"|wears|gets|gives|breaks|fell|broke|washes|loves|cleans|cuts|takes|arrived|worked|lasted)\b",
    re.IGNORECASE,
)
"""A verb after its subject: what has none, and does not begin as below, may be an order."""

_OPENS_LIKE_A_REVIEW: Final = re.compile(
    r"^(?:an?|the|these|this|they|it|its|their|all|not|very|so|really|super|quite|pretty|too|just|absolutely|well|easy"
    r"|fits?|works?|looks?|feels|runs|lasts|holds|keeps|comes|stays|makes|sounds|smells|tastes|goes|gives|worked|arrived"
    r"|great|good|nice|excellent|awesome|amazing|perfect|beautiful|comfortable|soft|warm|sturdy|solid|durable|cute|poor"
    r"|bad|terrible|horrible|awful|cheaply|poorly|worth|happy|pleased|disappointed|fast|quick|quality|price|size|colou?r|plenty"
    r"|high|low|both)\b",
    re.IGNORECASE,
)

_CONJUNCTION: Final = r"(?:but|and|because|although|though|however|so|since)\s+"
_BREAKS: Final = re.compile(rf"\s*(?:[,;:()!?]+|\s-+)\s+(?:{_CONJUNCTION})?|\s+{_CONJUNCTION}", re.IGNORECASE)
_SUPPOSED: Final = re.compile(
    r"\b(?:if|unless|would|should|could|might|thought|think|expect\w*|hop(?:e|ed|ing)|wish\w*|sa(?:y|ys|id)|claim\w*|told"
    r"|until|before|after|when|once|by the time|than|whether|not sure|supposed)\b",
    re.IGNORECASE,
)
_OWN_SUBJECT: Final = re.compile(
    r"^(?:it|they|these|this|that|its|their|the(?: \w+){1,2}) (?:\w+ly )?(?:is|are|was|were|has|have|had|does|do|did"
    r"|can|will|fit|look|feel|work|run|seem|last|hold|keep|come|stay|make|sound|smell|taste|go|need|wear|get|give|break|fell"
    r"|broke|wash)",
    re.IGNORECASE,
)

_SMALL_WORDS: Final = frozenset(
    "a an the and or of to in on for with is are was were be been it its this that these those they them he she his "
    "her as at by from so but not no if have has had do does did will would can could there what which who when than "
    "then too very just really also all any some more most one out up get got".split()
)

Tone = Literal["pro", "con", "neutral"]


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence of one review, word for word, and what it thinks; `beginnings` are the words that it speaks of."""

    review_id: str
    text: str
    tone: Tone
    beginnings: frozenset[str]

    @property
    def speaks_of_aspects(self) -> bool:
        """Say whether it has a word for something that reviews judge: fit, price, battery."""
        known = aspect_words("en")
        return known is not None and any(known.of(word) for word in words_of(self.text))


def quotes(reviews: tuple[ReviewFact, ...], *, names: str = "") -> tuple[Quote, ...]:
    """Give the sentences that may be quoted, the ones nearest to what other reviewers say first.

    What neither another review nor the aspects' vocabulary speaks of is not quoted, nor is anything of a hostile
    review, nor a name beside the product's own (`names`: its title and brand).
    """
    speaking = Counter(one for review in reviews for one in beginnings(review.body))
    own = frozenset(words_of(names))
    found = [
        (_closeness(quote, speaking) * _weight(quote, review), quote)
        for review in reviews
        if not is_hostile(f"{review.title or ''}\n{review.body}")
        for quote in _of(review, own)
    ]
    return tuple(quote for close, quote in sorted(found, key=lambda one: -one[0]) if close or quote.speaks_of_aspects)


def beginnings(text: str) -> frozenset[str]:
    """Give the beginnings of a text's words, small words left out: enough to see that two texts speak of the same.

    No stems: in reviews `battery`, `batteries` and `batterylife` shall count as one.
    """
    return frozenset(word[:_STEM_LETTERS] for word in words_of(text) if word[0].isalnum() and word not in _SMALL_WORDS)


def _of(review: ReviewFact, own: frozenset[str]) -> Iterator[Quote]:
    for sentence in sentences(normalise(review.body)):
        whole = _may_be_printed(sentence, own)
        for part in (sentence,) if whole else _clauses_alone(sentence):
            if spoken := beginnings(part) if whole or _may_be_printed(part, own) else frozenset():
                yield Quote(review.review_id, part.rstrip(".!\u2026 ") + ".", _tone(part), spoken)


def _clauses_alone(sentence: str) -> Iterator[str]:
    """Give the clauses that stand alone: what stands from a subject of its own to the next break, nothing of an if."""
    if _SUPPOSED.search(sentence):
        return
    for clause in _BREAKS.split(sentence):
        if _OWN_SUBJECT.match(clause):
            yield clause[0].upper() + clause[1:]


def _may_be_printed(sentence: str, own: frozenset[str]) -> bool:
    words = sentence.split()
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS or not sentence[0].isupper() or sentence.endswith("?"):
        return False
    if '"' in sentence or _NOT_OF_THE_THING.search(sentence) or _WITHOUT_SUBJECT.search(sentence):
        return False
    if not (_SAYS_OF_IT.search(sentence) or _OPENS_LIKE_A_REVIEW.match(sentence)):
        return False
    return all(set(words_of(word)) <= own for word in words[1:] if word[0].isupper())


def _tone(sentence: str) -> Tone:
    value = sentiment(sentence).value
    if abs(value) < _SIDED_FROM:
        return "neutral"
    return "pro" if value > 0 else "con"


def _closeness(quote: Quote, speaking: Counter[str]) -> float:
    """Give how many other reviews speak of what the quote speaks of, a word on average."""
    return sum(speaking[one] - 1 for one in quote.beginnings) / (len(quote.beginnings) + _DAMPING)


def _weight(quote: Quote, review: ReviewFact) -> float:
    against = (quote.tone == "pro" and review.rating < 3) or (quote.tone == "con" and review.rating >= 3)
    return _CROSS if against else 1.0
