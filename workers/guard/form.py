"""Rules on the form of a text: what may not be in it whatever the record says."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workers.guard.claims import PassageReading, Reading
from workers.guard.frames import frames
from workers.guard.text import CANARY, FENCE_CLOSE, FENCE_OPEN, INVISIBLE
from workers.guard.tokens import mixes_scripts, stem

_MARKUP: Final = re.compile(
    r"</?[a-zA-Z!][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});|\*\*|__|```|^\s*#{1,6}\s|!?\[[^\]]*\]\([^)]*\)"
    r"|^\s*\|.*\||\\[nt\"u]"
)
_LINK: Final = re.compile(
    r"(?i:https?|ftp|javascript|data|mailto)\s*:(?=\S)|(?i:\bwww\s*\.)"
    r"|(?<![\w@.])[\w-]{2,}(?:\.|\s\.\s|\s?\(dot\)\s?|\sdot\s)(?i:com|net|org|info|biz|shop)\b"
    r"|(?<![\w@.])[\w-]{2,}\.(?:io|co|store|online|site|xyz|ru|cn|de|fr|es|it|nl|eu|uk|us|app|dev|ly|me)\b(?!\.\d)"
)
_PERSONAL: Final = re.compile(
    r"[\w.+-]+\s?(?:@|\[at\]|\(at\))\s?[\w-]+\.[\w.-]+"  # e-mail address
    r"|(?<![\w.])@[A-Za-z_]\w{2,}"  # handle
    r"|\+\d[\d ()./-]{6,}\d|(?<![\w.,])\(?0\d{1,4}\)?[ /-]\d[\d -]{4,}\d(?![\w.,]\d)"  # telephone number
    r"|(?<![\w.,])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)"
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"  # IBAN
    r"|\b(?:\d{4}[ -]?){3}\d{4}\b"  # payment card
    r"|\b\d{3}-\d{2}-\d{4}\b"  # US social security number
)
_SPECIAL: Final = re.compile(
    r"<\s*\|[^<>]{0,60}\|\s*>|<\||\|>|\[\s*/?\s*(?:INST|SYS)\s*\]|<<\s*/?\s*SYS\s*>>|</?s>"
    r"|<\s*/?\s*(?:pad|unk|bos|eos|mask|start_of_turn|end_of_turn|think|tool_call|image|im_start|im_end|endoftext"
    r"|repo_name|reponame|file_sep|filename|gh_stars|empty_output|(?:issue|jupyter)_\w+)\s*>"
    r"|\bim_(?:start|end)\b",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"\{\{?\s*[\w. ]*\}?\}|\[[A-Za-z][\w /'-]{1,40}\]|<[A-Z][A-Z _]{1,30}>|%[A-Za-z_]\w*%|\bX{4,}\b|\bXYZ\b|\bABC\b"
    r"|\bTBD\b|\bTODO\b|\bN/A\b|(?i:lorem ipsum)|\bdolor sit\b|\b(?:null|undefined|NaN)\b|_{3,}"
    r"|\binsert (?:name|product|brand|text)\b"
    r"|\b(?:product|brand|company|shop|store) name\b",
)
_REFUSAL: Final = re.compile(
    r"\bas an? (?:ai|artificial|language model|assistant)\b"
    r"|\b(?:i'?m|i am) (?:an? (?:ai|assistant|language)|sorry|unable)"
    r"|\bi (?:can'?t|cannot|can not|won'?t|do not|don'?t) (?:help|assist|provide|write|create|generate|fulfil|comply)"
    r"|\bi (?:can'?t|cannot|do not|don'?t) (?:have|answer|know|browse|access)"
    r"|\b(?:unable|not able) to (?:assist|help|provide|generate|write|comply)"
    r"|\bmy (?:training|knowledge cutoff|programming|instructions|guidelines|polic(?:y|ies))\b|\blanguage model\b"
    r"|\b(?:chatgpt|openai|smollm|hugging face)\b",
    re.IGNORECASE,
)
_FRAME: Final = re.compile(
    r"\W*(?:(?:sure|certainly|of course|absolutely|okay|ok|here(?:'s| is| are)|below is|the following|as requested)\b"
    r"|(?:i(?:'ve| have) (?:written|created)|let me)\b)",
    re.IGNORECASE,
)
"""How an answer begins that speaks of itself."""

_RESIDUE: Final = re.compile(
    r"\b(?:product (?:description|title|facts|record|name)|meta[ _]description|headline|bullets?|body|title)\s*[:=]"
    r"|\b(?:description|summary|facts|attributes|output|answer|response|note|instructions?|example)\s*[:=]"
    r"|\b(?:system|user|assistant)\s*:"
    r"|\b(?:these|given|provided|above|following) (?:facts|record|attributes|data|fields?)\b"
    r"|\bthe (?:(?:given|provided|above|following) )?(?:facts|record|attributes|json|prompt|instructions|fields)\b"
    r"|\bjson\b|[\"'](?:headline|body|bullets|meta_description|summary|text)[\"']|\bprompt\s*:|\bsystem prompt\b"
    r"|\bignore (?:all|any|the|your) (?:\w+ )?(?:instructions?|rules?|prompts?)|\bignore previous\b"
    r"|\b(?:previous|prior|system) (?:instructions?|prompts?)\b|\b(?:characters|words) (?:or less|maximum|max)\b"
    r"|\bsource_version\b|\bproduct_id\b|\b(?:pwned|hacked|jailbreak)",
    re.IGNORECASE,
)
_MANUAL: Final = "the instruction"
"""A prompt's, or those that come with a thing: then the record has them."""

_STUTTER: Final = re.compile(
    r"(.)\1{4,}|\b(\w{3,})(?: \2\b){2,}|[!?]{2,}|[^\s\u2e80-\uffef]{45,}|\b(?:\w ){4,}\w\b", re.IGNORECASE
)
_ALIKE: Final = re.compile(r"(.)\1{4}")
_GRAM: Final = 5
_KEPT: Final = 512
"""Passages whose form is known: the worker's ladder judges the same ones again, among others and alone."""

_APART: Final = re.compile(r"[\W_]+")
_CANARY_LETTERS: Final = _APART.sub("", CANARY)


@dataclass(frozen=True, slots=True)
class _Signs:
    """Words and pieces of text, in lower case, without one of which a dear pattern cannot match plain English."""

    words: frozenset[str]
    pieces: re.Pattern[str] | None = None

    def are_in(self, text: str) -> bool:
        """Say whether the pattern may match; letters beyond ASCII have more case forms than are listed."""
        if not text.isascii():
            return True
        words, lowered = _lowered(text)
        return not self.words.isdisjoint(words) or (self.pieces is not None and self.pieces.search(lowered) is not None)


@lru_cache(maxsize=64)
def _lowered(text: str) -> tuple[list[str], str]:
    lowered = text.lower()
    return _LETTERS.findall(lowered), lowered


_LETTERS: Final = re.compile("[a-z]+")
_PLACEHOLDER_SIGNS: Final = _Signs(
    frozenset("xyz abc tbd todo lorem dolor null undefined nan insert name".split()),
    re.compile(r"[{\[<]|xxxx|n/a|___|%[_a-z]"),
)
_REFUSAL_SIGNS: Final = _Signs(
    frozenset("ai artificial language assistant i im unable able my chatgpt openai smollm hugging".split())
)
_RESIDUE_SIGNS: Final = _Signs(
    frozenset(
        "facts record attributes data field fields json prompt prompts instruction instructions ignore characters "
        "words source id".split()
    ),
    re.compile(r"[:=]|pwned|hacked|jailbreak|[\"'](?:headline|body|bullets|meta_description|summary|text)"),
)


def search(
    pattern: re.Pattern[str],
    *,
    written: bool = False,
    only_with: re.Pattern[str] | None = None,
    signs: _Signs | None = None,
) -> Callable[[Reading], Iterator[str]]:
    """Give a rule's check that finds a pattern in the text as read, or with `written` as it was written too.

    `only_with` is a cheap pattern, `signs` are words, without which the dear one cannot match.
    """

    @lru_cache(maxsize=_KEPT)
    def found(text: str, as_written: str) -> str:
        if (only_with is not None and not only_with.search(text)) or (signs is not None and not signs.are_in(text)):
            return ""
        match = pattern.search(text)
        if not match and written and as_written != text:
            match = pattern.search(as_written)
        return match[0] if match else ""

    def check(reading: Reading) -> Iterator[str]:
        for passage in reading.passages:
            if odd := found(passage.text, passage.passage.text):
                yield f"{passage.passage.place}: {odd[:60].strip()!r} does not belong in the text"

    return check


markup = search(_MARKUP, written=True)
special_token = search(_SPECIAL, written=True)
placeholder = search(_PLACEHOLDER, signs=_PLACEHOLDER_SIGNS)
_english_refusal = search(_REFUSAL, signs=_REFUSAL_SIGNS)
_listed_refusal = frames("refusal")
_listed_residue = frames("residue")


def refusal(reading: Reading) -> Iterator[str]:
    """Find a model that speaks of itself or declines, in English and in the text's own language."""
    yield from _english_refusal(reading)
    yield from _listed_refusal(reading)


def residue(reading: Reading) -> Iterator[str]:
    """Find the prompt's frame in a text; a label that is the name of one of the record's attributes is a fact."""
    yield from _listed_residue(reading)
    for passage in reading.passages:
        begins = _FRAME.match(passage.text)
        inside = _RESIDUE.finditer(passage.text) if _RESIDUE_SIGNS.are_in(passage.text) else ()
        for found in (*((begins,) if begins else ()), *inside):
            label = stem(found[0].rstrip(" :="))
            labelled = found[0][-1] in ":=" and label in reading.facts.attributes
            if not labelled and not (label == _MANUAL and "instruction" in reading.facts.words):
                yield f"{passage.passage.place}: {found[0][:60].strip()!r} does not belong in the text"
                break


link = search(_LINK, only_with=re.compile(r"\S\.\S| \. |:\S|[Ww]{3}| dot |\(dot\)|:"))
personal_data = search(_PERSONAL, only_with=re.compile(r"@|[\[(]at[\])]|\d(?:\D{0,3}\d){6}"))


def canary(reading: Reading) -> Iterator[str]:
    """Find the prompt's own marks in a text: the canary word, however its letters are set apart, and the fence."""
    for passage in reading.passages:
        if (
            ("7" in passage.text and _CANARY_LETTERS in _APART.sub("", passage.text.lower()))
            or FENCE_OPEN in passage.text
            or FENCE_CLOSE in passage.text
        ):
            yield f"{passage.passage.place}: a mark of the prompt is in the text"


def invisible(reading: Reading) -> Iterator[str]:
    """Find characters that nobody sees, which `normalise` would take out."""
    for passage in reading.passages:
        if INVISIBLE.search(passage.passage.text):
            yield f"{passage.passage.place}: characters that cannot be seen are in the text"


def mixed_script(reading: Reading) -> Iterator[str]:
    """Find words that mix alphabets to look like another word."""
    for passage in reading.passages:
        if passage.text.isascii():
            continue
        for word in passage.text.split():
            if mixes_scripts(word):
                yield f"{passage.passage.place}: {word!r} mixes alphabets"


def length(reading: Reading) -> Iterator[str]:
    """Find passages that are too long or too short, and a candidate with nothing in it."""
    if not reading.passages:
        yield "there is no text"
    for one in reading.passages:
        size, passage = len(one.passage.text), one.passage
        if size > passage.max_characters:
            yield f"{passage.place}: {size} characters, at most {passage.max_characters} fit"
        if len(one.text) < max(passage.min_characters, 1) or not any(letter.isalpha() for letter in one.text):
            yield f"{passage.place}: {len(one.text)} characters, at least {passage.min_characters} are needed"


def repetition(reading: Reading) -> Iterator[str]:
    """Find a text that repeats itself: the same passage, sentence or five words twice, a character over and over."""
    seen: set[tuple[str, str]] = set()
    for one in reading.passages:
        group = one.passage.place.rsplit(".", 1)[0]
        if (group, one.text.lower()) in seen:
            yield f"{one.passage.place}: the same text stands twice"
        seen.add((group, one.text.lower()))
        stutter = _STUTTER.search(one.text) if _may_stutter(one.text) else None
        if stutter:
            yield f"{one.passage.place}: {stutter[0][:40]!r} repeats itself"
        repeated = _repeated(one, reading)
        if repeated:
            yield f"{one.passage.place}: '{repeated}' is said twice"


def _may_stutter(text: str) -> bool:
    """Say whether the dear pattern may match: five letters alike, long or single ones, marks or words in a row."""
    if not text.isascii():
        return True
    words = text.lower().split()
    return (
        any(map(_stutters, words))
        or sum(map((1).__eq__, map(len, words))) >= 3
        or any(a.endswith(b) and c.startswith(b) for a, b, c in zip(words, words[1:], words[2:], strict=False))
    )


@lru_cache(maxsize=16_384)
def _stutters(word: str) -> bool:
    """Say whether what stands between two spaces has five letters alike, marks in a row, or no end."""
    return len(word) >= 45 or any(marks in word for marks in ("!!", "??", "!?", "?!")) or bool(_ALIKE.search(word))


def _repeated(one: PassageReading, reading: Reading) -> str:
    """Give the first five words that occur twice in a passage, unless the record itself repeats such a name."""
    words = [token.fold for sentence in one.sentences for token in sentence.row if token.kind in "wn"]
    if len(words) - len(set(words)) < _GRAM:
        return ""
    grams = list(zip(*(words[start:] for start in range(_GRAM)), strict=False))
    if len(grams) == len(set(grams)):
        return ""
    seen: set[tuple[str, ...]] = set()
    for gram in grams:
        if gram in seen and not _is_title(gram, reading):
            return " ".join(gram)
        seen.add(gram)
    return ""


def _is_title(gram: tuple[str, ...], reading: Reading) -> bool:
    return all(word in reading.facts.words and reading.facts.words[word].field == "title" for word in gram)
