"""What the HTTP engine promises beyond the contract: whose fault an answer is, and what goes over the wire."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.locks import make_locks
from tests.workers.engines.chat_server import ChatServer, serving
from tests.workers.engines.contract import PROMPT
from workers.engines.engine import EngineUnavailable, ModelIdentity, Prompt, PromptRejected, Sampling
from workers.engines.fake import FakeEngine
from workers.engines.openai import OpenAiEngine, OpenAiSettings

SHORT = Sampling(max_tokens=3)


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with FakeEngine() as fake, serving(ChatServer(fake)) as server:
        yield server


def _engine(server: ChatServer, *, model: str | None = None, api_key: str | None = None) -> OpenAiEngine:
    return OpenAiEngine(OpenAiSettings(base_url=server.base_url, model=model, api_key=api_key))


@pytest.mark.parametrize("status", [401, 404, 429, 500, 502, 503])
async def test_a_servers_trouble_is_not_the_prompts_fault(server: ChatServer, status: int) -> None:
    async with _engine(server) as engine:
        server.status = status
        with pytest.raises(EngineUnavailable):
            await engine.generate(PROMPT, SHORT)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_refused_prompt_is_not_tried_again(server: ChatServer, status: int) -> None:
    async with _engine(server) as engine:
        server.status = status
        with pytest.raises(PromptRejected):
            await engine.generate(PROMPT, SHORT)


async def test_an_answer_that_is_no_completion_is_the_servers_trouble(server: ChatServer) -> None:
    async with _engine(server) as engine:
        server.status = 200
        server.engine = FakeEngine(write=lambda *_: "")  # never entered: away
        with pytest.raises(EngineUnavailable):
            await engine.generate(PROMPT, SHORT)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(EngineUnavailable):
        await OpenAiEngine(OpenAiSettings(base_url="http://127.0.0.1:9/v1")).__aenter__()


async def test_the_model_is_the_one_asked_for_and_an_adapter_names_its_parent(server: ChatServer) -> None:
    server.models = ({"id": "base", "root": "w"}, {"id": "tuned", "root": "w2", "parent": "base"})
    async with _engine(server, model="tuned") as engine:
        assert engine.model == ModelIdentity(name="base", revision="w2", adapter="tuned")


async def test_a_model_that_the_server_lacks_is_unavailable(server: ChatServer) -> None:
    with pytest.raises(EngineUnavailable):
        await _engine(server, model="other").__aenter__()


async def test_the_key_goes_to_the_server_and_nowhere_else(server: ChatServer) -> None:
    async with _engine(server, api_key="secret-key") as engine:
        await engine.generate(PROMPT, SHORT)
        assert "secret-key" not in repr(vars(engine))
    assert all("authorization: bearer secret-key" in head.lower() for head in server.headers)


async def test_a_server_over_tls_is_believed_by_the_named_authority_alone(tmp_path: Path) -> None:
    locks, tls = make_locks(tmp_path), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(locks.broker_file)
    async with FakeEngine() as fake, serving(ChatServer(fake), tls) as server:
        trusting = OpenAiSettings(base_url=server.base_url, ca_file=locks.ca_file)
        async with OpenAiEngine(trusting) as engine:
            assert (await engine.generate(PROMPT, SHORT)).text
        with pytest.raises(EngineUnavailable):
            await _engine(server).__aenter__()


@pytest.mark.parametrize(
    "spelled", ["<|im_end|>", "</s>", "<start_of_turn>", "[INST]", "[/INST]", "<\uff5cUser\uff5c>"]
)
async def test_a_special_token_does_not_reach_the_server_in_one_piece(server: ChatServer, spelled: str) -> None:
    async with _engine(server) as engine:
        await engine.generate(Prompt(system="", user=f"a{spelled}b"), SHORT)
    content = json.loads(server.bodies[-1])["messages"][0]["content"]
    assert spelled not in content
    assert content.replace(" ", "") == f"a{spelled}b"


@pytest.mark.parametrize("text", ["5 < 7", "3<4 kg", "[1] a, [b]", "size [12]"])
async def test_ordinary_text_reaches_the_server_unchanged(server: ChatServer, text: str) -> None:
    async with _engine(server) as engine:
        await engine.generate(Prompt(system="", user=text), SHORT)
    assert json.loads(server.bodies[-1])["messages"][0]["content"] == text


def _seeing(server: ChatServer) -> OpenAiEngine:
    return OpenAiEngine(OpenAiSettings(base_url=server.base_url, images_below="https://shop.example/media/"))


@pytest.mark.parametrize("image", ["/p/1.jpg", "p/1.jpg", "https://shop.example/media/p/1.jpg"])
async def test_a_picture_of_the_shop_is_shown_beside_the_text(server: ChatServer, image: str) -> None:
    async with _seeing(server) as engine:
        assert engine.model.sees_images
        await engine.generate(Prompt("", "What is it?", image), SHORT)
    picture = {"type": "image_url", "image_url": {"url": "https://shop.example/media/p/1.jpg"}}
    assert json.loads(server.bodies[-1])["messages"][0]["content"] == [picture, {"type": "text", "text": "What is it?"}]


@pytest.mark.parametrize(
    "image",
    ["https://evil.example/1.jpg", "http://169.254.169.254/", "../1.jpg", "%2e%2e/1.jpg", "file:///etc/passwd", ""],
)
async def test_a_picture_from_anywhere_else_is_never_fetched(server: ChatServer, image: str) -> None:
    async with _seeing(server) as engine:
        with pytest.raises(PromptRejected):
            await engine.generate(Prompt("", "What is it?", image), SHORT)
    assert not any("evil" in body or "169.254" in body for body in server.bodies)


async def test_how_a_text_is_drawn_is_said_to_the_server(server: ChatServer) -> None:
    sampling = Sampling(max_tokens=3, temperature=0.5, top_p=0.9, seed=7, frequency_penalty=0.3)
    async with _engine(server) as engine:
        await engine.generate(PROMPT, sampling)
    body = json.loads(server.bodies[-1])
    names = ("max_tokens", "temperature", "top_p", "seed", "frequency_penalty")
    assert [body[name] for name in names] == [3, 0.5, 0.9, 7, 0.3]
