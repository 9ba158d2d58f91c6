"""A compressed model: each weight within half a step, in the format that compressed-tensors and vLLM read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.tiny import tiny_model
from training.compress import GROUP, Format, compress, described, main, packed, rounded

FORMATS: tuple[Format, ...] = ("int8", "int4")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize(("bits", "group"), [(8, 64), (4, 32)])
def test_every_weight_is_within_half_a_step(bits: int, group: int) -> None:
    weight = torch.randn(48, 64, generator=torch.Generator().manual_seed(1)) * 0.02
    weight[7] = 0
    numbers, scale = rounded(weight, bits=bits, group=group)
    steps = scale.repeat_interleave(group, dim=1)
    assert ((numbers * steps - weight).abs() <= steps / 2 + 1e-9).all()
    assert not numbers[7].any()
    assert numbers.abs().max() == 2 ** (bits - 1) - 1


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # torch's own, when that package comes in
def test_compressed_tensors_reads_what_is_written() -> None:
    from compressed_tensors.compressors.pack_quantized.helpers import unpack_from_int32  # noqa: PLC0415
    from compressed_tensors.quantization import QuantizationConfig  # noqa: PLC0415

    numbers = torch.arange(-8, 8, dtype=torch.int8).repeat(4, 2)
    assert torch.equal(unpack_from_int32(packed(numbers), 4, numbers.shape), numbers)
    read = (QuantizationConfig.model_validate(described(to)).config_groups["group_0"] for to in FORMATS)
    assert [one.weights.num_bits for one in read] == [8, 4]


@pytest.mark.parametrize("to", FORMATS)
def test_a_folder_is_whole_smaller_and_says_what_it_holds(model: Path, tmp_path: Path, to: Format) -> None:
    compress(model, tmp_path / to, to)
    config = json.loads((tmp_path / to / "config.json").read_text())
    assert config["quantization_config"] == described(to)
    before, after = (load_file(folder / "model.safetensors") for folder in (model, tmp_path / to))
    assert torch.equal(after["model.embed_tokens.weight"], before["model.embed_tokens.weight"])
    assert torch.equal(after["model.norm.weight"], before["model.norm.weight"])
    assert len([name for name in after if name.endswith("weight_scale")]) == 3 * 7
    assert (tmp_path / to / "tokenizer.json").is_file()
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (model, tmp_path / to)]
    assert sizes[1] < sizes[0]


def test_eight_bits_say_what_the_weights_were(model: Path, tmp_path: Path) -> None:
    compress(model, tmp_path / "small", "int8")
    before, after = (load_file(folder / "model.safetensors") for folder in (model, tmp_path / "small"))
    layer = "model.layers.1.mlp.up_proj"
    scale = after[f"{layer}.weight_scale"]
    assert ((after[f"{layer}.weight"] * scale - before[f"{layer}.weight"]).abs() <= scale / 2 + 1e-9).all()


def test_what_cannot_be_compressed_is_told(model: Path, tmp_path: Path) -> None:
    compress(model, tmp_path / "small", "int8")
    for flags, why in (
        (("--model", str(tmp_path / "small"), "--out", str(tmp_path / "again")), "compressed already"),
        (("--model", str(model), "--out", str(tmp_path / "small")), "there already"),
        (("--model", str(tmp_path), "--out", str(tmp_path / "none")), "does not load"),
    ):
        with pytest.raises(SystemExit, match=why):
            main(flags)
    assert not (tmp_path / "again").exists()
    assert GROUP == 32
