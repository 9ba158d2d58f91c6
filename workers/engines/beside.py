"""An engine for a released revision, beside the one that the settings name."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from schemas.model_folder import ADAPTER_FILE, content_hash, model_files, released_folder
from schemas.releases import ModelRevision
from workers.engines.build import EngineChoice, build_engine
from workers.engines.engine import Adapting, Engine, ModelIdentity, RevisionUnusable
from workers.engines.fake import FakeEngine
from workers.engines.openai import OpenAiEngine
from workers.engines.vllm_async import VllmAsyncEngine


class Beside:
    """Gives engines for revisions, not yet started; `models` is the folder that released models are brought to.

    A fleet serves a revision under its name, which is its hash. vLLM in a thread takes a whole model as a second
    engine, vLLM in a process takes an adapter into the engine that runs: a whole model would need the memory twice.
    """

    def __init__(self, main: Engine, choice: EngineChoice, models: Path) -> None:
        self._main = main
        self._choice = choice
        self._models = models

    async def open(self, revision: ModelRevision) -> Engine:
        """Give the engine of a revision. Raises RevisionUnusable for one that is not here, or not for this engine."""
        if self._choice.kind == "openai":
            named = replace(self._choice.openai, model=revision.revision, released_as=revision.name)
            return OpenAiEngine(named)
        folder = released_folder(self._models, revision)
        await asyncio.to_thread(_require_content, folder, revision)
        is_adapter = (folder / ADAPTER_FILE).is_file()
        if self._choice.kind == "fake":
            return self._rehearsed(revision, is_adapter=is_adapter)
        return self._adapter(folder, revision) if is_adapter else self._whole(folder, revision)

    def _adapter(self, folder: Path, revision: ModelRevision) -> Engine:
        if not isinstance(self._main, Adapting):
            raise RevisionUnusable("unfit", "this engine serves no adapters: merge it into its model and release that")
        return self._main.adapted(folder, revision.revision)

    def _whole(self, folder: Path, revision: ModelRevision) -> Engine:
        if isinstance(self._main, VllmAsyncEngine):
            raise RevisionUnusable(
                "unfit",
                "beside an engine in a process of its own there is room for adapters only: serve the model by a fleet, "
                "or start the worker with it",
            )
        return build_engine(
            replace(self._choice, vllm=replace(self._choice.vllm, model=str(folder), name=revision.name))
        )

    def _rehearsed(self, revision: ModelRevision, *, is_adapter: bool) -> Engine:
        model = ModelIdentity(revision.name, revision.revision)
        adapted = replace(self._main.model, adapter=revision.revision)
        return FakeEngine(replace(self._choice.fake, model=adapted if is_adapter else model))


def _require_content(folder: Path, revision: ModelRevision) -> None:
    """Return when a folder holds what was released, read anew: nobody's word is taken for it."""
    files = model_files(folder)
    if not any(path.suffix == ".safetensors" for path in files):
        raise RevisionUnusable("missing", f"{folder} is not there, or holds no weights: bring the released folder here")
    try:
        found = content_hash(files)
    except OSError as error:
        raise RevisionUnusable("missing", f"{folder} cannot be read: {error.strerror}") from error
    if found != revision.content_hash:
        raise RevisionUnusable("changed", f"{folder} holds something else than what was released (sha256 {found})")
