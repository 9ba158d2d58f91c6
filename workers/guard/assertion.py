"""Whether a text affirms a term that occurs in it, denies it, or only mentions it (as NegEx: Chapman et al. 2001)."""

# ruff: noqa: RUF001, SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from workers.guard.denials import (
    AND,
    DENIALS,
    DENYING,
    ONLY_AFTER_NO,
    QUOTES,
    STILL_AFFIRMED,
    SUBJECTS,
    folds_of,
    is_dash,
)
from workers.guard.lexicon import Occurrence
from workers.guard.tokens import Token

Assertion = Literal["affirmed", "denied", "mentioned", "companion"]
"""`mentioned`: wished for, compared with, imitated. `companion`: another thing that goes with the product."""

_PLAIN_DENIALS: Final = frozenset("not no non without isn't aren't doesn't don't lack lacks free".split())
_PLAIN_BETWEEN: Final = frozenset(
    "a an any the of from be is have has include come with made fully completely entirely quite itself suitable for "
    "designed to or and feature contain use using require need support offer hold provide supplied out in on its your "
    "your self been being get take accept recommended intended meant available".split()
)
"""What may stand between a copy's denial and what it denies; anything else may turn it round: nothing is more ..."""

_MENTIONS: Final = frozenset(
    "instead rather unlike wish wished hoped hoping if unless faux imitation fake artificial mock simulated resemble "
    "resembling replace replacing replaces expected expecting looks like".split()
)
_TURNS: Final = frozenset("but however yet because although though while and with plus".split())
_COMES_WITH: Final = frozenset("come came supplied equipped delivered sold made fitted those anyone people".split())
"""Before `with` these keep the denial: does not come with a hood, not for those with a waist of 90 cm."""

_AFTER_IMITATION: Final = frozenset("like look looking style effect inspired print printed".split())
_DENIED_AFTER: Final = frozenset("not isn't wasn't aren't weren't doesn't didn't never".split())
_POINTS_BACK: Final = frozenset("it they is are was were".split())
_SOME: Final = frozenset("under over below above younger older aged until".split())
"""What follows a denial of a part only: not for children under 3 years."""

_LINKS: Final = frozenset("but it they this that these is was are were do does did has have really definitely".split())
_BESIDE: Final = frozenset("over under underneath beneath inside into onto alongside against around fit".split())
_JOIN: Final = frozenset(
    "pair paired pairing wear worn wearing match matching go going style styled team combine layer layered "
    "complement accompany suit".split()
)
_SERVED: Final = frozenset(
    "your for hot cold iced morning evening favourite favorite enjoy sip brew serve serving pour keep of over".split()
)
_POINTS_AT_IT: Final = frozenset("this these the our".split())
_SUBJECT_ENDS: Final = frozenset("product item will can should".split())
_LABEL_ENDS: Final = frozenset([":", "=", "is", "are"])
_NOES: Final = frozenset("no none".split())
"""After a name and one of `_LABEL_ENDS` these deny what is named."""

_SIGNS: Final = frozenset("$\u20ac\u00a3\u00a5")
"""What may stand between a denial and its number: it is not $30."""

_WINDOW: Final = 5
_NUMBER_WINDOW: Final = 9

_TURNING: Final = DENYING | folds_of(_MENTIONS | _AFTER_IMITATION | _BESIDE | _JOIN)
_TURNING_FOOD: Final = _TURNING | folds_of(_SERVED)
"""The folded words without one of which a row of tokens affirms every term in it."""


def assertions(
    row: list[Token], found: Sequence[Occurrence], *, in_record: bool
) -> Iterator[tuple[Occurrence, Assertion]]:
    """Give each of the terms found in a text with how the text stands to it, as `assertion` says."""
    if not found:
        return
    turning = _TURNING_FOOD if any(one.terms[0].kind == "food" for one in found) else _TURNING
    plain = turning.isdisjoint([token.fold for token in row])
    for one in found:
        yield one, "affirmed" if plain else assertion(row, one, in_record=in_record)


def assertion(row: list[Token], found: Occurrence, *, in_record: bool) -> Assertion:
    """Say how the text of these tokens stands to the term found in it; marks of punctuation end every scope.

    In doubt a record denies and a copy affirms, so that neither a record's reservation nor a copy's wit lets a claim
    through.
    """
    before = _words_before(row, found.first)
    after = _words_after(row, found.last)
    denied = _is_denied(before) if in_record else _is_plainly_denied(before)
    if denied or _denied_after(row, found.last, after) or _answered_no(row, found.last):
        return "mentioned" if after[:1] and after[0] in _SOME else "denied"
    kind = found.terms[0].kind
    if (kind == "product" and _is_companion(before)) or (kind == "food" and _is_served(before)):
        return "companion"
    if any(word in _MENTIONS and not _is_tied(before, word) for word in before[-3:]) or _imitates(
        row, found.last, after
    ):
        return "mentioned"
    return "affirmed"


def denies_number(row: list[Token], first: int, last: int) -> bool:
    """Say whether the text denies the number at tokens [first, last): does not weigh 2 kg, 2 kg it is not.

    Record and copy are read alike: a denied number is no ground for an affirmed one, nor the reverse.
    """
    near = row[max(0, first - 2 * _NUMBER_WINDOW) : last + 2 * _WINDOW]
    if DENYING.isdisjoint([token.fold for token in near]):
        return False
    before = _words_before(row, first, _NUMBER_WINDOW)
    # No longer holds 2 l, no other holds 2 l: these take a number back, whatever denies.
    if _is_denied(before, after_no=frozenset()):
        return True
    after = _words_after(row, last) if row[last : last + 1] and row[last].text != "," else []
    start = next((place for place, word in enumerate(after[:3]) if word not in _POINTS_BACK), 3)
    return any(word in _DENIED_AFTER for word in after[start : start + 1])


def _words_before(row: list[Token], first: int, window: int = _WINDOW) -> list[str]:
    """Give the words before a term, the nearest last; one that a hyphen ties to the next word keeps the hyphen."""
    words: list[str] = []
    tie = ""
    for place in range(first - 1, max(0, first - 2 * window) - 1, -1):
        token = row[place]
        if token.kind == "m":
            if token.text in _SIGNS and place == first - 1:
                continue
            if token.text not in QUOTES or is_dash(row, place):
                break
            tie = "-" if token.text in "-‐‑" else tie
            continue
        words.append((token.fold if token.text.isalnum() else token.text.lower().replace("’", "'")) + tie)
        tie = ""
        if len(words) == window:
            break
    if words:
        words[0] = words[0].rstrip("-")
    return words[::-1]


def _words_after(row: list[Token], last: int) -> list[str]:
    words: list[str] = []
    for token in row[last : last + 2 * _WINDOW]:
        if token.kind == "m":
            if token.text in QUOTES or (token.text == "," and not words):
                continue
            break
        words.append(token.text.lower().replace("’", "'"))
        if len(words) == _WINDOW:
            break
    return words


def _is_denied(before: list[str], after_no: frozenset[str] = ONLY_AFTER_NO) -> bool:
    for index in range(len(before) - 1, -1, -1):
        word = before[index]
        if word == "free" and before[index + 1 : index + 2] in (["of"], ["from"]):
            return True
        if word in DENIALS:
            following = before[index + 1] if index + 1 < len(before) else ""
            if word == "no" and following in SUBJECTS:
                return False
            turns = after_no if following in ONLY_AFTER_NO and word == "no" else STILL_AFFIRMED - ONLY_AFTER_NO
            return following not in turns
        if word in _TURNS and not (word == "with" and before[index - 1 : index] and before[index - 1] in _COMES_WITH):
            return False
    return False


def _is_plainly_denied(before: list[str]) -> bool:
    """Read `not waterproof`, `without a hood`, `does not have a hood`: a denial with nothing of weight after it."""
    for word in reversed(before):
        if word in _PLAIN_DENIALS:
            return _is_denied(before)
        if word not in _PLAIN_BETWEEN:
            return False
    return False


def _denied_after(row: list[Token], last: int, after: list[str]) -> bool:
    """Read `wool-free`, and `waterproof it is not`, `waterproof, but it isn't`; not `windproof, but not waterproof`."""
    if after[:1] == ["free"] and (row[last].text == "-" or not after[1:] or after[1] in AND):
        return True
    for word in after:
        if word in _DENIED_AFTER:
            rest = after[after.index(word) + 1 :]
            return not rest or after[0] in ("it", "they", "this") or (after[0] == "but" and _LINKS.issuperset(rest))
        if word not in _LINKS:
            return False
    return False


def _answered_no(row: list[Token], last: int) -> bool:
    """Read `waterproof: no`, `the lining is none`."""
    at = last
    while at < len(row) and row[at].text.lower() in _LABEL_ENDS:
        at += 1
    return at > last and row[at : at + 1] != [] and row[at].fold in _NOES and _ends_clause(row, at + 1)


def _ends_clause(row: list[Token], at: int) -> bool:
    return at == len(row) or (row[at].kind == "m" and row[at].text not in QUOTES)


def _is_tied(before: list[str], word: str) -> bool:
    """Say whether `like` belongs to the word before it, as in `ivory-like plastic`."""
    at = before.index(word)
    return word == "like" and at > 0 and before[at - 1].endswith("-")


def _imitates(row: list[Token], last: int, after: list[str]) -> bool:
    return bool(after) and row[last].text == "-" and after[0] in _AFTER_IMITATION


def _is_companion(before: list[str]) -> bool:
    """Read `over a tee`, `pairs with jeans`; what `this`, `these`, `the` or `our` points at is the product itself."""
    near = before[-4:]
    # `The product fits`, `this will fit` point at what fits, not at what it is fitted to.
    pairs = zip(near, [*near[1:], ""], strict=False)
    if any(word in _POINTS_AT_IT and after not in _SUBJECT_ENDS for word, after in pairs):
        return False
    if any(word in _BESIDE for word in near):
        return True
    return any(word in _JOIN for word in before) and any(word in ("with", "to") for word in near)


def _is_served(before: list[str]) -> bool:
    """Read `keeps your coffee hot`, `a cup of tea`: what a thing is used for, not what it is."""
    return any(word in _SERVED for word in before[-3:]) and not any(word in _POINTS_AT_IT for word in before[-3:])
