"""What a worker counts is what it has published, under labels that nobody outside can make up."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from schemas import topics
from schemas.codec import ErrorClass
from schemas.telemetry.metrics import Metric
from workers import metrics
from workers.messages import Entry
from workers.metrics import TABLE, LaneStanding, Standing, WorkerMeter
from workers.outcome import Cost

BULK = topics.REQUESTS_BULK.name
COPY = Entry("published", "ad-copy", Cost(90, 30, 20), 0.7, "repaired", ("length", "language"))
LETTER = Entry("dead-lettered", "unknown", error_class=ErrorClass.TRUNCATED)
LANE = LaneStanding(
    topic=BULK, lag=7, waiting=3, unpublished=2, unpublished_seconds=0.5, oldest_unix_ms=4_000, commit_age_seconds=1.5,
    window_fill=0.25,
)  # fmt: skip
STANDING = Standing(
    lanes=(LANE, LANE), in_flight=5, in_flight_age_seconds=2.0, engine_in_flight=4, engine_still_seconds=0.0,
    loop_delay_seconds=0.01, steps=(10, 1.5), revisions=(1, 2), taken_unix_ms=10_000,
)  # fmt: skip


def read(page: str) -> dict[tuple[str, ...], float]:
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }


def test_a_published_text_is_counted_with_its_origin_its_tokens_and_what_was_refused_on_the_way() -> None:
    meter = WorkerMeter()
    meter.published(BULK, [COPY, COPY, None])
    found = read(meter.page(None, is_ready=True))
    assert found["shelftalk_worker_outcomes_total", "bulk", "ad-copy", "published"] == 2
    assert found["shelftalk_worker_texts_total", "ad-copy", "repaired"] == 2
    tokens = {kind: found["shelftalk_worker_tokens_total", "ad-copy", kind] for kind in ("prompt", "cached", "output")}
    assert tokens == {"prompt": 180, "cached": 60, "output": 40}
    assert found["shelftalk_worker_refusals_total", "language", "published"] == 2
    assert found["shelftalk_worker_generation_seconds_bucket", "bulk", "1.0"] == 2


def test_a_dead_letter_is_counted_by_its_class() -> None:
    meter = WorkerMeter()
    meter.published(topics.REQUESTS_INTERACTIVE.name, [LETTER])
    found = read(meter.page(None, is_ready=True))
    assert found["shelftalk_worker_dead_letters_total", "truncated"] == 1
    assert found["shelftalk_worker_outcomes_total", "interactive", "unknown", "dead-lettered"] == 1


def test_the_partitions_of_a_tier_are_summed_and_the_worst_of_them_speaks_for_it() -> None:
    found = read(WorkerMeter().page(STANDING, is_ready=True))
    assert found["shelftalk_worker_lag_messages", "bulk"] == 14
    assert found["shelftalk_worker_oldest_seconds", "bulk"] == 6
    assert found["shelftalk_worker_window_fill_ratio", "bulk"] == 0.25
    assert found["shelftalk_worker_partitions", "interactive"] == 0
    assert found["shelftalk_worker_engine_steps_total",] == 10


def test_only_committed_transactions_say_how_long_they_took() -> None:
    meter = WorkerMeter()
    meter.transaction("committed", 0.02)
    meter.transaction("abandoned", 6.0)
    found = read(meter.page(None, is_ready=True))
    assert found["shelftalk_worker_transaction_seconds_sum",] == 0.02
    assert found["shelftalk_worker_transactions_total", "abandoned"] == 1


def test_every_number_has_a_row_in_the_table_and_no_other() -> None:
    meter = WorkerMeter()
    meter.published(BULK, [COPY, LETTER])
    meter.transaction("committed", 0.02)
    meter.moved("assigned", 4)
    meter.tried("product-description", "model")
    meter.revision_failed("missing")
    families = text_string_to_metric_families(meter.page(STANDING, is_ready=True))
    told = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    assert told == {metric.name for metric in TABLE}
    assert {one for one in vars(metrics).values() if isinstance(one, Metric)} == set(TABLE)
