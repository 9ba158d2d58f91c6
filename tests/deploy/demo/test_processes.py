"""The demo ends what it has started, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.demo.errors import HomeNotOurs, MachineLacks, ProcessEnded, Stalled
from deploy.demo.processes import Home, Started, make_fresh, require_alive, start_streams, stop_all
from deploy.endpoints import Endpoints
from tests.deploy.interruption import noting_at_sigterm, sigterm_to_us


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home" / "demo", tmp_path / "home", tmp_path / "cache", tmp_path / "out" / "logs")


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sleeps until it is ended."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def _recorded(home: Home, pid: int, *, ticks: int) -> Started:
    make_fresh(home)
    started = Started(module="workers", pid=pid, ticks=ticks)
    (home.data / "workers.json").write_text(started.model_dump_json())
    return started


def _ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_a_process_that_was_left_running_is_ended(home: Home, bystander: subprocess.Popen[bytes]) -> None:
    left = _recorded(home, bystander.pid, ticks=_ticks(bystander.pid))
    assert left.is_alive
    assert stop_all(home)
    assert not left.is_alive


def test_a_process_that_only_has_the_same_pid_is_left_alone(home: Home, bystander: subprocess.Popen[bytes]) -> None:
    other = _recorded(home, bystander.pid, ticks=_ticks(bystander.pid) - 1)
    assert not other.is_alive
    assert not stop_all(home)
    assert bystander.poll() is None


def test_a_process_that_ended_is_reported_with_the_end_of_its_log(
    home: Home, bystander: subprocess.Popen[bytes]
) -> None:
    started = _recorded(home, bystander.pid, ticks=_ticks(bystander.pid))
    (home.logs / "workers.log").write_text("first\nthe last words\n")
    require_alive(home, started)
    bystander.kill()
    bystander.wait()
    with pytest.raises(ProcessEnded, match="the last words"):
        require_alive(home, started)


def test_an_interruption_of_a_start_is_felt_only_when_the_process_is_written_down(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_command: object, **_settings: object) -> int:
        sigterm_to_us()
        return os.getpid()

    make_fresh(home)
    monkeypatch.setattr("deploy.demo.processes.spawn", interrupted)
    with noting_at_sigterm((home.data / "streams.json").is_file) as was_written:
        started = start_streams(home, Endpoints("127.0.0.1:1", "http://127.0.0.1:1"))
    assert (started.pid, was_written) == (os.getpid(), [True])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_interrupted_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("SHELFTALK_HOME", str(tmp_path))
    monkeypatch.setattr("deploy.demo.command.finished_run", lambda *_: os.kill(os.getpid(), number))
    before = signal.signal(number, lambda _number, _frame: None)
    result = CliRunner().invoke(app, ["demo"])
    signal.signal(number, before)
    assert (result.exit_code, result.output) == (130, "interrupted: everything that was started has ended\n")


def test_a_closed_window_does_not_interrupt_a_demo_under_nohup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hung_up(*_plan: object) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        raise Stalled("it went on")

    monkeypatch.setenv("SHELFTALK_HOME", str(tmp_path))
    monkeypatch.setattr("deploy.demo.command.finished_run", hung_up)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    result = CliRunner().invoke(app, ["demo"])
    signal.signal(signal.SIGHUP, before)
    assert isinstance(result.exception, Stalled)


def test_a_fresh_start_empties_an_earlier_demos_folder(home: Home) -> None:
    make_fresh(home)
    (home.data / "old").touch()
    make_fresh(home)
    assert not (home.data / "old").exists()


def test_a_folder_that_is_somebody_elses_is_not_touched(home: Home) -> None:
    home.data.mkdir(parents=True)
    (home.data / "photo.jpg").touch()
    with pytest.raises(HomeNotOurs, match="move it away"):
        make_fresh(home)
    assert [path.name for path in home.data.iterdir()] == ["photo.jpg"]


def test_a_folder_without_a_shop_is_told_before_any_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(app, ["demo", "--engine", "fake", "--shop", str(tmp_path), "--out", str(tmp_path)])
    assert isinstance(result.exception, MachineLacks)
    assert "docs/feed.md" in str(result.exception)
    assert not (tmp_path / "home").exists()


def test_there_is_nothing_to_stop_before_a_demo_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(app, ["demo", "--stop"])
    assert (result.exit_code, result.output) == (0, "nothing was running\n")
