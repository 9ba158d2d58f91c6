"""Hashtags out of the record: what the shop files a product under and who makes it, never an invented word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.events import ProductFacts
from workers.guard.text import normalise

# ruff: noqa: SIM905  (a word list reads best as lines)

MAX_HASHTAG_CHARACTERS = 30

_WORD = re.compile(r"[^\W_]+")
_SHOP_SHELVES = frozenset(
    "default category|root|root catalog|all|all products|home page|new|what s new|sale|collections|promotions|products|"
    "catalog|shop|other|misc|accessories".split("|")
)
"""Categories that say how a shop is built, or nothing."""


def hashtag_words(product: ProductFacts) -> tuple[str, ...]:
    """Give the words for hashtags, the most telling first: the categories from the deepest up, then the brand."""
    found = {"".join(words).lower(): " ".join(words) for words in map(_WORD.findall, _names(product)) if _tells(words)}
    return tuple(found.values())


def hashtag(words: str) -> str:
    """Give a hashtag without its sign: `sleeping bags` is `SleepingBags`."""
    return "".join(word[:1].upper() + word[1:] for word in words.split())


def _names(product: ProductFacts) -> Iterator[str]:
    for path in product.categories:
        yield from reversed(normalise(path).split("/"))
    yield normalise(product.brand or "")


def _tells(words: list[str]) -> bool:
    length = len("".join(words))
    is_shelf = " ".join(words).lower() in _SHOP_SHELVES
    return 2 <= length <= MAX_HASHTAG_CHARACTERS and not is_shelf and not words[0][0].isdigit()
