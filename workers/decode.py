"""From a message to the request in it, or to what is wrong with the message."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from schemas import tasks
from schemas.codec import Codec, ErrorClass, Undecodable
from schemas.record import Record
from schemas.registry import RegistryUnavailable
from schemas.request import GenerationRequest
from schemas.topics import REQUESTS_BULK, REQUESTS_INTERACTIVE
from workers.blocking import Blocking
from workers.messages import Consumed

log = structlog.get_logger()

_RETRY_SECONDS = 0.5


async def decode(message: Consumed, codec: Codec, blocking: Blocking) -> GenerationRequest | Undecodable:
    """Give the request in a message, if it is one that a worker serves, under its subject as the key.

    Waits as long as the registry is away: the bytes are not to blame for that.
    """
    if message.value is None:
        return Undecodable(ErrorClass.NULL_VALUE, "a request has a value")
    match await _record(message, message.value, codec, blocking):
        case Undecodable() as wrong:
            return wrong
        case GenerationRequest(task=task) if task not in tasks.BY_NAME:
            return Undecodable(ErrorClass.UNKNOWN_TASK, f"no task {task!r}")
        case GenerationRequest(subject=subject) if message.key != subject.encode():
            return Undecodable(ErrorClass.KEY_MISMATCH, "key is not the subject")
        case GenerationRequest() as request:
            return request
        case other:
            return Undecodable(ErrorClass.WRONG_SCHEMA, f"a {type(other).__name__} is no request")


async def _record(message: Consumed, value: bytes, codec: Codec, blocking: Blocking) -> Record | Undecodable:
    topic = REQUESTS_INTERACTIVE if message.partition.topic == REQUESTS_INTERACTIVE.name else REQUESTS_BULK
    while True:
        try:
            if codec.needs_registry(value):
                return await blocking.run("ask the registry", partial(codec.decode, topic, value))
            return codec.decode(topic, value)
        except RegistryUnavailable as error:
            log.warning("waiting for the schema registry", partition=str(message.partition), error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)
