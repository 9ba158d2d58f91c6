"""A product's name in a web address: the same for the same title and kind, whatever else changes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from schemas.events import ProductFacts
from workers.guard.text import normalise
from workers.tasks.product_facts import kind_of

MAX_SLUG_CHARACTERS = 80
_BEGINNING = 3

_LETTERS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "ł": "l", "đ": "d"}
    | {"ð": "d", "þ": "th", "\u0131": "i", "&": " and ", "'": "", "\u2019": "", "°": " ", "+": " plus ", ",": ""}
)
_WORD: Final = re.compile(r"[a-z0-9]+")


def slug(product: ProductFacts) -> str:
    """Give lower-case ASCII words joined by hyphens, at most 80 characters, cut at a word.

    The kind is added where no word of it begins like one of the title's (knives, knife). A title without a Latin
    letter or figure gives the product's id.
    """
    title, kind = _words(product.title), _words(kind_of(product))
    if not title:
        return _joined(_words(product.product_id)) or "product"
    is_said = {word[:_BEGINNING] for word in title} & {word[:_BEGINNING] for word in kind}
    return _joined(title if is_said else title + kind)


def _words(text: str) -> list[str]:
    plain = normalise(text).lower().translate(_LETTERS)
    return _WORD.findall(unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode())


def _joined(words: list[str]) -> str:
    whole = "-".join(words)
    if len(whole) <= MAX_SLUG_CHARACTERS:
        return whole
    return whole[: MAX_SLUG_CHARACTERS + 1].rpartition("-")[0] or whole[:MAX_SLUG_CHARACTERS]
