"""What is counted is what Prometheus reads."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from schemas.telemetry.metrics import Meter, Metric, Reading

SEEN = Metric("seen_total", "counter", 'Things\nseen, "odd" \\ ones too.', ("what", "where"))
WAIT = Metric("wait_seconds", "histogram", "How long.", ("what",), (0.1, 1.0))
LEFT = Metric("left", "gauge", "What is left.")


def samples(page: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }


def test_a_count_is_read_back_with_its_labels_whatever_they_contain() -> None:
    meter = Meter()
    meter.add(SEEN, 'a "quoted" \\ thing', "here\nthere", by=2)
    meter.add(SEEN, 'a "quoted" \\ thing', "here\nthere")
    labels = (("what", 'a "quoted" \\ thing'), ("where", "here\nthere"))
    assert samples(meter.page()) == {("seen_total", labels): 3}


def test_a_distribution_is_read_back_in_growing_buckets() -> None:
    meter = Meter()
    for value in (0.05, 0.1, 0.5, 7.0):
        meter.distribution(WAIT, "a").add(value)
    of_a = ("what", "a")
    assert samples(meter.page()) == {
        ("wait_seconds_bucket", (("le", "0.1"), of_a)): 2,
        ("wait_seconds_bucket", (("le", "1.0"), of_a)): 3,
        ("wait_seconds_bucket", (("le", "+Inf"), of_a)): 4,
        ("wait_seconds_sum", (of_a,)): 7.65,
        ("wait_seconds_count", (of_a,)): 4,
    }


def test_what_is_read_now_stands_beside_what_was_counted() -> None:
    meter = Meter()
    meter.of(SEEN)["a", "b"] += 1
    assert samples(meter.page([Reading(LEFT, 3.5)])) == {
        ("seen_total", (("what", "a"), ("where", "b"))): 1,
        ("left", ()): 3.5,
    }
