"""From an evaluated candidate to what is live: the gates that it must pass, and the steps that it takes.

A candidate is proposed, generates beside what is live as a shadow, writes for a share of the subjects as a canary, and
goes live. Each step is a new record of its task on `model-releases`; going back is one step from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from schemas.releases import EVERY_TASK, Action, Gate, ModelRelease, ModelRevision

_WHOLE = 100

GATES: Final[Mapping[str, Literal["higher", "lower"]]] = {
    "refused for an unsupported claim": "lower",
    "withheld": "lower",
    "in the model's words": "higher",
    "rouge1": "higher",
    "rouge2": "higher",
    "rougeL": "higher",
    "bleu": "higher",
    "chrf": "higher",
    "coverage": "higher",
    "repetition": "lower",
    "self-bleu": "lower",
}
"""The figures of `shelftalk evaluate` that a candidate is held to, and which way each is better."""

LATENCIES: Final[Mapping[str, float]] = {"latency, median": 50.0, "latency, 95 of 100": 95.0}
"""The gates of time, in milliseconds a text, and the percentile that each is: lower is better."""

BESIDE: Final = ", of what is live"
"""What the name of a latency ends with that was taken of the live model in the same run."""


class ReleaseError(Exception):
    """Base of what stands against a release; every message says what to do next.

    ReleaseError
    ├── NotComparable   the two evaluations are not of the same examples, or not of the models that are meant
    ├── GatesNotPassed  the candidate is worse: its `gates` say where
    └── NotNow          the release is not where this step begins
    """


class NotComparable(ReleaseError):
    """The evaluations do not say which of two models is better."""


class GatesNotPassed(ReleaseError):
    """The candidate is worse than what is live on a gate."""

    def __init__(self, gates: tuple[Gate, ...]) -> None:
        failed = ", ".join(f"{gate.figure} ({gate.task})" for gate in gates if not gate.is_passed)
        super().__init__(f"the candidate is worse than what is live: {failed}; nothing was proposed")
        self.gates = gates


class NotNow(ReleaseError):
    """The step does not follow on where the release is."""


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Figure(_Lenient):
    """One figure of an evaluation with its interval of 95 %."""

    value: float
    low: float
    high: float


class Evaluation(_Lenient):
    """What `shelftalk evaluate --json` prints; `data` names the examples and `revision` the model that was scored."""

    task: str
    model: str
    revision: str
    data: str
    examples: int
    figures: dict[str, Figure]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, and when."""

    by: str
    unix_ms: int


def gates(candidate: Evaluation, live: Evaluation) -> tuple[Gate, ...]:
    """Hold each gate's figure of a candidate against what is live. Raises NotComparable.

    A figure that both lack, such as ROUGE where nobody wrote references, is no gate.
    """
    if (candidate.task, candidate.data, candidate.examples) != (live.task, live.data, live.examples):
        raise NotComparable(
            f"the evaluations are of different examples ({candidate.task} {candidate.data}, {live.task} {live.data}): "
            "run `shelftalk evaluate` for both models on the same files"
        )
    shared = [name for name in GATES if name in candidate.figures and name in live.figures]
    lacking = [name for name in GATES if (name in candidate.figures) != (name in live.figures)]
    if lacking or not shared:
        raise NotComparable(f"one evaluation lacks {', '.join(lacking) or 'every figure'}: run both with this release")
    found = (_gate(candidate.task, name, candidate.figures[name], live.figures[name]) for name in shared)
    return (*found, *_gates_of_time(candidate, live))


def _gates_of_time(candidate: Evaluation, live: Evaluation) -> tuple[Gate, ...]:
    """Give the gates of a candidate that was timed beside what is live, in one run; another run's times say nothing."""
    if not candidate.beside:
        return ()
    if candidate.beside != live.revision:
        raise NotComparable(
            f"latencies were taken beside the revision {candidate.beside}, and {live.revision} is what it is held "
            "against: run `shelftalk evaluate --beside` again"
        )
    figures = candidate.figures
    return tuple(_gate(candidate.task, name, figures[name], figures[f"{name}{BESIDE}"]) for name in LATENCIES)


def _gate(task: str, name: str, candidate: Figure, live: Figure) -> Gate:
    better = GATES.get(name, "lower")
    is_worse = candidate.value < live.low if better == "higher" else candidate.value > live.high
    return Gate(
        task=task,
        figure=name,
        better=better,
        live=live.value,
        live_low=live.low,
        live_high=live.high,
        candidate=candidate.value,
        candidate_low=candidate.low,
        candidate_high=candidate.high,
        is_passed=not is_worse,
    )


def propose(
    current: ModelRelease, candidate: ModelRevision, passed: Sequence[Gate], decision: Decision
) -> ModelRelease:
    """Make a model the candidate that is not served yet. Raises GatesNotPassed and NotNow."""
    if not all(gate.is_passed for gate in passed):
        raise GatesNotPassed(tuple(passed))
    foreign = sorted({gate.task for gate in passed} - {current.task})
    if foreign and current.task != EVERY_TASK:
        raise NotComparable(f"an evaluation of {', '.join(foreign)} says nothing about {current.task}")
    if current.stage in ("shadow", "canary"):
        raise NotNow(f"{_named(current.candidate)} is a {current.stage}: roll it back or make it live first")
    if current.live is not None and current.live.content_hash == candidate.content_hash:
        raise NotNow(f"{_named(candidate)} is live already")
    change = {"candidate": candidate, "stage": "proposed", "gates": tuple(passed)}
    return _after(current, "propose", decision, change)


def shadow(current: ModelRelease, decision: Decision) -> ModelRelease:
    """Let the candidate generate beside what is published; a canary steps back. Raises NotNow."""
    _require_candidate(current)
    return _after(current, "shadow", decision, {"stage": "shadow"})


def canary(current: ModelRelease, percent: int, decision: Decision) -> ModelRelease:
    """Let the candidate write for a share of the subjects, another share than before included. Raises NotNow."""
    _require_candidate(current)
    if not 0 < percent < _WHOLE:
        raise NotNow("a canary writes for 1 to 99 percent of the subjects: `live` is for all")
    return _after(current, "canary", decision, {"stage": "canary", "canary_percent": percent})


def live(current: ModelRelease, decision: Decision) -> ModelRelease:
    """Let a canary write for all subjects. Raises NotNow."""
    if current.stage != "canary":
        raise NotNow("only a canary goes live: `shelftalk release canary` comes first")
    change = {"live": current.candidate, "previous": current.live, "candidate": None}
    return _after(current, "live", decision, change)


def roll_back(current: ModelRelease, decision: Decision) -> ModelRelease:
    """Go back one step: without the candidate if there is one, else to what was live before. Raises NotNow."""
    if current.candidate is not None:
        return _after(current, "rollback", decision, {"candidate": None, "gates": ()})
    if current.live is None:
        raise NotNow(f"nothing is released for {current.task}: there is nothing to go back from")
    change = {"live": current.previous, "previous": None, "gates": ()}
    return _after(current, "rollback", decision, change)


def unreleased(task: str) -> ModelRelease:
    """Give the state of a task for which nobody has released anything."""
    return ModelRelease(task=task, action="rollback", released_by="nobody", released_unix_ms=0)


def _require_candidate(current: ModelRelease) -> None:
    if current.candidate is None:
        raise NotNow(f"there is no candidate for {current.task}: `shelftalk release propose` comes first")


def _after(current: ModelRelease, action: Action, decision: Decision, change: Mapping[str, object]) -> ModelRelease:
    fixed = {"action": action, "released_by": decision.by, "released_unix_ms": decision.unix_ms}
    stage = {"stage": None, "canary_percent": 0}
    return current.model_copy(update={**stage, **change, **fixed})


def _named(revision: ModelRevision | None) -> str:
    return f"{revision.name} ({revision.revision})" if revision else "nothing"
