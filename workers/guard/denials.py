"""What a denial reaches: the words that a text or a record denies, to the end of the clause or of a list."""

# ruff: noqa: RUF001, SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

from typing import Final

from workers.guard.tokens import Gloss, Token, stem

DENIALS: Final = frozenset(
    "not no non without never neither nor isn't aren't wasn't weren't doesn't don't didn't won't can't cannot hasn't "
    "haven't lack lacking lacks excluding except minus isnt doesnt dont nothing none unable fail fails".split()
)
STILL_AFFIRMED: Final = frozenset(
    "only just merely simply solely need matter wonder doubt mention fuss hassle worry problem longer other".split()
)
"""After a denial these turn it into something else: not only, no matter, no other."""

ONLY_AFTER_NO: Final = frozenset("need longer other".split())
"""Of `STILL_AFFIRMED`, what turns `no` alone: no need, but does not need."""


def folds_of(words: frozenset[str]) -> frozenset[str]:
    """Give all that the tokens of these words may be folded to: `lacks` is found among folded words as `lack`."""
    curly = frozenset(word.replace("'", "\u2019") for word in words)
    return words | frozenset(map(stem, words | curly))


DENYING: Final = folds_of(DENIALS | {"free", "sold"})
"""The folded words without one of which a row of tokens denies nothing."""

_CLAUSE_TURNS: Final = frozenset("but however yet because although though while so".split())
"""Words after which a clause is no longer denied."""

AND: Final = frozenset(["and", "or"])
_NEW_CLAUSE: Final = frozenset(
    "is are was were has have had it they he she you we i this that these the will can does do should would made "
    "comes includes".split()
)
"""After `and` these begin a clause of their own."""

_OBJECTS: Final = frozenset("the a an my our your his her their its it this that".split())
"""Right after a word in -ed or -s these make a verb of it, which has a clause of its own: no holes and replaced the."""

_LISTS: Final = frozenset(["these", "those", "following"])
"""Before a colon these say that a list follows, which the denial reaches: not in these sizes: 6, 8."""

_WHILE_USED: Final = frozenset(["used", "worn", "for"])
"""Between these and a verb in -ing, `while` goes on: not to be used while hiking."""

THERE: Final = frozenset(
    "included include provided supplied available required needed necessary present there part of sold separately "
    "individually with it in the set box".split()
)
"""Where these, folded, alone are denied, it is of what stands before: batteries are not included."""

SUBJECTS: Final = frozenset("it this these they the you i we there he she that".split())
"""After these `no` answers a question, comma or not: no these suit the rack."""

_LONGEST_LIST: Final = 16
_MOST_FREED: Final = 3
_NOT_FREED: Final = frozenset("for is are be was were and or it a an the with get set your hands of to".split())

QUOTES: Final = frozenset("-‐‑–'’\"“”")
_WINDOW: Final = 5

Scope = tuple[int, int]
"""The tokens [first, last) that a denial reaches."""


def denials(row: list[Token]) -> list[Scope]:
    """Give what each denial in a row of tokens reaches: to the end of the clause, or to a word that turns it.

    `Free` after a word (`nut free`) reaches that word, and the one before it.
    """
    scopes: list[Scope] = []
    if DENYING.isdisjoint([token.fold for token in row]):
        return scopes
    for place, token in enumerate(row):
        if token.fold not in DENYING or token.kind != "w" or (scopes and place < scopes[-1][1]):
            continue
        if token.fold == "free" and (first := _freed(row, place)) < place:
            scopes.append((first, place))
        if not denies(row, place):
            continue
        last = place + 1
        while last < len(row) and not _ends_scope(row, last):
            last += 1
        if token.fold == "non":
            last = min(last, next((at + 1 for at in range(place + 1, last) if row[at].kind == "w"), last))
        if last > place + 1:
            scopes.append((_reaches_back(row, place, last), last))
    return scopes


def denies_before(row: list[Token], scopes: list[Scope], first: int, last: int) -> bool:
    """Say whether a denial after the tokens [first, last) takes them back: an adapter (not included)."""
    return any(
        begin <= first and last <= end and any(denies(row, place) for place in range(last, end))
        for begin, end in scopes
    )


def ends_denied(row: list[Token]) -> bool:
    """Say whether the last word is a denial of what was said before: it does not."""
    last = next((place for place in range(len(row) - 1, -1, -1) if row[place].kind == "w"), None)
    return last is not None and denies(row, last)


def denies(row: list[Token], place: int) -> bool:
    """Say whether the word at this place denies what follows or goes before."""
    word = row[place].text.lower().replace("\u2019", "'")
    following = row[place + 1].fold if place + 1 < len(row) else ""
    if word == "no" and following in SUBJECTS:
        return False
    if word == "sold":
        return following in ("separately", "individually")
    if word == "free":
        return following in ("of", "from")
    return word in DENIALS and not is_turned(word, following)


def is_turned(denial: str, following: str) -> bool:
    """Say whether the word after a denial turns it into something else: not only, no need."""
    return following in STILL_AFFIRMED and (denial == "no" or following not in ONLY_AFTER_NO)


def _reaches_back(row: list[Token], place: int, last: int) -> int:
    """Give where what is denied begins: before the denial where nothing stands after it: batteries are not included."""
    after = {token.fold for token in row[place + 1 : last] if token.kind == "w"}
    if not after <= THERE:
        return place + 1
    first = place - 1 if place and row[place - 1].text == "(" else place
    passed = 0
    while first and place - passed - first < _WINDOW and (begin := _before(row, first)) < first:
        passed += first - begin - 1
        first = begin
    return first


def _before(row: list[Token], first: int) -> int:
    """Give where the token before this place begins, a parenthesis as one; the place itself where a mark stands."""
    token = row[first - 1]
    if token.text == ")":
        return next((at for at in range(first - 2, -1, -1) if row[at].text == "("), first)
    return first - 1 if token.kind != "m" or token.text in QUOTES else first


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
    if token.kind == "m":
        return _mark_ends(row, at)
    word = token.text.lower()
    if word == "while":
        before, after = row[at - 1].text.lower(), row[at + 1].text.lower() if at + 1 < len(row) else ""
        return before != "a" and not (before in _WHILE_USED and after.endswith("ing"))
    return word in _CLAUSE_TURNS or (word in AND and _begins_clause(row, at + 1))


def _mark_ends(row: list[Token], at: int) -> bool:
    token = row[at]
    if token.text == ",":
        return not _goes_on(row, at + 1)
    if token.text == ":":
        return _LISTS.isdisjoint(one.text.lower() for one in row[max(0, at - 3) : at])
    if token.text == ".":
        # A point inside a name or a number: h.264, a.c. power.
        joined = at + 1 < len(row) and row[at + 1].start == token.end
        return not (joined and (len(row[at - 1].text) == 1 or row[at + 1].kind == "n"))
    return is_dash(row, at) or (token.text not in QUOTES and token.text != "/")


def is_dash(row: list[Token], at: int) -> bool:
    """Say whether a hyphen stands between spaces, and so ends a clause as a dash does."""
    spaced = 0 < at < len(row) - 1 and row[at - 1].end < row[at].start and row[at].end < row[at + 1].start
    return spaced and row[at].text in "-\u2010\u2011\u2013" and row[at - 1].kind == row[at + 1].kind == "w"


def _begins_clause(row: list[Token], at: int) -> bool:
    """Say whether after `and` a clause of its own begins."""
    word, after = (row[place].text.lower() if place < len(row) else "" for place in (at, at + 1))
    return word in _NEW_CLAUSE or (word.endswith(("ed", "s")) and (after in _OBJECTS or after.endswith("ly")))


def _goes_on(row: list[Token], at: int) -> bool:
    """Say whether a list goes on that ends in `or`: no eggs, nuts, milk or wheat."""
    for place, token in enumerate(row[at:], at):
        if token.text.lower() in ("or", "nor"):
            return True
        if (token.kind == "m" and token.text not in ",-/") or token.text.lower() in _CLAUSE_TURNS | _NEW_CLAUSE:
            return False
        if place - at > _LONGEST_LIST:
            return False
    return False
