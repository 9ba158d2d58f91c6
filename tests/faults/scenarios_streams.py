"""Events in, copy out: streams that die, fail, wait and are sent what is no event, with workers behind them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from schemas.codec import ErrorClass
from schemas.flood import EX_FLOOD
from schemas.registry import HttpRegistry
from schemas.topics import DEAD_LETTERS, PRODUCT_CREATED, REQUESTS, REVIEW_POSTED
from tests.faults import recovery
from tests.faults.event_checker import check_events
from tests.faults.events import Event, Sent, bad_events, described, newer_schema, sent, sent_newer, shop_events
from tests.faults.orders import FAILS_ALWAYS, FAILS_ONCE, HANGS
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.integration.streamsrun import lag

_STREAMS = "streams"
_VERSIONS = 5
_FLOOD = 800
_FLOOD_PASSED = 300
"""The limit is a hundred in a row, counted over the partitions of a topic, of which some have good ones to come."""

Making = Callable[[Stage], list[Sent]]
"""Gives what a run is sent, for a stage always the same."""


def _ordinary(stage: Stage) -> list[Sent]:
    return _messages(stage, shop_events(stage.mark, stage.count, _chance(stage)))


def _flaky(stage: Stage) -> list[Sent]:
    """One product in a hundred can never be processed, two more at the second try only."""
    made = []
    for number in range(stage.count):
        title = {50: FAILS_ALWAYS, 20: FAILS_ONCE, 70: FAILS_ONCE}.get(number % 100, "Jacket")
        error = ErrorClass.INTERNAL_ERROR if title == FAILS_ALWAYS else None
        made.append(sent(stage.ground.codec, described(stage.id(f"P{number}"), 1, title=title), error=error))
    return made


def _hanging(stage: Stage) -> list[Sent]:
    """One product among others whose step never ends where the streams are told so."""
    one = sent(stage.ground.codec, described(stage.id("hangs"), 1, title=f"Jacket {HANGS}"))
    return [one, *_ordinary(stage)]


def _poisoned(stage: Stage) -> list[Sent]:
    """Every kind of bad event, three times, each among good ones."""
    bad = [one for turn in range(3) for one in bad_events(stage.ground.codec, stage.id(f"bad{turn}"))]
    return _among(bad, _ordinary(stage))


def _flooded(stage: Stage) -> list[Sent]:
    """Good events, then hundreds in a row that are none, then good ones again."""
    good = _ordinary(stage)
    bad = [
        Sent(REVIEW_POSTED, stage.id(f"F{number}"), b"no event", error=ErrorClass.BAD_MAGIC_BYTE)
        for number in range(_FLOOD)
    ]
    return [*good[: len(good) // 2], *bad, *good[len(good) // 2 :]]


def _shuffled(stage: Stage) -> list[Sent]:
    """Every version of every product in any order, one in four once more."""
    chance = _chance(stage)
    products: list[Event] = [
        described(stage.id(f"P{number}"), version)
        for number in range(stage.count // _VERSIONS)
        for version in range(1, _VERSIONS + 1)
    ]
    events = products + chance.sample(products, len(products) // 4)
    chance.shuffle(events)
    return _messages(stage, events)


def _evolved(stage: Stage) -> list[Sent]:
    """Products of which every second one is written with a newer schema, which the streams have not met."""
    codec, registry = stage.ground.codec, HttpRegistry(stage.ground.stack.registry_url)
    schema_id = registry.register(PRODUCT_CREATED.subject, newer_schema())
    products = [described(stage.id(f"P{number}"), 1) for number in range(stage.count)]
    return [sent_newer(one, schema_id) if number % 2 else sent(codec, one) for number, one in enumerate(products)]


def _kill(make: Making, stage: Stage) -> None:
    """Kill the streams twice with events in their hands."""
    messages = make(stage)
    half = len(messages) // 2
    _send(stage, messages[:half])
    stage.start(_STREAMS, "streams")
    stage.start_workers(2)
    for turn, rest in enumerate((messages[half:], []), start=1):
        _wait_for_requests(stage, turn * len(messages) // 8)
        stage.supervisor.kill(_STREAMS)
        unfinished = lag(stage.ground.bootstrap)
        stage.figures[f"unfinished_at_kill_{turn}"] = unfinished
        stage.expect(unfinished > 0, "the streams are killed in the middle of their work")
        _send(stage, rest)
    _wait_settled(stage)


def _run(entry: str, make: Making, stage: Stage) -> None:
    """Let streams and workers do all of it without a fault from outside."""
    stage.start(_STREAMS, entry)
    stage.start_workers(2)
    _send(stage, make(stage))
    _wait_settled(stage)
    stage.expect(not stage.supervisor.exits, f"streams and workers go on: {stage.supervisor.exits}")


def _flood(make: Making, stage: Stage) -> None:
    """Send the streams hundreds of bad events in a row: they must stop, and drain them only when they are told to."""
    stage.start_workers(2)
    _send(stage, make(stage))
    stage.start(_STREAMS, "streams", restarted=False)
    stage.wait_until(lambda: bool(stage.supervisor.exits), "the streams stop in the flood")
    code = stage.supervisor.exits[0].code
    stage.expect(code == EX_FLOOD, f"a flood ends the streams with {EX_FLOOD}, not with {code}")
    passed = stage.ground.count_since(stage.follower.since, [DEAD_LETTERS])
    stage.figures["dead_lettered_before_the_stop"] = passed
    stage.expect(passed < _FLOOD_PASSED, f"the flood is stopped, not drained: {passed} dead letters")
    stage.start(_STREAMS, "streams", SHELFTALK_FLOOD_CONSECUTIVE="0", SHELFTALK_FLOOD_RATIO="0")
    _wait_settled(stage)
    stage.expect(len(stage.supervisor.exits) == 1, "streams that are told to drain a flood do not stop in it")


def _registry_away(make: Making, stage: Stage) -> None:
    """Take the registry away before what needs it arrives, and give it back when streams wait for it."""
    messages = make(stage)
    stage.start(_STREAMS, "streams")
    stage.start_workers(2)
    _send(stage, messages[:1])
    _wait_for_requests(stage, 1)
    stage.wait_for_outcomes(1)  # by now everybody knows the schemas of all that is written
    stage.ground.stack.kill_registry()
    try:
        _send(stage, messages[1:])
        log = stage.supervisor.log(_STREAMS)
        stage.wait_until(lambda: b"waiting for the world" in log.read_bytes(), "streams wait for the registry")
        stage.supervisor.kill(_STREAMS)
        stage.rest(3)
        stage.figures["unfinished_without_registry"] = lag(stage.ground.bootstrap)
    finally:
        stage.ground.stack.start_registry()
    _wait_settled(stage)


def _stuck(make: Making, stage: Stage) -> None:
    """Let one step never end, in the first life of the streams, while other events come, with production's patience."""
    messages = make(stage)
    stage.start(_STREAMS, "tests.faults.streams_entry", first={"FAULTS_STEP_HANGS": "1"})
    stage.start_workers(2)
    _send(stage, messages[: len(messages) // 2])
    log = stage.supervisor.log(_STREAMS)
    stage.wait_until(lambda: b"hangs on purpose" in log.read_bytes(), "an agent is stuck")
    stuck_at = time.monotonic()
    _send(stage, messages[len(messages) // 2 :])
    stage.wait_until(lambda: bool(stage.supervisor.exits), "the stuck streams have ended", timeout_seconds=150)
    seconds = recovery.replaced(stage, _STREAMS, stuck_at)
    recovery.note(stage, "replaced_seconds", seconds, at_most=recovery.REPLACED_SECONDS)
    _wait_settled(stage)
    codes = [each.code for each in stage.supervisor.exits]
    stage.expect(codes == [os.EX_TEMPFAIL], f"the streams end once, with 75, not {codes}")


def _review(make: Making, stage: Stage) -> None:
    """Hold the books against what was sent; what was in hand at a restart may be dead-lettered once more."""
    if stage.books is None:
        return
    messages = make(stage)
    findings = check_events(messages, stage.books)
    stage.figures["events"] = len(messages)
    stage.figures["events_wrong"] = len(findings.problems)
    stage.figures["events_dead_lettered"] = sum(one.error is not None for one in messages)
    stage.figures["dead_letters_twice"] = findings.repeated_letters
    stage.broken += findings.problems


def _review_once(make: Making, stage: Stage) -> None:
    """Hold the books against what was sent to streams that were not restarted."""
    _review(make, stage)
    stage.expect(stage.figures["dead_letters_twice"] == 0, "no event is dead-lettered twice")


def _chance(stage: Stage) -> Random:
    return Random(stage.seed)  # noqa: S311 - chance that can be repeated is what is wanted


def _messages(stage: Stage, events: Sequence[Event]) -> list[Sent]:
    return [sent(stage.ground.codec, event) for event in events]


def _among(few: Sequence[Sent], many: Sequence[Sent]) -> list[Sent]:
    step = max(1, len(many) // len(few))
    mixed: list[Sent] = []
    for number, one in enumerate(few):
        mixed += [one, *many[number * step : (number + 1) * step]]
    return mixed + list(many[len(few) * step :])


def _send(stage: Stage, messages: Sequence[Sent]) -> None:
    for one in messages:
        stage.feeder.send(one.topic, one.key, one.value)
    stage.feeder.wait()


def _wait_for_requests(stage: Stage, count: int) -> None:
    stage.wait_until(lambda: stage.ground.count_since(stage.follower.since, REQUESTS) >= count, f"{count} requests")


def _wait_settled(stage: Stage) -> None:
    """Return when the streams have settled every event and the workers every request."""
    stage.wait_until(lambda: lag(stage.ground.bootstrap) == 0, "all events settled", timeout_seconds=180)
    stage.wait_drained()


def _scenario(
    name: str,
    promise: str,
    make: Making,
    play: Callable[[Making, Stage], None],
    *,
    events: int,
    review: Callable[[Making, Stage], None] = _review,
    exit_codes: frozenset[int] = frozenset(),
) -> Scenario:
    return Scenario(name, promise, partial(play, make), events, review=partial(review, make), exit_codes=exit_codes)


SCENARIOS = (
    _scenario(
        "streams-kill", "streams that are killed with events in their hands lose none", _ordinary, _kill, events=500
    ),
    _scenario(
        "stuck-agent",
        "streams with a step that never ends are replaced within 60 s, however busy the others are, and lose no event",
        _hanging,
        _stuck,
        events=300,
        exit_codes=frozenset({os.EX_TEMPFAIL}),
    ),
    _scenario(
        "flaky-steps",
        "an event whose step fails each time is one dead letter, one whose step fails once is delivered",
        _flaky,
        partial(_run, "tests.faults.streams_entry"),
        events=400,
        review=_review_once,
    ),
    _scenario(
        "poison-events",
        "each bad event is one dead letter of its kind, and its neighbours are delivered",
        _poisoned,
        partial(_run, "streams"),
        events=300,
        review=_review_once,
    ),
    _scenario(
        "flood-of-invalid-events",
        "a flood of bad events stops the streams instead of draining the topic, and takes no good one with it",
        _flooded,
        _flood,
        events=300,
        exit_codes=frozenset({EX_FLOOD}),
    ),
    _scenario(
        "duplicated-and-reordered-events",
        "of events that come twice and in any order, the newest version of each product is published once, and last",
        _shuffled,
        _kill,
        events=400,
    ),
    _scenario(
        "schema-evolution-with-registry-away",
        "events of a newer schema wait for the registry, and nothing is dead-lettered for it",
        _evolved,
        _registry_away,
        events=300,
    ),
)
