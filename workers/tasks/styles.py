"""Which of several ways to begin a product's texts have: always the same one, and neighbours another."""

from __future__ import annotations

from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def style_of(subject: str, styles: tuple[T, ...]) -> T:
    """Give one of the styles, chosen by the subject's name alone, so that a replay writes the same text."""
    number = int.from_bytes(blake2b(subject.encode(), digest_size=8).digest(), "big")
    return styles[number % len(styles)]
