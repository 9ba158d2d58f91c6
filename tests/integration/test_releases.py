"""A model comes from a proposal over shadow and canary to live, and back, under a worker that runs on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from deploy.cli import app
from deploy.release.store import revision_of
from schemas import topics
from schemas.outputs import ProductDescription
from schemas.releases import ModelRelease
from tests.factories import product
from tests.integration.processes import environment_of
from tests.integration.reading import read_all, wait_until
from tests.integration.shopbooks import places
from tests.integration.shoprun import ShopRun, shop_run
from tests.integration.streamsrun import Shop
from training.release import GATES, GatesNotPassed
from workers.releases import is_canary

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

TASK = "product-description"
MAIN = "1"
"""The revision of the fake engine that the settings name."""

PRODUCTS = [f"P{number}" for number in range(40)]


def test_a_model_goes_live_by_steps_and_back_without_a_restart_and_no_text_is_of_two(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.start_streams()
        run.start("tests.integration.releasing_worker", "worker", SHELFTALK_ENGINE="fake")
        marks = map("mark-{}".format, itertools.count())
        _write(run, PRODUCTS, version=1)
        assert set(_writers(run).values()) == {MAIN}

        revision = _propose(run, tmp_path, "tuned")
        assert "nothing was written" in _release(run, "canary", TASK, "--share", "50")
        _release(run, "canary", TASK, "--share", "50", "--yes")
        _goes_over(run, revision, (name for name in marks if is_canary(_state(run), name)))
        _write(run, PRODUCTS, version=2)
        state = _state(run)
        share = {name: revision if is_canary(state, name) else MAIN for name in PRODUCTS}
        assert set(share.values()) == {revision, MAIN}
        assert {name: _writers(run)[name] for name in PRODUCTS} == share

        others = (name for name in marks if not is_canary(state, name))
        _release(run, "live", TASK, "--yes")
        _goes_over(run, revision, others)
        _write(run, PRODUCTS, version=3)
        assert {_writers(run)[name] for name in PRODUCTS} == {revision}

        _release(run, "rollback", TASK, "--yes")
        _goes_over(run, MAIN, marks)
        _write(run, PRODUCTS, version=4)
        assert {_writers(run)[name] for name in PRODUCTS} == {MAIN}

        assert _mixed(run) == []
        assert run.processes["worker"].is_alive
        assert set(places(run.outcomes()).values()) == {1}


def test_what_cannot_be_served_changes_nothing_and_what_is_tried_publishes_nothing(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.start_streams()
        run.start("tests.integration.releasing_worker", "worker", SHELFTALK_ENGINE="fake")
        revision = _propose(run, tmp_path, "tuned")
        kept = run.home / "worker" / "models" / revision
        weights = (kept / "model.safetensors").read_bytes()
        (kept / "model.safetensors").write_bytes(b"tampered")
        _release(run, "canary", TASK, "--share", "99", "--yes")
        _wait_for_log(run, '"reason": "changed"')
        _write(run, PRODUCTS[:5], version=1)

        (kept / "model.safetensors").write_bytes(weights)
        _release(run, "shadow", TASK, "--yes")
        _wait_for_log(run, "a released model serves")
        _write(run, PRODUCTS[:5], version=2)

        assert set(_writers(run).values()) == {MAIN}
        assert "shadow" in _release(run, "show", TASK)
        assert run.processes["worker"].terminate() == 0


def test_what_people_make_of_texts_is_counted_for_each_revision(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.start_streams()
        run.start("tests.integration.releasing_worker", "worker", SHELFTALK_ENGINE="fake")
        _write(run, PRODUCTS[:3], version=1)
        ids = [one.provenance.request_id for one in _texts(run)]
        pieces = json.loads(_shelftalk(run, "feedback", "show", ids[0]))
        edit = tmp_path / "edit.json"
        edit.write_text(json.dumps({"headline": f"{pieces['headline']} again"}))

        _shelftalk(run, "feedback", "record", ids[0], "edited", str(edit), "--task", TASK)
        _shelftalk(run, "feedback", "record", ids[1], "approved", "--by", "editor")
        _shelftalk(run, "feedback", "record", ids[1], "rated", "4")
        (told,) = map(json.loads, _shelftalk(run, "feedback", "report", "--json").splitlines())
        assert told["author"] == {"task": TASK, "model": "fake", "revision": MAIN, "adapter": ""}
        assert (told["published"], told["judged"], told["rated"]) == (3, 2, 1)
        assert (told["approved"]["value"], told["edited"]["value"], told["rating"]["value"]) == (50.0, 50.0, 4.0)
        assert 0 < told["edit_distance"]["value"] < 50


def _propose(run: ShopRun, folder: Path, name: str) -> str:
    """Propose a model of a few bytes that is better on every gate; give its revision."""
    model = folder / name
    model.mkdir()
    (model / "model.safetensors").write_bytes(name.encode())
    (model / "config.json").write_text("{}")
    revision = revision_of(model, None).revision
    better, worse = _evaluation(folder, revision, 60.0), _evaluation(folder, MAIN, 50.0)
    with pytest.raises(GatesNotPassed):
        _shelftalk(run, "release", "propose", TASK, str(model), "--evaluation", str(worse), "--against", str(better))
    _shelftalk(run, "release", "propose", TASK, str(model), "--evaluation", str(better), "--against", str(worse))
    return revision


def _evaluation(folder: Path, revision: str, good: float) -> Path:
    """Give an evaluation that is as good as this on every gate."""
    values = {name: good if better == "higher" else 100 - good for name, better in GATES.items()}
    figures = {name: {"value": value, "low": value - 1, "high": value + 1} for name, value in values.items()}
    told = {"task": TASK, "model": "m", "revision": revision, "data": "d", "examples": 9, "figures": figures}
    path = folder / f"{revision}.json"
    path.write_text(json.dumps(told))
    return path


def _shelftalk(run: ShopRun, *arguments: str) -> str:
    """Give what a command prints that succeeds, run where the worker keeps its models."""
    runner = CliRunner(env={**environment_of(run.stack, run.home / "worker"), "COLUMNS": "200"})
    done = runner.invoke(app, [*arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def _release(run: ShopRun, *arguments: str) -> str:
    return _shelftalk(run, "release", *arguments)


def _state(run: ShopRun) -> ModelRelease:
    return ModelRelease.model_validate_json(_release(run, "show", TASK, "--json"))


def _write(run: ShopRun, names: Sequence[str], *, version: int) -> None:
    """Change products in a way that changes their texts, and come back when all are written anew."""
    producer = Producer({"bootstrap.servers": run.bootstrap, "partitioner": "murmur2_random"})
    shop = Shop(run.stack, producer, "")
    changed = {"material": ("Wool", f"Cotton {version}")}
    shop.feed(*(product(name, version=version, attributes=changed) for name in names))
    wait_until(
        lambda: {one.product_id for one in _texts(run) if one.provenance.source_version == version} >= set(names),
        f"texts of version {version}",
        timeout_seconds=120,
    )


def _texts(run: ShopRun) -> list[ProductDescription]:
    """Give every text that was ever published, in the order of its partition."""
    codec = run.codec
    found = (
        codec.decode(topics.PRODUCT_DESCRIPTIONS, message.value() or b"")
        for message in read_all(run.bootstrap, topics.PRODUCT_DESCRIPTIONS.name)
    )
    return [each for each in found if isinstance(each, ProductDescription)]


def _writers(run: ShopRun) -> dict[str, str]:
    """Give who wrote the text of each product that stands now."""
    return {one.product_id: one.provenance.model_revision for one in _texts(run)}


def _mixed(run: ShopRun) -> list[str]:
    """Give the texts that were begun with another model than they were ended with."""
    return [one.product_id for one in _texts(run) if one.body != one.provenance.model_revision]


def _goes_over(run: ShopRun, revision: str, marks: Iterator[str]) -> None:
    """Come back when new products are written by this revision: the worker has heard of the release."""

    def is_over() -> bool:
        name = next(marks)
        _write(run, [name], version=1)
        return _writers(run)[name] == revision

    wait_until(is_over, f"{revision} writes")


def _wait_for_log(run: ShopRun, what: str) -> None:
    log = run.processes["worker"].log
    wait_until(lambda: what in log.read_text(), what)
