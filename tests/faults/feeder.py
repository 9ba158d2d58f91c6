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
from schemas.topics import REQUESTS, Topic

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
        self.asked = 0
        """How many requests there must be in the end."""
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
        self.asked += topic in REQUESTS
        self._hand_over(topic, key, value, headers, partition)

    def ask(self, request: GenerationRequest, *, partition: int = _BY_KEY) -> None:
        """Hand a request over, keyed and marked as streams do."""
        self.asked += 1
        self._ask(request, partition)

    def feed(self, requests: Sequence[GenerationRequest], *, over_seconds: float = 0.0) -> None:
        """Ask for all of these in order, evenly over a time; returns at once."""
        self.asked += len(requests)
        thread = threading.Thread(target=self._feed, args=(list(requests), over_seconds), name="feeder", daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, *, timeout_seconds: float = 120) -> None:
        """Return when everything was handed over and has arrived or was refused; raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                raise TimeoutError(f"not all messages were handed over within {timeout_seconds:.0f} s")
        if self._producer.flush(max(0.1, deadline - time.monotonic())) > 0:
            raise TimeoutError(f"not all messages arrived within {timeout_seconds:.0f} s")

    def close(self) -> None:
        """End the feeding, finished or not."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        self._producer.flush(1)

    def _hand_over(
        self, topic: Topic, key: str | bytes | None, value: bytes | None, headers: Headers, partition: int
    ) -> None:
        self._producer.produce(topic.name, value, key, partition, headers=list(headers), on_delivery=self._delivered)
        self._producer.poll(0)

    def _ask(self, request: GenerationRequest, partition: int) -> None:
        topic = BY_NAME[request.task].requests
        value = self._codec.encode(topic, request)
        self._hand_over(topic, request.subject, value, request_headers(request), partition)

    def _feed(self, requests: Sequence[GenerationRequest], over_seconds: float) -> None:
        try:
            self._feed_evenly(requests, over_seconds)
        except Exception as error:  # whatever ends this thread, the run must hear of it
            self.refused.append(f"the feeding ended: {type(error).__name__}: {error}")

    def _feed_evenly(self, requests: Sequence[GenerationRequest], over_seconds: float) -> None:
        begun = time.monotonic()
        done = 0
        while done < len(requests) and not self._stopping.is_set():
            share = (time.monotonic() - begun) / over_seconds if over_seconds else 1.0
            due = min(len(requests), int(share * len(requests)) + 1)
            for request in requests[done:due]:
                self._ask(request, _BY_KEY)
            done = due
            self._stopping.wait(_TURN_SECONDS)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.refused.append(str(error))
