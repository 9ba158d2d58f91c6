"""An audit without an answer is not taken for a good one, and what is excused is excused for a time."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from deploy.supply import audit
from deploy.supply.audit import Audit, Excused, conclusion, judged, read_excused

TODAY = date(2026, 11, 23)
BAD = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"], "description": "long"}


def report(*dependencies: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


GOOD = {"name": "good", "version": "1", "vulns": []}
POOR = {"name": "poor", "version": "1", "vulns": [BAD]}
LOST = {"name": "lost", "skip_reason": "Dependency not found on PyPI and could not be audited: lost (1)"}


def test_what_is_known_against_a_package_is_told_with_where_it_is_mended() -> None:
    assert judged(report(GOOD, POOR), {}, today=TODAY) == Audit(("poor 1: PYSEC-1, mended in 2.0",), 2, ())


def test_a_package_that_was_not_looked_up_is_no_good_one() -> None:
    found = judged(report(GOOD, LOST), {}, today=TODAY)
    assert (found.looked_up, found.unknown) == (1, (str(LOST["skip_reason"]),))


@pytest.mark.parametrize("answer", ["", "ConnectionError: no such host", '{"dependencies": 3}'])
def test_an_answer_that_is_no_report_has_looked_nothing_up(answer: str) -> None:
    found = judged(answer, {}, today=TODAY)
    assert (found.advisories, found.looked_up, len(found.unknown)) == ((), 0, 1)


@pytest.mark.parametrize(("name", "until", "told"), [("CVE-1", 23, 0), ("PYSEC-1", 30, 0), ("PYSEC-1", 22, 1)])
def test_what_is_excused_is_excused_until_its_day_is_over(name: str, until: int, told: int) -> None:
    excused = {name: Excused(why="not called", until=date(2026, 11, until))}
    assert len(judged(report(POOR), excused, today=TODAY).advisories) == told


@pytest.mark.parametrize(
    ("audits", "here", "in_ci"),
    [
        ((Audit((), 3, ()),), 0, 0),
        ((Audit(("x",), 3, ()),), 1, 1),
        ((Audit((), 3, ()), Audit((), 2, ("gone",))), 0, 69),
        ((Audit((), 0, ("away",)),), 0, 69),
        ((Audit(("x",), 3, ("gone",)),), 1, 1),
    ],
)
def test_without_an_answer_it_fails_in_ci_and_says_so_elsewhere(
    audits: tuple[Audit, ...], here: int, in_ci: int
) -> None:
    for is_ci, code in ((False, here), (True, in_ci)):
        lines, found = conclusion(audits, is_ci=is_ci)
        assert found == code
        assert ("AUDITED" in "".join(lines)) == any(each.unknown for each in audits)


@pytest.mark.parametrize(("environment", "code"), [({}, 0), ({"CI": "true"}, 69)])
def test_a_program_that_cannot_be_run_is_no_good_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: Mapping[str, str], code: int
) -> None:
    monkeypatch.delenv("CI", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["audit", "--pip-audit", "/nowhere/pip-audit"])
    assert audit.main() == code
    assert "NOT AUDITED" in capsys.readouterr().out


def test_the_program_is_given_each_lock_and_its_answer_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\necho \"$@\" >> {tmp_path}/asked\necho '{report(GOOD, POOR)}'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.argv", ["audit", "--pip-audit", str(program), "--service", "osv"])
    assert audit.main() == 1
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line.rpartition(os.sep)[2] for line in asked] == [
        "all.txt",
        "streams.txt",
        "worker-cpu.txt",
        "worker-gpu.txt",
    ]
    assert all("--require-hashes" in line and "--vulnerability-service osv" in line for line in asked)
    assert "PYSEC-1" in capsys.readouterr().out


def test_the_file_of_what_is_excused_can_be_read() -> None:
    read_excused(Path(audit.__file__).with_name("advisories.toml"))
