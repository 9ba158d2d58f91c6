"""The steps of `train-demo`, in order: a set, a judgement before, the tuning, a judgement after, and the release.

Judging and tuning are processes of their own, so that its memory is free when the next one begins.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from rich.console import Console
from rich.table import Table

from deploy.dataset.build import Splitting, build
from deploy.demo.errors import DemoError
from deploy.demo.tuned import choose
from deploy.evaluation import examples as evaluation
from deploy.release.store import keep, revision_of
from deploy.train_demo.judge import Judged
from deploy.train_demo.lessons import asked_of, held_out, lessons
from schemas.releases import Gate, ModelRevision
from training.bootstrap import Estimate, estimate
from training.card import Card
from training.examples import DEV, TRAIN, Example, digest, read
from training.release import GatesNotPassed, gates

RECIPE: Final = Path(__file__).parents[2] / "training" / "recipes" / "demo.toml"
NAME: Final = "demo-tuned"

_EPOCHS: Final = 2
_CHARACTERS_A_TOKEN: Final = 3.6
_LEARNED_A_SECOND: Final = 220
_PACK_TOKENS: Final = 1024
_SECONDS_A_TEXT: Final = 2.0
_LOAD_SECONDS: Final = 40
"""The recipe, and the default model on two processor cores: what an estimate is made of."""

_OWN: Final = frozenset({"model", "repaired"})


class StepFailed(DemoError):
    """A step of the training ended by itself; what it said last stands above."""


class NotBetter(DemoError):
    """The tuned model's share of texts that pass is no higher: nothing was released."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is learned from and judged by, from which model on, and how long the learning may take.

    `published` is the folder that an earlier demo wrote, `now` the model that the next demo would write with.
    """

    shop: Path
    published: Path
    base: Path
    now: Path
    out: Path
    minutes: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A set on disk, what is judged by, and how long each step should take, in seconds."""

    card: Card
    judged_by: tuple[evaluation.Example, ...]
    most_examples: int
    judging_seconds: float
    learning_seconds: float


@dataclass(frozen=True, slots=True)
class Improvement:
    """What the training gave on products that were not learned from: shares in percent, `gained` with its interval."""

    texts: int
    passed_before: float
    passed_after: float
    own_before: float
    own_after: float
    gained: Estimate
    gates: tuple[Gate, ...]


class Machine(Protocol):
    """Does the two things that take a machine's time."""

    def judge(self, model: Path, shop: Path, out: Path) -> Judged:
        """Judge a model by a shop's held-out products. Raises StepFailed."""
        ...

    def tune(self, data: Path, base: Path, out: Path, *, most_examples: int) -> Path:
        """Tune a model on a set, and give the folder of what came out. Raises StepFailed."""
        ...


class Processes:
    """The machine as it is: a process for each step, its progress on this one's error output."""

    def judge(self, model: Path, shop: Path, out: Path) -> Judged:
        """Judge a model by a shop's held-out products. Raises StepFailed."""
        _done("deploy.train_demo.judge", "--shop", str(shop), "--model", str(model), "--out", str(out))
        return Judged.model_validate_json(out.read_bytes())

    def tune(self, data: Path, base: Path, out: Path, *, most_examples: int) -> Path:
        """Tune a model on a set, and give the folder of what came out. Raises StepFailed."""
        asked = ("--data", str(data), "--model", str(base), "--out", str(out), "--recipe", str(RECIPE))
        _done("training.tune", *asked, "--most-examples", str(most_examples), "--report-to", "none")
        return out / "model"


def prepare(plan: Plan) -> Prepared:
    """Write the set, and say what the steps would cost. Raises DataError and NoExamples."""
    judged_by = held_out(plan.shop)
    made_from = {path.name: digest(path)[:16] for path in sorted(plan.shop.iterdir()) if path.is_file()}
    names = {one.request.subject for one in judged_by}
    card = Card("product texts", made_from, {}, {}, held_against={"products held out": ", ".join(sorted(names))})
    found = lessons(plan.shop, plan.published)
    whole = build(found, asked_of(judged_by), card, plan.out / "set", Splitting(drop_overlap=True))
    sizes = [_computed(one) for one in read(plan.out / "set" / TRAIN)]
    judging = _LOAD_SECONDS + _SECONDS_A_TEXT * len(judged_by)
    allowed = max(1.0, plan.minutes * 60 - 2 * judging) * _LEARNED_A_SECOND / _EPOCHS
    most = max(1, min(len(sizes), int(len(sizes) * allowed / sum(sizes))))
    return Prepared(whole, judged_by, most, judging, _EPOCHS * sum(sizes) * most / len(sizes) / _LEARNED_A_SECOND)


def improve(plan: Plan, prepared: Prepared, machine: Machine, console: Console) -> tuple[Path, Improvement]:
    """Judge, tune and judge again; give the tuned model's folder. Raises StepFailed."""
    began = time.monotonic()

    def step(number: int, what: str, seconds: float) -> None:
        console.print(f"{time.monotonic() - began:5.0f} s  {number} of 3: {what}, about {seconds / 60:.0f} minutes")

    step(1, f"{len(prepared.judged_by)} texts with the model as it is", prepared.judging_seconds)
    before = machine.judge(plan.now, plan.shop, plan.out / "before.json")
    step(2, f"learning from {prepared.most_examples} texts", prepared.learning_seconds)
    tuned = machine.tune(plan.out / "set", plan.base, plan.out / "run", most_examples=prepared.most_examples)
    step(3, "the same texts with the tuned model", prepared.judging_seconds)
    after = machine.judge(tuned, plan.shop, plan.out / "after.json")
    return tuned, improvement(before, after)


def improvement(before: Judged, after: Judged) -> Improvement:
    """Hold two judgements of the same texts against each other. Raises NotComparable."""
    origins = {(one.task, one.subject): one.origin for one in before.texts}
    pairs = [(origins[one.task, one.subject], one.origin) for one in after.texts]
    by_task = {one.task: one for one in before.evaluations}

    def share(holds: Sequence[bool]) -> float:
        return 100 * sum(holds) / len(holds)

    return Improvement(
        texts=len(pairs),
        passed_before=share([was == "model" for was, _ in pairs]),
        passed_after=share([is_ == "model" for _, is_ in pairs]),
        own_before=share([was in _OWN for was, _ in pairs]),
        own_after=share([is_ in _OWN for _, is_ in pairs]),
        gained=estimate([100.0 * ((is_ == "model") - (was == "model")) for was, is_ in pairs]),
        gates=tuple(gate for one in after.evaluations for gate in gates(one, by_task[one.task])),
    )


def release(tuned: Path, found: Improvement, models: Path) -> ModelRevision:
    """Keep the tuned model and let the next demo write with it. Raises GatesNotPassed and NotBetter."""
    if not all(gate.is_passed for gate in found.gates):
        raise GatesNotPassed(found.gates)
    if found.passed_after <= found.passed_before:
        raise NotBetter("the tuned model is no better on products that it has not seen: nothing was released")
    revision = revision_of(tuned, NAME)
    keep(tuned, revision, models)
    choose(models, revision)
    return revision


def improvement_table(found: Improvement) -> Table:
    """Give the figures for people."""
    table = Table("", "before", "after", title=f"{found.texts} texts about products that were not learned from")
    table.add_row("pass as the model wrote them", f"{found.passed_before:.1f} %", f"{found.passed_after:.1f} %")
    table.add_row("in the model's words, repaired or not", f"{found.own_before:.1f} %", f"{found.own_after:.1f} %")
    gained = f"{found.gained.value:+.1f} points ({found.gained.low:+.1f} to {found.gained.high:+.1f})"
    table.add_row("gained", "", gained)
    return table


def set_lines(plan: Plan, prepared: Prepared) -> tuple[str, ...]:
    """Say what would be done, for people."""
    dev = plan.out / "set" / DEV
    looked_at = len(read(dev)) if dev.exists() else 0
    minutes = (2 * prepared.judging_seconds + prepared.learning_seconds) / 60
    return (
        f"learned from: {prepared.most_examples} texts; looked at meanwhile: {looked_at}; see {plan.out / 'set'}",
        f"judged by: {len(prepared.judged_by)} texts about products of which nothing is learned",
        f"about {minutes:.0f} minutes on two processor cores",
    )


def _computed(one: Example) -> float:
    """Guess how many tokens are computed for an example in a full pack, which has what its examples share once."""
    shared, own = (len(text) / _CHARACTERS_A_TOKEN for text in (one.told, one.asked + one.answer))
    return own * _PACK_TOKENS / max(own, _PACK_TOKENS - shared)


def _done(module: str, *arguments: str) -> None:
    code = subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
    if code:
        raise StepFailed(f"`python -m {module}` ended with {code}; what it said stands above, nothing was released")
