"""`shelftalk plan` says what it reckons with, what it assumes, and what it does not know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.planning.figures import CannotPlan, measured

PAGE = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()


def plan(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "150"}).invoke(app, ["plan", *arguments])


def test_the_example_of_the_page_is_what_the_command_says() -> None:
    command, shown = re.findall(r"```\nshelftalk (plan [^\n]+)\n```.*?```text\n(.*?)```", PAGE, re.DOTALL)[0]
    said = CliRunner(env={"COLUMNS": "150"}).invoke(app, command.split()).output
    assert [line.rstrip() for line in shown.splitlines()] == [
        line.rstrip() for line in said.partition("Measured")[0].rstrip().splitlines()
    ]


def test_every_assumption_and_every_figure_is_said_with_where_it_is_from() -> None:
    said = json.loads(plan("--events-per-day", "1000", "--languages", "3", "--json").output)
    assert said["figures"] == {name: figure.model_dump() for name, figure in measured().items()}
    assumed = {each["flag"]: (each["value"], each["is_given"]) for each in said["assumptions"]}
    assert (assumed["--languages"], assumed["--peak-factor"]) == ((3, True), (3, False))


@pytest.mark.parametrize("events", ["1", "100", "1000000000000"])
def test_a_shop_of_any_size_has_a_plan(events: str) -> None:
    assert plan("--events-per-day", events, "--json").exit_code == 0


def test_every_assumption_can_be_said_otherwise() -> None:
    flags = [each["flag"] for each in json.loads(plan("--events-per-day", "1000", "--json").output)["assumptions"]]
    given = [word for flag in flags for word in (flag, "1")]
    said = json.loads(plan("--events-per-day", "1000", *given, "--json").output)
    assert {each["flag"] for each in said["assumptions"] if each["is_given"] and each["value"] == 1} == set(flags)


def test_without_a_card_it_says_that_none_was_measured_and_asks_for_one() -> None:
    assert "No card was measured" in plan("--events-per-day", "1000").output
    told = plan("--events-per-day", "1000", "--gpu-tokens-per-second", "2000-3000").output
    assert "No card was measured" not in told
    assert "no price given" in told


def test_where_judging_takes_more_than_the_cards_it_says_to_put_them_behind_http() -> None:
    assert "behind HTTP" in plan("--events-per-day", "50000000", "--gpu-tokens-per-second", "100000").output


def test_more_partitions_than_the_contract_has_are_named() -> None:
    assert "Choose their number before the first event" in plan("--events-per-day", "100000000").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--events-per-day", "10", "--reviews-per-day", "20"), "make 21 events a day"),
        (("--events-per-day", "10", "--gpu-tokens-per-second", "fast"), "neither 2500 nor 2000-3000"),
        (("--events-per-day", "10", "--gpu-tokens-per-second", "0"), "writes nothing"),
        (("--events-per-day", "10", "--measured", "/nowhere"), "/nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(arguments: tuple[str, ...], said: str) -> None:
    result = plan(*arguments)
    assert isinstance(result.exception, CannotPlan)
    assert said in str(result.exception)
