"""Figures are measured, name their source, and give way to those of one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deploy.planning.broker import Keeping, flows_of
from deploy.planning.figures import (
    CannotPlan,
    bytes_of,
    is_size,
    measured,
    tokens_of,
    with_bench,
    with_file,
    with_ledger,
)
from deploy.planning.load import WRITTEN, load_of
from tests.deploy.planning.shops import SHOP, exact

ROOT = Path(__file__).parents[3]
BENCH = {"load": "records", "contender": "worker", "cpu_micros": {"median": 200.0, "low": 190.0, "high": 230.0}}


def test_every_figure_says_in_which_page_it_is_and_on_what_it_was_measured() -> None:
    for name, figure in measured().items():
        (page, *_) = re.findall(r"docs/[\w.-]+\.md", figure.source)
        assert (ROOT / page).exists(), name
        assert figure.on, name


def test_there_is_a_figure_for_each_task_and_topic_and_none_for_nothing() -> None:
    flows = flows_of(SHOP, load_of(SHOP, exact()), Keeping(replication=1, readers=0, days=1))
    sizes = {bytes_of(flow.topic.name) for flow in flows}
    tokens = {tokens_of(task.name) for task in WRITTEN}
    names = set(measured())
    assert {name for name in names if is_size(name)} == sizes
    assert {name for name in names if name.startswith("tokens.")} == tokens


def test_a_file_puts_its_figures_in_the_place_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('["tokens.ad-copy"]\nlow=1\nlikely=2\nhigh=3\nunit="tokens"\nsource="ours"\non="our card"\n')
    figures = with_file(measured(), file)
    assert (figures["tokens.ad-copy"].high, figures["tokens.ad-copy"].source) == (3, "ours")
    assert {**figures, "tokens.ad-copy": measured()["tokens.ad-copy"]} == measured()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('["tokens.adcopy"]\nlow=1\nlikely=2\nhigh=3\nunit=""\nsource=""\non=""', "no figure tokens.adcopy"),
        ('["tokens.ad-copy"]\nlow=3\nlikely=2\nhigh=1\nunit=""\nsource=""\non=""', "no low, likely and high"),
        ('["tokens.ad-copy"]\nlow=1\n', "tokens.ad-copy.likely"),
        ("tokens", "TOML"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "ours.toml").write_text(text)
    with pytest.raises(CannotPlan, match=said):
        with_file(measured(), tmp_path / "ours.toml")


def test_the_last_run_of_the_benchmark_says_what_delivering_costs(tmp_path: Path) -> None:
    other = {**BENCH, "load": "bytes", "cpu_micros": {"median": 1.0, "low": 1.0, "high": 1.0}}
    older = {**BENCH, "cpu_micros": {"median": 2.0, "low": 2.0, "high": 2.0}}
    file = tmp_path / "bench.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in (older, BENCH, other)))
    found = with_bench(measured(), file)["delivery-micros"]
    assert (found.low, found.likely, found.high, found.source) == (190, 200, 230, str(file))


@pytest.mark.parametrize("line", ["", "no", "[]", "{}", '{"load": "records", "contender": "worker"}'])
def test_a_file_that_no_benchmark_wrote_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "bench.jsonl").write_text(line)
    with pytest.raises(CannotPlan, match=r"bench\.jsonl"):
        with_bench(measured(), tmp_path / "bench.jsonl")


def written(task: str, tokens: int, outcome: str = "published") -> str:
    value = {"task": task, "outcome": outcome, "output_tokens": tokens, "unheard": "of"}
    return json.dumps({"topic": "generation-outcomes", "value": value}) + "\n"


def test_a_shops_own_ledger_says_what_its_texts_take(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    texts = [written("ad-copy", tokens) for tokens in (90, 110, 90, 110)]
    beside = [written("ad-copy", 0, "superseded"), written("localisation", 7), written("social-post", 7)]
    file.write_text("".join((*texts, *beside)))
    figures = with_ledger(measured(), file)
    found = figures["tokens.ad-copy"]
    assert (found.likely, found.on) == (100, "4 texts of that ledger")
    assert (round(found.low, 1), round(found.high, 1)) == (88.7, 111.3)  # 1.96 * 11.5 / 2 to either side
    assert figures["tokens.social-post"] == measured()["tokens.social-post"]  # one text tells no spread
    assert figures.keys() == measured().keys()


@pytest.mark.parametrize("line", ["", written("ad-copy", 3), '{"value": {"task": "ad-copy"}}'])
def test_a_ledger_without_texts_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "ledger.jsonl").write_text(line)
    with pytest.raises(CannotPlan, match=r"ledger\.jsonl"):
        with_ledger(measured(), tmp_path / "ledger.jsonl")
