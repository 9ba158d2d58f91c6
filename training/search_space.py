"""The space of a search, read from a TOML file: a table for each setting that is drawn, with bounds or choices."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from optuna.trial import Trial

from training.recipe import RecipeError, check_setting

_INCOMPARABLE: Final = frozenset(
    {
        "objective",
        "unlikelihood",
        "beta",
        "anchor",
        "per_token",
        "teacher",
        "taught",
        "batch_tokens",
        "check_every",
        "seed",
    }
)
"""What changes the dev loss itself, the examples that it is of or when it is looked at: trials would not compare."""

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, whole ones where both are; `log` draws small ones as often as large ones."""

    low: float
    high: float
    log: bool = False

    def drawn(self, name: str, trial: Trial) -> Value:
        """Draw a number."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return int(trial.suggest_int(name, self.low, self.high, log=self.log))
        return float(trial.suggest_float(name, self.low, self.high, log=self.log))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values."""

    choices: tuple[Value, ...]

    def drawn(self, name: str, trial: Trial) -> Value:
        """Draw a value."""
        value: Value = trial.suggest_categorical(name, self.choices)
        return value


Space = Mapping[str, Range | Choice]


def drawn(space: Space, trial: Trial) -> dict[str, Value]:
    """Draw every setting of a space, in its order."""
    return {name: one.drawn(name, trial) for name, one in space.items()}


def read_space(path: Path) -> Space:
    """Read a space. Raises RecipeError for a setting that there is none, or that trials cannot be compared over."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: {error}") from error
    if not told:
        raise RecipeError(f"{path} names no setting to draw")
    try:
        return {name: _setting(name, one) for name, one in told.items()}
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from error


def _setting(name: str, told: object) -> Range | Choice:
    if name in _INCOMPARABLE:
        raise RecipeError(f"over {name} dev losses cannot be compared: set it in the recipe")
    match told:
        case {"choices": [_, *_] as choices, **rest} if not rest:
            found: Range | Choice = Choice(tuple(choices))
            values = choices
        case {"low": int() | float() as low, "high": int() | float() as high, **rest} if low < high and not (
            rest.keys() - {"log"}
        ):
            found, values = Range(low, high, log=rest.get("log") is True), [low, high]
        case _:
            raise RecipeError(f"{name} has `choices`, or `low` below `high` and, if you like, `log`")
    for value in values:
        check_setting(name, value)
    return found
