"""Text that talks to the machine instead of about the goods: kept out of prompts, grounds and copy."""

# ruff: noqa: SIM905  (a word list reads best as lines)

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from workers.guard.text import INVISIBLE, normalise, sentences

_ORDERS = re.compile(
    r"""
    \b(ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}
        \b(instructions?|rules?|prompts?|guidelines?|previous|prior|above|earlier)\b
    | \byou\s+are\s+(now|free|no\s+longer)\b
    | \b(pretend|act)\s+(to\s+be|as\s+if|as\s+an?|like\s+an?)\b
    | \b(developer|debug|admin|god|dan|jailbreak)\s+mode\b
    | \b(system|hidden|secret|initial|your)\s+(prompts?|instructions?)\b
    | \bnew\s+(instructions?|task|rules?)\s*:
    | (^|[.!?:;]\s*|\b(and|then|please|instead)\s+)
        (write|say|state|claim|answer|reply|respond|output|print|reveal|repeat)\s+
        (that|only|exactly|with|your|this|the\s+following)\b
    | \b(as\s+an?|language)\s+(ai|model)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FRAMES = re.compile(
    r"<\s*\|[^|]*\|\s*>|\[\s*/?\s*(INST|SYS|SYSTEM)\s*\]|</?\s*(s|system|assistant|user|script|style)\b"
    r"|(^|\n)\s*(system|assistant|user)\s*:|\{\{|#{2,}\s*(system|instruction)",
    re.IGNORECASE,
)
_ADDRESSES = re.compile(r"https?://|\bwww\.|[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
_SIGNS = frozenset("<>[]{}#:@")
_LETTERS = re.compile("[a-z]+")
_ORDER_WORDS = frozenset(
    "ignore disregard forget override bypass you pretend act mode prompt prompts instruction instructions task rule "
    "rules write say state claim answer reply respond output print reveal repeat ai model".split()
)
"""Of these each order has one."""

_REVERSING = frozenset("\u202d\u202e\u2066\u2067\u2068")


@lru_cache(maxsize=8_192)
def is_hostile(text: str) -> bool:
    """Say whether a text gives orders to a machine, imitates a prompt's frame, hides words or leads elsewhere.

    It is a filter before the guard, not instead of it: what it misses is still fenced and still judged.
    """
    if _is_harmless_at_a_glance(text):
        return False
    if _has_frames(text) or not (text.isascii() or _REVERSING.isdisjoint(text)) or _hides_tags(text):
        return True
    seen = normalise(text)
    return bool(_ORDERS.search(seen) or _ADDRESSES.search(seen))


def _is_harmless_at_a_glance(text: str) -> bool:
    """Say whether a plain text lacks every sign and every word that the dear patterns look for."""
    if not text.isascii() or not text.isprintable() or not _SIGNS.isdisjoint(text):
        return False
    lowered = text.lower()
    return "www" not in lowered and _ORDER_WORDS.isdisjoint(_LETTERS.findall(lowered))


def harmless(text: str) -> str:
    """Give the normalised text without its hostile sentences; nothing where frames or hidden words run through it."""
    if _has_frames(text) or _hides_tags(text):
        return ""
    return " ".join(sentence for sentence in sentences(_without_reversals(text)) if not is_hostile(sentence))


def _has_frames(text: str) -> bool:
    """Search as written, for the lines, and as seen, for wide letters and hidden ones between."""
    seen = normalise(text)
    return bool(_FRAMES.search(text) or (seen != text and _FRAMES.search(seen)))


def _without_reversals(text: str) -> str:
    """Cut out what is written backwards: from a reversing sign to its end."""
    return normalise(re.sub("[\u202d\u202e\u2066-\u2068][^\u202c\u2069]*[\u202c\u2069]?", " ", text))


def _hides_tags(text: str) -> bool:
    """Say whether letters of the invisible tag block are in the text: they spell words that nobody sees."""
    return not text.isascii() and any(
        unicodedata.category(sign) == "Cf" and sign >= "\U000e0000" for sign in INVISIBLE.findall(text)
    )
