"""`python -m tests.faults.baseline_faust`: a Faust agent that asks the engine itself, as Faust's own guide has it.

faust-streaming 0.15.3 with its defaults: at least once, 32 events at once in the agent, offsets committed every 2.8 s.
"""

from __future__ import annotations

import asyncio

import faust

from tests.faults.baseline import SESSION_SECONDS, BaselineSettings, Writing
from workers.settings import WorkerSettings


def app_of(settings: BaselineSettings, worker_settings: WorkerSettings) -> faust.App:
    """Give an app with one agent: request in, text out."""
    writing = Writing(worker_settings)
    app = faust.App(
        settings.group,
        broker=f"kafka://{worker_settings.kafka_bootstrap}",
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=1,
        broker_rebalance_timeout=SESSION_SECONDS,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=worker_settings.home,
    )
    requests = app.topic(settings.inputs, value_type=bytes, key_serializer="raw", value_serializer="raw")
    copies = app.topic(settings.copies, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(requests, concurrency=settings.at_once)  # type: ignore[untyped-decorator]  # Faust ships no types
    async def write(stream: faust.types.StreamT) -> None:
        """Write the text for each request."""
        async for event in stream.events():
            text = await writing.write(event.value)
            await copies.send(key=event.key, value=text)

    @app.task  # type: ignore[untyped-decorator]
    async def start() -> None:
        await writing.start()

    return app


def main() -> None:
    """Work until SIGTERM."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = app_of(BaselineSettings(), WorkerSettings())
    worker = faust.Worker(app, loop=loop, quiet=True, loglevel="WARNING", redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
