"""`python -m deploy.supply`: a bill of materials for each image, the list of licences, and whether we take them all.

Writes `NAME.cdx.json` for each lock and `licences.md`, and exits 1, after writing, when a licence is forbidden or
unclear, when a package was not seen, or when the policy knows a package that is gone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from deploy.supply.bill import bill
from deploy.supply.licences import GOOD, Finding, Policy, findings, installed, read_policy, unused
from deploy.supply.pins import read_pins

LOCKS: Final = ("all", "streams", "worker-cpu", "worker-gpu")
"""The environment of the tests, and each image."""

Found = Mapping[str, tuple[Finding, ...]]


def main() -> int:
    """Write and judge; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.supply", description=__doc__)
    parser.add_argument("--locks", type=Path, default=Path("requirements"), help="the folder with the locks")
    parser.add_argument("--out", type=Path, default=Path("out/sbom"))
    chosen = parser.parse_args()
    here, policy = installed(), read_policy()
    found = {name: findings(read_pins(chosen.locks / f"{name}.txt"), here, policy) for name in LOCKS}
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, some in found.items():
        (chosen.out / f"{name}.cdx.json").write_text(bill(name, some, here), encoding="utf-8")
    (chosen.out / "licences.md").write_text(licence_list(found), encoding="utf-8")
    print(f"written to {chosen.out}: {', '.join(f'{name} {len(some)} packages' for name, some in found.items())}")
    wrong = list(complaints(found, policy))
    print("\n".join(wrong or ["every licence is one that we take"]), file=sys.stderr if wrong else sys.stdout)
    return 1 if wrong else 0


def complaints(found: Found, policy: Policy) -> Iterator[str]:
    """Give a line for each package, in whichever locks, that the policy does not let through."""
    for each, locks in _packages(found):
        if each.kind not in GOOD:
            said = f" ({each.licence})" if each.licence else ""
            yield f"{each.pin.name} {each.pin.version} in {', '.join(locks)}: {each.kind}{said}: {each.why}"
    for name in unused((one.pin for some in found.values() for one in some), policy):
        yield f"{name}: the policy knows it and no lock has it any more: take it out"


def licence_list(found: Found) -> str:
    """Give every package with its licence and the locks that it is in, as a page."""
    lines = ["# Licences", "", "| package | version | licence | taken | in |", "|---|---|---|---|---|"]
    for each, locks in _packages(found):
        taken = each.why if each.kind == "accepted" else each.kind
        lines.append(f"| {each.pin.name} | {each.pin.version} | {each.licence or '?'} | {taken} | {', '.join(locks)} |")
    return "\n".join(lines) + "\n"


def _packages(found: Found) -> list[tuple[Finding, list[str]]]:
    """Give each version of each package once, by name, with the locks that have it."""
    together: dict[tuple[str, str], tuple[Finding, list[str]]] = {}
    for lock, some in found.items():
        for each in some:
            together.setdefault((each.pin.name, each.pin.version), (each, []))[1].append(lock)
    return [together[key] for key in sorted(together)]


if __name__ == "__main__":
    sys.exit(main())
