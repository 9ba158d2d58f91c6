"""What a reply may say: the field that answers in plain words, or the sentence that answers in its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from schemas.ledger import RuleHit
from schemas.wording import stem
from workers.guard.text import normalise
from workers.tasks.prose import Quote, telling
from workers.tasks.question import Evidence

# ruff: noqa: SIM905  (a word list reads best as lines)

VALUE_MISSING: Final = "value-missing"
OFF_THE_FIELD: Final = "off-the-field"
OFF_THE_QUOTE: Final = "off-the-quote"
TURNED_ANSWER: Final = "turned-answer"

_VERBS: Final = {
    "weight": "weighs",
    "material": "made",
    "capacity": "holds",
    "volume": "holds",
    "price": "costs",
    "size": "comes",
    "sizes": "comes",
    "colour": "comes",
    "colours": "comes",
}
"""The verb that may stand for a field's name."""

_PHRASING: Final = frozenset("the this these it its they s is are has have a an of in and from".split())
"""What a reply may say besides the product's name, the field's name and its value; no yes, no no, no comparison."""

_ABOUT_QUOTES: Final = _PHRASING | frozenset(
    "according to reviewer one says said writes page product that there for with on at you your they their be can"
    " was were will as by or also".split()
)
"""What a reply may say besides the words of the sentence that answers."""

_DENIALS: Final = frozenset(
    "no not never none nothing without cannot cant wont dont doesnt isnt arent wasnt didnt".split()
)
_LEAST_SHARE: Final = 0.4
_WORD: Final = re.compile(r"[^\W_]+")


def beside_the_fields(said: str, fields: Sequence[Evidence], title: str) -> RuleHit | None:
    """Refuse the first word that is neither a field's name or value, nor the product's name, nor plain phrasing."""
    called = _WORD.findall(title.lower())[-1:]
    names = (_name_words(one) | {_VERBS.get(one.name.lower(), "")} for one in fields)
    sayable = _PHRASING.union(called, *names)
    strange = next((word for word in _rest(said, fields, title) if word not in sayable), None)
    return RuleHit(rule=OFF_THE_FIELD, detail=f"'{strange}' is neither the field nor its value") if strange else None


def missing_values(said: str, fields: Sequence[Evidence], title: str) -> tuple[RuleHit, ...]:
    """Miss each value that the reply was given and does not say as this field's."""
    rest = set(_rest(said, fields, title))
    return tuple(
        RuleHit(rule=VALUE_MISSING, detail=f"the {one.name} is not given as '{one.value}'")
        for one in fields
        if not (_says(said, one) and (_name_words(one) <= rest or _VERBS.get(one.name.lower()) in rest))
    )


def beside_the_quote(said: str, quote: Quote, title: str) -> RuleHit | None:
    """Refuse the first word that the sentence does not have, and a denial too many or too few."""
    if _denials(said) != _denials(quote.text):
        return RuleHit(rule=TURNED_ANSWER, detail="it denies what the answer does not, or the reverse")
    known = {stem(word) for word in _words(f"{quote.text} {title}")}
    strange = next((word for word in _words(said) if word not in _ABOUT_QUOTES and stem(word) not in known), None)
    return RuleHit(rule=OFF_THE_QUOTE, detail=f"'{strange}' is not in the answer") if strange else None


def little_of_the_quote(said: str, quote: Quote) -> tuple[RuleHit, ...]:
    """Miss an answer of which too little is said."""
    wanted = telling(quote.text)
    if len(wanted & telling(said)) >= _LEAST_SHARE * len(wanted):
        return ()
    return (RuleHit(rule=VALUE_MISSING, detail=f"it does not say '{quote.text}'"),)


def _denials(text: str) -> bool:
    return bool(_DENIALS & set(_words(text.replace("'", "").replace("\u2019", ""))))


def _whole(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(normalise(text))}(?!\w)", re.IGNORECASE)


def _says(said: str, one: Evidence) -> bool:
    """Say whether every value of a field stands in the text."""
    return all(_whole(value).search(said) for value in one.value.split(", "))


def _rest(said: str, fields: Sequence[Evidence], title: str) -> tuple[str, ...]:
    """Give the words of a reply, in lower case, that are left without the product's title and the values."""
    values = [value for one in fields for value in one.value.split(", ")]
    for known in (title, *sorted(values, key=len, reverse=True)):
        said = _whole(known).sub(" ", said)
    return tuple(_words(said))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _name_words(one: Evidence) -> frozenset[str]:
    return frozenset(_WORD.findall(one.name.lower()))
