"""`python -m deploy.supply.audit`: what is known against any package of the locks. No answer is no good answer.

pip-audit says "no known vulnerabilities" as well when the index has no advisories at all, or does not know a package,
so those that were looked up are counted. Exit codes: 0 nothing is known against any; 1 something is; 69 some could not
be looked up (in CI; elsewhere that is said, and the code is 0).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.supply.__main__ import LOCKS

_KNOWN: Final = Path(__file__).with_name("advisories.toml")
_TIMEOUT_SECONDS: Final = 900


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Advisory(_Lenient):
    id: str
    aliases: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()


class _Dependency(_Lenient):
    name: str
    version: str | None = None
    skip_reason: str | None = None
    vulns: tuple[_Advisory, ...] = ()


class _Report(_Lenient):
    dependencies: tuple[_Dependency, ...]


class Excused(BaseModel):
    """An advisory that does not concern us: why, and until when that holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str
    until: date


@dataclass(frozen=True, slots=True)
class Audit:
    """What is known: a line for each advisory, how many packages were looked up, and why others were not."""

    advisories: tuple[str, ...]
    looked_up: int
    unknown: tuple[str, ...]


def main() -> int:
    """Look every lock up; say what was found; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.supply.audit", description=__doc__)
    parser.add_argument("--pip-audit", type=Path, required=True, help="the program, in an environment of its own")
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi", help="whom to ask")
    parser.add_argument("--locks", type=Path, default=Path("requirements"))
    chosen = parser.parse_args()
    today, excused = datetime.now(tz=UTC).date(), read_excused(_KNOWN)
    audits = []
    for name in LOCKS:
        lock = chosen.locks / f"{name}.txt"
        audits.append(audit := judged(_asked(chosen.pip_audit, chosen.service, lock), excused, today=today))
        print(f"{name}: {audit.looked_up} packages looked up, {len(audit.unknown)} not", flush=True)
    lines, code = conclusion(audits, is_ci=bool(os.environ.get("CI")))
    print("\n".join(lines))
    return code


def read_excused(path: Path) -> Mapping[str, Excused]:
    """Give the advisories that somebody has looked at, by their id; raises pydantic's ValidationError."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Excused.model_validate(each) for name, each in read.items()}


def judged(answer: str, excused: Mapping[str, Excused], *, today: date) -> Audit:
    """Give what pip-audit's JSON says, without what is excused; what is no report at all has looked nothing up."""
    try:
        found = _Report.model_validate_json(answer).dependencies
    except ValidationError:
        last_words = answer.strip().rpartition("\n")[2]
        return Audit((), 0, (last_words or "pip-audit said nothing",))
    holding = {name for name, each in excused.items() if today <= each.until}
    advisories = (
        f"{each.name} {each.version}: {one.id}, mended in {', '.join(one.fix_versions) or 'no release'}"
        for each in found
        for one in each.vulns
        if holding.isdisjoint({one.id, *one.aliases})
    )
    unknown = tuple(each.skip_reason for each in found if each.skip_reason)
    return Audit(tuple(advisories), len(found) - len(unknown), unknown)


def conclusion(audits: Collection[Audit], *, is_ci: bool) -> tuple[list[str], int]:
    """Give what is said in the end, and the exit code."""
    known = sorted({line for audit in audits for line in audit.advisories})
    unknown = sorted({why for audit in audits for why in audit.unknown})
    lines = list(known)
    if unknown:
        begun = "NOT AUDITED" if not any(audit.looked_up for audit in audits) else "NOT ALL AUDITED"
        lines.append(f"{begun}: {len(unknown)} packages without an answer, as in: {unknown[0]}")
        lines.append("ask again where the index has advisories, or `make audit SERVICE=osv`")
    if known:
        return lines, 1
    if unknown:
        return lines, os.EX_UNAVAILABLE if is_ci else os.EX_OK
    return ["nothing is known against any package"], os.EX_OK


def _asked(program: Path, service: str, lock: Path) -> str:
    """Give what the program answers about a lock as JSON, else the end of what it complains about."""
    told = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    command = (str(program), *told, "--vulnerability-service", service, "--requirement", str(lock))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program}: {type(error).__name__}"
    return done.stdout if _is_json(done.stdout) else done.stderr


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
