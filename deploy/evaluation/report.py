"""An evaluation as figures: how good the texts are, who wrote them, and what was refused."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.table import Table

from deploy.evaluation.latency import Timed
from deploy.evaluation.run import Answer
from training.bootstrap import Estimate, estimate
from training.metrics import Sample, measure

_UNSUPPORTED: Final = "unsupported-"
_MODEL: Final = ("model", "repaired")


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found. `figures` are percentages but for `words`, `grade`, `output tokens` and milliseconds.

    `revision` says what the model's folder held, `data` is the same for the same examples in the same order, and
    `beside` is the revision that latencies were taken beside.
    """

    task: str
    model: str
    revision: str
    data: str
    examples: int
    figures: dict[str, Estimate]
    reasons: dict[str, int]
    beside: str = ""

    def json(self) -> str:
        """Give the report as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def table(self) -> Table:
        """Give the figures with their 95 % intervals as a table for people."""
        table = Table("figure", "value", "95 % interval", title=f"{self.task}: {self.examples} examples, {self.model}")
        for name, one in self.figures.items():
            table.add_row(name, f"{one.value:.2f}", f"{one.low:.2f} to {one.high:.2f}")
        for rule, count in self.reasons.items():
            table.add_row(f"refused: {rule}", f"{100 * count / self.examples:.1f}", f"{count} texts")
        return table


def report(task: str, model: str, found: Sequence[Answer], *, revision: str, latencies: Timed | None = None) -> Report:
    """Give the figures of a run; the first answers of the model count as unsupported, what is published never is."""
    samples = [Sample(one.text, one.example.references, one.example.values) for one in found]
    reasons = Counter(rule for one in found for rule in one.reasons)
    figures = _shares(found) | measure(samples) | (latencies.figures() if latencies else {})
    beside = latencies.beside if latencies else ""
    return Report(task, model, revision, _data(found), len(found), figures, dict(reasons.most_common()), beside)


def _data(found: Sequence[Answer]) -> str:
    total = hashlib.sha256()
    for one in found:
        # A request's id is made of its facts and of the wording that its task asks with.
        total.update(json.dumps([one.example.request.request_id, one.example.references]).encode())
    return total.hexdigest()[:16]


def _shares(found: Sequence[Answer]) -> dict[str, Estimate]:
    def share(holds: list[bool]) -> Estimate:
        return estimate([100.0 * one for one in holds])

    return {
        "in the model's words": share([one.origin in _MODEL for one in found]),
        "as the model wrote it": share([one.origin == "model" for one in found]),
        "by template": share([one.origin == "template" for one in found]),
        "withheld": share([not one.text for one in found]),
        "refused for an unsupported claim": share(
            [any(rule.startswith(_UNSUPPORTED) for rule in one.reasons) for one in found]
        ),
        "output tokens": estimate([float(one.tokens) for one in found]),
    }
