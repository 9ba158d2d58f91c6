"""The evaluations that a proposal rests on: read from files, and held to be of the models that are meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from schemas.model_folder import ADAPTER_FILE
from schemas.releases import Gate, ModelRevision
from training.release import Evaluation, NotComparable, gates


def read_evaluation(path: Path) -> Evaluation:
    """Read what `shelftalk evaluate --json` printed; raises NotComparable."""
    try:
        return Evaluation.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NotComparable(f"{path} cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise NotComparable(
            f"{path} is no evaluation ({error.error_count()} errors): make it with `shelftalk evaluate --json`"
        ) from error


def gates_of(candidates: Sequence[Path], lives: Sequence[Path]) -> tuple[Gate, ...]:
    """Give all gates of evaluations that belong together in pairs; raises NotComparable."""
    if not candidates or len(candidates) != len(lives):
        raise NotComparable("give each --evaluation of the candidate one --against of what is live, in the same order")
    pairs = zip(map(read_evaluation, candidates), map(read_evaluation, lives), strict=True)
    return tuple(gate for candidate, live in pairs for gate in gates(candidate, live))


def require_meant(paths: Sequence[Path], meant: ModelRevision, what: str) -> None:
    """Return when all evaluations are of the model that is meant; raises NotComparable."""
    for path in paths:
        found = read_evaluation(path)
        if found.revision != meant.revision:
            raise NotComparable(
                f"{path} was made with the revision {found.revision}, not with {meant.revision}, which {what}: "
                "run `shelftalk evaluate` again"
            )


def is_adapter(folder: Path) -> bool:
    """Say whether a folder holds an adapter: it is evaluated merged into its model, under another hash."""
    return (folder / ADAPTER_FILE).is_file()
