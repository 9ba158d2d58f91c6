"""A text of another language read as the English rules read: each known word as the English one that it means.

What denies, bounds, counts, measures and names in German, French, Spanish or Chinese is then judged by the same rules
and matched to the same terms, in whatever language the record is written. A word without a gloss stays as it is, so
that loan words and names are found as in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from workers.guard.compounds import SHORTEST_PART, compound_parts
from workers.guard.glossary import BASE, JOINERS, Entry, Glossary, fold, glossary, is_chinese
from workers.guard.lexicon import lexicon
from workers.guard.numerals import is_number_word
from workers.guard.tokens import Gloss, Token, stem, tokens
from workers.guard.units import unit_named

_UNIT: Final = "unit"
_NUMBER: Final = "number"
_FUNCTION: Final = "function"


def read_row(text: str, language: str, *, quotes: tuple[str, ...] = ()) -> list[Token]:
    """Give a normalised text's tokens, in English terms where the language has a glossary.

    In `quotes`, names and values of the record in another language, words that could be English ones are left as they
    are.
    """
    row, words = tokens(text), glossary(language)
    if words is None:
        return row
    glossed: list[Token] = []
    at = 0
    for first, last in sorted(_quoted(row, quotes), key=lambda place: (place[0], -place[1])):
        if first >= at:
            glossed += gloss(row[at:first], words) + gloss(row[first:last], words, sure=False)
            at = last
    return glossed + gloss(row[at:], words)


def _quoted(row: list[Token], quotes: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Give where a row of tokens has a quote, word for word, or is itself a part of one, as a hashtag is.

    A bare number is no quote: the unit after it may be any language's.
    """
    written = tuple(token.text for token in row)
    for quote in quotes:
        wanted = _written(quote)
        if not any(word.isalpha() for word in wanted):
            continue
        starts = (at for at, word in enumerate(written) if wanted[:1] == (word,))
        places = [at for at in starts if written[at : at + len(wanted)] == wanted]
        yield from ((at, at + len(wanted)) for at in places)
        if not places and len(row) < len(wanted) and _is_part(written, wanted):
            yield 0, len(row)


@lru_cache(maxsize=4_096)
def _written(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens(text))


def _is_part(written: tuple[str, ...], quote: tuple[str, ...]) -> bool:
    """Say whether a row is some of a quote's words, whatever their case."""
    said, whole = (tuple(word.lower() for word in words) for words in (written, quote))
    return any(whole[at : at + len(said)] == said for at in range(len(whole) - len(said) + 1))


def read_field(text: str, language: str, *, sure: bool, counted: bool = False) -> list[Token]:
    """Give the tokens of a field of the record, which is in this language (`sure`), or in English, or in both.

    What is not surely in it keeps its small words, and the words that could be English ones. `counted` gives a word
    with several meanings its first, as after a number: the `Taschen` of a field's name are pockets.
    """
    row, words = tokens(text), glossary(language)
    return row if words is None else gloss(row, words, sure=sure, counted=counted)


def native_texts(texts: tuple[str, ...], language: str, *, names: Iterable[str] = ()) -> tuple[bool, ...]:
    """Say of each text of a record whether it is in the language; what is too short to tell is as the whole record.

    `names` are the names of the record's fields, which tell as well.
    """
    if glossary(language) is None:
        return (True,) * len(texts)
    whole = bool(is_native(" ".join((*texts, *names)), language))
    return tuple(whole if (own := is_native(text, language)) is None else own for text in texts)


def is_native(text: str, language: str) -> bool | None:
    """Say whether a text of the record is in the language rather than in English; None where no word tells."""
    words = glossary(language)
    if words is None:
        return None
    told = [_tells(token.text, words) for token in tokens(text) if token.kind == "w"]
    native, english = told.count(language), told.count(BASE)
    return None if native == english else native > english


def gloss(row: list[Token], words: Glossary, *, sure: bool = True, counted: bool = False) -> list[Token]:
    """Give a row of tokens in English terms; a token made of another has the place of what it stands for."""
    pieces = list(_pieces(row, words))
    glossed: list[Token] = []
    at = 0
    while at < len(pieces):
        found = _longest(pieces, at, glossed, words, sure=sure)
        if found is not None:
            entry, length = found
            english = _meaning(entry, counted=counted or _after_number(glossed))
            if _is_share(glossed, english):
                at += length
                continue
            glossed += _placed(english, pieces[at].start, pieces[at + length - 1].end)
            at += length
            continue
        if not (_after_number(glossed) and pieces[at].text in words.counters):
            glossed += _compound(pieces[at], words, sure=sure) or (pieces[at],)
        at += 1
    return glossed


def _is_share(before: list[Token], english: tuple[Token, ...]) -> bool:
    """Say whether an `of` ties a share to its material, where English has none: `80 % de coton` is 80 % cotton."""
    return [token.text for token in english] == ["of"] and bool(before) and before[-1].text in ("%", "percent")


def _meaning(entry: Entry, *, counted: bool = False) -> tuple[Token, ...]:
    """Give an entry's English tokens: one for all of its meanings, for which `languages.lexicon_of` has forms.

    What a number counts has the first meaning: two pockets, where the same word alone may be a bag.
    """
    if counted or len(entry.english) == 1:
        return entry.english[0]
    name = ambiguous_name(entry)
    return (entry.english[0][0]._replace(kind="w", text=name, fold=name),)


def ambiguous_name(entry: Entry) -> str:
    """Give the name under which a word with several meanings is looked up."""
    return "|".join(" ".join(token.text for token in one) for one in entry.english)


def _placed(english: tuple[Token, ...], start: int, end: int) -> Iterator[Token]:
    return (Gloss(token.kind, token.text, token.fold, start, end) for token in english)


def _longest(
    pieces: list[Token], at: int, before: list[Token], words: Glossary, *, sure: bool
) -> tuple[Entry, int] | None:
    """Give the longest entry at this place that counts here, and how many tokens it takes."""
    best: tuple[Entry, int] | None = None
    written = fold(pieces[at].text)
    for word in words.named(written):
        for entry in words.entries.get(word, ()):
            if best and len(entry.words) <= len(best[0].words):
                continue
            if (entry.exact and entry.exact != pieces[at].text.lower()) or (entry.file == _NUMBER and word != written):
                continue
            length = _matches(pieces, at, entry, words)
            if length and _counts_here(entry, pieces, at + length, before, words, sure=sure):
                best = entry, length
    return best


def _matches(pieces: list[Token], at: int, entry: Entry, words: Glossary) -> int:
    """Give how many tokens the entry takes here, joiners between its words included, or 0."""
    place = at + 1
    for word in entry.words[1:]:
        while place < len(pieces) and pieces[place].text in JOINERS:
            place += 1
        if place == len(pieces) or word not in words.named(fold(pieces[place].text)):
            return 0
        place += 1
    return place - at


def _counts_here(
    entry: Entry, pieces: list[Token], end: int, before: list[Token], words: Glossary, *, sure: bool
) -> bool:
    if entry.file == _UNIT:
        return _after_number(before)
    if entry.file == _NUMBER and (not words.spaced or entry.english[0][0].text == "one"):
        return end < len(pieces) and _measures(pieces[end], words)
    return sure or (entry.file != _FUNCTION and not _is_english(entry.words[0]))


def _measures(token: Token, words: Glossary) -> bool:
    """Say whether a token is a unit or a counter, so that the word before it is a number."""
    if token.text in words.counters or unit_named(token.text) is not None:
        return True
    named = words.named(fold(token.text))
    return any(entry.file == _UNIT for word in named for entry in words.entries.get(word, ()))


def _after_number(before: list[Token]) -> bool:
    last = before[-2:-1] if before and before[-1].text in JOINERS else before[-1:]
    return bool(last) and (last[0].kind == "n" or is_number_word(last[0].fold))


@lru_cache(maxsize=16_384)
def _is_english(word: str) -> bool:
    english = lexicon(BASE)
    return english is not None and (word in english.words or (word,) in english.forms)


@lru_cache(maxsize=16_384)
def _tells(word: str, words: Glossary) -> str:
    """Give the language that a word speaks for: the glossary's or English, neither where it is a word of both."""
    plain = fold(word)
    if len(plain) == 1 and words.spaced:
        return ""
    known = any(one in words.entries for one in words.named(plain)) or (not words.spaced and is_chinese(plain))
    if known == _is_english(plain):
        return ""
    return words.language if known else BASE


def _pieces(row: list[Token], words: Glossary) -> Iterator[Token]:
    """Cut tokens where an elision ties two words together: `l'acier`."""
    for token in row:
        if words.elisions and token.kind == "w" and ("'" in token.text or "’" in token.text):  # noqa: RUF001
            yield from _elided(token, words)
        else:
            yield token


def _elided(token: Token, words: Glossary) -> Iterator[Token]:
    cut = re.search("['’]", token.text)  # noqa: RUF001
    if cut is None or fold(token.text[: cut.start()]) not in words.elisions:
        yield token
        return
    word = f"{fold(token.text[: cut.start()])}'"
    yield Token("w", word, word, token.start, token.start + cut.end())
    yield from _elided(_rest(token, cut.end()), words)


def _rest(token: Token, start: int) -> Token:
    text = token.text[start:]
    return Token(token.kind, text, stem(text), token.start + start, token.end)


def _compound(token: Token, words: Glossary, *, sure: bool) -> tuple[Token, ...]:
    """Read a compound word by its parts: `Baumwolljacke` as cotton jacket, `Freizeitjacke` as something jacket."""
    if (
        not words.links
        or token.kind != "w"
        or len(token.text) < 2 * SHORTEST_PART
        or (not sure and _is_english(token.fold))
    ):
        return ()
    parts = compound_parts(token.text.lower(), words)
    if parts is None:
        return ()
    read = (_placed(_meaning(part), token.start, token.end) if part else (token,) for part in parts)
    return tuple(one for part in read for one in part)
