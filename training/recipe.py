"""How a model is tuned: every setting in one frozen value, read from a TOML file and from flags of the same names."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from types import NoneType
from typing import Final, Literal, get_args, get_origin, get_type_hints

Aim = Literal["answer", "preference"]
Method = Literal["full", "freeze", "lora", "dora", "adalora", "prefix"]
Optimizer = Literal["adamw", "sgd"]
Schedule = Literal["cosine", "linear", "constant"]
Precision = Literal["auto", "fp32", "bf16"]
Tracker = Literal["tensorboard", "mlflow", "wandb", "none"]

_RATES: Final[dict[Method, float]] = {
    "full": 1e-4,
    "freeze": 2e-4,
    "lora": 1e-3,
    "dora": 1e-3,
    "adalora": 3e-3,
    "prefix": 1e-2,
}


class RecipeError(Exception):
    """The settings make no sense together or are none; the message names the one that is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what comes out of a run, but for the data and the model that it starts from."""

    objective: Aim = "answer"
    """Learn the wanted answers, or to prefer them to the texts that were rejected for the same prompts."""
    method: Method = "lora"
    epochs: int = 2
    most_examples: int | None = None
    """Learn from so many examples, chosen by the seed; None is all."""
    most_steps: int | None = None
    """Stop after so many steps; the schedule is still that of the whole run."""
    learning_rate: float | None = None
    """The highest rate; None is what suits the method."""
    optimizer: Optimizer = "adamw"
    momentum: float = 0.9
    """Of SGD."""
    schedule: Schedule = "cosine"
    warm_up: float = 0.05
    """The share of the steps in which the rate rises from nothing."""
    weight_decay: float = 0.01
    dropout: float = 0.05
    """Of the adapters; of attention where the model itself is trained."""
    clip: float = 1.0
    """The largest norm of a step's gradient; of a private run, of each example's."""
    epsilon: float | None = None
    """Tune with differential privacy and spend at most so much; None is without. `accumulate` examples make a step."""
    delta: float | None = None
    """The chance at which epsilon may not hold; None is a tenth of one example's share."""
    batch_tokens: int = 1024
    """Tokens that are computed together: a pack of examples, each its own."""
    accumulate: int = 1
    """Packs per process whose gradients make one step."""
    pack: bool = True
    """Whether examples share a pack; prefix tuning computes each alone."""
    rank: int = 16
    """Of LoRA, DoRA and, after its budget is spent, AdaLoRA."""
    alpha: int = 32
    trained_layers: int = 8
    """The last so many layers are trained by the method `freeze`."""
    virtual_tokens: int = 16
    """Of prefix tuning."""
    check_every: int = 50
    """Steps between two looks at the dev examples, each with a checkpoint."""
    patience: int | None = 3
    """Stop after so many looks without a better dev loss; None never stops early."""
    precision: Precision = "auto"
    """`auto` computes in bfloat16 where the device is fast with it."""
    unlikelihood: float = 0.0
    """The weight of the term against tokens that an answer has said before; 0 is without it."""
    beta: float = 0.1
    """Of a preference: how far the model may go from where it began; the larger, the less."""
    anchor: float = 1.0
    """The weight of the wanted answer's own loss beside a preference; 0 is the preference alone."""
    per_token: bool = False
    """Compare texts by their tokens' mean log-probability instead of its sum, so that length counts for nothing."""
    teacher: str | None = None
    """The folder of a model with the same vocabulary, of which the odds of answers are learned; None is without."""
    taught: float = 0.5
    """The share of the loss that is the distance from the teacher."""
    seed: int = 1

    def __post_init__(self) -> None:
        """Raise RecipeError for a setting out of its bounds."""
        bounds = {"epochs": 1, "batch_tokens": 8, "accumulate": 1, "rank": 1, "check_every": 1, "trained_layers": 1}
        for name, least in bounds.items():
            if getattr(self, name) < least:
                raise RecipeError(f"{name} is at least {least}")
        if not 0 <= self.dropout < 1 or not 0 <= self.warm_up <= 1 or not 0 <= self.taught <= 1:
            raise RecipeError("dropout, warm_up and taught are shares between 0 and 1")
        if self.teacher is not None and (self.objective != "answer" or self.unlikelihood or self.epsilon is not None):
            raise RecipeError("a teacher is for the objective answer, without unlikelihood and without epsilon")
        if self.clip <= 0 or self.rate <= 0 or self.beta <= 0:
            raise RecipeError("clip, learning_rate and beta are above 0")
        if self.unlikelihood < 0 or self.anchor < 0:
            raise RecipeError("unlikelihood and anchor are at least 0")
        if (self.epsilon is not None and self.epsilon <= 0) or (self.delta is not None and not 0 < self.delta < 1):
            raise RecipeError("epsilon is above 0, and delta is between 0 and 1")
        if self.objective == "preference" and self.method == "prefix":
            raise RecipeError("a preference compares two texts in one pack, which a prefix's attention cannot")
        if self.objective == "preference" and self.unlikelihood:
            raise RecipeError("unlikelihood is a term of the objective answer")

    @property
    def alone(self) -> bool:
        """Say whether each example is computed alone: a prefix knows no packs, and privacy is each one's."""
        return not self.pack or self.method == "prefix" or self.epsilon is not None

    @property
    def rate(self) -> float:
        """Give the highest learning rate; a preference, which begins with a tuned model, takes a tenth of others'."""
        if self.learning_rate is not None:
            return self.learning_rate
        return _RATES[self.method] * (0.1 if self.objective == "preference" else 1)


def read_recipe(path: Path) -> dict[str, object]:
    """Give the settings of a TOML file by name. Raises RecipeError for a name or a value that is none."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: {error}") from error
    try:
        for name, value in told.items():
            check_setting(name, value)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from error
    return told


def check_setting(name: str, value: object) -> None:
    """Raise RecipeError for a name that no setting has, or a value that is none of its kind."""
    hints = get_type_hints(Recipe)
    if name not in hints:
        raise RecipeError(f"there is no setting {name!r}")
    allowed = _allowed(hints[name])
    if value not in allowed if allowed else not _fits(value, hints[name]):
        raise RecipeError(f"{name} cannot be {value!r}")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every setting, and `--recipe` for a file of them."""
    parser.add_argument("--recipe", type=Path, help="a TOML file with settings; flags override it")
    hints = get_type_hints(Recipe)
    for field in fields(Recipe):
        flag, told = f"--{field.name.replace('_', '-')}", f"(default {field.default})"
        if hints[field.name] is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=told)
        elif choices := _allowed(hints[field.name]):
            parser.add_argument(flag, choices=choices, default=argparse.SUPPRESS, help=told)
        else:
            kind = next(one for one in _kinds(hints[field.name]) if one is not NoneType)
            parser.add_argument(flag, type=kind, default=argparse.SUPPRESS, help=told)


def recipe_of(asked: argparse.Namespace) -> Recipe:
    """Give the recipe of parsed flags over the file that they name. Raises RecipeError."""
    names = {field.name for field in fields(Recipe) if field.default is not MISSING}
    told = read_recipe(asked.recipe) if asked.recipe else {}
    flags = {name: value for name, value in vars(asked).items() if name in names}
    # The types were checked where the values came in; dataclasses say nothing of them.
    return replace(Recipe(), **(told | flags))  # type: ignore[arg-type]


def _allowed(hint: object) -> Sequence[str]:
    return get_args(hint) if get_origin(hint) is Literal else ()


def _kinds(hint: object) -> tuple[type, ...]:
    return get_args(hint) or (hint,) if isinstance(hint, type) or get_args(hint) else ()


def _fits(value: object, hint: object) -> bool:
    kinds = _kinds(hint)
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, (*kinds, int) if float in kinds else kinds)
