"""A model comes from a proposal over shadow and canary to live, and back, under a worker that runs on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    with story(tmp_path) as here:
        here.write(PRODUCTS, version=1)
        revision = here.propose("tuned")
        assert "nothing was written" in here.release("canary", "--share", "50")
        here.release("canary", "--share", "50", "--yes")
        state = here.state()
        here.goes_over(revision, (name for name in here.marks if is_canary(state, name)))
        here.write(PRODUCTS, version=2)
        split = {name: revision if is_canary(state, name) else MAIN for name in PRODUCTS}
        assert here.writers(version=1) == dict.fromkeys(PRODUCTS, MAIN)
        assert here.writers(version=2) == split
        assert set(split.values()) == {revision, MAIN}

        here.release("live", "--yes")
        here.goes_over(revision, (name for name in here.marks if not is_canary(state, name)))
        here.write(PRODUCTS, version=3)
        here.release("rollback", "--yes")
        here.goes_over(MAIN, here.marks)
        here.write(PRODUCTS, version=4)

        assert here.writers(version=3) == dict.fromkeys(PRODUCTS, revision)
        assert here.writers(version=4) == dict.fromkeys(PRODUCTS, MAIN)
        assert here.mixed() == []
        assert here.run.processes["worker"].is_alive
        assert set(places(here.run.outcomes()).values()) == {1}


def test_what_cannot_be_served_changes_nothing_and_what_is_tried_publishes_nothing(tmp_path: Path) -> None:
    with story(tmp_path) as here:
        revision = here.propose("tuned")
        weights = here.home / "models" / revision / "model.safetensors"
        released = weights.read_bytes()
        weights.write_bytes(b"tampered")
        here.release("canary", "--share", "99", "--yes")
        here.wait_for_log('"reason": "changed"')
        here.write(PRODUCTS[:5], version=1)

        weights.write_bytes(released)
        here.release("shadow", "--yes")
        here.wait_for_log("a released model serves")
        here.write(PRODUCTS[:5], version=2)

        assert {*here.writers(version=1).values(), *here.writers(version=2).values()} == {MAIN}
        assert "shadow" in here.release("show")
        assert here.run.processes["worker"].terminate() == 0


def test_what_people_make_of_texts_is_counted_for_each_revision(tmp_path: Path) -> None:
    with story(tmp_path) as here:
        here.write(PRODUCTS[:3], version=1)
        first, second, _ = (one.provenance.request_id for one in here.texts())
        edit = tmp_path / "edit.json"
        edit.write_text(json.dumps({"headline": f"{json.loads(here.feedback('show', first))['headline']} again"}))
        here.feedback("record", first, "edited", str(edit), "--task", TASK)
        here.feedback("record", second, "approved", "--by", "editor")
        here.feedback("record", second, "rated", "4")

        (told,) = map(json.loads, here.feedback("report", "--json").splitlines())
        assert told["author"] == {"task": TASK, "model": "fake", "revision": MAIN, "adapter": ""}
        assert (told["published"], told["judged"], told["rated"]) == (3, 2, 1)
        assert (told["approved"]["value"], told["edited"]["value"], told["rating"]["value"]) == (50.0, 50.0, 4.0)
        assert 0 < told["edit_distance"]["value"] < 50


@dataclass(frozen=True, slots=True)
class Story:
    """A shop with one worker that runs on, and an operator who works where it keeps its models."""

    run: ShopRun
    shop: Shop
    folder: Path
    marks: Iterator[str] = field(default_factory=lambda: map("mark-{}".format, itertools.count()))
    """Products that nobody else has."""

    @property
    def home(self) -> Path:
        return self.run.home / "worker"

    def propose(self, name: str) -> str:
        """Propose a model of a few bytes that is better on every gate, after one that is worse; give its revision."""
        model = self.folder / name
        model.mkdir()
        (model / "model.safetensors").write_bytes(name.encode())
        (model / "config.json").write_text("{}")
        revision = revision_of(model, None).revision
        better, worse = str(self._evaluation(revision, 60.0)), str(self._evaluation(MAIN, 50.0))
        with pytest.raises(GatesNotPassed):
            self._shelftalk("release", "propose", TASK, str(model), "--evaluation", worse, "--against", better)
        self._shelftalk("release", "propose", TASK, str(model), "--evaluation", better, "--against", worse)
        return revision

    def _evaluation(self, revision: str, good: float) -> Path:
        values = {name: good if better == "higher" else 100 - good for name, better in GATES.items()}
        figures = {name: {"value": value, "low": value - 1, "high": value + 1} for name, value in values.items()}
        told = {"task": TASK, "model": "m", "revision": revision, "data": "d", "examples": 9, "figures": figures}
        path = self.folder / f"{revision}.json"
        path.write_text(json.dumps(told))
        return path

    def release(self, step: str, *options: str) -> str:
        """Take a step, and give what is printed."""
        return self._shelftalk("release", step, TASK, *options)

    def feedback(self, *arguments: str) -> str:
        """Give what the command prints."""
        return self._shelftalk("feedback", *arguments)

    def state(self) -> ModelRelease:
        return ModelRelease.model_validate_json(self.release("show", "--json"))

    def _shelftalk(self, *arguments: str) -> str:
        runner = CliRunner(env={**environment_of(self.run.stack, self.home), "COLUMNS": "200"})
        done = runner.invoke(app, [*arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def write(self, names: Sequence[str], *, version: int) -> None:
        """Change products in a way that changes their texts, and come back when all are written anew."""
        changed = {"material": ("Wool", f"Cotton {version}")}
        self.shop.feed(*(product(name, version=version, attributes=changed) for name in names))
        wait_until(
            lambda: self.writers(version=version).keys() >= set(names),
            f"texts of version {version}",
            timeout_seconds=120,
        )

    def goes_over(self, revision: str, names: Iterable[str]) -> None:
        """Come back when new products are written by this revision: the worker has heard of the release."""
        for name in names:
            self.write([name], version=100)
            if self.writers(version=100)[name] == revision:
                return

    def texts(self) -> list[ProductDescription]:
        """Give every text that was ever published."""
        codec = self.run.codec
        found = (
            codec.decode(topics.PRODUCT_DESCRIPTIONS, message.value() or b"")
            for message in read_all(self.run.bootstrap, topics.PRODUCT_DESCRIPTIONS.name)
        )
        return [each for each in found if isinstance(each, ProductDescription)]

    def writers(self, *, version: int) -> dict[str, str]:
        """Give who wrote the text of each product as of a version."""
        told = ((one.product_id, one.provenance) for one in self.texts())
        return {name: by.model_revision for name, by in told if by.source_version == version}

    def mixed(self) -> list[str]:
        """Give the texts that were begun with another model than they were ended with."""
        return [one.product_id for one in self.texts() if one.body != one.provenance.model_revision]

    def wait_for_log(self, what: str) -> None:
        log = self.run.processes["worker"].log
        wait_until(lambda: what in log.read_text(), what)


@contextmanager
def story(folder: Path) -> Iterator[Story]:
    """Give a running shop."""
    with shop_run(folder) as run:
        run.start_streams()
        run.start("tests.integration.releasing_worker", "worker", SHELFTALK_ENGINE="fake")
        producer = Producer({"bootstrap.servers": run.bootstrap, "partitioner": "murmur2_random"})
        yield Story(run, Shop(run.stack, producer, ""), folder)
