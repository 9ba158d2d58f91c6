"""The licence of every package, and whether we take it (`licences.toml`): what nobody can tell is not taken."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from fnmatch import fnmatchcase
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, Literal

from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict

from deploy.supply.expression import suffices
from deploy.supply.pins import Pin

POLICY: Final = Path(__file__).with_name("licences.toml")
_PROPRIETARY: Final = "Other/Proprietary License"
_SAY_NOTHING: Final = {"OSI Approved", "DFSG approved"}


class Judged(BaseModel):
    """What a person found in a package's licence file, and why that is what we go by.

    `declares` is what its metadata is read as, where that is something else. Where `accepted`, the licence is taken for
    this package alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    licence: str
    why: str
    declares: str | None = None
    accepted: bool = False


class Policy(BaseModel):
    """Which licences are taken, each with its reason, how metadata spells them, and packages that were looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: Mapping[str, str]
    spelled: Mapping[str, str]
    packages: Mapping[str, Judged]

    def judged(self, name: str) -> Judged | None:
        """Give what was found of a package, by its name before a pattern that fits it."""
        fitting = [pattern for pattern in self.packages if fnmatchcase(name, pattern)]
        return self.packages[max(fitting, key=lambda pattern: (pattern == name, len(pattern)))] if fitting else None


Kind = Literal["allowed", "accepted", "forbidden", "unclear", "unseen"]
GOOD: Final[frozenset[Kind]] = frozenset({"allowed", "accepted"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One package's licence as an expression, None where nobody knows, and what the policy says of it."""

    pin: Pin
    licence: str | None
    kind: Kind
    why: str


def read_policy(path: Path = POLICY) -> Policy:
    """Give the policy of a file; raises pydantic's ValidationError."""
    return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def installed() -> Mapping[str, Distribution]:
    """Give the packages of this environment by their normalised names."""
    return {canonicalize_name(found.name): found for found in distributions()}


def findings(pins: Iterable[Pin], here: Mapping[str, Distribution], policy: Policy) -> tuple[Finding, ...]:
    """Give what the policy says of each package; one that is not installed here is known by the policy alone."""
    return tuple(_finding(pin, here.get(pin.name), policy) for pin in pins)


def unused(pins: Iterable[Pin], policy: Policy) -> tuple[str, ...]:
    """Name the policy's packages that no lock has any more."""
    names = {pin.name for pin in pins}
    return tuple(pattern for pattern in policy.packages if not any(fnmatchcase(name, pattern) for name in names))


def declared(metadata: Message, policy: Policy) -> str | None:
    """Give what a package's metadata says as an expression: by PEP 639, else its licence field, else its classifiers.

    None where they say nothing, nothing that the policy can spell, or one thing here and another there.
    """
    if expression := metadata.get("License-Expression"):
        return str(expression)
    named = [str(each) for each in metadata.get_all("Classifier") or [] if str(each).startswith("License ::")]
    classifiers = [name for each in named if (name := each.rpartition(" :: ")[2]) not in _SAY_NOTHING]
    lines = str(metadata.get("License") or "").strip().splitlines()
    field = policy.spelled.get(lines[0].strip()) if lines else None  # where it holds the whole text, its title
    if field:
        return None if _PROPRIETARY in classifiers and not field.startswith("LicenseRef-") else field
    spelled = [policy.spelled.get(name) for name in classifiers]
    return " AND ".join(each for each in spelled if each) if spelled and all(spelled) else None


def _finding(pin: Pin, here: Distribution | None, policy: Policy) -> Finding:
    said = declared(here.metadata, policy) if here else None  # type: ignore[arg-type]  # a Message, by another name
    judged = policy.judged(pin.name)
    if judged is None:
        return _by_metadata(pin, said, policy, is_here=here is not None)
    if said is not None and said not in (judged.declares, judged.licence):
        return Finding(pin, said, "unclear", f"its metadata now says so; what was looked at is {judged.licence}")
    if judged.accepted:
        return Finding(pin, judged.licence, "accepted", judged.why)
    return Finding(pin, judged.licence, "allowed" if _is_taken(judged.licence, policy) else "forbidden", judged.why)


def _by_metadata(pin: Pin, said: str | None, policy: Policy, *, is_here: bool) -> Finding:
    if said is None and not is_here:
        return Finding(pin, None, "unseen", "not installed here: `make env`, or look at it and put it into the policy")
    if said is None:
        return Finding(pin, None, "unclear", "its metadata does not say: read its licence, and put it into the policy")
    return Finding(pin, said, "allowed" if _is_taken(said, policy) else "forbidden", "by its metadata")


def _is_taken(expression: str, policy: Policy) -> bool:
    try:
        return suffices(expression, policy.allowed)
    except ValueError:
        return False
