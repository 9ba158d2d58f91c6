"""Tuning: `python -m training.tune --data SET --model FOLDER --out RUN`, or the same behind `accelerate launch`.

SET is a folder with `train.jsonl` and, if there is one, `dev.jsonl` (`training.examples`), FOLDER a model as
transformers saves one, RUN a new folder that gets everything (`training.run`). Only answers are learned, not prompts:
as they stand, or as what is preferred to the texts that were rejected (`--objective preference`).
Every step's chance comes from the seed and the step's number, so that a run that was killed goes on with `--resume` as
if it had not been.
"""

# ruff: noqa: S311  (the dice are for order and dropout, not for secrets)

from __future__ import annotations

import argparse
import logging
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import get_args

import torch
from accelerate import Accelerator
from rich.console import Console
from rich.progress import Progress as ProgressBar

from training.checkpoints import CheckpointFailed, Checkpoints, Progress
from training.curve import draw
from training.distillation import Distilled, taught_by
from training.examples import DEV, TRAIN, DataError, digest, read
from training.language_model import LanguageModel, ModelError, load, save
from training.learning import Learner
from training.methods import with_method
from training.objectives import objective_of, references
from training.packing import Pack, packs
from training.pairs import pairs
from training.privacy import ACCOUNTANT, Private, noise_of, private_steps
from training.recipe import Recipe, RecipeError, Tracker, add_flags, recipe_of
from training.run import Inputs, RunExists, RunFolder
from training.steps import Step, optimizer_of, rate_at, steps
from training.tokens import Encoded, ExampleTokens, WrongTokenizer
from training.trackers import MissingPackage, Tracking, tracking

log = logging.getLogger("training.tune")


class Diverged(Exception):
    """The loss is no number any more: too high a rate, or hostile data; the message says from where to go on."""


EXPECTED = (
    CheckpointFailed,
    DataError,
    Diverged,
    MissingPackage,
    ModelError,
    RecipeError,
    RunExists,
    WrongTokenizer,
)
"""What can be wrong with data, model, settings and disk; each says what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a run reads from and writes to."""

    data: Path
    model: Path
    out: Path
    resume: bool = False
    report_to: Tracker = "tensorboard"


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn, laid out, and what there is to look at."""

    plan: tuple[Step, ...]
    looks: tuple[Pack, ...]

    @property
    def examples(self) -> tuple[Encoded, ...]:
        """Give everything that is learned or looked at, once and in order."""
        some = (*(pack for step in self.plan for pack in step.packs), *self.looks)
        return tuple(dict.fromkeys(one for pack in some for one in pack.examples))


def tune(asked: Asked, recipe: Recipe, *, watch: Tracking | None = None) -> Path:
    """Tune a model and give the folder of what came out. Raises what `EXPECTED` lists.

    The figures also go to `watch`, where there is one, in place of a tracker.
    """
    accelerator = Accelerator(mixed_precision=_mixed(recipe), cpu=not torch.cuda.is_available())
    writes = accelerator.is_main_process
    base = load(asked.model, recipe)
    taught = taught_by(recipe, base, accelerator.device)
    train, dev = _examples(asked, recipe, base)
    run = RunFolder(asked.out)
    private = _begun(run, asked, recipe, (base, taught), (len(train), accelerator))
    material = _material(train, dev, recipe, private, processes=accelerator.num_processes)

    with accelerator.autocast():
        reference = references(base.model, material.examples, recipe, accelerator.device)
    torch.manual_seed(recipe.seed)
    model = with_method(base.model, recipe, steps=len(material.plan))
    learner = Learner(
        accelerator, model, optimizer_of(model, recipe), taught or objective_of(recipe, reference), private
    )
    checkpoints = Checkpoints(run.checkpoints)
    latest = checkpoints.latest() if asked.resume else None
    progress = checkpoints.restore(latest, learner.model, learner.optimizer) if latest else Progress()
    if writes:
        run.go_on_from(progress.step)
    tracker = watch or tracking(asked.report_to if writes else "none", asked.out, from_step=progress.step)
    log.info("%d of %d steps, in %s", progress.step, len(material.plan), asked.out)

    progress = _learned(accelerator, learner, material, recipe, progress, (run, checkpoints, tracker))

    tracker.close()
    accelerator.wait_for_everyone()
    if writes:
        _finish(base, recipe, run, checkpoints.weights(progress.best_step or progress.step), steps=len(material.plan))
        log.info("the model of step %d is in %s", progress.best_step or progress.step, run.model)
    _account(run, private, steps=progress.step)
    accelerator.wait_for_everyone()
    accelerator.end_training()
    return run.model


def _account(run: RunFolder, private: Private | None, *, steps: int) -> None:
    """Say what privacy was spent, of a run that has any."""
    if private is None:
        return
    epsilon = private.noise.spent(steps)
    run.end_private(epsilon, steps=steps)
    log.info("epsilon %.3f at delta %.1e, by the accountant %s", epsilon, private.noise.delta, ACCOUNTANT)


def _learned(
    accelerator: Accelerator,
    learner: Learner,
    material: Material,
    recipe: Recipe,
    progress: Progress,
    kept: tuple[RunFolder, Checkpoints, Tracking],
) -> Progress:
    """Take the steps that are left, until the end or until nothing gets better, and say how far it came."""
    (run, checkpoints, tracker), writes, total = kept, accelerator.is_main_process, len(material.plan)
    end = min(total, recipe.most_steps or total)
    with ProgressBar(console=Console(stderr=True), transient=True, disable=not writes) as bar:
        shown = bar.add_task("tuning", total=end, completed=progress.step)
        while progress.step < end and not _gives_up(progress, recipe):
            number, step = progress.step, material.plan[progress.step]
            torch.manual_seed(_chance(recipe, number, accelerator.process_index))
            rate = rate_at(number, total, recipe)
            figures = learner.learn(step, recipe, number=number, rate=rate)
            loss, norm = figures["loss"], figures["gradient_norm"]
            if not math.isfinite(loss + norm):
                raise Diverged(_where(number + 1, loss, norm, checkpoints.latest()))
            progress = progress.learned(step.answer_tokens)
            figures |= {"rate": rate, "learned_tokens": progress.learned_tokens}
            is_checked = progress.step % recipe.check_every == 0 or progress.step == end
            if is_checked and material.looks:
                seen = learner.look(material.looks)
                dev_loss = seen["loss"]
                if not math.isfinite(dev_loss):
                    raise Diverged(_where(progress.step, dev_loss, norm, checkpoints.latest()))
                figures |= {f"dev_{name}": value for name, value in seen.items()}
                if recipe.objective == "answer" and not recipe.unlikelihood:
                    figures["dev_perplexity"] = math.exp(min(dev_loss, 100))
                progress = progress.looked(dev_loss)
            if writes:
                run.log(progress.step, figures)
            tracker.log(progress.step, figures)
            if is_checked:  # after its figures: a run goes on behind them and drops those that come again
                checkpoints.save(learner.model, learner.optimizer, progress, writes=writes)
            bar.update(shown, advance=1, description=f"loss {loss:.3f}")
    return progress


def _finish(
    base: LanguageModel, recipe: Recipe, run: RunFolder, trained: dict[str, torch.Tensor], *, steps: int
) -> None:
    save(base, recipe, trained, run, steps=steps)
    draw(run.path / "curve.png", train=run.series("loss"), dev=run.series("dev_loss"), title=run.path.name)


def _begun(
    run: RunFolder,
    asked: Asked,
    recipe: Recipe,
    models: tuple[LanguageModel, Distilled | None],
    by: tuple[int, Accelerator],
) -> Private | None:
    """Begin or go on with the folder, and give what makes the run private. Raises RunExists and RecipeError."""
    (base, taught), (examples, accelerator) = models, by
    noise = noise_of(recipe, examples)
    if noise and accelerator.num_processes > 1:
        raise RecipeError("a private run is of one process")
    if accelerator.is_main_process:
        files = [path for path in (asked.data / TRAIN, asked.data / DEV) if path.exists()]
        hashes = {path.name: digest(path) for path in files} | ({"teacher": taught.revision} if taught else {})
        inputs = Inputs(hashes, base.revision, str(asked.model), noise.told() if noise else None)
        run.begin(recipe, inputs, resume=asked.resume)
    accelerator.wait_for_everyone()
    return Private(noise, run.secret()) if noise else None


def _examples(asked: Asked, recipe: Recipe, base: LanguageModel) -> tuple[list[Encoded], list[Encoded]]:
    """Read what there is to learn and what there is to look at. Raises DataError and WrongTokenizer."""
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    train = _encoded(asked.data / TRAIN, tokens, recipe)
    chosen = Random(recipe.seed).sample(train, min(recipe.most_examples or len(train), len(train)))
    dev = _encoded(asked.data / DEV, tokens, recipe) if _tells(asked.data / DEV, recipe) else []
    log.info("%d examples to learn from, %d to look at", len(chosen), len(dev))
    return chosen, dev


def _material(
    train: list[Encoded], dev: list[Encoded], recipe: Recipe, private: Private | None, *, processes: int
) -> Material:
    """Lay out the examples."""
    looks = packs(dev, most_tokens=recipe.batch_tokens, dice=Random(0), alone=recipe.alone) if dev else []
    plan = private_steps(train, private) if private else steps(train, recipe, processes=processes)
    return Material(plan, tuple(looks))


def _encoded(path: Path, tokens: ExampleTokens, recipe: Recipe) -> list[Encoded]:
    """Give a file's wanted examples, or its rejected ones, as ids, without those that are longer than a pack."""
    examples = read(path)
    if recipe.objective == "preference":
        found = [tokens.of_pair(pair.wanted, pair.rejected) for pair in pairs(examples)]
        alone = sum(not one.answer for one in found)
        log.info("%s: %d texts were rejected, for %d no wanted one is known", path.name, len(found), alone)
    else:
        wanted = [tokens.of(one) for one in examples if one.wanted]
        # What privacy protects is a line: in pieces, a long one would count several times.
        found = wanted if recipe.epsilon else [piece for one in wanted for piece in one.pieces(recipe.batch_tokens)]
    fitting = [one for one in found if len(one) <= recipe.batch_tokens]
    if not fitting:
        kind = "rejected" if recipe.objective == "preference" else "wanted"
        raise DataError(f"{path} has no {kind} example of at most {recipe.batch_tokens} tokens")
    if len(fitting) < len(found):
        log.warning("%d of %d examples are too long for a pack: left out", len(found) - len(fitting), len(found))
    return fitting


def _tells(dev: Path, recipe: Recipe) -> bool:
    """Say whether there are dev examples of what is learned: a set without a rejected one there still has answers."""
    return dev.exists() and (recipe.objective == "answer" or any(not one.wanted for one in read(dev)))


def _mixed(recipe: Recipe) -> str:
    fast = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return "bf16" if recipe.precision == "bf16" or (recipe.precision == "auto" and fast) else "no"


def _gives_up(progress: Progress, recipe: Recipe) -> bool:
    return recipe.patience is not None and progress.worse_looks >= recipe.patience


def _chance(recipe: Recipe, step: int, process: int) -> int:
    return Random(f"{recipe.seed}-{step}-{process}").getrandbits(63)


def _where(step: int, loss: float, norm: float, latest: Path | None) -> str:
    kept = f"the last good checkpoint is {latest}" if latest else "there is no checkpoint yet"
    return f"step {step}: loss {loss}, norm of the gradient {norm}; {kept}. Lower the rate, or look at the data"


def main(arguments: Sequence[str] | None = None) -> None:
    """Tune as the flags say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder with train.jsonl and dev.jsonl")
    parser.add_argument("--model", type=Path, required=True, help="a model's folder, as save_pretrained() leaves it")
    parser.add_argument("--out", type=Path, required=True, help="a new folder for the run")
    parser.add_argument("--resume", action="store_true", help="go on from the latest checkpoint in --out")
    parser.add_argument("--report-to", choices=get_args(Tracker), default="tensorboard")
    add_flags(parser)
    told = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        tune(Asked(told.data, told.model, told.out, told.resume, told.report_to), recipe_of(told))
    except EXPECTED as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
