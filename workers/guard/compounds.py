"""Compound words, read by their two parts."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from workers.guard.glossary import FIRST_MEANING, Entry, Glossary, fold
from workers.guard.known import is_known

SHORTEST_PART: Final = 4
"""The fewest letters of a compound's part."""

_SURE_PART: Final = 5
"""The fewest letters of a first part that alone is known."""


@lru_cache(maxsize=16_384)
def compound_parts(word: str, words: Glossary) -> tuple[Entry | None, Entry | None] | None:
    """Give the entries of a compound's two parts, the longest second one first; one may be any word of the language."""
    halves = [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
    known = [(first, _start(fold(first), words), second, _end(fold(second), words)) for first, second in halves]
    for _, start, _, end in known:
        if start and end:
            return start, end
    for first, _, second, end in known:
        if end and min(len(first), len(second)) >= SHORTEST_PART and is_known(first, words.language):
            return None, end
    for first, start, second, _ in reversed(known):
        if start and len(first) >= _SURE_PART and is_known(second, words.language):
            return start, None
    return None


def _start(word: str, words: Glossary) -> Entry | None:
    heads = (word, *(word.removesuffix(link) for link in words.links if word.endswith(link)))
    return next((found for head in heads if (found := words.starts.get(head) or _thing(head, words))), None)


def _end(word: str, words: Glossary) -> Entry | None:
    for bare in words.named(word):
        if found := words.ends.get(bare) or _thing(bare, words):
            return found
    return None


def _thing(word: str, words: Glossary) -> Entry | None:
    """Give the entry of a word that can be part of a compound: no small word, number or unit."""
    if len(word) < SHORTEST_PART:
        return None
    some = (entry for entry in words.entries.get(word, ()) if len(entry.words) == 1)
    return next((entry for entry in some if entry.file not in FIRST_MEANING), None)
