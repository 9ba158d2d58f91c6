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
    | (^|[.!?:;]\s*|\b(and|then|please|instead)\s+)
        (add|append|begin|convert|encode|encrypt|end|finish|give|include|insert|integrate|mix|place|provide|put|replace
            |represent|reverse|start|translate|use)\b
        [^.!?,;]{0,60}\byour\s+(answer|response|reply|output)\b
    | \b(as\s+an?|language)\s+(ai|model)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TAKING_OVER = re.compile(
    r"""
    (?<!\bnot\s)(?<!\bnever\s)(?<!n't\s)(?<!\bne\s)(?<!\bn')(?<!\bno\s)\b(
        (ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(instructions?|prompts?|rules?|guidelines?)
        | (ignorier\w*|vergiss|vergessen\s+sie|missacht\w*)\b(?!\s+(sie\s+)?nicht)
            [^.!?]{0,40}\b(anweisung\w*|vorgaben|regeln|prompts?)
        | (ignore[rz]?|oublie[rz]?)\b(?!\s+pas)[^.!?]{0,40}\b(instructions|consignes|r\u00e8gles)
        | (ignor[ae]|olvid[ae]|descart[ae]|caso\s+omiso)\b[^.!?]{0,40}\b(instrucciones|reglas|\u00f3rdenes)
    )\b
    | (?<![\u52ff\u4e0d\u522b\u8981])(\u5ffd\u7565|\u65e0\u89c6|\u5fd8\u8bb0)
        [^\u3002\uff01\uff1f]{0,20}(\u6307\u4ee4|\u6307\u793a|\u89c4\u5219|\u63d0\u793a)
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The shop's languages; who writes one of these writes orders into what stands around it, too."""

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
    "rules write say state claim answer reply respond response output print reveal repeat ai model "
    "ignorez ignorer ignora ignoriere ignorieren ignorier oublie oubliez oublier olvida olvide descarta descarte omiso "
    "vergiss vergessen missachte missachten".split()
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
    return bool(_ORDERS.search(seen) or _TAKING_OVER.search(seen) or _ADDRESSES.search(seen))


def _is_harmless_at_a_glance(text: str) -> bool:
    """Say whether a plain text lacks every sign and every word that the dear patterns look for."""
    if not text.isascii() or not text.isprintable() or not _SIGNS.isdisjoint(text):
        return False
    lowered = text.lower()
    return "www" not in lowered and _ORDER_WORDS.isdisjoint(_LETTERS.findall(lowered))


@lru_cache(maxsize=8_192)
def takes_over(text: str) -> bool:
    """Say whether nothing in a text can be believed to be about the goods."""
    if _is_harmless_at_a_glance(text):
        return False
    return _has_frames(text) or _hides_tags(text) or bool(_TAKING_OVER.search(normalise(_without_reversals(text))))


def harmless(text: str) -> str:
    """Give the normalised text without its hostile sentences.

    Nothing is left of a text that frames or hidden words run through, or that tells the machine to forget what it was
    told: which of its other sentences are about the goods nobody knows.
    """
    if takes_over(text):
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
