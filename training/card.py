"""The data card: what a set of examples is made of, what was left out of it and why, written beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from training.examples import DEV, TRAIN, Example, digest, read
from training.pairs import pairs

CARD: Final = "card.json"
PAGE: Final = "card.md"


@dataclass(frozen=True, slots=True)
class Card:
    """What one set is; `left_out` and `made` count by reason and by kind."""

    task: str
    made_from: dict[str, str]
    settings: Mapping[str, str | int | float | bool]
    left_out: dict[str, int]
    made: dict[str, int] = field(default_factory=dict)
    held_against: dict[str, str] = field(default_factory=dict)
    overlapping: int = 0

    def write(self, folder: Path) -> None:
        """Write the card as JSON and as a page, with the figures of the files beside it."""
        files = {name: _figures(folder / name) for name in (TRAIN, DEV) if (folder / name).exists()}
        told = asdict(self) | {"files": files}
        (folder / CARD).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        (folder / PAGE).write_text(_page(self, files), encoding="utf-8")


def _figures(path: Path) -> dict[str, str | int | float]:
    some: Sequence[Example] = read(path)
    words = sorted(len(one.answer.split()) for one in some)
    return {
        "sha256": digest(path),
        "examples": len(some),
        "wanted": sum(one.wanted for one in some),
        "not wanted": sum(not one.wanted for one in some),
        "not wanted, with a wanted text for the same prompt": sum(pair.wanted is not None for pair in pairs(some)),
        "different prompts": len({one.asked for one in some}),
        "words of an answer, median": words[len(words) // 2],
        "words of an answer, most": words[-1],
    }


def _page(card: Card, files: Mapping[str, Mapping[str, str | int | float]]) -> str:
    """Give the card for people."""
    parts = [f"# Examples for {card.task}\n"]
    parts += [_table("Made from", card.made_from), _table("Settings", card.settings)]
    parts += [_table(name, figures) for name, figures in files.items()]
    parts += [_table("Left out, by reason", card.left_out), _table("Made out of others", card.made)]
    held = dict(card.held_against) | {"overlapping examples left out": str(card.overlapping)}
    parts.append(_table("Held against evaluation sets", held if card.held_against else {"none": ""}))
    return "\n".join(part for part in parts if part)


def _table(title: str, rows: Mapping[str, str | int | float]) -> str:
    if not rows:
        return ""
    lines = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"## {title}\n\n| | |\n|---|---|\n{lines}\n"


def counted(reasons: Sequence[str]) -> dict[str, int]:
    """Count reasons, the most frequent first."""
    return dict(Counter(reasons).most_common())
