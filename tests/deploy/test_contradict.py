"""`shelftalk contradict`: sentences of a shop made false, judged by the guard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app

PRODUCT = {
    "sku": "T1",
    "title": "Harbour Lamp",
    "attributes": {"material": "Brass", "finish": "Waxed"},
    "description": "A green brass lamp with a cord of 3 feet. It has 2 arms.",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "products.jsonl").write_text(json.dumps(PRODUCT), encoding="utf-8")
    return tmp_path


def test_a_shops_own_sentences_are_allowed_and_their_contradictions_refused(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "cases.jsonl"
    result = CliRunner().invoke(app, ["contradict", str(shop), "--json", "--out", str(out)])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["true, all"]["refused"] == 0
    assert found["false, all"]["share"] == 1.0
    cases = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {case["allowed"] for case in cases if case["expected"] == "refused"} == {False}


def test_a_folder_without_products_is_said_to_be_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["contradict", str(tmp_path)])
    assert result.exit_code == 2
    assert "no file that this command reads" in " ".join(result.output.replace("\u2502", " ").split())
