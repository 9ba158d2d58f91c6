"""Training examples: what a model is asked, in the worker's own words, and one text that answers it, as JSON lines.

A line is `{"task", "source", "prompt": [{"role", "content"}], "answer", "wanted"}`, in UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

Role = Literal["system", "user"]

TRAIN: Final = "train.jsonl"
DEV: Final = "dev.jsonl"
"""The files of a set: what is learned from, and what tells when to stop."""

_FIELDS: Final = frozenset({"task", "source", "prompt", "answer", "wanted"})
_ROLES: Final = ((), ("user",), ("system", "user"))
_LAYOUT: Final = frozenset("\n\t\u200c\u200d")
"""Characters that steer the layout of honest text; every other one that cannot be seen is a mistake or an attack."""


class DataError(Exception):
    """The data cannot be learned from; the message says which file, which line and why."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Example:
    """One prompt with one text for it. `source` names where both come from, once in a set.

    Without a prompt the text itself is learned (continued pre-training). A text that is not `wanted` was refused or
    rejected: preference tuning steers away from it, fine-tuning leaves it out.
    """

    task: str
    source: str
    prompt: tuple[Message, ...]
    answer: str
    wanted: bool = True

    @property
    def asked(self) -> str:
        """Give the user's turn: what is this example's own, unlike the system's."""
        return next((one.content for one in self.prompt if one.role == "user"), "")

    @property
    def told(self) -> str:
        """Give the system's turn, or nothing."""
        return next((one.content for one in self.prompt if one.role == "system"), "")

    def line(self) -> str:
        """Give the example as a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def hidden(text: str) -> str | None:
    """Give the name of a character that a reader cannot see and a model would learn, or None."""
    for sign in text:
        if sign not in _LAYOUT and unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs"):
            return unicodedata.name(sign, f"U+{ord(sign):04X}")
    return None


def write(path: Path, examples: Iterable[Example]) -> None:
    """Write a file of examples in place of what was there."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text("".join(f"{one.line()}\n" for one in examples), encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> tuple[Example, ...]:
    """Give the examples of a file. Raises DataError for a file without any, and for the first line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise DataError(f"there is no {path}: `shelftalk dataset --help` says how a set is made") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    found = tuple(_examples(path, lines))
    if not found:
        raise DataError(f"{path} has no examples")
    return found


def digest(path: Path) -> str:
    """Give the sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _examples(path: Path, lines: list[str]) -> Iterator[Example]:
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = _example(json.loads(line))
        except ValueError as error:
            raise DataError(f"{path}, line {number}: {error}") from error
        if found.source in seen:
            raise DataError(f"{path}, line {number}: a second example of the source {found.source!r}")
        seen.add(found.source)
        yield found


def _example(told: object) -> Example:
    """Read one example; raises ValueError with what is wrong."""
    if not isinstance(told, dict) or told.keys() - _FIELDS or _FIELDS - {"wanted"} - told.keys():
        raise ValueError(f"an example has the fields {', '.join(sorted(_FIELDS))}, and no others")
    prompt = told["prompt"]
    if not isinstance(prompt, list) or any(not isinstance(one, dict) for one in prompt):
        raise ValueError("a prompt is a list of messages")
    wanted = told.get("wanted", True)
    if not isinstance(wanted, bool):
        raise ValueError("`wanted` is true or false")  # noqa: TRY004  as of every other field
    messages = tuple(_message(one) for one in prompt)
    if tuple(one.role for one in messages) not in _ROLES:
        raise ValueError("a prompt is a system and a user message, a user message alone, or nothing")
    task, source, answer = (_text(told[name], name) for name in ("task", "source", "answer"))
    return Example(task, source, messages, answer, wanted)


def _message(told: dict[str, object]) -> Message:
    role = told.get("role")
    if told.keys() != {"role", "content"} or role not in get_args(Role):
        raise ValueError(f"a message has a role ({', '.join(get_args(Role))}) and a content")
    return Message("system" if role == "system" else "user", _text(told["content"], "content"))


def _text(told: object, name: str) -> str:
    if not isinstance(told, str) or not told.strip():
        raise ValueError(f"`{name}` is a text, and not empty")
    if sign := hidden(told):
        raise ValueError(f"`{name}` has a character that cannot be seen: {sign}")
    return told
