"""No Java file runs unless it is the pinned one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.errors import JarRefused, JarUnreachable
from deploy.local.jars import Pin, is_cached, kafka_class_path, read_pins

CONTENT = b"a program"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pin:
    """Pin one small file instead of the real ones."""
    pins_file = tmp_path / "jars.sha256"
    pins_file.write_text(f"# a comment\n{SHA256}  org.example:program:1.0\n")
    pin = read_pins(pins_file)[0]
    monkeypatch.setattr(jars, "read_pins", lambda: (pin,))
    return pin


def serve(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Let the repository answer with this content."""

    def resolve(pin: Pin, repository: Path) -> Path:
        (repository / "fetched").write_bytes(content)
        return repository / "fetched"

    monkeypatch.setattr(jars, "_resolve", resolve)


def test_the_pinned_file_is_fetched_once(pins: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    serve(monkeypatch, CONTENT)
    first = kafka_class_path(tmp_path, said.append)
    assert (first, kafka_class_path(tmp_path, said.append)) == (str(tmp_path / "jars" / pins.filename), first)
    assert len(said) == 1


def test_a_file_with_other_content_is_refused_and_not_kept(
    pins: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, b"another program")
    with pytest.raises(JarRefused, match=SHA256):
        kafka_class_path(tmp_path, print)
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_cached_file_that_was_changed_is_refused(pins: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, CONTENT)
    Path(kafka_class_path(tmp_path, print)).write_bytes(b"changed")
    with pytest.raises(JarRefused):
        kafka_class_path(tmp_path, print)


def test_a_repository_that_is_away_is_named_with_what_to_do(
    pins: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr("requests.request", refuse)
    with pytest.raises(JarUnreachable, match="copy the cache"):
        kafka_class_path(tmp_path, print)


def test_every_real_pin_is_whole_and_the_registry_is_among_them() -> None:
    real = read_pins()
    assert all(len(bytes.fromhex(pin.sha256)) == 32 for pin in real)
    assert [pin.artifact for pin in real if pin.packaging == "tar.gz"] == [jars.REGISTRY_ARTIFACT]


def test_an_empty_cache_is_not_called_complete(tmp_path: Path) -> None:
    assert not is_cached(tmp_path)
