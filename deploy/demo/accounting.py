"""Where everything went: each request has one outcome, each product one end, and the sums are equal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from deploy.demo.checks import disagreements
from deploy.demo.seen import UNKNOWN_TASK, Seen, deciding, place_of
from deploy.show import Shown
from schemas import tasks, topics
from schemas.ledger import GenerationOutcome

EndKind = Literal["published", "withheld", "withdrawn", "dead-lettered", "refused", "unchanged", "lost"]
END_KINDS: Final[tuple[EndKind, ...]] = get_args(EndKind)

_FIRST_TELLS: Final[tuple[EndKind, ...]] = ("dead-lettered", "withheld", "published", "withdrawn")
"""A product with texts in several languages ends as the first of these that any of its texts ended as."""


@dataclass(frozen=True, slots=True)
class RefusedProduct:
    """A line of a shop's products that was refused: what it called the product (else its place), and why.

    It counts only where no message with this key was sent.
    """

    product_id: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fed:
    """What went in: the confirmed messages, the product lines that were refused, the products fed in earlier runs."""

    events: int
    refused: tuple[RefusedProduct, ...] = ()
    known_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TaskAccount:
    """What became of one task's requests. `model` are texts as first written, `repaired` those after one repair.

    `why_withheld` counts the rules that withheld texts, `why_not_first` those that refused a published text's first
    candidates. Tokens are sums over all attempts.
    """

    task: str
    requests: int
    model: int = 0
    repaired: int = 0
    template: int = 0
    withheld: int = 0
    withdrawn: int = 0
    superseded: int = 0
    duplicate: int = 0
    dead_lettered: int = 0
    why_withheld: Mapping[str, int] | None = None
    why_not_first: Mapping[str, int] | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    @property
    def published(self) -> int:
        """Give the number of texts published, whoever wrote them."""
        return self.model + self.repaired + self.template

    @property
    def ended(self) -> int:
        """Give the number of outcomes: as many as requests when all is well."""
        dropped = self.superseded + self.duplicate
        return self.published + self.withheld + self.withdrawn + dropped + self.dead_lettered


@dataclass(frozen=True, slots=True)
class ProductEnd:
    """How one product ended. The reasons are rule ids, error classes, or why a line was refused."""

    product_id: str
    kind: EndKind
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounts:
    """The whole account of one run; it adds up when there are no problems."""

    events: int
    requests: int
    tasks: tuple[TaskAccount, ...]
    products: tuple[ProductEnd, ...]
    dead_letters: Mapping[str, int]
    problems: tuple[str, ...]

    def ends(self, kind: EndKind) -> int:
        """Give how many products ended so."""
        return sum(end.kind == kind for end in self.products)


def account(what: Seen, fed: Fed) -> Accounts:
    """Give the account of one run, with every place where it does not add up."""
    per_task = _per_task(what)
    ends = _product_ends(what, fed)
    return Accounts(
        events=len(what.inputs),
        requests=len(what.requests),
        tasks=per_task,
        products=ends,
        dead_letters=Counter(letter.error_class for found in what.letters.values() for letter in found),
        problems=(
            *_lost_events(what, fed),
            *disagreements(what, is_fresh=not fed.known_before),
            *(_sum_problem(each) for each in per_task if each.ended != each.requests),
            *_end_problems(what, ends),
        ),
    )


def _per_task(what: Seen) -> tuple[TaskAccount, ...]:
    asked = Counter(
        request.task if request and request.task in tasks.BY_NAME else UNKNOWN_TASK
        for request in what.requests.values()
    )
    ended: dict[str, list[GenerationOutcome]] = defaultdict(list)
    for found in what.outcomes.values():
        for outcome in found:
            ended[outcome.task].append(outcome)
    others = sorted((asked.keys() | ended.keys()) - tasks.BY_NAME.keys())
    return tuple(_task_account(name, asked[name], ended[name]) for name in (*tasks.BY_NAME, *others))


def _task_account(task: str, requests: int, outcomes: Sequence[GenerationOutcome]) -> TaskAccount:
    kinds = Counter(outcome.outcome for outcome in outcomes)
    published = [outcome for outcome in outcomes if outcome.outcome == "published"]
    origins = Counter(outcome.origin for outcome in published)
    withheld = [outcome for outcome in outcomes if outcome.outcome == "withheld"]
    return TaskAccount(
        task=task,
        requests=requests,
        model=origins["model"],
        repaired=origins["repaired"],
        template=origins["template"],
        withheld=kinds["withheld"],
        withdrawn=kinds["withdrawn"],
        superseded=kinds["superseded"],
        duplicate=kinds["duplicate"],
        dead_lettered=kinds["dead-lettered"],
        why_withheld=_rules(withheld),
        why_not_first=_rules(published),
        prompt_tokens=sum(outcome.prompt_tokens for outcome in outcomes),
        cached_tokens=sum(outcome.cached_tokens for outcome in outcomes),
        output_tokens=sum(outcome.output_tokens for outcome in outcomes),
    )


def _rules(outcomes: Sequence[GenerationOutcome]) -> Mapping[str, int]:
    """Count the texts that each rule refused, a rule once per text, the most frequent first."""
    return dict(Counter(rule for outcome in outcomes for rule in sorted(set(outcome.rules))).most_common())


def _product_ends(what: Seen, fed: Fed) -> tuple[ProductEnd, ...]:
    messages: dict[str, list[Shown]] = defaultdict(list)
    for each in what.inputs:
        if each.topic == topics.PRODUCT_CREATED.name:
            messages[each.key].append(each)
    texts: dict[str, list[GenerationOutcome]] = defaultdict(list)
    for name, outcome in deciding(what).items():
        if outcome is not None and name.task == tasks.PRODUCT_DESCRIPTION.name:
            texts[name.subject].append(outcome)
    ends = [
        _end_of_texts(key, texts[key]) if texts[key] else _end_without_text(key, messages[key], what, fed)
        for key in sorted(messages)
    ]
    refused = {each.product_id: each for each in fed.refused if each.product_id not in messages}
    return (*ends, *(ProductEnd(key, "refused", (f"{at.place}: {at.reason}",)) for key, at in sorted(refused.items())))


def _end_without_text(product_id: str, messages: Sequence[Shown], what: Seen, fed: Fed) -> ProductEnd:
    alive = [each for each in messages if place_of(each) not in what.letters]
    if not alive:
        return ProductEnd(product_id, "dead-lettered", (what.letters[place_of(messages[-1])][0].error_class,))
    if alive[-1].record is None:
        return ProductEnd(product_id, "withdrawn")
    return ProductEnd(product_id, "unchanged" if product_id in fed.known_before else "lost")


def _end_of_texts(product_id: str, outcomes: Sequence[GenerationOutcome]) -> ProductEnd:
    kinds = {outcome.outcome for outcome in outcomes}
    kind = next(kind for kind in _FIRST_TELLS if kind in kinds)
    if kind == "dead-lettered":
        return ProductEnd(product_id, kind, ("generation-request",))
    rules = sorted({rule for outcome in outcomes if outcome.outcome == "withheld" for rule in outcome.rules})
    return ProductEnd(product_id, kind, tuple(rules))


def _lost_events(what: Seen, fed: Fed) -> list[str]:
    missing = fed.events - len(what.inputs)
    return [f"{fed.events} events were confirmed, {len(what.inputs)} are on the input topics"] if missing > 0 else []


def _sum_problem(task: TaskAccount) -> str:
    return f"{task.task}: {task.requests} requests, {task.ended} outcomes"


def _end_problems(what: Seen, ends: Sequence[ProductEnd]) -> list[str]:
    last = {each.key: each for each in what.inputs if each.topic == topics.PRODUCT_CREATED.name}
    standing_deleted = {key for key, each in last.items() if each.record is None and place_of(each) not in what.letters}
    problems = [f"product {end.product_id} is lost: nothing was asked for it" for end in ends if end.kind == "lost"]
    problems += [
        f"product {end.product_id} was deleted and yet ends as {end.kind}"
        for end in ends
        if end.product_id in standing_deleted and end.kind != "withdrawn"
    ]
    problems += [
        f"product {end.product_id} is withheld without a reason"
        for end in ends
        if end.kind == "withheld" and not end.reasons
    ]
    return problems
