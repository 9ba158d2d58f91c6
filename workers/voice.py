"""A shop's voice in its texts: what is asked of the model, what no text may say, and what each must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas.ledger import RuleHit
from schemas.request import GenerationRequest, Voice
from workers.engines.engine import Prompt
from workers.guard.text import neutralise, normalise, sentences
from workers.guard.tokens import stem, unaccented
from workers.guard.verdict import Source
from workers.tasks.task import Candidate, Task

BANNED_WORD = "banned-word"
COMPETITOR = "competitor"
REQUIRED_WORD = "required-word"
READING_LEVEL = "reading-level"

_ROOMY_CHARACTERS = 200
"""A text has room for the required words when one of its places is as long as this."""

_LEAST_WORDS = 20
"""In fewer words a grade says nothing."""

_LONG_LETTERS = 5
"""A name of so many letters is found in two parts, too; with fewer, two words could make it by chance."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_APART = re.compile(r"(?<!\w)\w(?:[\W_]{1,2}\w(?!\w)){3,}")
_DISGUISED = re.compile(r"[^\W\d_]+[\d$@!|][\w$@!|]*|[\d$@!|]+[^\W\d_][\w$@!|]*")
_UNMASK = str.maketrans("013457$@!|l", "oieastsaiii")
_VOWELS = re.compile(r"[aeiouy]+")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one request's voice asks for; without a voice nothing is asked or refused."""

    voice: Voice
    is_whole: bool
    is_english: bool

    def prompt(self, prompt: Prompt) -> Prompt:
        """Give the prompt with the tone and the words that are asked for, where the text is the shop's own."""
        told = tuple(self._told()) if self.is_whole else ()
        return replace(prompt, system=" ".join((*told, prompt.system))) if told else prompt

    def sources(self) -> tuple[Source, ...]:
        """Give what the shop itself says and asks to have said: its required words."""
        return tuple(Source("voice.required_words", word) for word in self.voice.required_words if self.is_whole)

    def bounded(self, candidate: Candidate) -> Candidate:
        """Give the candidate with the shop's own limits, where they are lower."""
        own = self.voice.max_characters
        if not own:
            return candidate
        limits = ((one, own.get(one.place, own.get(one.place.split(".")[0]))) for one in candidate.passages)
        passages = (
            one if limit is None or limit >= one.max_characters else replace(one, max_characters=limit)
            for one, limit in limits
        )
        return replace(candidate, passages=tuple(passages))

    def refuses(self, candidate: Candidate) -> tuple[RuleHit, ...]:
        """Give a hit for each banned word and each competitor that a text names, however it is spelt."""
        named = [(BANNED_WORD, word) for word in self.voice.banned_words]
        named += [(COMPETITOR, name) for name in self.voice.competitors]
        if not named:
            return ()
        texts = [_Heard.of(one.text) for one in candidate.passages]
        return tuple(
            RuleHit(rule=rule, detail=f"'{word}' may not be said")
            for rule, word in named
            if any(text.has(word) for text in texts)
        )

    def misses(self, candidate: Candidate) -> tuple[RuleHit, ...]:
        """Give a hit for each required word that a text with room for it lacks, and for one that is hard to read."""
        if not self.is_whole:
            return ()
        return (*self._lacking(candidate), *self._too_hard(candidate))

    def _told(self) -> Iterator[str]:
        if self.voice.tone:
            yield f"Write in this tone: {neutralise(self.voice.tone).rstrip('.')}."
        if self.voice.required_words:
            yield f"Use these words: {', '.join(map(neutralise, self.voice.required_words))}."
        if self.voice.reading_level and self.voice.reading_level <= 8:
            yield "Use short sentences and simple words."

    def _lacking(self, candidate: Candidate) -> Iterator[RuleHit]:
        roomy = any(one.max_characters >= _ROOMY_CHARACTERS for one in candidate.passages)
        if not (roomy and self.voice.required_words):
            return
        texts = [_Heard.of(one.text) for one in candidate.passages]
        for word in self.voice.required_words:
            if not any(text.has(word) for text in texts):
                yield RuleHit(rule=REQUIRED_WORD, detail=f"'{word}' must be said")

    def _too_hard(self, candidate: Candidate) -> Iterator[RuleHit]:
        highest = self.voice.reading_level
        if highest is None or not self.is_english:
            return
        for one in candidate.passages:
            grade = school_grade(one.text)
            if grade is not None and grade > highest:
                detail = f"{one.place}: grade {grade:.0f}, at most {highest}: shorter sentences, simpler words"
                yield RuleHit(rule=READING_LEVEL, detail=detail)


def spoken(task: Task, request: GenerationRequest) -> Spoken:
    """Give what a request's voice asks of its text."""
    voice = request.facts.voice if request.facts and request.facts.voice else Voice()
    heard = voice if task.contract.voice != "none" else Voice()
    return Spoken(heard, task.contract.voice == "whole", request.locale.lower().startswith("en"))


def school_grade(text: str) -> float | None:
    """Give the US school grade that reading an English text takes (Kincaid et al. 1975); None for a short text."""
    words = _WORD.findall(normalise(text))
    if len(words) < _LEAST_WORDS:
        return None
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / max(len(sentences(text)), 1) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    plain = word.lower()
    silent = plain.endswith("e") and not plain.endswith("le") and len(plain) > 3
    return max(len(_VOWELS.findall(plain)) - silent, 1)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text's words, found in disguise, too: accents, other alphabets, letters set apart, figures for letters."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Heard:
        seen = unaccented(normalise(text)).lower()
        masked = (found[0].translate(_UNMASK) for found in _DISGUISED.finditer(seen))
        apart = (re.sub(r"[\W_]+", "", found[0]) for found in _APART.finditer(seen))
        # Each disguised word once more as it is read, between marks that no phrase runs across.
        more = [word for found in (*masked, *apart) for word in ("|", stem(found), "|", found.replace("l", "i"))]
        return cls(seen, (*(stem(word) for word in _WORD.findall(seen)), *more))

    def has(self, term: str) -> bool:
        """Say whether a word or name is in the text; `cheap*` is found with any ending."""
        plain = unaccented(normalise(term)).lower()
        if _WIDE.search(plain):
            return plain.rstrip("*") in self.text
        if plain.endswith("*"):
            return any(word.startswith(plain[:-1]) for word in self.words)
        wanted = tuple(stem(word) for word in _WORD.findall(plain))
        return self._has(wanted) or self._has(tuple(word.translate(_UNMASK) for word in wanted))

    def _has(self, wanted: tuple[str, ...]) -> bool:
        size, joined = len(wanted), "".join(wanted)
        if any(self.words[at : at + size] == wanted for at in range(len(self.words) - size + 1) if size):
            return True
        # Bigmart, Big Mart and Big-Mart are one name.
        is_long = len(joined) >= _LONG_LETTERS
        return is_long and (joined in self.words or any(map(joined.__eq__, map("".join, pairwise(self.words)))))
