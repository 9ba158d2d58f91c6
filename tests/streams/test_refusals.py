"""A refusal ends the streams, told once, and no event is lost by it."""

from __future__ import annotations

from structlog.testing import capture_logs

from schemas.access import AccessRefused
from streams.refusals import Refusals


def test_the_first_refusal_is_told_and_stops_the_process_and_later_ones_change_nothing() -> None:
    stops: list[str] = []
    refusals = Refusals(on_refused=lambda: stops.append("stop"))
    assert not refusals.is_seen
    with capture_logs() as logs:
        refusals.note(AccessRefused("no such user"))
        refusals.note(AccessRefused("no such user"))
    assert (refusals.is_seen, stops) == (True, ["stop"])
    assert [entry["error"] for entry in logs] == ["no such user"]
