"""A small OpenAI-compatible server over any engine, for the HTTP engine's tests; says what it was asked."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from workers.engines.engine import Engine, EngineUnavailable, Prompt, PromptRejected, Sampling


@dataclass
class ChatServer:
    """One server on a free port of 127.0.0.1; `status` makes it answer every completion with that instead."""

    engine: Engine
    models: tuple[dict[str, str], ...] = ({"id": "fake", "root": "fake-weights"},)
    status: int = 200
    base_url: str = ""
    headers: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, then close; give the generation up when the client goes."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lengths = [line for line in head.lower().splitlines() if line.startswith("content-length:")]
            body = (await reader.readexactly(int(lengths[0].split(":")[1]))).decode() if lengths else ""
            self.headers.append(head)
            self.bodies.append(body)
            status, answer = await self._answer_or_gone(head, body, reader)
            payload = json.dumps(answer).encode()
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(payload)}\r\nconnection: close\r\n\r\n".encode())
            writer.write(payload)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer_or_gone(self, head: str, body: str, reader: asyncio.StreamReader) -> tuple[int, object]:
        answer, gone = asyncio.create_task(self._answer(head, body)), asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ConnectionResetError
            return await answer
        finally:
            answer.cancel()
            gone.cancel()

    async def _answer(self, head: str, body: str) -> tuple[int, object]:
        if head.startswith("GET /v1/models "):
            return 200, {"object": "list", "data": self.models}
        if self.status != 200:
            return self.status, {"error": {"message": "as set"}}
        try:
            return 200, await self._complete(json.loads(body))
        except PromptRejected as error:
            return 400, {"error": {"message": str(error)}}
        except EngineUnavailable as error:
            return 503, {"error": {"message": str(error)}}

    async def _complete(self, asked: dict[str, object]) -> dict[str, object]:
        texts = {message["role"]: message["content"] for message in asked["messages"]}  # type: ignore[attr-defined]
        schema = asked.get("response_format")
        sampling = Sampling(
            max_tokens=int(str(asked["max_tokens"])),
            temperature=float(str(asked["temperature"])),
            json_schema=json.dumps(schema["json_schema"]["schema"]) if isinstance(schema, dict) else None,
        )
        made = await self.engine.generate(Prompt(texts.get("system", ""), str(texts["user"])), sampling)
        return {
            "choices": [{"message": {"role": "assistant", "content": made.text}, "finish_reason": made.finish}],
            "usage": {
                "prompt_tokens": made.prompt_tokens,
                "completion_tokens": made.output_tokens,
                "prompt_tokens_details": {"cached_tokens": made.cached_tokens},
            },
        }


@asynccontextmanager
async def serving(server: ChatServer, tls: ssl.SSLContext | None = None) -> AsyncIterator[ChatServer]:
    """Serve on a free port, `base_url` set, until left."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.base_url = f"http{'s' if tls else ''}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
