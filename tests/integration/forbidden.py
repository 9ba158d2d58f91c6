"""What nobody may do, done with the credentials of a role: each act raises PermissionError with the broker's answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.endpoints import Endpoints
from deploy.secure import binding
from schemas import topics
from schemas.rights import Right, Role, user_of

_TOPIC, _GROUP = "TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED"
_TRANSACTION, _CLUSTER = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"
Act = Callable[[Endpoints], None]


def write(topic: str) -> Act:
    def act(endpoints: Endpoints) -> None:
        told: list[str] = []
        producer = Producer(endpoints.kafka())
        producer.produce(topic, b"x", b"k", on_delivery=lambda error, _: told.append(error.name() if error else ""))
        assert producer.flush(30) == 0
        if told[0]:
            raise PermissionError(told[0])

    return act


def read(topic: str, group: str) -> Act:
    def act(endpoints: Endpoints) -> None:
        with closing(Consumer(endpoints.kafka() | {"group.id": group})) as consumer:
            found = consumer.list_topics(topic, timeout=30).topics[topic].error
            if found is not None:  # it may not even be seen: a client that reads it would wait for ever
                raise PermissionError(found.name())
            consumer.assign([TopicPartition(topic, 0, 0)])
            error = _first(consumer).error()
            if error is not None:
                raise PermissionError(error.name())

    return act


def join(topic: str, group: str) -> Act:
    def act(endpoints: Endpoints) -> None:
        with closing(Consumer(endpoints.kafka() | {"group.id": group, "enable.partition.eof": True})) as consumer:
            consumer.subscribe([topic])
            error = _first(consumer).error()
            assert error is not None
            raise PermissionError(error.name())

    return act


def open_transaction(transactional_id: str) -> Act:
    def act(endpoints: Endpoints) -> None:
        producer = Producer(endpoints.kafka() | {"transactional.id": transactional_id, "log_level": 0})
        try:
            producer.init_transactions(20)
        except KafkaException as error:
            raise PermissionError(error.args[0].name()) from error

    return act


def grant_itself(role: Role) -> Act:
    def act(endpoints: Endpoints) -> None:
        wish = binding(user_of(role), Right("topic", topics.PRODUCT_CREATED.name, "WRITE"))
        admin = AdminClient(endpoints.kafka())
        for done in admin.create_acls([wish]).values():
            try:
                done.result(20)
            except KafkaException as error:
                raise PermissionError(error.args[0].name()) from error

    return act


def delete(topic: str) -> Act:
    def act(endpoints: Endpoints) -> None:
        admin = AdminClient(endpoints.kafka())
        for done in admin.delete_topics([topic]).values():
            try:
                done.result(20)
            except KafkaException as error:
                raise PermissionError(error.args[0].name()) from error

    return act


def _first(consumer: Consumer) -> Message:
    deadline = time.monotonic() + 30
    while (message := consumer.poll(0.5)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("the broker said nothing")
    return message


_DESCRIPTIONS, _CREATED = topics.PRODUCT_DESCRIPTIONS.name, topics.PRODUCT_CREATED.name
_BULK, _WITHHELD = topics.REQUESTS_BULK.name, topics.CONTENT_WITHHELD.name
FORBIDDEN: Mapping[str, tuple[Role, Act, str]] = {
    "a worker writes an input": ("worker", write(_CREATED), _TOPIC),
    "a worker writes a request": ("worker", write(_BULK), _TOPIC),
    "the streams write a result": ("streams", write(_DESCRIPTIONS), _TOPIC),
    "the streams write an outcome": ("streams", write(topics.GENERATION_OUTCOMES.name), _TOPIC),
    "a reader writes": ("reader", write(_DESCRIPTIONS), _TOPIC),
    "the catalogue writes a request": ("catalogue", write(_BULK), _TOPIC),
    "the catalogue reads a result": ("catalogue", read(_DESCRIPTIONS, "shelftalk-reader-x"), _TOPIC),
    "a reader reads what was withheld": ("reader", read(_WITHHELD, "shelftalk-reader-x"), _TOPIC),
    "a reader reads the dead letters": ("reader", read(topics.DEAD_LETTERS.name, "shelftalk-reader-x"), _TOPIC),
    "a reader reads what people made of the copy": (
        "reader",
        read(topics.CONTENT_FEEDBACK.name, "shelftalk-reader-x"),
        _TOPIC,
    ),
    "the catalogue releases a model": ("catalogue", write(topics.MODEL_RELEASES.name), _TOPIC),
    "a worker releases a model": ("worker", write(topics.MODEL_RELEASES.name), _TOPIC),
    "a worker reads published copy": ("worker", read(_DESCRIPTIONS, topics.WORKERS_GROUP), _TOPIC),
    "a worker reads the shoppers' events": ("worker", read(topics.USER_ACTIVITY.name, topics.WORKERS_GROUP), _TOPIC),
    "a reader joins the workers' group": ("reader", join(_DESCRIPTIONS, topics.WORKERS_GROUP), _GROUP),
    "a worker joins the streams' group": ("worker", join(_BULK, topics.STREAMS_APP), _GROUP),
    "a worker opens an operator's transaction": ("worker", open_transaction("shelftalk-redrive"), _TRANSACTION),
    "the catalogue opens a worker's transaction": (
        "catalogue",
        open_transaction(f"{topics.WORKERS_GROUP}.{_BULK}.0"),
        _TRANSACTION,
    ),
    "the streams open a transaction": ("streams", open_transaction("shelftalk-streams-x"), _TRANSACTION),
    "an operator grants itself a right": ("operator", grant_itself("operator"), _CLUSTER),
    "an operator deletes a topic": ("operator", delete(_DESCRIPTIONS), _TOPIC),
    "the scaler reads a request": ("scaler", read(_BULK, topics.WORKERS_GROUP), _TOPIC),
    "the scaler writes a request": ("scaler", write(_BULK), _TOPIC),
    "the scaler joins the workers' group": ("scaler", join(_BULK, topics.WORKERS_GROUP), _GROUP),
    "the scaler deletes a topic": ("scaler", delete(_BULK), _TOPIC),
}
