"""A bill of materials as CycloneDX 1.6 has it: each package with its version, licence, hashes and what it needs.

The same lock gives the same bytes, so that two bills can be compared. Source: https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, version
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deploy.supply.licences import Finding
from deploy.supply.pins import Pin

_PROJECT: Final = "shelftalk"
_FORMAT: Final = "1.6"

Entry = dict[str, object]


def bill(name: str, findings: Iterable[Finding], here: Mapping[str, Distribution]) -> str:
    """Give the bill of one image or environment as JSON; what a package needs is told by those installed here."""
    known = tuple(findings)
    pins = {finding.pin.name: finding.pin for finding in known}
    root = f"{_PROJECT}-{name}"
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": _FORMAT,
        "version": 1,
        "metadata": {"component": _component(root)},
        "components": [_library(finding) for finding in known],
        "dependencies": [
            {"ref": root, "dependsOn": sorted(_purl(pin) for pin in pins.values())},
            *({"ref": _purl(pin), "dependsOn": sorted(set(_needs(here.get(pin.name), pins)))} for pin in pins.values()),
        ],
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return json.dumps({"serialNumber": f"urn:uuid:{serial}", **document}, indent=1, sort_keys=True) + "\n"


def _component(root: str) -> Entry:
    own = {"type": "application", "bom-ref": root, "name": root, "version": version(_PROJECT)}
    return own | {"licenses": [{"expression": "Apache-2.0"}]}


def _library(finding: Finding) -> Entry:
    pin = finding.pin
    entry: Entry = {"type": "library", "bom-ref": _purl(pin), "name": pin.name, "version": pin.version}
    entry |= {"purl": _purl(pin), "externalReferences": [_distribution(pin)]}
    return entry | ({"licenses": [{"expression": finding.licence}]} if finding.licence else {})


def _distribution(pin: Pin) -> Entry:
    """Give where its files are: any one of these hashes may be the one that was installed."""
    hashes = [{"alg": "SHA-256", "content": content} for content in pin.hashes]
    return {"type": "distribution", "url": f"https://pypi.org/project/{pin.name}/{pin.version}/", "hashes": hashes}


def _needs(found: Distribution | None, pins: Mapping[str, Pin]) -> Iterator[str]:
    """Give the packages of the lock that one asks for, its extras left out."""
    for line in (found.requires or []) if found else ():
        try:
            asked = Requirement(line)
        except InvalidRequirement:  # an old package's own spelling
            continue
        pin = pins.get(canonicalize_name(asked.name))
        if pin and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            yield _purl(pin)


def _purl(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version}"
