"""Sends what a run asks for, from a thread of its own, through broker kills and all."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from confluent_kafka import KafkaError, Message, Producer

from schemas.codec import Codec
from schemas.headers import request_headers
from schemas.request import GenerationRequest
from schemas.tasks import BY_NAME
from schemas.topics import Topic

_TURN_SECONDS = 0.05
_BY_KEY = -1
"""librdkafka's word for letting the partitioner decide."""

Headers = Sequence[tuple[str, bytes]]


class Feeder:
    """An idempotent producer with the shop's partitioner; each message arrives once, whatever the broker does."""

    def __init__(self, bootstrap: str, codec: Codec) -> None:
        self._codec = codec
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "message.max.bytes": 12 * 1024 * 1024,
                "queue.buffering.max.messages": 1_000_000,
                "reconnect.backoff.ms": 50,
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self.sent = 0
        """How many messages were handed over so far."""
        self.refused: list[str] = []
        """Why messages did not arrive; a run in which any is here proves nothing."""

    def send(
        self,
        topic: Topic,
        key: str | bytes | None,
        value: bytes | None,
        headers: Headers = (),
        *,
        partition: int = _BY_KEY,
    ) -> None:
        """Hand one message over; `wait` says when all have arrived."""
        self._producer.produce(topic.name, value, key, partition, headers=list(headers), on_delivery=self._delivered)
        self._producer.poll(0)
        self.sent += 1

    def ask(self, request: GenerationRequest, *, partition: int = _BY_KEY) -> None:
        """Hand a request over, keyed and marked as streams do."""
        topic = BY_NAME[request.task].requests
        value = self._codec.encode(topic, request)
        self.send(topic, request.subject, value, request_headers(request), partition=partition)

    def feed(self, requests: Sequence[GenerationRequest], *, over_seconds: float = 0.0) -> None:
        """Ask for all of these in order, evenly over a time; returns at once."""
        thread = threading.Thread(target=self._feed, args=(list(requests), over_seconds), name="feeder", daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, *, timeout_seconds: float = 120) -> None:
        """Return when everything has arrived; raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._producer.flush(max(0.1, deadline - time.monotonic())) > 0:
            raise TimeoutError(f"not all messages arrived within {timeout_seconds:.0f} s")

    def close(self) -> None:
        """End the feeding, finished or not."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        self._producer.flush(1)

    def _feed(self, requests: Sequence[GenerationRequest], over_seconds: float) -> None:
        begun = time.monotonic()
        done = 0
        while done < len(requests) and not self._stopping.is_set():
            share = (time.monotonic() - begun) / over_seconds if over_seconds else 1.0
            due = min(len(requests), int(share * len(requests)) + 1)
            for request in requests[done:due]:
                self.ask(request)
            done = due
            self._stopping.wait(_TURN_SECONDS)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.refused.append(str(error))
