"""A shopper's notes as clean sentences: what may be shown of them, in their order and in their own words."""

from __future__ import annotations

import re
from functools import lru_cache

from workers.guard.guard import guard
from workers.guard.text import normalise, sentences
from workers.guard.verdict import Grounds, Passage, Source
from workers.tasks.hostile import harmless

MAX_NOTES_CHARACTERS = 1_500

_PARTS = re.compile(r"\s*[\n;\u2022\u25cf|]+\s*|\s+[-\u2013\u2014/]\s+|^\s*[-*]\s+", re.MULTILINE)
_SHORT_WORDS = 4
_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
_ALONE = re.compile(r"\bi\b(?=['\u2019 ])")
_PRIVATE = frozenset(["personal-data", "link", "special-token", "canary"])


@lru_cache(maxsize=64)
def note_sentences(notes: str, locale: str) -> tuple[str, ...]:
    """Give each note as a sentence of its own, without orders to machines, addresses and telephone numbers."""
    parts = (note for line in _PARTS.split(harmless_lines(notes[:MAX_NOTES_CHARACTERS])) for note in _listed(line))
    clean = (_sentence(one) for part in parts for one in sentences(normalise(part)))
    return tuple(dict.fromkeys(one for one in clean if one and not _is_private(one, locale)))


def harmless_lines(notes: str) -> str:
    """Give the notes line by line without what talks to a machine: lines are notes, and `harmless` joins them."""
    return "\n".join(kept for line in notes.splitlines() if (kept := harmless(line)))


def _listed(line: str) -> list[str]:
    """Cut `warm, light, zip sticks` into its notes; a line with a longer part is a sentence with commas in it."""
    notes = [note.strip() for note in line.split(",")]
    is_list = len(notes) > 1 and all(0 < len(note.split()) <= _SHORT_WORDS for note in notes)
    return notes if is_list else [line]


def _sentence(note: str) -> str:
    text = _ALONE.sub("I", note.strip(" ,:"))
    if not any(letter.isalnum() for letter in text):
        return ""
    return text[:1].upper() + text[1:] + ("" if text.endswith(_ENDS) else _stop(text))


def _stop(text: str) -> str:
    return "\u3002" if re.search("[\u4e00-\u9fff]$", text) else "."


def _is_private(sentence: str, locale: str) -> bool:
    """Say whether a sentence has what the guard never lets through, whoever said it."""
    verdict = guard((Passage("notes", sentence, MAX_NOTES_CHARACTERS),), Grounds((Source("notes", sentence),), locale))
    return any(hit.rule in _PRIVATE for hit in verdict.hits)
