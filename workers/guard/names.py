"""Names in a text: brands, made-up technologies, places; each must be a name that the record uses."""

# ruff: noqa: RUF001  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from workers.guard.facts import FactIndex
from workers.guard.glossary import BASE
from workers.guard.known import is_known
from workers.guard.lexicon import Lexicon, Occurrence
from workers.guard.tokens import Gloss, Token
from workers.guard.verdict import Source

_CAMEL: Final = re.compile(r"[a-z][A-Z]|^[A-Z]{2,}[a-z]{2,}|[A-Za-z]\d")
_OPENERS: Final = frozenset(':"“(•*|')
_CAPITAL_NOUNS: Final = frozenset(["de"])
"""Languages that write every noun with a capital: only what is no word of theirs is a name."""

_ENDINGS: Final = ("ing", "ed", "ly", "er", "est", "y", "able", "ness", "less", "ful", "ier", "iest")


def name_claims(
    text: str, row: list[Token], found: tuple[Occurrence, ...], words: Lexicon, facts: FactIndex
) -> Iterator[tuple[str, Source | None]]:
    """Give the runs of words that are, or may be, names, each with the source that has its words, or None.

    In sentence case a capital inside the sentence makes a name; at its start and in title case only a word that is
    no common word of the language does. Words that are terms of the vocabulary are judged as such instead.
    """
    if not words.words:
        return
    taken = {place for one in found for place in range(one.first, one.last)}
    titled = words.language in _CAPITAL_NOUNS or _in_title_case(row)
    after_by = {place for place, token in enumerate(row, 1) if token.fold == "by"}
    run: list[Token] = []
    for place, token in enumerate(row):
        plain = token.text.islower() and place not in after_by
        if plain or place in taken or not _is_name(row, place, words, titled=titled):
            if run and token.text not in "-'’":
                yield from _claim(text, run, facts)
                run = []
            continue
        if run and _source(run[-1], facts) is not _source(token, facts):
            yield from _claim(text, run, facts)
            run = []
        run.append(token)
    yield from _claim(text, run, facts)


def _claim(text: str, run: list[Token], facts: FactIndex) -> Iterator[tuple[str, Source | None]]:
    if run:
        yield text[run[0].start : run[-1].end], _source(run[0], facts)


def _source(token: Token, facts: FactIndex) -> Source | None:
    return facts.words.get(token.fold)


def _is_name(row: list[Token], place: int, words: Lexicon, *, titled: bool) -> bool:
    token = row[place]
    written = token.text
    if token.kind != "w" or len(written) == 1:
        return False
    before = row[place - 1] if place else None
    if before is not None and before.fold == "by" and not isinstance(before, Gloss) and not _is_common(token, words):
        return True
    if written.islower() or written in words.capitalised:
        return False
    if _CAMEL.search(written):
        return True
    if written.isupper():
        return not (len(written) > 3 and _is_common(token, words))
    in_sentence = not titled and before is not None and before.text not in _OPENERS
    return in_sentence or not _is_common(token, words)


def _is_common(token: Token, words: Lexicon) -> bool:
    plain = token.text.lower().replace("’", "'")
    if token.fold in words.words or plain in words.words or "'" in plain:
        return True
    if words.language != BASE:
        return is_known(plain, words.language)
    return any(
        plain.endswith(ending) and {plain[: -len(ending)], plain[: -len(ending)] + "e"} & words.words
        for ending in _ENDINGS
    )


def _in_title_case(row: list[Token]) -> bool:
    """Say whether most of the longer words have a capital, as in a headline."""
    longer = [token.text for token in row if token.kind == "w" and len(token.text) > 3]
    return bool(longer) and sum(not word.islower() for word in longer) * 5 >= len(longer) * 3
