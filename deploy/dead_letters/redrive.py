"""Puts dead letters back to where they came from, all of a batch or none."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Producer

from deploy.dead_letters.letter import Letter
from deploy.dead_letters.read import CannotPutBack
from deploy.endpoints import Endpoints
from deploy.kafka_reader import quiet
from schemas.rights import OPERATORS_TRANSACTIONS
from schemas.topics import REDRIVEN_HEADER

TRANSACTIONAL_ID = OPERATORS_TRANSACTIONS
"""One for all: whoever redrives ends what another redrive, begun earlier, has not committed yet."""

_ANSWER_SECONDS = 30.0
_FENCED = frozenset({KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED})
_LARGEST_MESSAGE_BYTES = 12 * 1024 * 1024


class Redriver:
    """Writes in transactions of which only the latest redriver's can be committed.

    Made before it is read what earlier ones put back: so no letter goes back twice.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        self._producer = Producer(
            {
                **quiet(endpoints),
                "transactional.id": TRANSACTIONAL_ID,
                "partitioner": "murmur2_random",
                # So long is what came later hidden from readers when this process is killed and not run again.
                "transaction.timeout.ms": 30_000,
                "linger.ms": 5,
                # The streams read none but gzip without further packages, and a batch is small.
                "compression.type": "none",
                "message.max.bytes": _LARGEST_MESSAGE_BYTES,
            }
        )
        try:
            self._producer.init_transactions(_ANSWER_SECONDS)
        except KafkaException as error:
            raise CannotPutBack(
                f"the broker at {endpoints.bootstrap} opens no transaction ({error}): see that it runs; "
                "nothing was put back"
            ) from error

    def put_back(self, letters: Sequence[Letter]) -> None:
        """Put letters back in this order: key, bytes and headers as they were, and a header that names the letter.

        Raises CannotPutBack.
        """
        try:
            self._producer.begin_transaction()
            for letter in letters:
                self._produce(letter)
            self._producer.flush(_ANSWER_SECONDS)
            self._producer.commit_transaction(_ANSWER_SECONDS)
        except KafkaException as error:
            raise self._failed(error.args[0]) from error
        except KeyboardInterrupt:
            self._is_aborted()
            raise

    def _produce(self, letter: Letter) -> None:
        # No delivery callback: a commit fails when a message did, and confluent-kafka 2.16 breaks when a callback runs
        # after a fatal error.
        record = letter.record
        while True:
            try:
                self._producer.produce(record.topic, record.value, record.key, headers=headers_of(letter))
            except BufferError:
                self._producer.poll(0.5)
            else:
                self._producer.poll(0)
                return

    def _failed(self, error: KafkaError) -> CannotPutBack:
        """Give what is to be said after an error, when the transaction is aborted if it can be."""
        again = "run the same command again: it leaves out what was put back"
        if error.code() in _FENCED:
            return CannotPutBack(f"another redrive has begun: let it finish, then {again}")
        if self._is_aborted():
            return CannotPutBack(f"nothing was put back ({error.str()}); if it stays so, put back fewer, by their ids")
        return CannotPutBack(f"whether the letters were put back is not known ({error.str()}): {again}")

    def _is_aborted(self) -> bool:
        try:
            self._producer.abort_transaction(_ANSWER_SECONDS)
        except KafkaException:
            return False
        return True


def headers_of(letter: Letter) -> list[tuple[str, bytes | None]]:
    """Give the headers of a letter that goes back: the original ones, and the letter's mark instead of any older."""
    kept = [(each.name, each.value) for each in letter.record.headers if each.name != REDRIVEN_HEADER]
    return [*kept, (REDRIVEN_HEADER, letter.id.mark)]
