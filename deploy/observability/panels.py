"""The panels of the dashboard, in the order in which somebody who was woken up looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Query:
    """A line of a panel: what Prometheus is asked, and how the line is called (`{{label}}` is a label's value)."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: its unit is one of Grafana's ids (`s`, `percentunit`, `short`, `bytes`)."""

    title: str
    unit: str
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Panels about one thing."""

    title: str
    panels: tuple[Panel, ...]


def _panel(title: str, unit: str, *queries: tuple[str, str]) -> Panel:
    return Panel(title, unit, tuple(Query(*query) for query in queries))


_RATE = "[$__rate_interval]"

ROWS: Final = (
    Row(
        "Does it get on?",
        (
            _panel(
                "Ready",
                "short",
                ("sum(shelftalk_worker_ready)", "workers ready"),
                ('count(up{job="shelftalk-worker"})', "workers"),
                ("sum(shelftalk_streams_ready)", "streams ready"),
                ('count(up{job="shelftalk-streams"})', "streams"),
            ),
            _panel(
                "Age of the oldest request",
                "s",
                ("max by (tier) (shelftalk_worker_oldest_seconds)", "{{tier}}"),
            ),
            _panel(
                "Requests not finished",
                "short",
                ("sum by (tier) (shelftalk_worker_lag_messages)", "{{tier}}"),
                ("sum by (tier) (shelftalk_worker_waiting_messages)", "{{tier}}, read and not begun"),
            ),
            _panel(
                "Standing still",
                "s",
                ("max by (instance) (shelftalk_worker_engine_still_seconds)", "engine {{instance}}"),
                ("max by (instance) (shelftalk_streams_still_seconds)", "event {{instance}}"),
                ("max by (tier) (shelftalk_worker_commit_age_seconds)", "commit, {{tier}}"),
                ("max by (instance) (shelftalk_worker_in_flight_age_seconds)", "oldest in flight {{instance}}"),
            ),
        ),
    ),
    Row(
        "What comes out",
        (
            _panel(
                "Requests by outcome",
                "reqps",
                (f"sum by (outcome) (rate(shelftalk_worker_outcomes_total{_RATE}))", "{{outcome}}"),
            ),
            _panel(
                "Share of texts withheld",
                "percentunit",
                ("shelftalk:withheld:ratio_rate15m", "{{task}}"),
            ),
            _panel(
                "Texts by origin",
                "reqps",
                (f"sum by (origin) (rate(shelftalk_worker_texts_total{_RATE}))", "{{origin}}"),
            ),
            _panel(
                "Refused candidates by rule",
                "reqps",
                (f"topk(10, sum by (rule) (rate(shelftalk_worker_refusals_total{_RATE})))", "{{rule}}"),
            ),
            _panel(
                "Dead letters by class",
                "short",
                ("sum by (class) (increase(shelftalk_worker_dead_letters_total[1h]))", "requests: {{class}}"),
                ("sum by (class) (increase(shelftalk_streams_dead_letters_total[1h]))", "events: {{class}}"),
            ),
        ),
    ),
    Row(
        "Released models",
        (
            _panel(
                "Texts of a candidate in the shadow",
                "short",
                (
                    "sum by (task, became) (increase(shelftalk_worker_shadow_texts_total[1h]))",
                    "{{task}}: {{became}} in 1 h",
                ),
            ),
            _panel(
                "Loaded, and still to be",
                "short",
                ("max by (instance, state) (shelftalk_worker_revisions)", "{{state}}, {{instance}}"),
                (
                    "sum by (reason) (increase(shelftalk_worker_revision_failures_total[1h]))",
                    "does not serve: {{reason}} in 1 h",
                ),
            ),
        ),
    ),
    Row(
        "What it costs",
        (
            _panel(
                "Tokens",
                "short",
                (f"sum by (kind) (rate(shelftalk_worker_tokens_total{_RATE}))", "{{kind}} a second"),
            ),
            _panel("Tokens for one text", "short", ("shelftalk:tokens_per_text:ratio_rate15m", "{{task}}")),
            _panel(
                "Prompt tokens found in the prefix cache", "percentunit", ("shelftalk:prefix_hits:ratio_rate15m", "")
            ),
            _panel(
                "From generation to verdict, 95th percentile",
                "s",
                (
                    "histogram_quantile(0.95, sum by (le, tier) "
                    f"(rate(shelftalk_worker_generation_seconds_bucket{_RATE})))",
                    "{{tier}}",
                ),
            ),
            _panel(
                "Engine",
                "s",
                (
                    f"rate(shelftalk_worker_engine_step_seconds_total{_RATE})"
                    f" / rate(shelftalk_worker_engine_steps_total{_RATE})",
                    "a step, {{instance}}",
                ),
            ),
            _panel(
                "In flight",
                "short",
                ("sum(shelftalk_worker_in_flight)", "requests"),
                ("sum(shelftalk_worker_engine_in_flight)", "prompts in engines"),
            ),
        ),
    ),
    Row(
        "Delivery",
        (
            _panel(
                "Transactions",
                "ops",
                (f"sum by (result) (rate(shelftalk_worker_transactions_total{_RATE}))", "{{result}}"),
            ),
            _panel(
                "A transaction, 95th percentile",
                "s",
                (
                    f"histogram_quantile(0.95, sum by (le) (rate(shelftalk_worker_transaction_seconds_bucket{_RATE})))",
                    "committed",
                ),
            ),
            _panel(
                "Window", "percentunit", ("max by (tier) (shelftalk_worker_window_fill_ratio)", "fullest, {{tier}}")
            ),
            _panel(
                "Results that wait for their transaction",
                "short",
                ("sum by (tier) (shelftalk_worker_unpublished_results)", "{{tier}}"),
            ),
            _panel(
                "Partitions",
                "short",
                ("sum by (tier) (shelftalk_worker_partitions)", "owned by workers, {{tier}}"),
                ("sum by (how) (increase(shelftalk_worker_partitions_moved_total[5m]))", "{{how}} in 5 min"),
                ("sum by (topic) (shelftalk_streams_partitions)", "owned by streams, {{topic}}"),
                ("sum(increase(shelftalk_streams_rebalances_total[5m]))", "assignments of streams in 5 min"),
            ),
        ),
    ),
    Row(
        "Events",
        (
            _panel(
                "Events and requests",
                "reqps",
                (f"sum by (topic) (rate(shelftalk_streams_events_total{_RATE}))", "{{topic}}"),
                (f"sum by (task) (rate(shelftalk_streams_requests_total{_RATE}))", "asked: {{task}}"),
            ),
            _panel(
                "Events not committed past",
                "short",
                ("sum by (topic) (shelftalk_streams_lag_events)", "{{topic}}"),
                ("sum by (topic) (shelftalk_streams_held_events)", "{{topic}}, read and not acknowledged"),
            ),
            _panel(
                "Age of the oldest event in hand",
                "s",
                ("max by (topic) (shelftalk_streams_oldest_seconds)", "{{topic}}"),
            ),
            _panel(
                "From an event's turn to its end, 95th percentile",
                "s",
                (
                    "histogram_quantile(0.95, sum by (le, topic) "
                    f"(rate(shelftalk_streams_settling_seconds_bucket{_RATE})))",
                    "{{topic}}",
                ),
            ),
            _panel(
                "Nothing new, waits, defects",
                "reqps",
                (f"sum(rate(shelftalk_streams_repeats_total{_RATE}))", "repeats"),
                (f"sum(rate(shelftalk_streams_stale_total{_RATE}))", "stale"),
                (f"sum(rate(shelftalk_streams_world_pauses_total{_RATE}))", "waits for the world"),
                (f"sum(rate(shelftalk_streams_internal_errors_total{_RATE}))", "steps that failed"),
            ),
        ),
    ),
    Row(
        "Processes",
        (
            _panel("Memory", "bytes", ('process_resident_memory_bytes{job=~"shelftalk-.*"}', "{{job}} {{instance}}")),
            _panel(
                "Processors in use",
                "short",
                (f'rate(process_cpu_seconds_total{{job=~"shelftalk-.*"}}{_RATE})', "{{job}} {{instance}}"),
            ),
            _panel(
                "Event loop late",
                "s",
                ("max by (instance) (shelftalk_worker_loop_delay_seconds)", "worker {{instance}}"),
                ("max by (instance) (shelftalk_streams_loop_delay_seconds)", "streams {{instance}}"),
            ),
        ),
    ),
)
