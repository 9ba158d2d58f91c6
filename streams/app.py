"""The Faust app: what is set differently from Faust's defaults, and why.

The only other modules that know Faust are `agents`, `consumer`, `delivery` and `tables`.
"""

from __future__ import annotations

import socket
import ssl
import uuid

import faust
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)
from faust.exceptions import ProducerSendError
from yarl import URL

from schemas.connection import Security, Tls
from schemas.topics import DEAD_LETTERS, STREAMS_APP, Topic
from streams.consumer import SettledTransport
from streams.errors import BrokerRefuses, BrokerUnavailable, MessageRefused
from streams.send import Outgoing
from streams.settings import StreamsSettings

_OVERHEAD_BYTES = 64 * 1024
_SESSION_SECONDS = 15.0
_SEND_SECONDS = 6.0
_REFUSALS = (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)


def create_app(settings: StreamsSettings) -> faust.App:
    """Give an app without agents, tables or web server, which declares no topic: all are provisioned."""
    brokers = [URL(f"kafka://{server.strip()}") for server in settings.kafka_bootstrap.split(",")]
    app = _App(
        STREAMS_APP,
        broker=brokers,
        broker_credentials=_credentials(settings.security()),
        # Unique, since Faust maps partitions to these addresses; nothing listens there.
        canonical_url=URL(f"http://{socket.gethostname()}-{uuid.uuid4().hex[:8]}"),
        datadir=settings.data_folder,
        store="rocksdb://",
        key_serializer="raw",
        value_serializer="raw",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        processing_guarantee="at_least_once",
        producer_acks=-1,
        # After this long a send that is still waiting comes back to us as an error, and we ask whether the event is
        # still ours; one that is under way may last as long again. Both together end before `broker_session_timeout`,
        # after which another process may own the partition. The default is 20 minutes.
        producer_request_timeout=_SEND_SECONDS,
        producer_max_request_size=DEAD_LETTERS.max_message_bytes + _OVERHEAD_BYTES,
        # Small turns, so that a bulk import does not keep a question waiting. A larger message still comes, alone.
        consumer_max_fetch_size=256 * 1024,
        broker_commit_interval=0.5,
        # A killed process is noticed after this long; heartbeats come from a thread of their own.
        broker_session_timeout=_SESSION_SECONDS,
        broker_request_timeout=30.0,
        # A message may have 8 MiB: the default of 4096 in the buffer might not fit into memory.
        stream_buffer_maxsize=256,
        broker_max_poll_records=256,
        stream_wait_empty=True,
        worker_redirect_stdouts=False,
    )
    app.transport = SettledTransport(brokers, app)
    return app


def _credentials(security: Security) -> faust.types.auth.CredentialsT | None:
    """Say in Faust's words who we are; None where the broker is open."""
    context = _context(security.tls) if security.tls else None
    if security.login:
        return faust.SASLCredentials(
            username=security.login.user,
            password=security.login.password.get_secret_value(),
            mechanism=security.login.mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def _context(tls: Tls) -> ssl.SSLContext:
    """Believe only the named authority, or the system's, and the host name in the certificate."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.certificate_file:
        password = tls.key_password.get_secret_value() if tls.key_password else None
        context.load_cert_chain(tls.certificate_file, tls.key_file, password)
    return context


class _App(faust.App):  # type: ignore[misc]  # Faust ships no types
    """An app whose rebalance is over only when its consumer has settled."""

    def on_rebalance_end(self) -> None:
        super().on_rebalance_end()
        self.add_future(self.consumer.settle())


def input_topic(app: faust.App, topic: Topic) -> faust.types.TopicT:
    """Give an input as raw bytes: decoding is our own first step, since Faust drops what it cannot decode."""
    return app.topic(topic.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


class FaustWriter:
    """Writes with the app's own producer.

    aiokafka has one batch per partition in flight: its retries reorder nothing.
    """

    def __init__(self, app: faust.App) -> None:
        self._app = app

    async def write(self, outgoing: Outgoing) -> int:
        """Write one message and give its offset; raises BrokerUnavailable, BrokerRefuses and MessageRefused."""
        try:
            producer = await self._app.maybe_start_producer()
            sent = await producer.send_and_wait(
                outgoing.topic,
                key=outgoing.key,
                value=outgoing.value,
                partition=outgoing.partition,
                timestamp=None,
                headers=list(outgoing.headers),
            )
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            raise MessageRefused(f"{outgoing.topic} takes no message of {len(outgoing.value)} bytes") from error
        except _REFUSALS as error:
            raise BrokerRefuses(f"{outgoing.topic} may not be written by this user ({error!r})") from error
        except (KafkaError, ProducerSendError, OSError) as error:
            if isinstance(error.__cause__, MessageSizeTooLargeError):
                raise MessageRefused(f"a message of {len(outgoing.value)} bytes is too large") from error
            if isinstance(error.__cause__, _REFUSALS):
                raise BrokerRefuses(f"{outgoing.topic} may not be written by this user ({error!r})") from error
            raise BrokerUnavailable(f"{outgoing.topic} was not confirmed: {error!r}") from error
        offset: int = sent.offset
        return offset
