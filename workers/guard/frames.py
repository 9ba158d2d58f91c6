"""Phrases that never belong in a text: what a model says of itself, and a prompt's frame, by language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from workers.guard.claims import Reading
from workers.guard.glossary import is_chinese
from workers.guard.lexicon import VOCABULARY


def frames(name: str) -> Callable[[Reading], Iterator[str]]:
    """Give a rule's check that finds the phrases of `vocabulary/LANGUAGE/NAME.txt` in a text of that language."""

    def check(reading: Reading) -> Iterator[str]:
        pattern = listed(reading.grounds.locale.partition("-")[0].lower(), name)
        for passage in reading.passages if pattern else ():
            if pattern and (found := pattern.search(passage.text)):
                yield f"{passage.passage.place}: {found[0]!r} does not belong in the text"

    return check


@cache
def listed(language: str, name: str) -> re.Pattern[str] | None:
    """Give a pattern of a language's phrases, whole words where it has spaces; None without a list."""
    file = VOCABULARY / language / f"{name}.txt"
    if not language.isalpha() or not file.is_file():
        return None
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    phrases = [re.escape(line) for line in lines if line and not line.startswith("#")]
    either = "|".join(sorted(phrases, key=len, reverse=True))
    return re.compile(either if is_chinese(either) else rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
