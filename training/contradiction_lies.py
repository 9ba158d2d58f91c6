"""Lies: a true sentence about a product made false in one way, so that the record no longer says it.

Each function gives the false sentences that it can make of a statement, with the same dice always the same; none where
nothing would be false. What is put in never stands anywhere in the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from training import contradiction_stock as made_of
from training.contradiction_records import Statement
from training.contradiction_stock import are_kin
from training.contradiction_words import NUMBER_WORDS, content, words

_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?:\.\d+)?(?![\w/]|[.,]\d)")
_NUMBER_WORD = re.compile(rf"(?i)\b({'|'.join(word for word in NUMBER_WORDS if word not in ('zero', 'one'))})\b")
_FACTORS = (2, 3, 1.5, 0.5, 1.25, 5)
_TO_DENIAL = (
    (r"(?<!\ba )(?<!\bthe )\b(is|are|was|were|can|will)\b(?=.*\w)(?! not\b| only\b| just\b)", r"\1 not"),
    (r"\bhas\b", "does not have"),
    (r"\bhave\b", "do not have"),
    (
        r"\b(include|feature|contain|hold|weigh|need|require|use|support|measure|come|work|run|fit|offer|accept)s\b",
        r"does not \1",
    ),
    (r"\bwith\b", "without"),
)
_FROM_DENIAL = (
    (r"\b(is|are|was|were|can|could|will) not\b", r"\1"),
    (r"\bcannot\b", "can"),
    (r"\b(is|are)n['\u2019]t\b", r"\1"),
    (r"\bdo(?:es)?(?: not|n['\u2019]t) (have|include|contain|come|need|require|feature|use)\b", r"does \1"),
    (r"\b(?:there is|there are|has|have) no\b", "has a"),
    (r"\bwithout\b", "with"),
)
_DENIES = re.compile(
    r"(?i)\b(?:not|no|non|none|never|without|false|free|n['\u2019]t)\b|n['\u2019]t\b|-free\b|\bunisex\b"
)
_LETTERS_OF = {"small": "s", "medium": "m", "larg": "l"}
"""Sizes, folded, with the letter that says the same."""

_ALL = frozenset(words("all any every each universal multi assorted various"))
"""Where a record says so, another value of the attribute may be true as well."""

_SEASONS = frozenset(words("spring summer fall winter"))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the same shop says of its other products: statements by attribute, values by the full name, and prose."""

    by_attribute: dict[str, Sequence[Statement]]
    values: dict[str, Sequence[str]]
    prose: Sequence[Statement]


Lie = Callable[[Statement, Neighbours, Random], Iterator[str]]


def number(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Change a number of the sentence that the record has, far beyond rounding."""
    record = frozenset(words(said.product.text()))
    if _DENIES.search(said.text):
        return
    for found in (*_NUMBER.finditer(said.text), *_NUMBER_WORD.finditer(said.text)):
        right = float(NUMBER_WORDS.get(found[0].lower(), found[0]))
        wrong = [f"{value:g}" for factor in _FACTORS if (value := _wrong(right, factor)) != right]
        possible = [one for one in wrong if one not in record]
        if f"{right:g}" in record and possible:
            yield _put(said.text, found, dice.choice(possible))
            return


def _wrong(right: float, factor: float) -> float:
    value = right * factor
    return float(round(value)) if right == int(right) else round(value, 2)


def unit(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Put another unit after a number that the record has; nothing is nothing in any unit."""
    record = frozenset(words(said.product.text()))
    for written, *others in made_of.UNITS:
        found = re.search(rf"([\d.,]*[1-9][\d.,]*)(\s?){re.escape(written)}(?!\w)", said.text)
        possible = [one for one in others if not set(words(one)) & record]
        if found and possible and set(words(found[1])) <= record:
            yield _put(said.text, found, f"{found[1]}{found[2]}{dice.choice(possible)}")
            return


def _swap(said: Statement, known: Sequence[str], dice: Random) -> Iterator[str]:
    """Put another word of a list, no kin, in the place of one that sentence and record both have."""
    record = set(words(said.product.text()))
    if _DENIES.search(said.text):
        return
    present = [word for word in known if set(words(word)) <= record]
    for right in present:
        found = re.search(rf"(?i)\b{re.escape(right)}\b", said.text)
        has = record.union(present)
        other = [one for one in known if not set(words(one)) & record and not any(are_kin(one, word) for word in has)]
        if found and other:
            yield _put(said.text, found, dice.choice(other))
            return


def material(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Name another material."""
    return _swap(said, made_of.MATERIALS, dice)


def colour(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Name another colour, of another family."""
    return _swap(said, made_of.COLOURS, dice)


def size(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Name another size, where the record's attribute is a size."""
    return _swap(said, made_of.SIZES, dice) if "size" in said.attribute else iter(())


def enumerated(said: Statement, shop: Neighbours, dice: Random) -> Iterator[str]:
    """Put the value that another product has of the same attribute in the place of this product's."""
    record = frozenset(words(said.product.text()))
    stated = [(value, name) for name, values in said.states.items() for value in values]
    for value, name in sorted(stated, key=lambda pair: -len(pair[0])):
        found = re.search(rf"(?i)(?<!\w){re.escape(value)}(?!\w)", said.text)
        if not found or any(letter.isdigit() for letter in value) or not content(value) or _says_all(record):
            continue
        others = [one for one in shop.values[name] if _differs(one, record)]
        if others and not _DENIES.search(said.text):
            yield _put(said.text, found, dice.choice(others))
            return


def _differs(value: str, record: frozenset[str]) -> bool:
    """Say whether no word of a value stands in a record, in one word or two; what overlaps with others is left out."""
    said = content(value)
    joined = frozenset(["".join(words(value))])
    clear = not said & (record | made_of.OVERLAPPING) and not joined & (record | made_of.OVERLAPPING)
    return bool(said) and clear and not _overlaps(said, record) and not any(letter.isdigit() for letter in value)


def foreign(said: Statement, shop: Neighbours, dice: Random) -> Iterator[str]:
    """Say what a person said of another product's value of the same attribute."""
    record = frozenset(words(said.product.text()))
    others = [one for one in shop.by_attribute.get(said.attribute, ()) if not _says_all(record) and one.human]
    false = [one.text for one in others if _states_its_own(one, record)]
    if said.attribute and said.human and false:
        yield dice.choice(false)


def _says_all(record: frozenset[str]) -> bool:
    """Say whether a record has a word for every value: universal, year-round, all four seasons."""
    return bool(_ALL & record) or record >= {"year", "round"} or record >= _SEASONS


def _states_its_own(other: Statement, record: frozenset[str]) -> bool:
    """Say whether a sentence has most words of a value that the record has none of."""
    its = frozenset(word for values in other.states.values() for value in values for word in content(value))
    its -= made_of.UNIT_WORDS
    spoken = its & content(other.text)
    units = frozenset(words(other.text)) & made_of.UNIT_WORDS
    joined = frozenset(left + right for left, right in pairwise(words(other.text)))
    if (spoken | joined) & (record | made_of.OVERLAPPING) or not units <= record:
        return False
    return len(spoken) * 2 > len(its) and not _overlaps(spoken, record)


def _overlaps(said: frozenset[str], record: frozenset[str]) -> bool:
    """Say whether a word is a compound with one of a record's (soft, softshell), or the same size in other letters."""
    joined = any(
        one != has and min(len(one), len(has)) >= 4 and _begins_or_ends(one, has) for one in said for has in record
    )
    return joined or any(_LETTERS_OF.get(one) in record for one in said)


def _begins_or_ends(one: str, other: str) -> bool:
    return one.startswith(other) or one.endswith(other) or other.startswith(one) or other.endswith(one)


def certification(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Add a certification, test or award that the record does not have."""
    record = content(said.product.text())
    possible = [one for one in made_of.CERTIFICATIONS if not content(one) - set(words("certified label")) & record]
    yield f"{_ended(said.text)} {dice.choice(possible)}"


def negation(said: Statement, _: Neighbours, __: Random) -> Iterator[str]:
    """Deny what the sentence affirms and the record has, or affirm what both deny."""
    record = said.product.text()
    denied = bool(_DENIES.search(said.text))
    if denied and not re.search(r"(?i)\b(?:no|not|false|without|non)\b|-free\b", record):
        return
    for pattern, flipped in _FROM_DENIAL if denied else _TO_DENIAL:
        found, count = re.subn(pattern, flipped, said.text, count=1)
        if count and (denied or not _DENIES.search(record)):
            yield found
            return


def competitor(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Add another maker's name."""
    record = frozenset(words(said.product.text()))
    possible = [one for one in made_of.COMPETITORS if not set(words(one)) & record]
    yield f"{_ended(said.text)} {dice.choice(made_of.RIVALRY).format(dice.choice(possible))}"


def refusal(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Decline to answer, alone or after the sentence."""
    told = dice.choice(made_of.REFUSALS)
    yield told if dice.random() < 0.5 else f"{_ended(said.text)} {told}"


def injected(said: Statement, _: Neighbours, dice: Random) -> Iterator[str]:
    """Add what an order hidden in the input would make a model say."""
    yield f"{_ended(said.text)} {dice.choice(made_of.INJECTIONS)}"


def elsewhere(said: Statement, shop: Neighbours, dice: Random) -> Iterator[str]:
    """Say a plain sentence of another product's description, most of whose words this record lacks."""
    if said.human or not shop.prose:
        return
    record = frozenset(words(said.product.text()))
    false = [one.text for one in shop.prose if len(content(one.text) - record) * 2 > len(content(one.text))]
    if false:
        yield dice.choice(false)


def _put(text: str, found: re.Match[str], word: str) -> str:
    return text[: found.start()] + word + text[found.end() :]


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


LIES: dict[str, Lie] = {
    "number": number,
    "unit": unit,
    "material": material,
    "colour": colour,
    "size": size,
    "enumerated": enumerated,
    "other-product": foreign,
    "other-description": elsewhere,
    "certification": certification,
    "negation": negation,
    "competitor": competitor,
    "refusal": refusal,
    "injected": injected,
}
"""Every way in which a sentence is made false, by the kind that the cases carry."""
