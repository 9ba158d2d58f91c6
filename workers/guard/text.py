"""Untrusted text made safe to read and safe to show to a model: normalised, fenced, cut into sentences."""

# ruff: noqa: SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

FENCE_OPEN: Final = "<<<"
FENCE_CLOSE: Final = ">>>"
"""The marks around untrusted text in a prompt; `fence` leaves neither inside."""

CANARY: Final = "zq7-shelf-marker"
"""A word for system prompts that no shopper's text has: a candidate that contains it repeats its prompt."""

INVISIBLE: Final = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Control, zero-width, bidirectional, variation, tag and lone surrogate characters: nothing that a reader sees."""

_WIDE_STOPS: Final = ("\u3002", "\uff01", "\uff1f", "\uff1b")
_SPACE: Final = re.compile(r"\s+")
_MARKS: Final = re.compile("[\u2122\u00ae\u00a9\u2120]")
_FRACTION_AFTER_DIGIT: Final = re.compile("(?<=\\d)(?=[\u00bc-\u00be\u2150-\u215f\u2189])")
_DEGREE: Final = re.compile("[\u00ba\u02da](?= ?[CcFf]\\b)")
_SUPERSCRIPT: Final = re.compile("(?<=\\d)(?=[\u00b2\u00b3\u00b9\u2070-\u2079])")
_TAG: Final = re.compile(r"<(?=[/|!A-Za-z_\[])([^<>\n]{1,80})>")
_INST: Final = re.compile(r"\[\s*(/?)\s*(INST|SYS|SYSTEM)\s*\]", re.IGNORECASE)
_PIPES: Final = re.compile(r"<\|+|\|+>")
_ANGLES: Final = re.compile(r"<{2,}|>{2,}")

_ABBREVIATIONS: Final = frozenset(
    "approx max min no nos vol oz ft lb lbs dia incl excl ca vs etc e.g i.e mr mrs ms dr st jr sr inc ltd co dept fig "
    "z.b bzw usw ggf evtl inkl zzgl sq cu qty pcs pkg temp a.m p.m u.s u.k".split()
)
_BREAK: Final = re.compile(
    r"[.!?\u2026]+[\"')\]\u201d\u2019]*\s+|\s*[\u2022\u25cf\u25aa]\s*|(?<=[\u3002\uff01\uff1f])|(?<=[!?])(?=[\u3400-\u9fff])|\s*\n\s*"
)
_MAY_BREAK: Final = re.compile(
    r"[.!?\u2026][\"')\]\u201d\u2019]*\s|[\n\u2022\u25cf\u25aa\u3002\uff01\uff1f]|[!?](?=[\u3400-\u9fff])"
)


def normalise(text: str) -> str:
    """Give the text as a reader sees it: NFKC, no invisible characters, no trade marks' signs, single spaces.

    Idempotent. A fraction or a power after a digit stays apart from it (2½ is not 21/2, `10²` becomes `10^2`), because
    compatibility folding would make another number of it.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    while (folded := _fold(text)) != text:
        text = folded
    return text


def _fold(text: str) -> str:
    if not text.isascii():
        text = _MARKS.sub("", text)
        text = _FRACTION_AFTER_DIGIT.sub(" ", text)
        text = _SUPERSCRIPT.sub("^", text)
        text = _DEGREE.sub("\u00b0", text)
        text = unicodedata.normalize("NFKC", text)
    return _SPACE.sub(" ", INVISIBLE.sub("", text)).strip()


def unescape(text: str) -> str:
    """Give the text with HTML entities as characters, for records that came through a web page."""
    return html.unescape(text) if "&" in text else text


def neutralise(text: str) -> str:
    """Give the normalised text with everything that a tokenizer could take for a control token broken visibly.

    `<|im_end|>` -> `< |im_end| >`, `[INST]` -> `[ INST ]`; any `<name>` likewise, whichever model reads it.
    """
    text = _TAG.sub(r"< \1 >", normalise(text))
    text = _INST.sub(r"[ \1\2 ]", text)
    text = _PIPES.sub(lambda found: " ".join(found[0]), text)
    return _ANGLES.sub(lambda found: " ".join(found[0]), text)


def fence(text: str) -> str:
    """Give untrusted text on one line between marks that it cannot contain, its control tokens broken."""
    return f"{FENCE_OPEN} {neutralise(text)} {FENCE_CLOSE}"


# A text is cut by the guard, by the tasks' rules and on every step of the worker's ladder.
@lru_cache(maxsize=1_024)
def sentences(text: str) -> tuple[str, ...]:
    """Cut a text into sentences; abbreviations, decimals and units with a full stop do not end one."""
    if not _MAY_BREAK.search(text):
        return (text.strip(" "),) if text.strip(" ") else ()
    cut: list[str] = []
    start = 0
    for found in _BREAK.finditer(text):
        if _continues(text, start, found):
            continue
        cut.append(text[start : found.end()].strip(" \u2022\u25cf\u25aa\n"))
        start = found.end()
    cut.append(text[start:].strip(" \u2022\u25cf\u25aa\n"))
    return tuple(one for one in cut if one)


def joined(parts: Iterable[str]) -> str:
    """Put sentences one after the other: with a space between them, but none after a Chinese full stop."""
    text = ""
    for part in parts:
        text += part if not text or text.endswith(_WIDE_STOPS) else f" {part}"
    return text


def _continues(text: str, start: int, found: re.Match[str]) -> bool:
    """Say whether a full stop belongs to an abbreviation, an initial or a number that goes on."""
    if not found[0].startswith(".") or found[0].startswith(".."):
        return False
    words = text[start : found.start()].rsplit(None, 1)
    before = words[-1].strip("(\"'").lower() if words else ""
    after = text[found.end() : found.end() + 1]
    if before in _ABBREVIATIONS or after.islower():
        return True
    return before == "in" and len(words) > 1 and words[0][-1:].isdigit() and not after.isupper()
