"""What users would write instead of a worker, in the faults that a worker is held against: measured, not judged.

What is asked of them is only that the measurement is sound: all was sent, and the run came to rest.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from schemas.request import GenerationRequest
from schemas.topics import REQUESTS_BULK, Topic
from tests.faults.orders import FAILS_ONCE, order
from tests.faults.places import read_between
from tests.faults.scenario import Scenario
from tests.faults.stage import IN_FLIGHT, Stage

_PROCESSES = 3
_QUIET_SECONDS = 15.0
"""Longer than nearly every generation takes."""
_DAY_MS = 86_400_000
_AT_ONE_TIME = {"BASELINE_AT_ONCE": "1", "SHELFTALK_FAKE__MEDIAN_SECONDS": "0.03"}
"""One text at a time, each in a tenth of the time: else a run would take a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """One loop in one fault: how often a process is killed, and whether the engine fails once for one in a hundred."""

    module: str
    settings: Mapping[str, str] = field(default_factory=dict)
    kills: int = 3
    is_flaky: bool = False

    def requests(self, stage: Stage) -> list[GenerationRequest]:
        """Give what the run asks for, for a stage always the same."""
        marked = {0: FAILS_ONCE} if self.is_flaky else {}
        return [
            order(stage.mark, stage.id(number), title=marked.get(number % 100, "Jacket"))
            for number in range(stage.count)
        ]


def _play(trial: _Trial, stage: Stage) -> None:
    """Give three processes a backlog, kill some on the way, and wait until nothing happens any more."""
    inputs, copies = _topics(stage)
    for request in trial.requests(stage):
        stage.feeder.send(inputs, request.subject, stage.ground.codec.encode(REQUESTS_BULK, request))
    stage.feeder.wait()
    environment = stage.engine_settings() | _environment(stage) | dict(trial.settings)
    names = [f"baseline-{number}" for number in range(1, _PROCESSES + 1)]
    for name in names:
        stage.start(name, trial.module, door=None, restarted=True, first=None, **environment)
    for turn in range(trial.kills):
        wanted = (turn + 1) * stage.count // (trial.kills + 2)
        stage.wait_until(lambda: _written(stage, copies) >= wanted, f"{wanted} texts", timeout_seconds=120)  # noqa: B023
        stage.supervisor.kill(stage.random.choice(names))
    _wait_for_rest(stage, inputs, copies)
    for name in names:
        stage.supervisor.stop(name)


def _review(trial: _Trial, stage: Stage) -> None:
    """Count whose texts are missing and whose are there more than once."""
    inputs, copies = _topics_of(stage)
    until = stage.ground.ends([inputs, copies])
    entries = read_between(stage.ground.bootstrap, dict.fromkeys(until, 0), until, "read_committed")
    asked = {one.request_id for one in trial.requests(stage)}
    texts = Counter((entry.value or b"").decode() for entry in entries if entry.place[0] == copies.name)
    stage.figures["inputs"] = sum(entry.place[0] == inputs.name for entry in entries)
    stage.figures["published"] = texts.total()
    stage.figures["lost"] = len(asked - texts.keys())
    stage.figures["duplicated"] = texts.total() - len(texts)
    stage.figures["at_most_times"] = max(texts.values(), default=0)
    stage.expect(stage.figures["inputs"] == stage.count and not stage.feeder.refused, "all inputs were sent")
    stage.expect(texts.keys() <= asked, "no text is of a request that nobody made")
    stage.expect(stage.supervisor.kills == trial.kills, f"{trial.kills} processes were killed")


def _topics(stage: Stage) -> tuple[Topic, Topic]:
    """Make topics that only this run has, since real workers would serve what stands in the real ones."""
    made = _topics_of(stage)
    admin = AdminClient({"bootstrap.servers": stage.ground.bootstrap})
    for future in admin.create_topics([NewTopic(one.name, one.partitions, 1) for one in made]).values():
        future.result(30)
    return made


def _topics_of(stage: Stage) -> tuple[Topic, Topic]:
    inputs, copies = (
        Topic(stage.id(name), "subject", GenerationRequest, "delete", _DAY_MS, partitions=8)
        for name in ("requests", "copies")
    )
    return inputs, copies


def _environment(stage: Stage) -> dict[str, str]:
    inputs, copies = _topics_of(stage)
    return {"BASELINE_INPUTS": inputs.name, "BASELINE_COPIES": copies.name, "BASELINE_GROUP": stage.id("group")}


def _written(stage: Stage, copies: Topic) -> int:
    return sum(stage.ground.ends([copies]).values())


def _wait_for_rest(stage: Stage, inputs: Topic, copies: Topic) -> None:
    """Return when all is committed and no text was added for a while."""
    last, since = -1, time.monotonic()

    def is_quiet() -> bool:
        nonlocal last, since
        now = _written(stage, copies)
        if now != last or not _is_committed(stage, inputs):
            last, since = now, time.monotonic()
        return time.monotonic() > since + _QUIET_SECONDS

    stage.wait_until(is_quiet, "the run came to rest", timeout_seconds=400)
    stage.figures["quiet_seconds"] = _QUIET_SECONDS


def _is_committed(stage: Stage, inputs: Topic) -> bool:
    """Tell whether the group has committed past every input."""
    settings = {"bootstrap.servers": stage.ground.bootstrap, "group.id": stage.id("group"), "log_level": 0}
    consumer = Consumer(settings)
    try:
        places = [TopicPartition(inputs.name, number) for number in range(inputs.partitions)]
        done = {(at.topic, at.partition): max(at.offset, 0) for at in consumer.committed(places, timeout=10)}
    except KafkaException:
        return False
    finally:
        consumer.close()
    return done == dict(stage.ground.ends([inputs]))


def _scenario(name: str, what: str, trial: _Trial) -> Scenario:
    return Scenario(name, what, partial(_play, trial), 1_500, judged=False, review=partial(_review, trial))


_FAUST = _Trial("tests.faults.baseline_faust")
_AUTOCOMMIT = _Trial("tests.faults.baseline_autocommit")

SCENARIOS = (
    _scenario("baseline-faust", f"measured: a Faust agent, {IN_FLIGHT} at once, killed three times", _FAUST),
    _scenario(
        "baseline-faust-flaky",
        "measured: a Faust agent whose engine fails once for one request in a hundred",
        replace(_FAUST, kills=0, is_flaky=True),
    ),
    _scenario("baseline-autocommit", f"measured: auto-commit, {IN_FLIGHT} at once, killed three times", _AUTOCOMMIT),
    _scenario(
        "baseline-one-at-a-time",
        "measured: auto-commit, one at a time, killed three times",
        replace(_AUTOCOMMIT, settings=_AT_ONE_TIME),
    ),
)
