"""The numbers of a run: what other programs read from summary.json."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.demo.files import WRITTEN, write_files
from deploy.demo.screen import samples
from deploy.demo.summary import RunFacts, Summary, generating_seconds, summarise
from schemas import topics
from tests.deploy.demo.story import Story

FACTS = RunFacts("shop", "fake", "m", refused_lines=2, seconds=12.34, generating_seconds=4.0)


def _story() -> Story:
    story = Story()
    for number, origin in enumerate(("model", "repaired", "template", "model"), start=1):
        story.product(f"P{number}")
        story.published(story.request(f"Q{number}", f"P{number}"), origin)  # type: ignore[arg-type]
    story.product("P5")
    story.withheld(story.request("Q5", "P5"))
    story.letter(story.malformed("P6"))
    return story


def test_the_models_own_texts_include_the_repaired_ones() -> None:
    summary = summarise(_story().account(), FACTS)
    task = summary.tasks["product-description"]
    assert (task.model, task.repaired, task.template, task.withheld) == (3, 1, 1, 1)
    assert summary.own_share == 0.75


def test_the_parts_of_a_task_sum_up_to_its_requests() -> None:
    task = summarise(_story().account(), FACTS).tasks["product-description"]
    parts = (task.model, task.template, task.withheld, task.withdrawn, task.superseded, task.duplicate)
    assert sum(parts) + task.dead_lettered == task.requests == 5


def test_products_dead_letters_and_pace_are_counted() -> None:
    summary = summarise(_story().account(), FACTS)
    assert summary.products["products"] == 6
    assert (summary.products["published"], summary.products["withheld"], summary.products["dead_lettered"]) == (4, 1, 1)
    assert (summary.dead_lettered, summary.dead_letters) == (1, {"bad-magic-byte": 1})
    assert (summary.output_tokens, summary.output_tokens_per_second, summary.adds_up) == (500, 125.0, True)


def test_a_run_that_does_not_add_up_says_why() -> None:
    story = _story()
    story.product("P7")
    summary = summarise(story.account(), FACTS)
    assert not summary.adds_up
    assert summary.problems == ["product P7 is lost: nothing was asked for it"]


def test_generating_lasts_from_the_first_start_to_the_last_end() -> None:
    outcomes = [each for found in _story().seen().outcomes.values() for each in found]
    late = outcomes[0].model_copy(update={"finished_unix_ms": outcomes[0].finished_unix_ms + 5_000})
    assert generating_seconds([*outcomes, late]) == 7.0
    assert generating_seconds([]) == 0.0


def test_every_output_topic_is_written_one_message_a_line(tmp_path: Path) -> None:
    story = _story()
    write_files(tmp_path, story.messages, summarise(story.account(), FACTS))
    lines = {
        topic.name: [json.loads(line) for line in (tmp_path / f"{topic.name}.jsonl").read_text().splitlines()]
        for topic in WRITTEN
    }
    assert {name: len(found) for name, found in lines.items() if found} == {
        "product-descriptions": 5,
        "content-withheld": 1,
        "generation-outcomes": 5,
        "dead-letters": 1,
    }
    withheld = lines["product-descriptions"][-1]
    assert (withheld["key"], withheld["value"], withheld["offset"]) == ("P5|en", None, 4)
    assert Summary.model_validate_json((tmp_path / "summary.json").read_bytes()).adds_up


def test_refused_and_personal_text_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write_files(tmp_path, (), summarise(Story().account(), FACTS))
    restricted = [tmp_path / f"{topic.name}.jsonl" for topic in topics.LEDGER if topic.restricted]
    assert [path.stat().st_mode & 0o777 for path in restricted] == [0o600, 0o600]


def test_the_models_own_texts_are_shown_first_and_withdrawn_ones_never() -> None:
    shown = samples(_story().seen())
    assert [each.key for each in shown] == ["P1|en", "P4|en", "P2|en"]
