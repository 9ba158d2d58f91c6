"""The page tells the operator of every number, in the words of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.telemetry.metrics import Metric
from schemas.telemetry.settings import TelemetrySettings
from streams import metrics as streams
from workers import metrics as workers

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("metric", [*workers.TABLE, *streams.TABLE], ids=lambda metric: metric.name)
def test_every_number_has_a_row_on_the_page(metric: Metric) -> None:
    row = f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels)} | {metric.meaning} |"
    assert row in (DOCS / "observability.md").read_text()


def test_every_setting_is_in_the_operators_table() -> None:
    told = (DOCS / "operations.md").read_text()
    names = {f"SHELFTALK_{name.upper()}" for name in TelemetrySettings.model_fields} - {"SHELFTALK_METRICS_TOKEN_FILE"}
    assert {name for name in names if f"`{name}`" not in told} == set()
