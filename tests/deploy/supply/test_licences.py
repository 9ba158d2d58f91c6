"""Nothing is installed whose licence we do not take, or that nobody can tell."""

from __future__ import annotations

from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from deploy.supply.__main__ import LOCKS, complaints, licence_list
from deploy.supply.expression import suffices
from deploy.supply.licences import Finding, Judged, Policy, declared, findings, installed, read_policy, unused
from deploy.supply.pins import Pin, read_pins

REQUIREMENTS = Path(__file__).parents[3] / "requirements"
POLICY = Policy(
    allowed={"MIT": "", "Apache-2.0": "", "Apache-2.0 WITH LLVM-exception": ""},
    spelled={"MIT License": "MIT", "Apache 2.0": "Apache-2.0", "Other/Proprietary License": "LicenseRef-Proprietary"},
    packages={
        "silent": Judged(licence="MIT", why="by its licence file"),
        "lib-*": Judged(licence="LicenseRef-Vendor", why="run as it is", accepted=True),
        "lib-other": Judged(licence="GPL-3.0-only", why="by its licence file"),
    },
)


@pytest.mark.parametrize("lock", ["streams", "worker-cpu", "worker-gpu"])
def test_every_licence_in_an_image_is_one_that_we_take(lock: str) -> None:
    found = findings(read_pins(REQUIREMENTS / f"{lock}.txt"), installed(), read_policy())
    assert len(found) > 40
    assert list(complaints({lock: found}, read_policy().model_copy(update={"packages": {}}))) == []


def test_no_licence_in_the_tests_environment_is_forbidden_and_the_policy_knows_nothing_that_is_gone() -> None:
    policy, pins = read_policy(), [pin for lock in LOCKS for pin in read_pins(REQUIREMENTS / f"{lock}.txt")]
    found = findings(pins, installed(), policy)
    assert [each for each in found if each.kind in ("forbidden", "unclear")] == []
    assert unused(pins, policy) == ()


def test_every_reason_is_given() -> None:
    policy = read_policy()
    assert all((*policy.allowed.values(), *(each.why for each in policy.packages.values())))


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MIT AND (GPL-2.0-only OR Apache-2.0)", True),
        ("MIT OR GPL-2.0-only AND GPL-3.0-only", True),  # AND binds closer
        ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("Apache-2.0 WITH Another-exception", False),
        ("MIT WITH LLVM-exception", False),
    ],
)
def test_an_expression_is_taken_when_what_it_demands_is(expression: str, taken: bool) -> None:  # noqa: FBT001
    assert suffices(expression, POLICY.allowed) is taken


@pytest.mark.parametrize("broken", ["", "MIT AND", "(MIT", "MIT)", "MIT MIT", "OR MIT", "MIT; see file", "MIT WITH"])
def test_what_is_no_expression_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        suffices(broken, POLICY.allowed)


def metadata(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        for each in value.split(";"):
            message[name.replace("_", "-")] = each
    return message


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"License_Expression": "MIT OR Apache-2.0", "License": "GPL"}, "MIT OR Apache-2.0"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "MIT License\n\nCopyright (c) somebody"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: MIT License;License :: Another"}, None),
        ({"Classifier": "Topic :: MIT License"}, None),
        ({"License": "Apache 2.0", "Classifier": "License :: Other/Proprietary License"}, None),
        ({"License": "do as you like"}, None),
        ({}, None),
    ],
)
def test_metadata_is_read_as_it_says_and_not_guessed_at(fields: dict[str, str], expression: str | None) -> None:
    assert declared(metadata(**fields), POLICY) == expression


class Installed(Distribution):
    """A package with a licence field and nothing else."""

    def __init__(self, licence: str) -> None:
        self._text = f"Metadata-Version: 2.1\nName: n\nVersion: 1\nLicense: {licence}\n"

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        return Path("/nowhere")


@pytest.mark.parametrize(
    ("name", "here", "kind"),
    [
        ("open", Installed("MIT License"), "allowed"),
        ("open", Installed("whatever"), "unclear"),
        ("open", None, "unseen"),
        ("silent", None, "allowed"),
        ("silent", Installed("Apache 2.0"), "unclear"),  # it says something else than what was looked at
        ("lib-one", Installed(""), "accepted"),
        ("lib-other", None, "forbidden"),  # its own name before the pattern
    ],
)
def test_a_package_is_taken_by_its_metadata_or_by_what_was_looked_at(
    name: str, here: Installed | None, kind: str
) -> None:
    (found,) = findings([Pin(name, "1", ())], {name: here} if here else {}, POLICY)
    assert found.kind == kind


def test_what_is_not_taken_is_told_with_where_it_is_and_why() -> None:
    pin = Pin("bad", "1.0", ())
    bad = Finding(pin, "GPL-3.0-only", "forbidden", "by its metadata")
    (told,) = complaints({"all": (bad,), "streams": (bad,)}, POLICY.model_copy(update={"packages": {}}))
    assert told == "bad 1.0 in all, streams: forbidden (GPL-3.0-only): by its metadata"
    assert list(complaints({"all": ()}, POLICY)) == [
        f"{name}: the policy knows it and no lock has it any more: take it out" for name in POLICY.packages
    ]
    assert "| bad | 1.0 | GPL-3.0-only | forbidden | all |" in licence_list({"all": (bad,)})
