"""`python -m tests.faults.baseline_autocommit`: consume, generate, produce, with auto-commit as it is by default.

confluent-kafka 2.16 with its defaults: what `poll` gave counts as done, and is committed every 5 s. `BASELINE_AT_ONCE`
texts are written at once; with 1 each is produced before the next request is polled.
"""

from __future__ import annotations

import asyncio
import signal

from confluent_kafka import Consumer, Message, Producer

from tests.faults.baseline import SESSION_SECONDS, BaselineSettings, Writing
from workers.settings import WorkerSettings


async def work(settings: BaselineSettings, bootstrap: str, writing: Writing) -> None:
    """Poll whenever there is room for another text, until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": settings.group,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": SESSION_SECONDS * 1000,
        }
    )
    producer = Producer({"bootstrap.servers": bootstrap})
    room = asyncio.Semaphore(settings.at_once)

    async def write(message: Message) -> None:
        producer.produce(settings.copies, await writing.write(message.value()), message.key())
        producer.poll(0)
        room.release()

    await writing.start()
    consumer.subscribe([settings.inputs])
    async with asyncio.TaskGroup() as texts:
        while not stopping.is_set():
            await room.acquire()
            message = await asyncio.to_thread(consumer.poll, 0.1)
            if message is None or message.error():
                room.release()
            else:
                texts.create_task(write(message))
    producer.flush()
    consumer.close()


def main() -> None:
    """Work until SIGTERM."""
    worker_settings = WorkerSettings()
    asyncio.run(work(BaselineSettings(), worker_settings.kafka_bootstrap, Writing(worker_settings)))


if __name__ == "__main__":
    main()
