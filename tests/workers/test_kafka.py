"""What Kafka's clients report is heard, and does not flood the log."""

from __future__ import annotations

from confluent_kafka import KafkaError
from structlog.testing import capture_logs

from workers.kafka import ErrorLog, KafkaConfig


def test_a_broker_that_is_away_is_reported_once_in_ten_seconds() -> None:
    now = [0.0]
    report = ErrorLog(clock=lambda: now[0])
    with capture_logs() as logs:
        for second in range(25):
            now[0] = float(second)
            report(KafkaError(KafkaError._TRANSPORT))

    assert [entry["unsaid"] for entry in logs] == [0, 9, 9]


def test_a_named_worker_is_a_static_member_and_an_unnamed_one_is_not() -> None:
    assert KafkaConfig("b", "g", "w1").consumer("requests")["group.instance.id"] == "w1.requests"
    assert "group.instance.id" not in KafkaConfig("b", "g").consumer("requests")


def test_with_the_newer_protocol_the_broker_assigns_and_nobody_is_a_static_member() -> None:
    settings = KafkaConfig("b", "g", "w1", protocol="consumer").consumer("requests")

    assert settings["group.protocol"] == "consumer"
    assert not settings.keys() & {"group.instance.id", "session.timeout.ms", "partition.assignment.strategy"}
