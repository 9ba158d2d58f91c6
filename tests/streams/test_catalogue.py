"""A follower that breaks or lags says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from schemas.access import AccessRefused
from schemas.registry import FakeRegistry
from streams import __main__ as program
from streams import catalogue as following
from streams.catalogue import Catalogue, CatalogueSource
from tests.streams.messages import codec_on


class _Consumer:
    """A consumer, and an admin client, of one partition with an event that never comes."""

    def list_topics(self, name: str, timeout: float = 0) -> SimpleNamespace:
        return SimpleNamespace(topics={name: SimpleNamespace(partitions=[0])})

    def assign(self, places: object) -> None:
        pass

    def consume(self, count: int, timeout: float) -> list[object]:
        Event().wait(timeout)
        return []

    def list_offsets(self, places: dict[object, object], **named: object) -> dict[object, Future[SimpleNamespace]]:
        end: Future[SimpleNamespace] = Future()
        end.set_result(SimpleNamespace(offset=1))
        return dict.fromkeys(places, end)

    def close(self) -> None:
        pass


def _not_refused(error: AccessRefused) -> None:
    raise AssertionError(error)


class _BrokenConsumer(_Consumer):
    def consume(self, count: int, timeout: float) -> list[object]:
        raise OSError("no space left on device")


@contextmanager
def _following(consumer: _Consumer, folder: Path, on_broken: Callable[[], None]) -> Iterator[Catalogue]:
    with pytest.MonkeyPatch.context() as patch:
        for client in ("Consumer", "AdminClient"):
            patch.setattr(following, client, lambda settings, logger: consumer)
        source = CatalogueSource("nowhere", folder)
        catalogue = Catalogue(source, codec_on(FakeRegistry()), on_broken=on_broken, on_refused=_not_refused)
        catalogue.start()
    try:
        yield catalogue
    finally:
        catalogue.stop()


def test_a_follower_that_breaks_says_so_and_has_the_process_stopped(tmp_path: Path) -> None:
    told = Event()
    with _following(_BrokenConsumer(), tmp_path, told.set) as catalogue:
        assert told.wait(10)
        assert catalogue.is_broken


def test_a_follower_that_has_not_read_to_the_end_is_behind_and_not_broken(tmp_path: Path) -> None:
    with _following(_Consumer(), tmp_path, pytest.fail) as catalogue:
        assert not catalogue.catch_up(0.01)
        assert not catalogue.is_broken


@pytest.mark.parametrize("code", [0, 1])
def test_a_process_whose_catalogue_broke_ends_with_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
) -> None:
    catalogue = SimpleNamespace(start=lambda: None, stop=lambda: None, is_broken=code == 1)
    monkeypatch.setenv("SHELFTALK_STREAMS_DATA", str(tmp_path))
    for name in ("log_as_json", "_wait_for_topics", "_wait_for_schemas"):
        monkeypatch.setattr(program, name, lambda given: None)
    monkeypatch.setattr(program, "Catalogue", lambda *given, **named: catalogue)
    monkeypatch.setattr(program, "_work", lambda *given: False)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert int(ended.value.code or 0) == code
