"""What people release, as it comes: a thread reads `model-releases` from its beginning and goes on following it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.access import AccessRefused, raise_refusal
from schemas.codec import Codec
from schemas.registry import RegistryUnavailable
from schemas.releases import ModelRelease
from schemas.topics import MODEL_RELEASES
from workers.kafka import KafkaConfig
from workers.releases import Releases

log = structlog.get_logger()

_POLL_SECONDS = 0.5
_PAUSE_SECONDS = 5.0
_ANSWER_SECONDS = 10.0


class ReleaseFollower:
    """Tells `told` of all releases whenever they have changed and the topic has been read to its end.

    A broker or registry that is away is waited for, a record that cannot be read leaves its task's release as it was.
    `refused` is told when we may not read. Both are called on the follower's thread.
    """

    def __init__(
        self,
        kafka: KafkaConfig,
        codec: Codec,
        *,
        told: Callable[[Releases], None],
        refused: Callable[[AccessRefused], None],
    ) -> None:
        self._kafka = kafka
        self._codec = codec
        self._told = told
        self._refused = refused
        self._has_told = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follows the releases", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no more; returns when the thread has ended, or after 10 s."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_ANSWER_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except AccessRefused as error:
                self._refused(error)
                return
            except KafkaException as error:
                log.warning("the releases cannot be followed for now", error=error.args[0].name())
            except RegistryUnavailable:
                log.warning("the registry is away: the releases cannot be followed for now")
            self._stopping.wait(_PAUSE_SECONDS)

    def _follow(self) -> None:
        """Read from the beginning, and on until told to stop or the world breaks."""
        consumer = Consumer(self._kafka.reader())
        try:
            places = _places(consumer)
            if places:
                consumer.assign(places)
                self._read(consumer, {place.partition for place in places})
            elif not self._has_told:  # later it is a broker that does not know it for a moment: nothing is taken back
                log.info("there is no topic of releases: the model of the settings serves")
                self._tell({})
        finally:
            consumer.close()

    def _read(self, consumer: Consumer, unread: set[int]) -> None:
        every, known, is_news = frozenset(unread), dict[str, ModelRelease](), True
        while not self._stopping.is_set():
            message = consumer.poll(_POLL_SECONDS)
            if message is None:
                continue
            if _is_end(message):
                unread.discard(message.partition())
            else:
                unread |= {message.partition()} & every
                self._apply(message, known)
                is_news = True
            if is_news and not unread:
                self._tell(known)
                is_news = False

    def _tell(self, known: Mapping[str, ModelRelease]) -> None:
        self._has_told = True
        self._told(Releases(dict(known)))

    def _apply(self, message: Message, known: dict[str, ModelRelease]) -> None:
        task, value = (message.key() or b"").decode(errors="replace"), message.value()
        if value is None:
            known.pop(task, None)
            return
        record = self._codec.decode(MODEL_RELEASES, value)
        if isinstance(record, ModelRelease) and record.task == task:
            known[task] = record
        else:
            log.error("a release cannot be read: its task stays with the one before", offset=message.offset())


def _places(consumer: Consumer) -> list[TopicPartition]:
    """Give the partitions from their beginning; none where the topic is not made yet."""
    name = MODEL_RELEASES.name
    found = consumer.list_topics(name, timeout=_ANSWER_SECONDS).topics[name]
    if found.error is not None and found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise_refusal(found.error)
        raise KafkaException(found.error)
    return [TopicPartition(name, number, 0) for number in found.partitions]


def _is_end(message: Message) -> bool:
    """Tell whether a message is the news that a partition was read to its end; raises KafkaException for bad news."""
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise_refusal(error)
    raise KafkaException(error)
