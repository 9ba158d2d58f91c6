"""Whether a text affirms a term that occurs in it, denies it, or only mentions it (as NegEx: Chapman et al. 2001)."""

# ruff: noqa: RUF001, SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from workers.guard.lexicon import Occurrence
from workers.guard.tokens import Gloss, Token, stem

Assertion = Literal["affirmed", "denied", "mentioned", "companion"]
"""`mentioned`: wished for, compared with, imitated. `companion`: another thing that goes with the product."""

_DENIALS: Final = frozenset(
    "not no non without never neither nor isn't aren't wasn't weren't doesn't don't didn't won't can't cannot hasn't "
    "haven't lack lacking lacks excluding except minus isnt doesnt dont nothing none unable fail fails".split()
)
_STILL_AFFIRMED: Final = frozenset(
    "only just merely simply solely need matter wonder doubt mention fuss hassle worry problem longer other".split()
)
"""After a denial these turn it into something else: not only, no matter, no other."""

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
_CLAUSE_TURNS: Final = frozenset("but however yet because although though while so".split())
"""Words after which a clause is no longer denied."""

_AND: Final = frozenset(["and", "or"])
_NEW_CLAUSE: Final = frozenset(
    "is are was were has have had it they he she you we i this that these the will can does do should would made "
    "comes includes".split()
)
"""After `and` these begin a clause of their own."""

_SAYS_THAT_IT_IS_THERE: Final = frozenset(
    "included include provided supplied available required needed necessary present there part of sold separately "
    "individually with it in the set box this product used be removable detachable identical same".split()
)
"""Where these alone are denied, it is of what stands before: batteries are not included."""

_SUBJECTS: Final = frozenset("it this these they the you i we there he she that".split())
"""After these `no` answers a question, comma or not: no these fit the car."""

_LONGEST_LIST: Final = 16
_MOST_FREED: Final = 3
_NOT_FREED: Final = frozenset("for is are be was were and or it a an the with get set your hands of to".split())

_COMES_WITH: Final = frozenset("come came supplied equipped delivered sold made fitted".split())
"""Before `with` these keep the denial: does not come with a hood."""

_NOT_THAT_MANY: Final = frozenset("longer other need".split())
"""Of `_STILL_AFFIRMED`, what takes a number back all the same: no longer holds 2 l, no other holds 2 l."""

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
_QUOTES: Final = frozenset("-‐‑–'’\"“”")
_WINDOW: Final = 5
_NUMBER_WINDOW: Final = 7


def assertion(row: list[Token], found: Occurrence, *, in_record: bool) -> Assertion:
    """Say how the text of these tokens stands to the term found in it; marks of punctuation end every scope.

    In doubt a record denies and a copy affirms, so that neither a record's reservation nor a copy's wit lets a claim
    through.
    """
    before = _words_before(row, found.first)
    after = _words_after(row, found.last)
    denied = _is_denied(before) if in_record else _is_plainly_denied(before)
    if denied or _denied_after(row, found.last, after):
        return "mentioned" if after[:1] and after[0] in _SOME else "denied"
    kind = found.terms[0].kind
    if (kind == "product" and _is_companion(before)) or (kind == "food" and _is_served(before)):
        return "companion"
    if any(word in _MENTIONS for word in before[-3:]) or _imitates(row, found.last, after):
        return "mentioned"
    return "affirmed"


def denials(row: list[Token]) -> list[tuple[int, int]]:
    """Give what each denial in a row of tokens reaches: to the end of the clause, or to a word that turns it.

    `Free` after a word (`nut free`) reaches that word, and the one before it.
    """
    scopes: list[tuple[int, int]] = []
    for place, token in enumerate(row):
        if not _may_deny(token.text) or token.kind != "w" or (scopes and place < scopes[-1][1]):
            continue
        if token.fold == "free" and (first := _freed(row, place)) < place:
            scopes.append((first, place))
        if not _denies(row, place):
            continue
        last = place + 1
        while last < len(row) and not _ends_scope(row, last):
            last += 1
        if token.fold == "non":
            last = min(last, next((at + 1 for at in range(place + 1, last) if row[at].kind == "w"), last))
        if last > place + 1:
            scopes.append((_reaches_back(row, place, last), last))
    return scopes


@lru_cache(maxsize=16_384)
def _may_deny(written: str) -> bool:
    """Say whether a word denies in some row of tokens: all others are passed over at little cost."""
    return written.lower().replace("\u2019", "'") in _DENIALS or stem(written) in ("free", "sold")


def _denies(row: list[Token], place: int) -> bool:
    word = row[place].text.lower().replace("\u2019", "'")
    following = row[place + 1].fold if place + 1 < len(row) else ""
    if word == "no" and following in _SUBJECTS:
        return False
    if word == "sold":
        return following in ("separately", "individually")
    if word == "free":
        return following in ("of", "from")
    return word in _DENIALS and following not in _STILL_AFFIRMED


def _reaches_back(row: list[Token], place: int, last: int) -> int:
    """Give where what is denied begins: before the denial where nothing stands after it: batteries are not included."""
    after = {token.fold for token in row[place + 1 : last] if token.kind == "w"}
    if not after <= _SAYS_THAT_IT_IS_THERE:
        return place + 1
    first = place - 1 if place and row[place - 1].text == "(" else place
    while first and place - first < _WINDOW and (row[first - 1].kind != "m" or row[first - 1].text in _QUOTES):
        first -= 1
    return first


def _freed(row: list[Token], place: int) -> int:
    """Give where the words begin that stand free: `tree-nut free`; none in `for free`, `free of`."""
    if row[place + 1 : place + 2] and row[place + 1].text.lower() in ("of", "from"):
        return place
    first = place
    while first and place - first < _MOST_FREED and (row[first - 1].kind == "w" or row[first - 1].text == "-"):
        if row[first - 1].text.lower() in _NOT_FREED or _is_apart(row[first - 1], row[place]):
            break
        first -= 1
    return first


def _is_apart(before: Token, free: Token) -> bool:
    """Say whether `free` stands for a part of another word than the one before: in `sans BPA` it frees of BPA alone."""
    return isinstance(free, Gloss) and before.start < free.start


def _ends_scope(row: list[Token], at: int) -> bool:
    token = row[at]
    if token.text == ",":
        return not _goes_on(row, at + 1)
    if token.kind == "m":
        return token.text not in _QUOTES and token.text != "/"
    word = token.text.lower()
    following = row[at + 1].text.lower() if at + 1 < len(row) else ""
    return word in _CLAUSE_TURNS or (word in _AND and following in _NEW_CLAUSE)


def _goes_on(row: list[Token], at: int) -> bool:
    """Say whether a list goes on that ends in `or`: no peanuts, soy, dairy or gluten."""
    for place, token in enumerate(row[at:], at):
        if token.text.lower() in ("or", "nor"):
            return True
        if (token.kind == "m" and token.text not in ",-/") or token.text.lower() in _CLAUSE_TURNS | _NEW_CLAUSE:
            return False
        if place - at > _LONGEST_LIST:
            return False
    return False


def denies_number(row: list[Token], first: int, last: int) -> bool:
    """Say whether the text denies the number at tokens [first, last): does not weigh 2 kg, 2 kg it is not.

    Record and copy are read alike: a denied number is no ground for an affirmed one, nor the reverse.
    """
    before = _words_before(row, first, _NUMBER_WINDOW)
    if _is_denied(before, still=_STILL_AFFIRMED - _NOT_THAT_MANY):
        return True
    after = _words_after(row, last) if row[last : last + 1] and row[last].text != "," else []
    start = next((place for place, word in enumerate(after[:3]) if word not in _POINTS_BACK), 3)
    return any(word in _DENIED_AFTER for word in after[start : start + 1])


def _words_before(row: list[Token], first: int, window: int = _WINDOW) -> list[str]:
    """Give the words before a term, the nearest last; one that a hyphen ties to the next word keeps the hyphen."""
    words: list[str] = []
    tie = ""
    for token in reversed(row[max(0, first - 2 * window) : first]):
        if token.kind == "m":
            if token.text not in _QUOTES:
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
            if token.text in _QUOTES or (token.text == "," and not words):
                continue
            break
        words.append(token.text.lower().replace("’", "'"))
        if len(words) == _WINDOW:
            break
    return words


def _is_denied(before: list[str], still: frozenset[str] = _STILL_AFFIRMED) -> bool:
    for index in range(len(before) - 1, -1, -1):
        word = before[index]
        if word == "free" and before[index + 1 : index + 2] in (["of"], ["from"]):
            return True
        if word in _DENIALS:
            return before[index + 1 : index + 2] == [] or before[index + 1] not in still
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
    if after[:1] == ["free"] and (row[last].text == "-" or not after[1:] or after[1] in _AND):
        return True
    for word in after:
        if word in _DENIED_AFTER:
            rest = after[after.index(word) + 1 :]
            return not rest or after[0] in ("it", "they", "this") or (after[0] == "but" and _LINKS.issuperset(rest))
        if word not in _LINKS:
            return False
    return False


def _imitates(row: list[Token], last: int, after: list[str]) -> bool:
    return bool(after) and row[last].text == "-" and after[0] in _AFTER_IMITATION


def _is_companion(before: list[str]) -> bool:
    """Read `over a tee`, `pairs with jeans`; what `this`, `these`, `the` or `our` points at is the product itself."""
    near = before[-4:]
    if any(word in _POINTS_AT_IT for word in near):
        return False
    if any(word in _BESIDE for word in near):
        return True
    return any(word in _JOIN for word in before) and any(word in ("with", "to") for word in near)


def _is_served(before: list[str]) -> bool:
    """Read `keeps your coffee hot`, `a cup of tea`: what a thing is used for, not what it is."""
    return any(word in _SERVED for word in before[-3:]) and not any(word in _POINTS_AT_IT for word in before[-3:])
