"""The proxy cuts where it is told to, and only there, between clients and a server that answers frames."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.deadline import until
from tests.faults.proxy import END_TXN, Cut, Proxy

FETCH = 1
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Server:
    """Answers each request with its correlation id; notes the requests that it got and the clients that left."""

    def __init__(self) -> None:
        self.got: list[tuple[int, int]] = []
        self.came = 0
        self.left = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        try:
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                api_key, _, correlation_id = struct.unpack_from(">hhi", await reader.readexactly(size))
                self.got.append((api_key, correlation_id))
                writer.write(struct.pack(">ii", 4, correlation_id))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left += 1
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, int]]:
    serving = Server()
    async with await asyncio.start_server(serving.serve, "127.0.0.1", 0) as listening:
        yield serving, listening.sockets[0].getsockname()[1]
        await until(lambda: serving.left == serving.came)


@pytest.fixture
def proxy(server: tuple[Server, int]) -> Iterator[Proxy]:
    with Proxy(server[1]) as between:
        yield between


@pytest.fixture
async def connection(proxy: Proxy) -> AsyncIterator[Connection]:
    reader, writer = await connect(proxy)
    yield reader, writer
    writer.close()


async def connect(proxy: Proxy) -> Connection:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


def send(connection: Connection, api_key: int, correlation_id: int) -> None:
    connection[1].write(struct.pack(">ihhi", 8 + 100_000, api_key, 0, correlation_id) + bytes(100_000))


async def answer(connection: Connection) -> int:
    async with asyncio.timeout(5):
        return int(struct.unpack(">ii", await connection[0].readexactly(8))[1])


async def assert_silent(connection: Connection, seconds: float = 0.2) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connection[0].read(1), seconds)


async def assert_reset(connection: Connection) -> None:
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(connection[0].readexactly(8), 5)


async def assert_refused(proxy: Proxy) -> None:
    """A reset that comes while the client connects may show as an end."""
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await _hear_from_a_new_connection(proxy)


async def _hear_from_a_new_connection(proxy: Proxy) -> None:
    reader, writer = await connect(proxy)
    try:
        await asyncio.wait_for(reader.readexactly(8), 5)
    finally:
        writer.close()


async def test_frames_pass_in_both_directions(connection: Connection) -> None:
    for number in range(3):
        send(connection, FETCH, number)
    assert [await answer(connection) for _ in range(3)] == [0, 1, 2]


async def test_a_reset_ends_connections_and_refuses_new_ones_until_it_is_healed(
    proxy: Proxy, connection: Connection
) -> None:
    send(connection, FETCH, 1)
    assert await answer(connection) == 1
    proxy.cut("reset")
    await assert_reset(connection)
    await assert_refused(proxy)
    proxy.heal()
    again = await connect(proxy)
    send(again, FETCH, 2)
    assert await answer(again) == 2
    again[1].close()


async def test_in_a_black_hole_connections_stay_open_and_nothing_passes(
    server: tuple[Server, int], proxy: Proxy, connection: Connection
) -> None:
    send(connection, FETCH, 1)
    assert await answer(connection) == 1
    proxy.cut("black-hole")
    fresh = await connect(proxy)
    send(connection, FETCH, 2)
    send(fresh, FETCH, 3)
    await assert_silent(connection)
    await assert_silent(fresh)
    assert server[0].got == [(FETCH, 1)]
    proxy.heal()
    await assert_reset(connection)
    await assert_reset(fresh)
    fresh[1].close()


@pytest.mark.parametrize("how", ["reset", "black-hole"])
async def test_a_cut_before_an_answer_lets_the_request_be_done_and_its_answer_be_lost(
    server: tuple[Server, int], proxy: Proxy, connection: Connection, how: Cut
) -> None:
    proxy.cut_after(END_TXN, how)
    send(connection, FETCH, 1)
    send(connection, END_TXN, 2)
    assert await answer(connection) == 1
    await until(lambda: proxy.is_cut)
    assert server[0].got == [(FETCH, 1), (END_TXN, 2)]
    await (assert_reset(connection) if how == "reset" else assert_silent(connection))


async def test_a_cut_before_an_answer_cuts_the_other_connections_too_and_only_once(
    proxy: Proxy, connection: Connection
) -> None:
    other = await connect(proxy)
    send(other, FETCH, 1)
    assert await answer(other) == 1
    proxy.cut_after(END_TXN, "reset")
    send(connection, END_TXN, 2)
    await assert_reset(other)
    other[1].close()
    proxy.heal()
    again = await connect(proxy)
    send(again, END_TXN, 3)
    assert await answer(again) == 3
    again[1].close()


async def test_healing_takes_back_a_cut_that_was_not_reached(proxy: Proxy, connection: Connection) -> None:
    send(connection, FETCH, 1)
    assert await answer(connection) == 1
    proxy.cut_after(END_TXN, "reset")
    proxy.heal()
    send(connection, END_TXN, 2)
    assert await answer(connection) == 2


async def test_without_a_broker_behind_it_a_client_is_reset_and_later_served() -> None:
    serving = Server()
    listening = await asyncio.start_server(serving.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    with Proxy(port) as proxy:
        await assert_refused(proxy)
        async with await asyncio.start_server(serving.serve, "127.0.0.1", port):
            late = await connect(proxy)
            send(late, FETCH, 1)
            assert await answer(late) == 1
            late[1].close()
            await until(lambda: serving.left == 1)


async def test_a_client_that_leaves_leaves_the_broker_too(
    server: tuple[Server, int], proxy: Proxy, connection: Connection
) -> None:
    send(connection, FETCH, 1)
    assert await answer(connection) == 1
    connection[1].close()
    await until(lambda: server[0].left == 1)
