"""Fine-tuning on a tiny model: what is learned, what is kept, and what is said when something is wrong."""

from __future__ import annotations

import asyncio
import json
import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.deadline import until
from tests.training.tiny import a_set, examples, tiny_model
from training.checkpoints import CheckpointFailed, Checkpoints, Progress
from training.examples import TRAIN, DataError, write
from training.language_model import load
from training.learning import Figures, Learner
from training.methods import with_method
from training.recipe import Method, Recipe
from training.run import RunExists
from training.steps import Step, optimizer_of
from training.tokens import WrongTokenizer
from training.tune import Asked, Diverged, main, tune

QUICK = Recipe(method="full", epochs=4, batch_tokens=512, accumulate=2, check_every=4, learning_rate=0.01, dropout=0.1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_set(tmp_path_factory.mktemp("set"))


def asked(model: Path, data: Path, out: Path, *, resume: bool = False) -> Asked:
    return Asked(data, model, out, resume=resume, report_to="none")


def figures(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def flags(model: Path, data: Path, out: Path, recipe: Recipe = QUICK) -> list[str]:
    told = {"method": recipe.method, "epochs": recipe.epochs, "batch-tokens": recipe.batch_tokens,
            "accumulate": recipe.accumulate, "check-every": recipe.check_every, "learning-rate": recipe.rate,
            "dropout": recipe.dropout}  # fmt: skip
    some = [f"--{name}={value}" for name, value in told.items()]
    return ["--data", str(data), "--model", str(model), "--out", str(out), "--report-to", "none", *some]


@pytest.mark.parametrize("method", ["full", "freeze", "lora", "dora", "adalora", "prefix"])
def test_every_method_lowers_the_loss(model: Path, data: Path, tmp_path: Path, method: Method) -> None:
    rate = 0.5 if method == "prefix" else 0.02
    recipe = Recipe(method=method, epochs=3, batch_tokens=512, learning_rate=rate, trained_layers=2)
    tune(asked(model, data, tmp_path / "run"), recipe)
    found = [line["loss"] for line in figures(tmp_path / "run")]
    assert found[-1] < found[0] - 0.1
    assert (tmp_path / "run" / "model").is_dir() == (method != "prefix")
    assert (tmp_path / "run" / "adapter").is_dir() == (method not in ("full", "freeze"))


def test_a_merged_adapter_says_what_the_adapter_says(model: Path, data: Path, tmp_path: Path) -> None:
    from peft import PeftModel  # noqa: PLC0415

    recipe = Recipe(method="dora", epochs=3, batch_tokens=512, learning_rate=0.05)
    merged = AutoModelForCausalLM.from_pretrained(tune(asked(model, data, tmp_path), recipe), dtype=torch.float32)
    beside = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(model), tmp_path / "adapter")
    ids = torch.arange(3, 60)[None]
    with torch.no_grad():
        torch.testing.assert_close(merged(ids).logits, beside.eval()(ids).logits, rtol=0.05, atol=0.05)


def test_freezing_leaves_the_first_layers_as_they_were(model: Path, data: Path, tmp_path: Path) -> None:
    recipe = Recipe(method="freeze", trained_layers=1, epochs=1, batch_tokens=512)
    after = AutoModelForCausalLM.from_pretrained(tune(asked(model, data, tmp_path), recipe), dtype=torch.bfloat16)
    before = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
    same = {name for name, one in before.named_parameters() if torch.equal(one, after.get_parameter(name))}
    assert {name for name, _ in before.named_parameters()} - same
    assert all(not name.startswith("model.layers.2") for name in same if "norm" not in name)
    assert {"model.embed_tokens.weight", "model.layers.1.mlp.up_proj.weight"} <= same


def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(model: Path, data: Path, tmp_path: Path) -> None:
    tune(asked(model, data, tmp_path / "whole"), QUICK)
    killed = tmp_path / "killed"
    command = [sys.executable, "-m", "training.tune", *flags(model, data, killed)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        begun = lambda: any((killed / "checkpoints").glob("step-*4.pt")) or process.poll() is not None  # noqa: E731
        asyncio.run(until(begun, timeout_seconds=240))
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert len(figures(killed)) < len(figures(tmp_path / "whole"))
    main([*flags(model, data, killed), "--resume"])
    assert figures(killed) == figures(tmp_path / "whole")
    assert weights(killed / "model") == weights(tmp_path / "whole" / "model")


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_adalora_goes_on_with_the_ranks_that_it_had(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(method="adalora", rank=4, epochs=4, batch_tokens=512, check_every=2, learning_rate=0.02)
    tune(asked(model, data, tmp_path / "whole"), recipe)
    cut = tmp_path / "cut"
    with monkeypatch.context() as breaking:
        breaking.setattr(Learner, "look", Mock(side_effect=[{"loss": 9.0}, {"loss": 8.0}, KeyboardInterrupt]))
        with pytest.raises(KeyboardInterrupt):
            tune(asked(model, data, cut), recipe)
    tune(asked(model, data, cut, resume=True), recipe)
    assert [line["loss"] for line in figures(cut)] == [line["loss"] for line in figures(tmp_path / "whole")]


@pytest.mark.timeout(600)
def test_two_processes_learn_what_one_does(model: Path, data: Path, tmp_path: Path) -> None:
    one = Recipe(method="lora", epochs=2, batch_tokens=512, accumulate=2, dropout=0.0, learning_rate=0.01)
    tune(asked(model, data, tmp_path / "one"), one)
    half = Recipe(method="lora", epochs=2, batch_tokens=512, accumulate=1, dropout=0.0, learning_rate=0.01)
    # What `accelerate launch` starts on GPUs; for CPUs it would want an MPI.
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = [sys.executable, *launch, "-m", "training.tune", *flags(model, data, tmp_path / "two", half)]
    here = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=560, check=False, env=here)
    assert done.returncode == 0, done.stderr[-2_000:]
    alone, together = figures(tmp_path / "one"), figures(tmp_path / "two")
    assert [line["loss"] for line in together] == pytest.approx([line["loss"] for line in alone], rel=1e-3)
    assert together[-1]["dev_loss"] == pytest.approx(alone[-1]["dev_loss"], rel=1e-3)


def test_it_stops_when_the_dev_loss_gets_worse_and_keeps_the_best(model: Path, data: Path, tmp_path: Path) -> None:
    recipe = Recipe(method="full", epochs=200, batch_tokens=512, learning_rate=0.03, check_every=2, patience=2)
    tune(asked(model, data, tmp_path), recipe)
    looks = [(line["step"], line["dev_loss"]) for line in figures(tmp_path) if "dev_loss" in line]
    best = min(looks, key=lambda look: look[1])[0]
    assert [step for step, _ in looks if step > best] == [best + 2, best + 4]
    assert {path.name for path in (tmp_path / "checkpoints").iterdir()} == {
        f"step-{best:08}.pt", f"step-{best + 4:08}.pt"
    }  # fmt: skip


def test_a_loss_that_is_no_number_stops_the_run_and_spares_the_checkpoint(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, taken = Learner.learn, iter((False, False, True))

    def breaking(self: Learner, step: Step, recipe: Recipe, *, number: int, rate: float) -> Figures:
        found = learn(self, step, recipe, number=number, rate=rate)
        return {"loss": math.nan, "gradient_norm": 1.0} if next(taken) else found

    monkeypatch.setattr(Learner, "learn", breaking)
    recipe = Recipe(method="full", epochs=9, batch_tokens=512, check_every=1)
    with pytest.raises(Diverged, match=r"step 3: loss nan, .* the last good checkpoint is .*step-00000002\.pt"):
        tune(asked(model, data, tmp_path), recipe)
    assert Checkpoints(tmp_path / "checkpoints").latest() == tmp_path / "checkpoints" / "step-00000002.pt"


def test_a_rate_that_blows_the_weights_up_ends_the_run(model: Path, data: Path, tmp_path: Path) -> None:
    recipe = Recipe(method="full", optimizer="sgd", learning_rate=1e30, clip=1e30, warm_up=0, check_every=1, epochs=9)
    with pytest.raises(Diverged, match="Lower the rate"):
        tune(asked(model, data, tmp_path), recipe)
    for path in (tmp_path / "checkpoints").iterdir():
        assert all(one.isfinite().all() for one in torch.load(path, weights_only=True)["weights"].values())


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_last_checkpoint_whole(model: Path, tmp_path: Path) -> None:
    tuned = with_method(load(model, QUICK).model, QUICK, steps=9)
    optimizer, checkpoints = optimizer_of(tuned, QUICK), Checkpoints(tmp_path)
    checkpoints.save(tuned, optimizer, Progress(step=4), writes=True)
    with no_file_above(20_000), pytest.raises(CheckpointFailed, match=r"step 8 .* go on from .*step-00000004\.pt"):
        checkpoints.save(tuned, optimizer, Progress(step=8), writes=True)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000004.pt"]
    assert checkpoints.restore(tmp_path / "step-00000004.pt", tuned, optimizer) == Progress(step=4)


def test_a_tokenizer_of_another_model_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongTokenizer, match="259 tokens, the model knows 200"):
        tune(asked(tiny_model(tmp_path / "small", vocabulary=200), data, tmp_path / "run"), QUICK)
    assert not (tmp_path / "run").exists()


def test_an_empty_set_is_refused_before_anything_is_written(model: Path, tmp_path: Path) -> None:
    (tmp_path / TRAIN).write_text("")
    with pytest.raises(DataError, match="has no examples"):
        tune(asked(model, tmp_path, tmp_path / "run"), QUICK)
    assert not (tmp_path / "run").exists()


def test_a_run_is_neither_overwritten_nor_gone_on_with_on_other_data(model: Path, data: Path, tmp_path: Path) -> None:
    once = Recipe(method="full", epochs=1, batch_tokens=512)
    tune(asked(model, data, tmp_path / "run"), once)
    with pytest.raises(RunExists, match="--resume goes on"):
        tune(asked(model, data, tmp_path / "run"), once)
    write((a_set(tmp_path / "other")) / TRAIN, examples(3))
    with pytest.raises(RunExists, match="another data"):
        tune(asked(model, tmp_path / "other", tmp_path / "run", resume=True), once)


def test_the_folder_of_a_run_says_how_to_repeat_it(model: Path, data: Path, tmp_path: Path) -> None:
    tune(Asked(data, model, tmp_path), Recipe(method="lora", epochs=1, batch_tokens=512, seed=5))
    told = json.loads((tmp_path / "run.json").read_text())
    assert told["recipe"]["seed"] == 5
    assert told["data"].keys() == {"train.jsonl", "dev.jsonl"}
    assert told["git"]
    assert told["packages"]["torch"]
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert any((tmp_path / "tensorboard").iterdir())


def test_a_tracker_that_is_not_installed_is_named(model: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="MissingPackage: --report-to wandb needs the package wandb"):
        main([*flags(model, data, tmp_path), "--report-to", "wandb"])
