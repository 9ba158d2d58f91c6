"""A shop's own texts as a set to go on pre-training with: `python -m deploy.dataset.texts --data FOLDER --out SET`.

FOLDER has `.txt` and `.md` files; a blank line parts one text from the next, so that what has to be left out takes as
little along as it can. A text is an example without a prompt, which `python -m training.tune` learns from its first
token to its last, in pieces where it is longer than a pack. `--replay` puts examples of an earlier set among them,
because a model that learns one thing only forgets the others.
"""

# ruff: noqa: S311  (the dice are for variety, not for secrets)

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from deploy.dataset.build import Splitting, build
from deploy.dataset.lesson import LeftOut, unfit
from training.card import PAGE, Card
from training.examples import TRAIN, DataError, Example, digest, read

_ENDINGS: Final = (".txt", ".md")
_PARTED: Final = re.compile(r"\n\s*\n")
_TASK: Final = "texts"


def from_texts(data: Iterable[Path]) -> Iterator[Example | LeftOut]:
    """Give each text of files and folders, or why it is not learned from. Raises DataError where a file is none."""
    for file in _files(data):
        try:
            whole = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{file} is not UTF-8 text: {error}") from error
        for number, text in enumerate(filter(None, map(str.strip, _PARTED.split(whole)))):
            name = f"{file.name}:{number}"
            reason = unfit(text)
            yield LeftOut(name, reason) if reason else Example(_TASK, name, (), text)


def replayed(known: Iterable[Example], texts: Sequence[Example], *, share: float, dice: Random) -> list[Example]:
    """Give wanted examples of an earlier set, drawn until they have the share of all answers' characters."""
    wanted = [one for one in known if one.wanted]
    due = share / (1 - share) * sum(len(one.answer) for one in texts)
    found: list[Example] = []
    for one in dice.sample(wanted, len(wanted)):
        if due <= 0:
            break
        found.append(replace(one, source=f"{one.source}+replay"))
        due -= len(one.answer)
    return found


def _files(data: Iterable[Path]) -> Iterator[Path]:
    for path in data:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        files = [one for one in found if one.suffix in _ENDINGS and one.is_file()]
        if not files:
            raise DataError(f"{path} has no {' or '.join(_ENDINGS)} file")
        yield from files


def _card(asked: argparse.Namespace) -> Card:
    files = {str(path): digest(path)[:16] for path in _files(asked.data)}
    if asked.replay:
        files |= {str(asked.replay): digest(asked.replay / TRAIN)[:16]}
    settings = {"replay_share": asked.replay_share if asked.replay else 0.0, "dev_share": asked.dev_share}
    held = {str(path): digest(path)[:16] for path in _files(asked.evaluation)}
    return Card(_TASK, files, settings | {"seed": asked.seed}, {}, held_against=held)


def make(asked: argparse.Namespace) -> None:
    """Make the set that the flags describe. Raises DataError."""
    found = list(from_texts(asked.data))
    texts = [one for one in found if isinstance(one, Example)]
    if asked.replay:
        share, dice = asked.replay_share, Random(asked.seed)
        found += replayed(read(asked.replay / TRAIN), texts, share=share, dice=dice)
    evaluation = [one for one in from_texts(asked.evaluation) if isinstance(one, Example)]
    build(found, evaluation, _card(asked), asked.out, Splitting(asked.dev_share, asked.drop_overlap))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a set as the flags say, and print its card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, action="append", required=True, help="a file or folder; may be repeated")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the set and its card")
    parser.add_argument("--replay", type=Path, help="an earlier set, whose examples are learned again among the texts")
    parser.add_argument("--replay-share", type=_share, default=0.2, help="of all answers' characters (default 0.2)")
    parser.add_argument("--evaluation", type=Path, action="append", default=[], help="texts that must not be learned")
    parser.add_argument("--drop-overlap", action="store_true", help="leave out what an evaluation file knows")
    parser.add_argument("--dev-share", type=_share, default=0.1, help="the share that is kept to look at (default 0.1)")
    parser.add_argument("--seed", type=int, default=1, help="chooses what is replayed")
    asked = parser.parse_args(arguments)
    try:
        make(asked)
    except DataError as error:
        sys.exit(f"DataError: {error}")
    sys.stdout.write((asked.out / PAGE).read_text(encoding="utf-8"))


def _share(told: str) -> float:
    value = float(told)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError("a share is at least 0 and below 1")
    return value


if __name__ == "__main__":
    main()
