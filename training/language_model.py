"""A causal language model of transformers on its way in and out: loaded to be trained, and saved to be served."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import torch
from peft import PeftModel
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.methods import ADAPTERS, MERGED, with_method
from training.packing import IGNORED, Batch
from training.recipe import Recipe
from training.run import RunFolder
from training.tokens import Tokenizer


class ModelError(Exception):
    """The model cannot be loaded or saved; the message says why."""


class SavedTokenizer(Tokenizer, Protocol):
    """A tokenizer that can be put beside a model."""

    def save_pretrained(self, save_directory: Path) -> object:
        """Write the tokenizer's files."""
        ...


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model with its tokenizer, where it came from, and a hash of its weights."""

    model: nn.Module
    tokenizer: SavedTokenizer
    folder: Path
    revision: str
    vocabulary: int


def load(folder: Path, recipe: Recipe) -> LanguageModel:
    """Load a model and its tokenizer. Raises ModelError."""
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{folder} holds no .safetensors file: `shelftalk model` gives the default model's folder")
    tokenizer = _tokenizer(folder)
    model = _weights(folder, recipe)
    rows = model.get_input_embeddings().weight.shape[0]  # type: ignore[operator]
    return LanguageModel(model, tokenizer, folder, _revision(folder), int(rows))


@dataclass(frozen=True, slots=True)
class Odds:
    """What the model makes of each learned token: `logits` [learned, vocabulary], `labels` and `texts` [learned]."""

    logits: torch.Tensor
    labels: torch.Tensor
    texts: torch.Tensor


def odds(model: nn.Module, batch: Batch, device: torch.device) -> Odds:
    """Give the odds of a batch's answers; only where one is learned are they computed."""
    labels = batch.labels[0].to(device)
    learned = (labels != IGNORED).nonzero().flatten()
    if batch.mask is None:
        given = {}
    else:
        given = {"attention_mask": batch.mask.to(device), "position_ids": batch.positions.to(device)}
    logits = model(input_ids=batch.ids.to(device), logits_to_keep=learned, use_cache=False, **given).logits
    return Odds(logits[0].float(), labels[learned], batch.texts[0].to(device)[learned])


def save(base: LanguageModel, recipe: Recipe, trained: dict[str, torch.Tensor], run: RunFolder, *, steps: int) -> None:
    """Write the trained model where an engine can load it, whole or not at all; adapters beside it, and in it.

    A prefix cannot be in the weights: it is left as an adapter alone.
    """
    model = with_method(_weights(base.folder, recipe), recipe, steps=steps)
    missing = model.load_state_dict(trained, strict=False).unexpected_keys
    if missing:
        raise ModelError(f"the checkpoint has weights that the model has no place for, such as {missing[0]}")
    if recipe.method in ADAPTERS:
        _whole(run.adapter, cast("_Saved", model), base.tokenizer)
    if recipe.method in MERGED:
        model = cast("PeftModel", model).merge_and_unload()
    if recipe.method not in ADAPTERS - MERGED:
        _whole(run.model, cast("_Saved", model.to(torch.bfloat16)), base.tokenizer)


class _Saved(Protocol):
    def save_pretrained(self, save_directory: Path) -> object: ...


def _whole(folder: Path, model: _Saved, tokenizer: SavedTokenizer) -> None:
    draft = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _weights(folder: Path, recipe: Recipe) -> nn.Module:
    """Load in full precision what is trained itself; what only carries an adapter, as the device computes."""
    short = recipe.method in ADAPTERS and recipe.precision != "fp32" and torch.cuda.is_available()
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=torch.bfloat16 if short else torch.float32,
            attn_implementation="sdpa",
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} does not load as a causal language model: {error}") from error
    if recipe.method not in ADAPTERS:
        model.config.attention_dropout = recipe.dropout
        for part in model.modules():
            if hasattr(part, "attention_dropout"):
                part.attention_dropout = recipe.dropout
    return cast("nn.Module", model)


def _tokenizer(folder: Path) -> SavedTokenizer:
    try:
        return cast("SavedTokenizer", AutoTokenizer.from_pretrained(folder, trust_remote_code=False))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} has no tokenizer that loads: {error}") from error


def _revision(folder: Path) -> str:
    """Give a hash of the weights and the tokenizer."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".safetensors", ".json", ".jinja", ".model") or path.name == "merges.txt":
            with path.open("rb") as file:
                total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()[:16]
