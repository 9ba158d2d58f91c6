"""An event ends done, dead-lettered or left to its next owner; trouble with the world is waited out."""

from __future__ import annotations

import pytest

from schemas import topics
from schemas.codec import ErrorClass
from schemas.flood import FloodLimits
from schemas.ledger import DeadLetter
from schemas.registry import FakeRegistry, RegistryRefused, RegistryUnavailable
from streams import settle as settling
from streams.decode import Rejection
from streams.errors import BrokerRefuses, BrokerUnavailable, CatalogueBehind, MessageRefused
from streams.floods import Floods
from streams.message import Message
from streams.refusals import Refusals
from streams.send import FakeWriter, Sender
from streams.settle import Settler
from streams.tally import DEAD_LETTERED, EVENTS, WORLD_PAUSES, Tally
from tests.streams.messages import FakeDelivery, codec_on, message

_MESSAGE = message(topics.PRODUCT_CREATED, b"P1", b"original bytes", offset=4)


class _Bench:
    """A settler on fakes, and a step that does what it is told, one thing per call."""

    def __init__(self, *outcomes: Exception | Rejection | None) -> None:
        self.writer, self.tally = FakeWriter(), Tally()
        self.codec = codec_on(FakeRegistry())
        self.stops: list[str] = []
        self.refusals = Refusals(on_refused=lambda: self.stops.append("refused"))
        self.floods = Floods(FloodLimits(consecutive=3, ratio=0), on_flood=lambda: self.stops.append("stop"))
        self.settler = Settler(Sender(self.writer, self.codec), self.tally, self.floods, self.refusals)
        self.delivery = FakeDelivery(_MESSAGE)
        self._outcomes = list(outcomes)
        self.calls = 0

    async def step(self, message: Message) -> Rejection | None:
        assert message is _MESSAGE
        self.calls += 1
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def settle(self) -> bool:
        return await self.settler.settle(self.delivery, self.step)

    def letters(self) -> list[DeadLetter]:
        found = [self.codec.decode(topics.DEAD_LETTERS, each.value) for each in self.writer.written]
        return [each for each in found if isinstance(each, DeadLetter)]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_PAUSES_SECONDS", (0.0,))


async def test_a_step_that_is_done_leaves_no_letter() -> None:
    bench = _Bench(None)
    assert await bench.settle()
    assert bench.letters() == []


async def test_a_rejected_message_is_buried_with_its_original_bytes_before_it_is_settled() -> None:
    bench = _Bench(Rejection(ErrorClass.TRUNCATED, "too short"))
    assert await bench.settle()
    (letter,) = bench.letters()
    assert (letter.value, letter.offset, letter.error_class) == (b"original bytes", 4, "truncated")
    assert bench.tally.counts() == {DEAD_LETTERED: 1, EVENTS: 1}


@pytest.mark.parametrize("trouble", [RegistryUnavailable("away"), BrokerUnavailable("away"), CatalogueBehind("behind")])
async def test_an_absent_world_is_waited_for_as_long_as_it_takes(trouble: Exception) -> None:
    bench = _Bench(*[trouble] * 50, None)
    assert await bench.settle()
    assert (bench.calls, bench.letters()) == (51, [])
    assert bench.tally.counts() == {WORLD_PAUSES: 50, EVENTS: 1}


@pytest.mark.parametrize("refused", [RegistryRefused("401"), BrokerRefuses("may not be written")])
async def test_a_refusal_by_the_world_stops_the_process_and_dead_letters_nothing(refused: Exception) -> None:
    bench = _Bench(refused, refused, None)
    assert await bench.settle()
    assert (bench.refusals.is_seen, bench.stops, bench.letters()) == (True, ["refused"], [])


async def test_an_error_of_our_own_is_tried_three_times_and_then_seen() -> None:
    bench = _Bench(*[ValueError("with secret contents")] * 3)
    assert await bench.settle()
    (letter,) = bench.letters()
    assert (letter.error_class, letter.attempts) == ("internal-error", 3)
    assert "secret" not in letter.error


async def test_between_the_tries_of_an_error_of_our_own_is_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(settling, "_PAUSES_SECONDS", (0.1, 0.2, 0.3))
    monkeypatch.setattr("streams.settle.asyncio.sleep", note)
    assert await _Bench(*[ValueError()] * 3).settle()
    assert pauses == [0.1, 0.2, 0.3]


async def test_an_error_that_passes_leaves_no_letter() -> None:
    bench = _Bench(ValueError(), BrokerUnavailable("away"), None)
    assert await bench.settle()
    assert bench.letters() == []


async def test_a_request_that_the_broker_never_takes_is_not_tried_again() -> None:
    bench = _Bench(MessageRefused("3 MiB"))
    assert await bench.settle()
    assert [letter.error_class for letter in bench.letters()] == ["too-large"]
    assert bench.calls == 1


@pytest.mark.parametrize("trouble", [BrokerUnavailable("away"), MessageRefused("no"), RuntimeError("?")])
async def test_an_event_is_not_settled_before_its_letter_is_confirmed(trouble: Exception) -> None:
    bench = _Bench(Rejection(ErrorClass.TRUNCATED, "too short"))
    bench.writer.troubles = [trouble] * 7
    assert await bench.settle()
    assert len(bench.letters()) == 1
    assert bench.writer.troubles == []


@pytest.mark.parametrize(
    "outcome", [RegistryUnavailable("away"), ValueError("of our own"), Rejection(ErrorClass.TRUNCATED, "too short")]
)
async def test_in_trouble_an_event_that_is_taken_away_is_left_unsettled(outcome: Exception | Rejection) -> None:
    bench = _Bench(outcome)
    bench.writer.troubles = [BrokerUnavailable("away")]
    bench.delivery.is_taken_away = True
    assert not await bench.settle()
    assert bench.letters() == []


async def test_without_trouble_an_event_in_hand_is_finished_though_a_rebalance_began() -> None:
    bench = _Bench(None)
    bench.delivery.is_taken_away = True
    assert await bench.settle()


async def test_in_a_flood_no_more_letters_are_written_and_the_message_that_trips_is_left_unsettled() -> None:
    bench = _Bench(*[Rejection(ErrorClass.TRUNCATED, "too short")] * 5)
    assert [await bench.settle() for _ in range(5)] == [True, True, False, False, False]
    assert len(bench.letters()) == 2
    assert bench.stops == ["stop"], "it is told once"


async def test_an_event_in_hand_is_finished_though_others_are_a_flood() -> None:
    bench = _Bench(*[Rejection(ErrorClass.TRUNCATED, "too short")] * 3, None, Rejection(ErrorClass.TRUNCATED, "again"))
    assert [await bench.settle() for _ in range(5)] == [True, True, False, True, False]


async def test_errors_of_our_own_are_a_flood_too() -> None:
    bench = _Bench(*[ValueError()] * 9)
    assert [await bench.settle() for _ in range(3)] == [True, True, False]
