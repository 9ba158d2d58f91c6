"""The suite's own parts: what is kept running, what is asked for, what a second reader is compared with."""

from __future__ import annotations

import json
import threading
from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from tests.faults.__main__ import Destination, Turn, _one_after_the_other, part_of, turns_of, unused, without_kept
from tests.faults.catalogue import ALL
from tests.faults.checker import Findings, text_key
from tests.faults.failpoints import jumping
from tests.faults.feeder import Feeder
from tests.faults.follower import disagreement
from tests.faults.orders import Mix, orders
from tests.faults.places import Entry
from tests.faults.result import Counted, Result, revision
from tests.faults.runner import Size, run, unplanned
from tests.faults.scenario import Scenario
from tests.faults.summary import summary
from tests.faults.supervisor import Exit, Supervisor
from tests.faults.table import newest
from tests.faults.worker import prompt_of
from tests.integration.reading import wait_until
from workers.engines.fake import LedgerCounts

ENDS_IF_TOLD = (
    "-n1",
    "-r1",
    "import os, time; os._exit(7) if os.environ.get('END') else time.sleep(60)",
)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    one = Supervisor(tmp_path)
    yield one
    one.close()


def test_what_is_killed_is_restarted_at_once_and_its_end_is_noted(supervisor: Supervisor) -> None:
    supervisor.start("one", "timeit", {}, arguments=ENDS_IF_TOLD)
    first = supervisor.pid("one")
    at = supervisor.kill("one")
    wait_until(lambda: supervisor.life_after("one", at) is not None, "a second life")
    assert supervisor.pid("one") != first
    assert [(each.name, each.code) for each in supervisor.exits] == [("one", -9)]


def test_settings_for_the_first_life_are_gone_in_the_second(supervisor: Supervisor) -> None:
    supervisor.start("one", "timeit", {}, arguments=ENDS_IF_TOLD, first={"END": "1"})
    wait_until(lambda: bool(supervisor.exits), "the first life ends")
    wait_until(lambda: supervisor.is_running("one"), "the second goes on")
    assert [each.code for each in supervisor.exits] == [7]


def test_what_is_stopped_or_killed_for_good_is_not_restarted(supervisor: Supervisor) -> None:
    for name in ("one", "two"):
        supervisor.start(name, "timeit", {}, arguments=ENDS_IF_TOLD)
    supervisor.kill_for_good("one")
    wait_until(lambda: bool(supervisor.exits), "the killed one has ended")
    assert supervisor.stop("two") == -15
    assert supervisor.stop_all() == []
    assert [life.name for life in supervisor.lives] == ["one", "two"]


def test_a_frozen_process_can_be_asked_to_end(supervisor: Supervisor) -> None:
    supervisor.start("one", "timeit", {}, arguments=ENDS_IF_TOLD)
    supervisor.freeze("one")
    assert [each.code for each in supervisor.stop_all()] == [-15]


STANDS_STILL_LISTENING = ("-n1", "-r1", "import faulthandler, time; faulthandler.register(10); time.sleep(60)")


def test_what_stands_still_says_where_and_what_does_not_listen_lives_on(supervisor: Supervisor) -> None:
    supervisor.start("listens", "timeit", {}, arguments=STANDS_STILL_LISTENING)
    supervisor.start("deaf", "timeit", {}, arguments=ENDS_IF_TOLD)

    def says_where() -> bool:
        supervisor.show_stacks(["listens", "deaf"])
        return b"most recent call first" in supervisor.log("listens").read_bytes()

    wait_until(says_where, "a stack in the log")
    assert (supervisor.exits, supervisor.is_running("deaf")) == ([], True)


def test_what_is_frozen_stands_still_until_it_is_thawed(supervisor: Supervisor) -> None:
    supervisor.start("one", "timeit", {}, arguments=ENDS_IF_TOLD)
    supervisor.freeze("one")
    wait_until(lambda: supervisor.is_frozen("one"), "it stands still")
    supervisor.thaw("one")
    wait_until(lambda: not supervisor.is_frozen("one"), "it goes on")


class NoCodec:
    def encode(self, topic: object, record: object) -> bytes:
        raise LookupError("no schema")


def test_a_feeding_that_ends_on_an_error_says_so() -> None:
    feeder = Feeder("127.0.0.1:1", NoCodec())  # type: ignore[arg-type]
    feeder.feed(orders("m", 3, chance()))
    feeder.wait(timeout_seconds=10)
    assert (feeder.asked, feeder.refused) == (3, ["the feeding ended: LookupError: no schema"])


class StandsStill:
    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def encode(self, topic: object, record: object) -> bytes:
        self.goes_on.wait(30)
        raise LookupError("no schema")


def test_a_feeding_that_is_not_over_in_time_is_no_success() -> None:
    codec = StandsStill()
    feeder = Feeder("127.0.0.1:1", codec)  # type: ignore[arg-type]
    feeder.feed(orders("m", 3, chance()))
    with pytest.raises(TimeoutError, match="handed over"):
        feeder.wait(timeout_seconds=0.1)
    codec.goes_on.set()
    feeder.close()


def chance() -> Random:
    return Random(7)  # noqa: S311 - chance that can be repeated is what is wanted


def test_the_same_seed_asks_for_the_same_and_every_id_has_a_prompt_of_its_own() -> None:
    asked = orders("m", 500, chance(), Mix(repeated=0.1, newer=0.2, older=0.1))
    assert asked == orders("m", 500, chance(), Mix(repeated=0.1, newer=0.2, older=0.1))
    prompts = {each.request_id: prompt_of(each) for each in asked}
    assert len(set(prompts.values())) == len(prompts)


def test_some_texts_are_asked_for_in_another_language_too_each_under_a_name_of_its_own() -> None:
    asked = orders("m", 1_000, chance(), Mix(repeated=0.1, newer=0.2, older=0.1, localised=0.2))
    texts = {each.request_id: (each.action, text_key(each), each.source_version) for each in asked}
    assert len(set(texts.values())) == len(texts)
    german = {each.subject for each in asked if each.locale == "de"}
    assert german & {each.subject for each in asked if each.task == "product-description"}


def test_some_requests_are_repeated_and_some_come_after_a_newer_version() -> None:
    asked = orders("m", 1_000, chance())
    ids = Counter(each.request_id for each in asked)
    newest: Counter[str] = Counter()
    late = 0
    for each in asked:
        late += each.source_version < newest[each.subject]
        newest[each.subject] = max(newest[each.subject], each.source_version)
    assert max(ids.values()) > 1
    assert late > 0


def test_some_texts_are_withdrawn_at_the_version_that_was_asked_for_and_some_at_a_newer_one() -> None:
    asked = orders("m", 1_000, chance())
    texts = {(each.subject, each.source_version) for each in asked if each.action == "generate"}
    withdrawals = [(each.subject, each.source_version) for each in asked if each.action == "withdraw"]
    at_own_version = sum(each in texts for each in withdrawals)
    assert 0 < at_own_version < len(withdrawals)


def test_a_second_reader_that_saw_less_more_or_something_else_disagrees() -> None:
    def entry(offset: int, value: bytes) -> Entry:
        return Entry(("t", 0, offset), b"k", value)

    logs = [entry(0, b"a"), entry(2, b"b")]
    assert disagreement({each.place: each for each in logs}, [], logs) == []
    assert len(disagreement({logs[0].place: logs[0]}, [], logs)) == 1
    assert len(disagreement({each.place: each for each in (*logs, entry(3, b"c"))}, [], logs)) == 1
    assert len(disagreement({logs[0].place: entry(0, b"x"), logs[1].place: logs[1]}, [], logs)) == 1
    assert len(disagreement({each.place: each for each in logs}, [logs[0].place], logs)) == 1


def test_a_clock_that_jumps_is_right_ahead_and_behind_in_turns() -> None:
    seconds = iter([0.0, 1.0, 2.0, 3.0, 4.9])
    read = jumping(lambda: 1_000.0, 50.0, steady=lambda: next(seconds))
    assert [read() for _ in range(5)] == [1_000.0, 1_050.0, 1_000.0, 950.0, 1_000.0]


def result(**changes: object) -> Result:
    fields: dict[str, object] = {
        "scenario": "s",
        "seed": 1,
        "judged": True,
        "counted": Counted(inputs=3, disagreeing=0, raw_duplicates=1, seconds=2.0),
        "findings": Findings(Counter({"published": 3}), Counter(), ()),
        "engine": LedgerCounts(Counter({"a": 2, "b": 1, "c": 1}), Counter({"a": 1, "b": 1, "c": 1})),
        "kills": 1,
        "exits": {-9: 1},
        "figures": {"restart_seconds": [2.5]},
        "broken": (),
        "at_rest": True,
        "slowness": 1.0,
    }
    return Result(**(fields | changes))  # type: ignore[arg-type]


SCENARIO = Scenario("s", "a promise", lambda stage: None)


def ended(*codes: int) -> list[Exit]:
    return [Exit("w", code, 0.0) for code in codes]


def test_an_end_in_order_and_a_planned_kill_are_planned_and_a_crash_is_not() -> None:
    assert unplanned(ended(-9, 0), SCENARIO, kills=1) == []
    assert unplanned(ended(-9, 70, 75, -15), SCENARIO, kills=1) == [f"w ended with {code}" for code in (70, 75, -15)]


@pytest.mark.parametrize("kills", [0, 2])
def test_one_kill_more_or_less_than_planned_is_unplanned(kills: int) -> None:
    assert len(unplanned(ended(-9), SCENARIO, kills=kills)) == 1


def test_a_scenario_names_deaths_of_its_own() -> None:
    flood = replace(SCENARIO, own_deaths=1, exit_codes=frozenset({65}))
    assert unplanned(ended(65, -9, -9, 0), flood, kills=1) == []


def test_a_suite_that_is_broken_off_has_played_every_scenario_with_the_first_seed() -> None:
    names = ["worker-kill", "zombies"]
    turns = turns_of(Namespace(scenario=names, seed=None, seeds=2, requests=None, slowness=1.0))
    assert [(turn.scenario.name, turn.seed) for turn in turns] == [(name, seed) for seed in (1, 2) for name in names]


def test_a_resumed_suite_plays_what_has_not_kept_its_promises_yet_and_shows_each_turn_once() -> None:
    turns = turns_of(Namespace(scenario=["worker-kill", "zombies"], seed=1, seeds=1, requests=None, slowness=1.0))
    fields = {"scenario": "zombies", "seed": 1, "slowness": 1.0, "revision": revision()}
    broken, kept = (json.dumps(fields | {"ok": ok}) for ok in (False, True))
    assert [turn.scenario.name for turn in without_kept(turns, [broken])] == ["worker-kill", "zombies"]
    assert [turn.scenario.name for turn in without_kept(turns, [broken, kept])] == ["worker-kill"]
    assert [(row["ok"], row["repeated"], row["broken_before"]) for row in newest([broken, kept])] == [(True, 1, 1)]


@pytest.mark.parametrize("change", [{"slowness": 2.0}, {"revision": "of old"}])
def test_a_run_of_other_code_or_with_other_limits_is_played_again(change: dict[str, str | float]) -> None:
    turns = turns_of(Namespace(scenario=["zombies"], seed=1, seeds=1, requests=None, slowness=1.0))
    kept = {"scenario": "zombies", "seed": 1, "ok": True, "slowness": 1.0, "revision": revision()}
    assert without_kept(turns, [json.dumps(kept)]) == []
    assert without_kept(turns, [json.dumps(kept | change)]) == turns


class NoGround:
    """Ground on which nothing can be read."""

    bootstrap, codec = "127.0.0.1:1", NoCodec()
    stack = SimpleNamespace(up=lambda: None)

    def ends(self, topics: object) -> defaultdict[object, int]:
        return defaultdict(int)

    def heal(self) -> None:
        """Mend nothing."""


def test_books_that_cannot_be_read_are_a_broken_result_and_the_stack_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unreadable(*_: object) -> None:
        raise TimeoutError("no broker")

    monkeypatch.setattr("tests.faults.runner.ends", lambda *_: {})
    monkeypatch.setattr("tests.faults.runner.read_books", unreadable)
    told = run(SCENARIO, 1, NoGround(), size=Size(1), folder=tmp_path, say=lambda _: None)  # type: ignore[arg-type]
    assert list(told.broken) == ["the books could not be judged: TimeoutError: no broker"]
    assert (json.loads(told.json())["ok"], told.at_rest) == (False, False)


def test_a_result_tells_what_was_done_again_and_whether_all_held() -> None:
    told = json.loads(result().json())
    assert (told["ok"], told["published"], told["lost"], told["regenerated"]) == (True, 3, 0, 1)
    assert (told["restart_seconds"], told["exits"]) == ([2.5], {"-9": 1})
    assert not json.loads(result(broken=("lost",)).json())["ok"]


def test_side_by_side_plays_everything_once_but_what_must_be_alone() -> None:
    names = ["worker-kill", "recovery", "zombies", "poison"]
    turns = turns_of(Namespace(scenario=names, seed=1, seeds=1, requests=None, slowness=1.0))
    played = [turn.scenario.name for number in range(2) for turn in part_of(turns, f"{number}/2")]
    assert sorted(played) == ["poison", "worker-kill", "zombies"]
    assert [turn.scenario.name for turn in turns if turn.scenario.alone] == ["recovery"]


def test_a_summary_counts_the_newest_run_of_each_seed_and_says_which_were_repeated() -> None:
    played = {"scenario": "zombies", "ok": True, "inputs": 1_500, "regenerated": 3, "seconds": 40.2}
    lines = [
        json.dumps(played | {"seed": 1, "ok": False, "lost": 7}),
        json.dumps(played | {"seed": 2, "seconds": 61.0}),
        json.dumps(played | {"seed": 1, "lost": 0}),
    ]
    wanted = "| zombies | 2 of 2 | 1, 1 of them broken | 3,000 | 0 | 0 | 0 | 6 | 0 | 40 to 61 |"
    assert wanted in summary(lines).splitlines()
    assert "| zombies | 2 of 2 | 0 | 3,000 | 0 | 0 | 0 | 6 | 0 | 40 to 61 |" in summary(lines[1:]).splitlines()


def test_a_summary_has_a_row_for_every_scenario_of_the_suite_played_or_not() -> None:
    rows = [line.split(" | ")[0].removeprefix("| ") for line in summary([]).splitlines()[2:]]
    assert rows == [each.name for each in ALL if each.in_all and each.judged]
    assert len(summary([]).splitlines()[2].split("|")) == len(summary([]).splitlines()[0].split("|"))


def test_runs_that_need_other_partitions_have_a_stack_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stacks: list[int | None] = []

    @contextmanager
    def ground(home: Path, *, partitions: int | None, say: object) -> Iterator[None]:
        stacks.append(partitions)
        yield

    monkeypatch.setattr("tests.faults.__main__.ground", ground)
    monkeypatch.setattr("tests.faults.__main__._play", lambda *_: True)
    turns = [Turn(replace(SCENARIO, partitions=each), 1, Size(1)) for each in (None, None, 8, None)]
    _one_after_the_other(turns, Destination(tmp_path / "results", tmp_path))
    assert stacks == [None, 8, None]


def test_what_a_broken_run_left_is_kept_when_it_is_played_again(tmp_path: Path) -> None:
    first = unused(tmp_path / "zombies-1")
    first.mkdir()
    second = unused(tmp_path / "zombies-1")
    assert (first.name, second.name) == ("zombies-1", "zombies-1-2")
