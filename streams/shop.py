"""What a shop wants written and how it speaks: its file `shop.toml`, read once at the start.

locales = ["en"]
localise_to = ["de"]
tasks = ["product-description", "ad-copy"]

[voice]
tone = "plain and warm"
banned_words = ["cheap"]
competitors = ["Bigmart"]

[voices.de]
banned_words = ["billig"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas import tasks
from schemas.record import Locale
from schemas.request import Facts, Voice
from schemas.tasks import TaskContract

_Word = Annotated[str, Field(min_length=1, max_length=100)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=500)]


class ShopFileWrong(Exception):
    """The shop's file cannot be read, or says what it must not: to be mended, starting again will not help."""


@dataclass(frozen=True, slots=True)
class Shop:
    """Which texts are written, in which languages, and in which voice.

    `localise_to` are the languages that published descriptions are said again in; none of them is in `locales`.
    """

    locales: tuple[str, ...] = ("en",)
    localise_to: tuple[str, ...] = ()
    tasks: frozenset[str] = frozenset(tasks.BY_NAME)
    voice: Voice | None = None
    voices: Mapping[str, Voice] = field(default_factory=dict)

    def locales_for(self, task: TaskContract) -> tuple[str, ...]:
        """Give the languages that a task's texts are asked for in; none where the shop does not want them."""
        return self.locales if task.name in self.tasks else ()

    def spoken(self, facts: Facts, task: TaskContract, locale: str) -> Facts:
        """Give the facts with the shop's voice for a language, where the task's texts are the shop's own words."""
        voice = self.voices.get(locale) or self.voices.get(locale.partition("-")[0]) or self.voice
        return facts if voice is None or task.voice == "none" else facts.model_copy(update={"voice": voice})


class _VoiceTable(BaseModel):
    """A voice as the file says it: only what is said there is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)] = "default"
    tone: Annotated[str, Field(max_length=300)] = ""
    required_words: _Words = ()
    banned_words: _Words = ()
    competitors: _Words = ()
    max_characters: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    reading_level: Annotated[int, Field(ge=1, le=20)] | None = None

    def over(self, other: _VoiceTable | None) -> Voice:
        """Give the voice that says what this table says and else what the other one does."""
        said = (other.model_dump(exclude_unset=True) if other else {}) | self.model_dump(exclude_unset=True)
        return Voice.model_validate(said)


class _ShopFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    locales: Annotated[tuple[Locale, ...], Field(min_length=1)] | None = None
    localise_to: tuple[Locale, ...] = ()
    tasks: tuple[str, ...] | None = None
    voice: _VoiceTable | None = None
    voices: dict[Locale, _VoiceTable] = Field(default_factory=dict)

    @field_validator("tasks")
    @classmethod
    def _are_known(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = sorted(set(given or ()) - tasks.BY_NAME.keys())
        if unknown:
            raise ValueError(f"no task {', '.join(unknown)}; there are {', '.join(tasks.BY_NAME)}")
        return given


def read_shop(path: Path | None, *, locales: tuple[str, ...], localise_to: tuple[str, ...] = ()) -> Shop:
    """Give the shop that a file describes, with these languages where it names none. Raises ShopFileWrong."""
    said = _read(path) if path else _ShopFile()
    wanted = said.locales or locales
    others = said.localise_to or localise_to
    if twice := sorted(set(wanted) & set(others)):
        raise ShopFileWrong(f"{', '.join(twice)}: written from the record and localised, too: one of the two")
    return Shop(
        locales=wanted,
        localise_to=others,
        tasks=frozenset(tasks.BY_NAME if said.tasks is None else said.tasks),
        voice=said.voice.over(None) if said.voice else None,
        voices={locale: voice.over(said.voice) for locale, voice in said.voices.items()},
    )


def _read(path: Path) -> _ShopFile:
    try:
        return _ShopFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ShopFileWrong(f"{path}: {error}") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False))
        raise ShopFileWrong(f"{path}: {'; '.join(faults)}") from None
