"""Services are found by what they are, not by a remembered pid, and end when told to."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import service
from deploy.local.errors import ServiceFailed
from deploy.local.service import Service
from deploy.local.spawn import spawn
from tests.deploy.interruption import noting_at_sigterm, sigterm_to_us
from tests.integration.reading import wait_until

SLEEPS = "import sys, pathlib, signal; pathlib.Path(sys.argv[2]).touch(); signal.pause()"
IGNORES_TERM = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
FAILS = "import sys; sys.exit('the disk is full')"


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Service]:
    """Give a service that touches a file when it is ready and then waits; it is gone after the test."""
    ready, marker = tmp_path / "ready", f"-Dtest={uuid.uuid4()}"
    command = (sys.executable, "-c", SLEEPS, marker, str(ready))
    yield Service("sleeper", marker, command, log=tmp_path / "logs" / "out", is_ready=ready.exists)
    service.kill(marker)


def started(one: Service) -> int:
    """Start a service, wait for it, and give its pid."""
    service.start(one)
    service.wait_until_ready(one, timeout_seconds=30)
    pid = service.find(one.marker)
    assert pid is not None
    return pid


def test_a_service_that_runs_is_not_started_twice(sleeper: Service) -> None:
    assert started(sleeper) == started(sleeper)


def test_a_service_lives_in_a_session_of_its_own(sleeper: Service) -> None:
    pid = started(sleeper)
    assert os.getsid(pid) == pid


def test_a_stopped_service_is_gone_and_a_second_stop_finds_nothing(sleeper: Service) -> None:
    started(sleeper)
    assert (service.stop(sleeper.marker), service.find(sleeper.marker)) == (True, None)
    assert not service.stop(sleeper.marker)


def test_a_service_that_ignores_the_request_is_killed(sleeper: Service) -> None:
    stubborn = replace(sleeper, command=(*sleeper.command[:2], IGNORES_TERM, *sleeper.command[3:]))
    started(stubborn)
    service.stop(stubborn.marker, grace_seconds=0.2)
    assert service.find(stubborn.marker) is None


def test_an_interruption_of_a_start_is_felt_only_when_the_service_can_be_found(
    sleeper: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_exec, arguments = [0], service._arguments  # a process in `exec` has no arguments

    def interrupted(command: tuple[str, ...], *, environment: Mapping[str, str], log: Path) -> int:
        pid = spawn(command, environment=environment, log=log)
        in_exec[:] = [pid] * 3
        sigterm_to_us()
        return pid

    monkeypatch.setattr(service, "spawn", interrupted)
    monkeypatch.setattr(service, "_arguments", lambda pid: [] if pid in in_exec and in_exec.pop() else arguments(pid))
    with noting_at_sigterm(lambda: service.find(sleeper.marker) is not None) as was_found:
        service.start(sleeper)
    assert was_found == [True]


def test_a_service_blocks_no_signal_though_its_start_does(sleeper: Service) -> None:
    status = Path(f"/proc/{started(sleeper)}/status").read_text()
    assert "SigBlk:\t0000000000000000" in status


def test_a_process_without_the_exact_argument_is_not_ours(sleeper: Service) -> None:
    started(sleeper)
    assert service.find(sleeper.marker[:-1]) is None


def test_a_service_that_ends_while_starting_shows_the_end_of_its_log(sleeper: Service) -> None:
    failing = replace(sleeper, command=(*sleeper.command[:2], FAILS, sleeper.marker))
    service.start(failing)
    with pytest.raises(ServiceFailed, match="the disk is full"):
        service.wait_until_ready(failing, timeout_seconds=30)


def test_somebody_else_s_answer_is_not_taken_for_a_service_that_ended(sleeper: Service) -> None:
    service.start(replace(sleeper, command=(*sleeper.command[:2], FAILS, sleeper.marker)))
    wait_until(lambda: service.find(sleeper.marker) is None, "ended")
    with pytest.raises(ServiceFailed, match="ended while starting"):
        service.wait_until_ready(replace(sleeper, is_ready=lambda: True))


def test_a_service_that_never_answers_is_given_up(sleeper: Service) -> None:
    started(sleeper)
    with pytest.raises(ServiceFailed, match="did not answer"):
        service.wait_until_ready(replace(sleeper, is_ready=lambda: False), timeout_seconds=0.2)


def test_a_service_inherits_only_the_environment_that_it_is_given(
    sleeper: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
    given = replace(sleeper, environment={"LANG": "C.UTF-8"})
    variables = Path(f"/proc/{started(given)}/environ").read_bytes().split(b"\0")
    assert [one for one in variables if one] == [b"LANG=C.UTF-8"]
