"""`shelftalk tail`: published copy as it comes."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Annotated

import typer
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from rich.console import Console

from deploy.endpoints import Endpoints, find_endpoints
from deploy.kafka_reader import edges_of, reader_settings, shown_of
from deploy.settings import Settings
from deploy.show import Shown, json_line, panel
from schemas import topics
from schemas.codec import Codec
from schemas.registry import RegistryError
from schemas.topics import Topic

_ANSWER_SECONDS = 10.0
_POLL_SECONDS = 0.5
_BY_NAME = {topic.name: topic for topic in topics.ALL}


class CannotTail(Exception):
    """Nothing can be read as things stand; the message says what to do next."""


def messages(
    endpoints: Endpoints, wanted: tuple[Topic, ...], *, from_beginning: bool = False, idle_seconds: float | None = None
) -> Generator[Shown, None, None]:
    """Give the committed messages of topics as they come, from now on or from the oldest kept.

    Ends when nothing has come for `idle_seconds`, else never. Joins no group and commits nothing.
    Raises CannotTail when the broker or the registry does not answer or a topic is not there.
    """
    codec = Codec(endpoints.registry(timeout_seconds=_ANSWER_SECONDS))
    consumer = Consumer(reader_settings(endpoints, "tail") | {"enable.partition.eof": False})
    try:
        consumer.assign(_positions(consumer, wanted, from_beginning=from_beginning))
        for message in _polled(consumer, idle_seconds):
            yield shown_of(message, codec)
    except KafkaException as error:
        raise CannotTail(f"the broker at {endpoints.bootstrap} cannot be read: {error}") from error
    except RegistryError as error:
        raise CannotTail(f"the schema registry at {endpoints.registry_url} does not help: {error}") from error
    finally:
        consumer.close()


def _positions(consumer: Consumer, wanted: tuple[Topic, ...], *, from_beginning: bool) -> list[TopicPartition]:
    there = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
    missing = [topic.name for topic in wanted if topic.name not in there]
    if missing:
        raise CannotTail(
            f"there is no topic {', '.join(missing)} for us: run `shelftalk provision`, or see what this user may read"
        )
    places = [TopicPartition(topic.name, number) for topic in wanted for number in there[topic.name].partitions]
    edges = [edges_of(consumer, place, seconds=_ANSWER_SECONDS) for place in places]
    return [
        TopicPartition(place.topic, place.partition, oldest if from_beginning else end)
        for place, (oldest, end) in zip(places, edges, strict=True)
    ]


def _polled(consumer: Consumer, idle_seconds: float | None) -> Iterator[Message]:
    last = time.monotonic()
    while idle_seconds is None or time.monotonic() - last < idle_seconds:
        message = consumer.poll(_POLL_SECONDS)
        if message is None:
            continue
        error = message.error()
        if error is None:
            yield message
            last = time.monotonic()
        elif error.fatal() or not error.retriable():
            raise KafkaException(error)


def tail(
    names: Annotated[list[str] | None, typer.Argument(help="Topics; all published copy when none is named.")] = None,
    *,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Begin with the oldest kept.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per line, key included.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many messages.")] = None,
    timeout: Annotated[float | None, typer.Option(help="End when nothing came for so many seconds.")] = None,
) -> None:
    """Show published copy as it comes, with who wrote it and the evidence for its claims.

    Examples: `shelftalk tail` follows everything that is published from now on;
    `shelftalk tail product-descriptions --from-beginning --timeout 5 --json > copy.jsonl` writes down what is there.
    Topics that may hold refused or personal text (content-withheld, dead-letters) are shown only when named.
    """
    console = Console()
    try:
        endpoints, wanted = find_endpoints(Settings()), _named(names or [])
        with closing(messages(endpoints, wanted, from_beginning=from_beginning, idle_seconds=timeout)) as found:
            for shown in islice(found, limit):
                if json_:
                    sys.stdout.write(json_line(shown) + "\n")
                    sys.stdout.flush()
                else:
                    console.print(panel(shown))
    except KeyboardInterrupt:
        return


def _named(names: list[str]) -> tuple[Topic, ...]:
    unknown = [name for name in names if name not in _BY_NAME]
    if unknown:
        raise CannotTail(f"no topic {', '.join(unknown)}; there are {', '.join(_BY_NAME)}")
    return tuple(_BY_NAME[name] for name in dict.fromkeys(names)) or topics.COPY
