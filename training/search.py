"""Search of settings: `python -m training.search --recipe FILE --data SET --model FOLDER --out STUDY --trials N`.

Each trial is a run of `training.tune` with the recipe and, drawn from a small space (`--space`, a TOML file), other
settings; the tree-structured Parzen estimator (Bergstra et al. 2011) draws them, and a trial whose dev loss is worse
than the others' median at the same step is given up. STUDY keeps every trial in `study.db`: the same command goes on
where it was cut off, inside a trial too, with the trials that it would have made. What it finds is in `best.toml`,
`trials.md` and `trials.png`.
"""

# ruff: noqa: S311  (the dice are for variety, not for secrets)

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

from training.examples import DEV, TRAIN, DataError, digest
from training.recipe import Recipe, read_recipe
from training.run import RunExists, RunFolder
from training.search_report import Tried, write_report
from training.search_space import Space, drawn, read_space
from training.trackers import Nothing
from training.tune import EXPECTED, Asked, Diverged, tune

log = logging.getLogger("training.search")

_SPACE: Final = Path(__file__).parent / "spaces" / "small.toml"
_FIRST: Final = 4
"""So many trials are drawn at random and run to their end: before them there is nothing to compare with."""
_ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: settings out of a space in place of a recipe's, judged by the dev loss of one set."""

    data: Path
    model: Path
    out: Path
    recipe: Recipe
    space: Space

    @property
    def identity(self) -> str:
        """Give a hash of all that makes trials comparable."""
        files = [digest(self.data / name) for name in (TRAIN, DEV)]
        space = {name: asdict(one) for name, one in self.space.items()}
        return _hash([*files, str(self.model.resolve()), asdict(self.recipe), space])

    def run(self, recipe: Recipe) -> RunFolder:
        """Give where a recipe's run is: the same recipe goes on with the same run."""
        return RunFolder(self.out / "trials" / _hash(asdict(recipe)))


class _Watch(Nothing):
    """Tells the study of each look at the dev examples, and ends a trial that the study gives up."""

    def __init__(self, trial: Trial, known: Sequence[tuple[int, float]]) -> None:
        self._trial = trial
        self._told = {step for step, _ in known}
        for step, loss in known:
            trial.report(loss, step)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Report a look, once however often its step is taken."""
        if "dev_loss" not in values:
            return
        if step not in self._told:
            self._trial.report(values["dev_loss"], step)
        if self._trial.should_prune():
            raise optuna.TrialPruned


def search(asked: Search, *, trials: int) -> Recipe:
    """Make trials until so many have ended, and give the best recipe. Raises what `training.tune.EXPECTED` lists."""
    if not (asked.data / DEV).exists():
        raise DataError(f"{asked.data} has no {DEV}: trials are compared by their dev loss")
    study = _study(asked)
    for stale in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        study.tell(stale.number, state=TrialState.FAIL)
    while (done := len(_ended(study))) < trials:
        # The dice are of the trial, not of the process: what was cut off is drawn again, and its run goes on.
        seed = Random(f"{asked.recipe.seed}-{done}").getrandbits(32)
        study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_FIRST)
        trial = study.ask()
        _try(study, trial, asked)
        _report(study, asked)
    return _best(study, asked)


def _try(study: optuna.Study, trial: Trial, asked: Search) -> None:
    """Run one trial to its end, or until it is given up, and keep its figures without its weights."""
    recipe = replace(asked.recipe, **drawn(asked.space, trial))  # type: ignore[arg-type]  # the space is checked
    run = asked.run(recipe)
    log.info("trial %d: %s", len(_ended(study)) + 1, trial.params)
    try:
        watch = _Watch(trial, run.series("dev_loss"))
        tune(Asked(asked.data, asked.model, run.path, resume=True), recipe, watch=watch)
    except (optuna.TrialPruned, Diverged) as error:
        log.info("given up: %s", error)
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, min(loss for _, loss in run.series("dev_loss")))
    for folder in (run.checkpoints, run.model, run.adapter):
        shutil.rmtree(folder, ignore_errors=True)


def _study(asked: Search) -> optuna.Study:
    """Open the study, or begin it. Raises RunExists where the folder has another one."""
    asked.out.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=f"sqlite:///{asked.out / 'study.db'}",
        study_name="search",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_FIRST),
        load_if_exists=True,
    )
    begun = study.user_attrs.get("identity")
    if begun is None:
        study.set_user_attr("identity", asked.identity)
    elif begun != asked.identity:
        raise RunExists(f"{asked.out} has a search of other data, another model, recipe or space: name another --out")
    return study


def _ended(study: optuna.Study) -> list[FrozenTrial]:
    found: list[FrozenTrial] = study.get_trials(deepcopy=False, states=_ENDED)
    return found


def _report(study: optuna.Study, asked: Search) -> None:
    """Write what is known after a trial."""
    if any(one.state == TrialState.COMPLETE for one in _ended(study)):
        tried = [Tried(one.params, _lowest(one), one.state == TrialState.PRUNED) for one in _ended(study)]
        write_report(asked.out, tried, _best(study, asked))


def _best(study: optuna.Study, asked: Search) -> Recipe:
    if not any(one.state == TrialState.COMPLETE for one in _ended(study)):
        raise Diverged(f"no trial of {asked.out} came to its end: lower the rates of the space")
    return replace(asked.recipe, **study.best_params)


def _lowest(trial: FrozenTrial) -> float | None:
    """Give the lowest dev loss of a trial; None of one that blew up before it was looked at."""
    return min(trial.intermediate_values.values(), default=None)


def _hash(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def main(arguments: Sequence[str] | None = None) -> None:
    """Search as the flags say, and name the best recipe's file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", maxsplit=1)[0])
    parser.add_argument("--recipe", type=Path, help="a TOML file with the settings that are not drawn")
    parser.add_argument(
        "--space", type=Path, default=_SPACE, help=f"what is drawn, a TOML file (default {_SPACE.name})"
    )
    parser.add_argument("--data", type=Path, required=True, help="a folder with train.jsonl and dev.jsonl")
    parser.add_argument("--model", type=Path, required=True, help="a model's folder, as save_pretrained() leaves it")
    parser.add_argument("--out", type=Path, required=True, help="the study's folder; the same one goes on with it")
    parser.add_argument("--trials", type=int, default=20, help="how many in all (default 20)")
    told = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        recipe = replace(Recipe(), **read_recipe(told.recipe)) if told.recipe else Recipe()  # type: ignore[arg-type]
        search(Search(told.data, told.model, told.out, recipe, read_space(told.space)), trials=told.trials)
    except EXPECTED as error:
        sys.exit(f"{type(error).__name__}: {error}")
    log.info("the best recipe is %s", told.out / "best.toml")


if __name__ == "__main__":
    main()
