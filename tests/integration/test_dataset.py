"""`shelftalk dataset --from-topics` on the real broker: what people made of published copy becomes examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local.stack import LocalStack
from schemas import topics
from schemas.codec import Codec
from schemas.feedback import ContentFeedback
from schemas.record import Record
from schemas.request import CopyPassage
from schemas.topics import Topic
from tests.factories import NOW_MS, description, provenance, request
from training.examples import TRAIN, read

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

_REWRITTEN = "The Harbour Fleece Jacket by Northwind has two zip pockets."


def edited(content_id: str) -> ContentFeedback:
    return ContentFeedback(
        feedback_id=f"F-{content_id}",
        content_id=content_id,
        task="product-description",
        subject=content_id,
        locale="en",
        kind="edited",
        model="m",
        model_revision="r",
        origin="model",
        edited=(CopyPassage(place="body", text=_REWRITTEN),),
        by="editor",
        given_unix_ms=NOW_MS,
    )


def test_a_set_is_made_of_what_the_topics_hold(
    stack: LocalStack, codec: Codec, producer: Producer, unique: str, tmp_path: Path
) -> None:
    text = description(unique).model_copy(update={"provenance": provenance(unique)})
    written: tuple[tuple[Topic, Record], ...] = (
        (topics.REQUESTS_BULK, request(unique, subject=unique)),
        (topics.PRODUCT_DESCRIPTIONS, text),
        (topics.CONTENT_FEEDBACK, edited(unique)),
    )
    for topic, record in written:
        producer.produce(topic.name, codec.encode(topic, record), unique)
    producer.flush(30)
    where = {"KAFKA_BOOTSTRAP": stack.bootstrap, "SCHEMA_REGISTRY_URL": stack.registry_url}
    flags = ["--from-topics", "--out", str(tmp_path), "--dev-share", "0"]
    done = CliRunner(env=where).invoke(app, ["dataset", "product-description", *flags], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = {one.source: one for one in read(tmp_path / TRAIN)}
    assert _REWRITTEN in found[f"{unique}+edited"].answer
    assert found[f"{unique}+edited"].wanted
    assert not found[f"{unique}!edited"].wanted
