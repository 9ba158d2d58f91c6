"""Dashboard and alerts ask for what is there, in words that Prometheus and Grafana understand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import promql_parser
import pytest
import yaml

from deploy.observability.dashboard import dashboard
from deploy.observability.panels import ROWS
from schemas.telemetry.metrics import Metric
from streams import metrics as streams
from workers import metrics as workers

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "observability"
METRICS = {metric.name: metric for metric in (*workers.TABLE, *streams.TABLE)}
OURS_BY_PROMETHEUS = {"up"}
ADDED_LABELS = {"job", "instance", "le"}


def loaded(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], yaml.safe_load((FOLDER / name).read_text()))


def rules(name: str) -> list[dict[str, Any]]:
    return [rule for group in loaded(name)["groups"] for rule in group["rules"]]


RECORDED = {rule["record"] for rule in rules("rules.yml")}
QUERIES = [query.expression for row in ROWS for panel in row.panels for query in panel.queries]
EXPRESSIONS = [*QUERIES, *(rule["expr"] for name in ("rules.yml", "alerts.yml") for rule in rules(name))]


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """Give every place of an expression that reads a series; raises ValueError for what is no PromQL."""
    found, open_ = [], [promql_parser.parse(expression.replace("$__rate_interval", "5m"))]
    while open_:
        node = open_.pop()
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        for name in ("expr", "lhs", "rhs", "vector_selector", "param", "args"):
            below = getattr(node, name, None)
            open_ += below if isinstance(below, list) else [below] if below is not None else []
    return found


def base(name: str | None) -> str:
    assert name
    return re.sub(r"_(bucket|sum|count)$", "", name) if name not in METRICS else name


def known_labels(metric: Metric) -> set[str]:
    return {*metric.labels, *ADDED_LABELS}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_reads_series_and_labels_that_exist(expression: str) -> None:
    found = selectors(expression)
    assert found
    for selector in found:
        name = base(selector.name)
        if name in RECORDED | OURS_BY_PROMETHEUS:
            continue
        asked = {matcher.name for matcher in selector.matchers.matchers}
        assert asked <= known_labels(METRICS[name])


def test_every_number_is_shown() -> None:
    shown = {base(selector.name) for expression in EXPRESSIONS for selector in selectors(expression)}
    assert METRICS.keys() - shown == set()


def test_what_is_told_apart_in_a_legend_is_a_label_of_what_is_asked() -> None:
    for row in ROWS:
        for query in (query for panel in row.panels for query in panel.queries):
            there = {label for one in selectors(query.expression) for label in _labels_of(base(one.name))}
            assert set(re.findall(r"{{(\w+)}}", query.legend)) <= there


def _labels_of(name: str) -> set[str]:
    return known_labels(METRICS[name]) if name in METRICS else {"task", *ADDED_LABELS}


def test_the_dashboard_is_what_the_panels_say() -> None:
    assert json.loads((FOLDER / "grafana" / "shelftalk.json").read_text()) == dashboard()


def test_the_dashboard_has_what_grafana_needs_and_no_panel_lies_on_another() -> None:
    panels = cast(list[dict[str, Any]], dashboard()["panels"])
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not taken & cells
        taken |= cells
        assert panel["type"] == "row" or {"datasource", "fieldConfig", "options", "targets", "title"} <= panel.keys()


def test_every_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    alerts = rules("alerts.yml")
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "action"} == alert["annotations"].keys()
        assert re.fullmatch(r"\d+[smh]", alert.get("for", "0s"))


def test_prometheus_finds_the_rules_and_the_processes() -> None:
    settings = loaded("prometheus.yml")
    assert [(FOLDER / name).is_file() for name in settings["rule_files"]] == [True, True]
    assert {job["job_name"] for job in settings["scrape_configs"]} == {"shelftalk-worker", "shelftalk-streams"}
    patterns = [
        pattern for job in settings["scrape_configs"] for sd in job["file_sd_configs"] for pattern in sd["files"]
    ]
    assert patterns == ["../../var/metrics/worker-*.json", "../../var/metrics/streams-*.json"]
