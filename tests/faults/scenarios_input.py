"""Input that is bad, repeated, late or too much."""

from __future__ import annotations

import struct
from collections import Counter

from schemas.codec import ErrorClass
from schemas.flood import EX_FLOOD
from schemas.topics import PRODUCT_CREATED, REQUESTS_BULK
from tests.factories import product
from tests.faults.orders import Mix, order, orders
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_HUGE_BYTES = 1_900_000
_FLOOD = 1_000
_FLOOD_PASSED = 400
"""The limit is a hundred in a row for each of the four partitions."""
_UNKNOWN_SCHEMA = 99_999
_MIXED_UP = Mix(repeated=0.25, newer=0.2, older=0.1, localised=0.2)


def _poison(stage: Stage) -> None:
    """Send every kind of bad request, a few of each, among good ones."""
    requests = orders(stage.mark, stage.count, stage.random)
    stage.start_workers(2)
    step = len(requests) // 20
    for start in range(0, len(requests), step):
        for request in requests[start : start + step]:
            stage.feeder.ask(request)
        for name, (value, _) in _bad_values(stage, start).items():
            stage.feeder.send(REQUESTS_BULK, stage.id(f"{name}-{start}"), value)
            stage.count_up("poison")
    stage.wait_for_outcomes(stage.count // 2)
    stage.supervisor.kill("worker-1")
    stage.wait_drained()


def _poison_is_dead_lettered(stage: Stage) -> None:
    letters = stage.books.dead_letters if stage.books else ()
    found = Counter(letter.error_class for letter in letters)
    times = stage.counts["poison"] // len(_bad_values(stage))
    wanted = Counter(str(error) for _, error in _bad_values(stage).values() for _ in range(times))
    stage.expect(found == wanted, f"each bad request is a dead letter of its kind: {found}, not {wanted}")


def _bad_values(stage: Stage, turn: int = 0) -> dict[str, tuple[bytes | None, ErrorClass]]:
    """Give bad requests, by a name, each with what is wrong with it."""
    good = stage.ground.codec.encode(REQUESTS_BULK, order(stage.mark, stage.id("good")))
    other = stage.ground.codec.encode(PRODUCT_CREATED, product())
    stranger = order(stage.mark, stage.id(f"stranger-{turn}")).model_copy(update={"task": "unheard-of"})
    misplaced = stage.ground.codec.encode(REQUESTS_BULK, order(stage.mark, stage.id(f"misplaced-{turn}")))
    return {
        "null": (None, ErrorClass.NULL_VALUE),
        "empty": (b"", ErrorClass.BAD_MAGIC_BYTE),
        "no-magic": (b"\x07not of ours", ErrorClass.BAD_MAGIC_BYTE),
        "huge": (b"\x07" * _HUGE_BYTES, ErrorClass.BAD_MAGIC_BYTE),
        "truncated": (good[:-20], ErrorClass.TRUNCATED),
        "trailing": (good + b"more", ErrorClass.TRAILING_BYTES),
        "unknown-schema": (struct.pack(">bI", 0, _UNKNOWN_SCHEMA) + good[5:], ErrorClass.UNKNOWN_SCHEMA_ID),
        "wrong-schema": (other, ErrorClass.WRONG_SCHEMA),
        "other-key": (misplaced, ErrorClass.KEY_MISMATCH),
        "unknown-task": (stage.ground.codec.encode(REQUESTS_BULK, stranger), ErrorClass.UNKNOWN_TASK),
    }


def _repeated_and_late(stage: Stage) -> None:
    """Repeat every fourth request and mix up versions, with kills so that memory alone would not do."""
    requests = orders(stage.mark, stage.count, stage.random, _MIXED_UP)
    names = stage.start_workers(2)
    stage.feeder.feed(requests, over_seconds=8)
    for turn in range(3):
        stage.wait_for_outcomes((turn + 1) * stage.count // 5)
        stage.supervisor.kill(names[turn % 2])
    stage.wait_drained()
    for request in requests[:: max(1, stage.count // 100)]:
        stage.feeder.ask(request)
        stage.count_up("asked_again_later")
    stage.supervisor.kill(names[0])
    stage.wait_drained()


def _flood(stage: Stage) -> None:
    """Let a thousand bad requests follow good ones: the worker must stop, and drain them only when it is told to."""
    for request in orders(stage.mark, stage.count, stage.random):
        stage.feeder.ask(request)
    for number in range(_FLOOD):
        stage.feeder.send(REQUESTS_BULK, stage.id(f"bad-{number}"), b"\x07not of ours")
    stage.start_worker("worker-1", restarted=False)
    stage.wait_until(lambda: bool(stage.supervisor.exits), "the worker stops in the flood")
    code = stage.supervisor.exits[0].code
    stage.expect(code == EX_FLOOD, f"a flood ends the worker with {EX_FLOOD}, not with {code}")
    passed = _dead_lettered(stage)
    stage.figures["dead_lettered_before_the_stop"] = passed
    stage.expect(passed <= _FLOOD_PASSED, f"the flood is stopped, not drained: {passed} dead letters")
    stage.start_worker("worker-2", SHELFTALK_FLOOD_CONSECUTIVE="0", SHELFTALK_FLOOD_RATIO="0")
    stage.wait_drained()
    stage.expect(len(stage.supervisor.exits) == 1, "a worker that is told to drain a flood does not stop in it")


def _dead_lettered(stage: Stage) -> int:
    return sum(told.record.outcome == "dead-lettered" for told in stage.follower.outcomes)


def _registry_away(stage: Stage) -> None:
    """Take the registry away, restart a worker meanwhile, and send what can only be judged by asking it."""
    requests = orders(stage.mark, stage.count, stage.random)
    names = stage.start_workers(2)
    stage.feeder.feed(requests, over_seconds=10)
    stage.wait_for_outcomes(stage.count // 4)
    stage.ground.stack.kill_registry()
    good = stage.ground.codec.encode(REQUESTS_BULK, requests[0])
    for number in range(5):
        value = struct.pack(">bI", 0, _UNKNOWN_SCHEMA + stage.seed * 10 + number) + good[5:]
        stage.feeder.send(REQUESTS_BULK, stage.id(f"unknown-{number}"), value)
    stage.rest(3)
    stage.supervisor.kill(names[0])
    stage.rest(5)
    stage.expect(_dead_lettered(stage) == 0, "nothing is dead-lettered while the registry cannot be asked")
    stage.ground.stack.start_registry()
    stage.wait_drained()


def _five_unknown(stage: Stage) -> None:
    letters = [letter.error_class for letter in stage.books.dead_letters] if stage.books else []
    stage.expect(letters == ["unknown-schema-id"] * 5, f"only what the registry denies is dead-lettered, not {letters}")


SCENARIOS = (
    Scenario(
        "poison",
        "each bad request is one dead letter of its kind, and its neighbours are delivered",
        _poison,
        2_500,
        review=_poison_is_dead_lettered,
    ),
    Scenario(
        "duplicates-and-reordered",
        "a repeated request is served once and no old text follows a newer one, across restarts too",
        _repeated_and_late,
    ),
    Scenario(
        "flood",
        "a flood of bad requests stops the worker instead of draining the topic",
        _flood,
        500,
        exit_codes=frozenset({EX_FLOOD}),
    ),
    Scenario(
        "registry-away",
        "without a registry work goes on, what needs it waits, and nothing is dead-lettered for it",
        _registry_away,
        1_500,
        review=_five_unknown,
    ),
)
