"""A released model is served beside the one of the settings, if it is what was released and there is room for it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.model_folder import ADAPTER_FILE, content_hash, model_files, released_folder
from schemas.releases import ModelRevision
from tests.factories import revision
from tests.workers.engines.chat_server import ChatServer, serving
from tests.workers.engines.contract import PROMPT, BesideContract
from workers.engines.beside import Beside
from workers.engines.build import EngineChoice, build_engine
from workers.engines.engine import Engine, EngineUnavailable, ModelIdentity, RevisionUnusable, Sampling
from workers.engines.fake import FakeEngine, FakeSettings
from workers.engines.openai import OpenAiSettings
from workers.engines.vllm_async import VllmAdapter
from workers.engines.vllm_request import VllmSettings
from workers.engines.vllm_thread import VllmThreadEngine

MAIN = ModelIdentity("main", "m" * 16)
FAKE = EngineChoice(kind="fake", fake=FakeSettings(median_seconds=0.01, model=MAIN))
IN_PROCESS = EngineChoice(vllm_runs_in="process", vllm_device="gpu", vllm=VllmSettings(max_adapters=1))


def brought(models: Path, *, adapter: bool = False) -> ModelRevision:
    """Give a revision whose folder is where workers look for it."""
    draft = models / "draft"
    draft.mkdir(parents=True)
    (draft / "model.safetensors").write_bytes(b"weights")
    (draft / (ADAPTER_FILE if adapter else "config.json")).write_text("{}")
    found = ModelRevision(name="tuned", content_hash=content_hash(model_files(draft)))
    draft.rename(released_folder(models, found))
    return found


def beside(choice: EngineChoice, models: Path) -> Beside:
    return Beside(build_engine(choice), choice, models)


class TestFakeBeside(BesideContract):
    @pytest.fixture
    async def engine(self) -> AsyncIterator[Engine]:
        async with build_engine(FAKE) as engine:
            yield engine

    @pytest.fixture
    async def beside(self, tmp_path: Path) -> AsyncIterator[Engine]:
        async with await beside(FAKE, tmp_path).open(brought(tmp_path)) as engine:
            yield engine


class TestFleetBeside(BesideContract):
    @pytest.fixture
    async def choice(self) -> AsyncIterator[EngineChoice]:
        models = ({"id": "base", "root": "base"}, {"id": revision().revision, "root": "elsewhere"})
        async with FakeEngine() as behind, serving(ChatServer(behind, models)) as server:
            self.server = server
            yield EngineChoice(kind="openai", openai=OpenAiSettings(base_url=server.base_url))

    @pytest.fixture
    async def engine(self, choice: EngineChoice) -> AsyncIterator[Engine]:
        async with build_engine(choice) as engine:
            yield engine

    @pytest.fixture
    async def beside(self, choice: EngineChoice, tmp_path: Path) -> AsyncIterator[Engine]:
        async with await beside(choice, tmp_path).open(revision()) as engine:
            yield engine

    async def test_each_request_names_its_model(self, engine: Engine, beside: Engine) -> None:
        for one in (engine, beside):
            await one.generate(PROMPT, Sampling(max_tokens=1))
        asked = [json.loads(body)["model"] for body in self.server.bodies if body]
        assert asked == ["base", revision().revision]
        assert beside.model == ModelIdentity("tuned", revision().revision)

    async def test_a_fleet_that_does_not_serve_the_revision_is_not_asked_for_another(
        self, choice: EngineChoice, tmp_path: Path
    ) -> None:
        other = await beside(choice, tmp_path).open(revision("b"))
        with pytest.raises(EngineUnavailable, match="not 'bbbbbbbbbbbbbbbb'"):
            await other.__aenter__()


async def test_an_adapter_of_a_fleet_is_named_with_the_model_that_it_belongs_to(tmp_path: Path) -> None:
    models = ({"id": "base", "root": "base"}, {"id": revision().revision, "root": "lora", "parent": "base"})
    async with FakeEngine() as behind, serving(ChatServer(behind, models)) as server:
        choice = EngineChoice(kind="openai", openai=OpenAiSettings(base_url=server.base_url))
        async with await beside(choice, tmp_path).open(revision()) as engine:
            assert engine.model == ModelIdentity("base", "lora", adapter=revision().revision)


async def test_a_folder_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RevisionUnusable, match="bring the released folder") as raised:
        await beside(FAKE, tmp_path).open(revision())
    assert raised.value.reason == "missing"


async def test_a_folder_that_holds_something_else_is_not_loaded(tmp_path: Path) -> None:
    one = brought(tmp_path)
    (released_folder(tmp_path, one) / "model.safetensors").write_bytes(b"tampered")
    with pytest.raises(RevisionUnusable, match="something else") as raised:
        await beside(FAKE, tmp_path).open(one)
    assert raised.value.reason == "changed"


async def test_a_whole_model_is_a_second_engine_of_vllm_in_a_thread_which_is_called_by_its_name(tmp_path: Path) -> None:
    choice = EngineChoice(vllm_runs_in="thread", vllm_device="cpu")
    one = brought(tmp_path)
    engine = await beside(choice, tmp_path).open(one)
    assert isinstance(engine, VllmThreadEngine)
    assert (engine._settings.model, engine._settings.name) == (str(released_folder(tmp_path, one)), "tuned")


async def test_an_adapter_goes_into_the_engine_that_runs_and_a_whole_model_does_not(tmp_path: Path) -> None:
    assert isinstance(await beside(IN_PROCESS, tmp_path).open(brought(tmp_path, adapter=True)), VllmAdapter)
    with pytest.raises(RevisionUnusable, match="adapters only"):
        await beside(IN_PROCESS, tmp_path).open(brought(tmp_path))


async def test_adapters_need_an_engine_with_room_for_them(tmp_path: Path) -> None:
    adapter = brought(tmp_path, adapter=True)
    no_room = EngineChoice(vllm_runs_in="process", vllm_device="gpu")
    for choice, why in ((no_room, "SHELFTALK_MAX_ADAPTERS"), (EngineChoice(vllm_runs_in="thread"), "merge it")):
        with pytest.raises(RevisionUnusable, match=why):
            await beside(choice, tmp_path).open(adapter)


async def test_a_rehearsed_adapter_is_named_beside_its_model(tmp_path: Path) -> None:
    engine = await beside(FAKE, tmp_path).open(brought(tmp_path, adapter=True))
    assert (engine.model.revision, len(engine.model.adapter or "")) == (MAIN.revision, 16)


async def test_an_adapter_that_was_not_loaded_serves_nothing(tmp_path: Path) -> None:
    engine = await beside(IN_PROCESS, tmp_path).open(brought(tmp_path, adapter=True))
    with pytest.raises(EngineUnavailable):
        await engine.generate(PROMPT, Sampling(max_tokens=1))
