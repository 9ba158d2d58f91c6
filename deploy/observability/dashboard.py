"""`python -m deploy.observability.dashboard`: the dashboard as Grafana imports it, to standard output.

Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from deploy.observability.panels import ROWS, Panel, Row

Json = dict[str, object]

_SCHEMA_VERSION = 39
_COLUMNS, _WIDTH, _HEIGHT = 3, 8, 8
_SOURCE: Json = {"type": "prometheus", "uid": "${source}"}


def dashboard() -> Json:
    """Give the whole dashboard; which Prometheus it reads is chosen in Grafana."""
    return {
        "uid": "shelftalk",
        "title": "Shelftalk",
        "tags": ["shelftalk"],
        "schemaVersion": _SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "",
        "annotations": {"list": []},
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": list(_placed(ROWS)),
    }


def _placed(rows: tuple[Row, ...]) -> Iterator[Json]:
    """Give rows and panels with their places, below one another."""
    number, top = 0, 0
    for row in rows:
        number += 1
        place = {"x": 0, "y": top, "w": _COLUMNS * _WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        top += 1
        for index, panel in enumerate(row.panels):
            number += 1
            line, column = divmod(index, _COLUMNS)
            yield _chart(panel, number, {"x": column * _WIDTH, "y": top + line * _HEIGHT, "w": _WIDTH, "h": _HEIGHT})
        top += -(-len(row.panels) // _COLUMNS) * _HEIGHT


def _chart(panel: Panel, number: int, place: dict[str, int]) -> Json:
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "expr": query.expression,
                "legendFormat": query.legend,
                "datasource": _SOURCE,
            }
            for index, query in enumerate(panel.queries)
        ],
    }


def main() -> None:
    """Print it."""
    print(json.dumps(dashboard(), indent=2))


if __name__ == "__main__":
    main()
