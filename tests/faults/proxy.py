"""The network between one client and the broker, to be cut and healed: a TCP proxy on loopback that knows Kafka frames.

The broker must advertise the proxy's port to whoever comes through it (`deploy.local.broker.Door`), else a client goes
around it after its first answer.

A frame is an int32 size and so many bytes. A request begins with int16 API key, int16 API version and int32 correlation
id, its answer with the same correlation id.
Source: https://kafka.apache.org/protocol#protocol_messages
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Self, TypeVar

from deploy.local.ports import LOOPBACK

T = TypeVar("T")

Cut = Literal["reset", "black-hole"]
"""`reset`: connections are reset, new ones at once. `black-hole`: all stay open, new ones too, and nothing passes."""

END_TXN: Final = 26
"""The API key of the request by which a transaction is committed or aborted."""

_SIZE = struct.Struct(">i")
_REQUEST = struct.Struct(">hhi")
_ANSWER = struct.Struct(">i")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_ORDER_SECONDS = 5.0


@dataclass(slots=True)
class _Link:
    """One client's connection; when the answer to `awaited` comes, the network is cut instead of passing it on."""

    awaited: int | None = None


class Proxy:
    """Passes whole frames between its own port and the broker's while entered; its methods may be called anywhere.

    A method returns when what it says is true. Connections that lived through a black hole are reset when it heals.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self._listener = socket.create_server((LOOPBACK, 0), backlog=100)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy-{target_port}", daemon=True)
        self._links: set[asyncio.Task[bool]] = set()
        self._cut: Cut | None = None
        self._armed: tuple[int, Cut] | None = None
        self.port = int(self._listener.getsockname()[1])

    @property
    def bootstrap(self) -> str:
        """Give the broker's address for who goes through here."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def is_cut(self) -> bool:
        """Tell whether nothing passes now."""
        return self._cut is not None

    def cut(self, how: Cut) -> None:
        """Let nothing pass from now on."""
        self._order(self._begin_cut, how)

    def cut_after(self, api_key: int, how: Cut) -> None:
        """Cut once, when the broker has answered the next request of this kind, and before its answer is passed on.

        Cutting earlier could lose the request as well: a reset takes with it what the other side has not read yet.
        """
        self._order(self._arm, api_key, how)

    def heal(self) -> None:
        """Let new connections pass again and reset those that were cut; take back a cut that was not reached."""
        self._order(self._end_cut)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._accept, sock=self._listener))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ORDER_SECONDS)
        self._loop.close()

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ORDER_SECONDS)

    def _order(self, action: Callable[..., None], *arguments: object) -> None:
        async def carry_out() -> None:
            action(*arguments)

        self._run(carry_out())

    def _begin_cut(self, how: Cut) -> None:
        self._armed = None
        self._cut = how
        if how == "reset":
            self._end_links()

    def _arm(self, api_key: int, how: Cut) -> None:
        self._armed = (api_key, how)

    def _end_cut(self) -> None:
        self._armed = None
        if self._cut is not None:
            self._cut = None
            self._end_links()

    def _end_links(self) -> None:
        for link in self._links:
            link.cancel()

    async def _stop(self) -> None:
        self._server.close()
        await asyncio.sleep(0)  # who was just accepted becomes a link
        self._end_links()
        await asyncio.gather(*self._links, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next turn

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.ensure_future(self._relay(reader, writer))
        self._links.add(link)
        link.add_done_callback(partial(self._part, writer))  # not in the link: one that is cancelled early never runs

    def _part(self, writer: asyncio.StreamWriter, link: asyncio.Task[bool]) -> None:
        self._links.discard(link)
        if link.cancelled() or not link.result():
            _reset(writer)
        writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one client until either side ends, or say that it cannot be served."""
        if self._cut == "reset":
            return False
        await self._unless_cut()
        try:
            await self._between(reader, writer)
        except OSError:  # the broker is away
            return False
        return True

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection(LOOPBACK, self.target_port)
        link = _Link()
        pumps = [
            asyncio.ensure_future(self._requests(link, reader, broker_writer)),
            asyncio.ensure_future(self._answers(link, broker_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            _reset(broker_writer)
            raise
        finally:
            broker_writer.close()  # first: a link that ends may be cancelled meanwhile
            await _end(pumps)

    async def _requests(self, link: _Link, client: asyncio.StreamReader, broker: asyncio.StreamWriter) -> None:
        async def note(frame: bytes) -> None:
            api_key, _, correlation_id = _REQUEST.unpack_from(frame)
            if self._armed and self._armed[0] == api_key:
                link.awaited = correlation_id

        await self._pump(client, broker, note)

    async def _answers(self, link: _Link, broker: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        async def note(frame: bytes) -> None:
            if self._armed and _ANSWER.unpack_from(frame)[0] == link.awaited:
                self._begin_cut(self._armed[1])
                await self._unless_cut()

        await self._pump(broker, client, note)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        note: Callable[[bytes], Awaitable[None]],
    ) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):  # a side that ends, ends the link
            while True:
                size = await source.readexactly(_SIZE.size)
                frame = await source.readexactly(_SIZE.unpack(size)[0])
                await self._unless_cut()
                await note(frame)
                sink.write(size + frame)
                await sink.drain()

    async def _unless_cut(self) -> None:
        """Return at once, or when cut never: the end of the cut cancels the link."""
        if self._cut is not None:
            await asyncio.Event().wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other side sees a reset, not an end."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def _end(pumps: Sequence[asyncio.Future[None]]) -> None:
    for pump in pumps:
        pump.cancel()
    await asyncio.gather(*pumps, return_exceptions=True)
