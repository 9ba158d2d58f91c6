"""The account as numbers for other programs: what `summary.json` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from deploy.demo.accounting import END_KINDS, Accounts, TaskAccount
from schemas import tasks
from schemas.ledger import GenerationOutcome


class TaskSummary(BaseModel):
    """One task's numbers; `requests` is the sum of `model` to `dead_lettered`.

    `model` counts the texts that are the model's own, `repaired` how many of those a repair changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: int
    model: int
    template: int
    withheld: int
    withdrawn: int
    superseded: int
    duplicate: int
    dead_lettered: int
    repaired: int
    why_withheld: dict[str, int]
    why_not_first: dict[str, int]
    output_tokens: int


class Summary(BaseModel):
    """One run in numbers. `dead_lettered` counts events and requests together.

    `seconds` is the whole command; tokens a second are counted from the first generation's start to the last one's end.
    `own_share` is the part of all published descriptions that is the model's own text, None without any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: str
    engine: str
    model: str
    events: int
    refused_lines: int
    requests: int
    tasks: dict[str, TaskSummary]
    products: dict[str, int]
    dead_lettered: int
    dead_letters: dict[str, int]
    own_share: float | None
    seconds: float
    output_tokens: int
    output_tokens_per_second: float
    adds_up: bool
    problems: list[str]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the topics do not say about a run."""

    shop: str
    engine: str
    model: str
    refused_lines: int
    seconds: float
    generating_seconds: float


def summarise(accounts: Accounts, facts: RunFacts) -> Summary:
    """Give a run's numbers."""
    tokens = sum(task.output_tokens for task in accounts.tasks)
    ends = {kind.replace("-", "_"): accounts.ends(kind) for kind in END_KINDS}
    return Summary(
        shop=facts.shop,
        engine=facts.engine,
        model=facts.model,
        events=accounts.events,
        refused_lines=facts.refused_lines,
        requests=accounts.requests,
        tasks={task.task: _of_task(task) for task in accounts.tasks},
        products={"products": len(accounts.products)} | ends,
        dead_lettered=sum(accounts.dead_letters.values()),
        dead_letters=dict(accounts.dead_letters),
        own_share=own_share(accounts),
        seconds=round(facts.seconds, 1),
        output_tokens=tokens,
        output_tokens_per_second=round(tokens / facts.generating_seconds, 1) if facts.generating_seconds else 0.0,
        adds_up=not accounts.problems,
        problems=list(accounts.problems),
    )


def own_share(accounts: Accounts) -> float | None:
    """Give the part of the published descriptions that the model wrote itself, from 0 to 1; None without any."""
    for task in accounts.tasks:
        if task.task == tasks.PRODUCT_DESCRIPTION.name and task.published:
            return round((task.model + task.repaired) / task.published, 3)
    return None


def generating_seconds(outcomes: Iterable[GenerationOutcome]) -> float:
    """Give the wall time from the first generation's start to the last one's end, in seconds; 0 without any."""
    spans = [(each.finished_unix_ms - each.seconds * 1000, each.finished_unix_ms) for each in outcomes if each.seconds]
    if not spans:
        return 0.0
    return max((max(end for _, end in spans) - min(start for start, _ in spans)) / 1000, 0.001)


def _of_task(task: TaskAccount) -> TaskSummary:
    return TaskSummary(
        requests=task.requests,
        model=task.model + task.repaired,
        template=task.template,
        withheld=task.withheld,
        withdrawn=task.withdrawn,
        superseded=task.superseded,
        duplicate=task.duplicate,
        dead_lettered=task.dead_lettered,
        repaired=task.repaired,
        why_withheld=dict(task.why_withheld or {}),
        why_not_first=dict(task.why_not_first or {}),
        output_tokens=task.output_tokens,
    )
