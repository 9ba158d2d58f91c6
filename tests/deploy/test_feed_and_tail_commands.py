"""`shelftalk feed` and `shelftalk tail` as an operator meets them, without a broker."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.feeder import CannotFeed
from deploy.shop_files import DEMO_SHOP
from deploy.tail import CannotTail

_NOWHERE = {"KAFKA_BOOTSTRAP": "127.0.0.1:1", "SCHEMA_REGISTRY_URL": "http://127.0.0.1:1", "COLUMNS": "200"}
_RUNNER = CliRunner(env=_NOWHERE)


def test_a_dry_run_shows_the_counts_and_every_refused_line() -> None:
    done = _RUNNER.invoke(app, ["feed", str(DEMO_SHOP), "--dry-run"])
    assert done.exit_code == 0
    for part in ("46", "153", "301", "refused products.jsonl:36: product_id is missing", "refused activity.jsonl:201"):
        assert part in done.output


def test_a_dry_run_of_a_shop_without_one_good_line_fails(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_text("{\n")
    assert _RUNNER.invoke(app, ["feed", str(tmp_path), "--dry-run"]).exit_code == 1


@pytest.mark.parametrize("flags", [["--rate", "fast"], ["--only", "prices"], ["--limit", "0"]])
def test_a_flag_that_makes_no_sense_is_refused_before_anything_is_read(flags: list[str]) -> None:
    assert _RUNNER.invoke(app, ["feed", str(DEMO_SHOP), *flags]).exit_code == 2


def test_services_that_are_away_end_the_command_with_what_to_do() -> None:
    done = _RUNNER.invoke(app, ["feed", str(DEMO_SHOP)])
    assert isinstance(done.exception, CannotFeed)
    assert "run `shelftalk up`, or name yours with SCHEMA_REGISTRY_URL" in str(done.exception)


def test_an_unknown_topic_is_answered_with_those_there_are() -> None:
    done = _RUNNER.invoke(app, ["tail", "descriptions"])
    assert isinstance(done.exception, CannotTail)
    assert "no topic descriptions; there are product-created," in str(done.exception)
