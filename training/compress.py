"""A smaller model: `python -m training.compress --model FOLDER --out FOLDER --to int8`, or `--to int4`.

| `--to` | weights | activations | read by |
|---|---|---|---|
| `int8` | 8 bits, a scale for each row | 8 bits, a scale for each token, taken when it comes | vLLM on CPUs and GPUs |
| `int4` | 4 bits, a scale for each 32 inputs | as they are | vLLM on CPUs and GPUs |

Every linear layer but the head is rounded to the nearest step; embeddings and norms stay. The folder is in the format
of compressed-tensors, which vLLM knows by its config. (vLLM has no 8-bit weights with 16-bit activations on CPUs.)
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, get_args

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM

from training.language_model import ModelError

Format = Literal["int8", "int4"]

GROUP: Final = 32
"""Inputs that share a scale at 4 bits."""

_BITS: Final[dict[Format, int]] = {"int8": 8, "int4": 4}
_HEAD: Final = "lm_head"
_WEIGHTS: Final = "model.safetensors"
_LEFT_BEHIND: Final = ("*.safetensors", "*.safetensors.index.json", "config.json")


def compress(folder: Path, out: Path, to: Format) -> None:
    """Write a compressed copy of a model's folder, whole or not at all. Raises ModelError."""
    if out.exists():
        raise ModelError(f"{out} is there already: name a new folder")
    linear = _linear_layers(folder)
    made: dict[str, torch.Tensor] = {}
    for name, tensor in _tensors(folder):
        layer = name.removesuffix(".weight")
        made |= _compressed(layer, tensor, to) if layer in linear and layer != name else {name: tensor}
    draft = out.with_name(f".{out.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(folder, draft, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
    save_file(made, draft / _WEIGHTS, metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = described(to)
    (draft / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    draft.rename(out)


def rounded(weight: torch.Tensor, *, bits: int, group: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Give whole numbers and their scales: `weight` [out, in] is numbers * scale, each within half a scale of it.

    Numbers are int8 [out, in], scales float32 [out, in / group]; `in` is a multiple of `group`.
    """
    rows, columns = weight.shape
    most = 2 ** (bits - 1) - 1
    grouped = weight.float().reshape(rows, columns // group, group)
    scale = grouped.abs().amax(dim=-1, keepdim=True) / most
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    numbers = (grouped / scale).round().clamp(-most, most).to(torch.int8)
    return numbers.reshape(rows, columns), scale.squeeze(-1)


def packed(numbers: torch.Tensor) -> torch.Tensor:
    """Give eight 4-bit numbers from -8 to 7 in each int32, the first one lowest: [out, in] becomes [out, in / 8]."""
    places = torch.arange(8, dtype=torch.int64) * 4
    unsigned = (numbers.to(torch.int64) + 8).reshape(len(numbers), -1, 8)
    words = (unsigned << places).sum(dim=-1)
    return torch.where(words >= 2**31, words - 2**32, words).to(torch.int32)


def _compressed(layer: str, weight: torch.Tensor, to: Format) -> dict[str, torch.Tensor]:
    columns = weight.shape[1]
    if to == "int8":
        numbers, scale = rounded(weight, bits=8, group=columns)
        return {f"{layer}.weight": numbers, f"{layer}.weight_scale": scale}
    if columns % GROUP:
        raise ModelError(f"{layer} has {columns} inputs: int4 wants a multiple of {GROUP}")
    numbers, scale = rounded(weight, bits=4, group=GROUP)
    return {
        f"{layer}.weight_packed": packed(numbers),
        f"{layer}.weight_scale": scale.to(torch.bfloat16),
        f"{layer}.weight_shape": torch.tensor(weight.shape, dtype=torch.int64),
    }


def _linear_layers(folder: Path) -> frozenset[str]:
    """Name the layers to compress. Raises ModelError."""
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        if getattr(config, "quantization_config", None):
            raise ModelError(f"{folder} is compressed already")
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} does not load as a causal language model: {error}") from error
    return frozenset(name for name, part in model.named_modules() if isinstance(part, nn.Linear) and name != _HEAD)


def _tensors(folder: Path) -> Iterator[tuple[str, torch.Tensor]]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder} holds no .safetensors file: `shelftalk model` gives the default model's folder")
    for path in files:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  no mapping
                yield name, file.get_tensor(name)


def described(to: Format) -> dict[str, object]:
    """Give what a config says of the weights, in the words of compressed-tensors."""
    by_group = {"strategy": "group", "group_size": GROUP} if to == "int4" else {"strategy": "channel"}
    number = {"type": "int", "symmetric": True}
    weights = {**number, **by_group, "num_bits": _BITS[to], "dynamic": False}
    tokens = {**number, "strategy": "token", "num_bits": 8, "dynamic": True}
    group = {"targets": ["Linear"], "weights": weights, "input_activations": tokens if to == "int8" else None}
    return {
        "quant_method": "compressed-tensors",
        "format": "int-quantized" if to == "int8" else "pack-quantized",
        "quantization_status": "compressed",
        "ignore": [_HEAD],
        "config_groups": {"group_0": group},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Compress a model as the flags say, and tell its size before and after."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", maxsplit=1)[0])
    parser.add_argument("--model", type=Path, required=True, help="a whole model's folder")
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--to", choices=get_args(Format), default="int8")
    asked = parser.parse_args(arguments)
    try:
        compress(asked.model, asked.out, asked.to)
    except ModelError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    sizes = [sum(path.stat().st_size for path in folder.glob("*.safetensors")) for folder in (asked.model, asked.out)]
    sys.stdout.write(f"{sizes[0] / 1e6:.1f} MB before, {sizes[1] / 1e6:.1f} MB after\n")


if __name__ == "__main__":
    main()
