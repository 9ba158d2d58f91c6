"""A bill of materials names every package of a lock with its version, hashes, licence and needs, and never varies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.supply.bill import bill
from deploy.supply.licences import findings, installed, read_policy
from deploy.supply.pins import Pin, read_pins

REQUIREMENTS = Path(__file__).parents[3] / "requirements"


@pytest.fixture(scope="module")
def streams() -> str:
    """Give the bill of the streams' image."""
    here = installed()
    return bill("streams", findings(read_pins(REQUIREMENTS / "streams.txt"), here, read_policy()), here)


def test_it_names_each_package_with_all_that_tells_it_apart(streams: str) -> None:
    read = json.loads(streams)
    pins = {pin.name: pin for pin in read_pins(REQUIREMENTS / "streams.txt")}
    assert (read["bomFormat"], read["specVersion"]) == ("CycloneDX", "1.6")
    assert {each["name"]: each["version"] for each in read["components"]} == {
        name: pin.version for name, pin in pins.items()
    }
    for each in read["components"]:
        (files,) = each["externalReferences"]
        assert [one["content"] for one in files["hashes"]] == list(pins[each["name"]].hashes)
        assert each["licenses"][0]["expression"]
        assert each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}"


def test_what_a_package_needs_is_in_the_bill_and_named_once(streams: str) -> None:
    read = json.loads(streams)
    known = {each["bom-ref"] for each in read["components"]}
    needs = {each["ref"]: each["dependsOn"] for each in read["dependencies"]}
    assert set(needs) == known | {"shelftalk-streams"}
    assert all(set(some) <= known and len(set(some)) == len(some) for some in needs.values())
    (faust,) = (ref for ref in known if ref.startswith("pkg:pypi/faust-streaming@"))
    assert any(each.startswith("pkg:pypi/mode-streaming@") for each in needs[faust])


def test_the_same_lock_gives_the_same_bytes_and_another_another_number(streams: str) -> None:
    here = installed()
    again = findings(read_pins(REQUIREMENTS / "streams.txt"), here, read_policy())
    assert bill("streams", again, here) == streams
    assert json.loads(bill("streams", again[1:], here))["serialNumber"] != json.loads(streams)["serialNumber"]


def test_a_lock_is_read_for_the_machines_that_we_run_on(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    own, other = "a" * 64, "b" * 64
    lock.write_text(
        f"# made by somebody\nB.Two==2.0 ; sys_platform == 'linux' \\\n    --hash=sha256:{own} \\\n"
        f"    --hash=sha256:{other}\na_one==1.0 \\\n    --hash=sha256:{own}\n"
        f"win==3 ; sys_platform == 'win32' \\\n    --hash=sha256:{own}\n"
    )
    assert read_pins(lock) == (Pin("a-one", "1.0", (own,)), Pin("b-two", "2.0", (own, other)))


@pytest.mark.parametrize("line", ["loose>=1", "loose", "loose==1,<2"])
def test_a_line_that_pins_nothing_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "lock.txt").write_text(f"{line}\n")
    with pytest.raises(ValueError, match=r".+"):
        read_pins(tmp_path / "lock.txt")
