from __future__ import annotations

import asyncio
import itertools
import json
import threading

import pytest

from schemas.codec import ErrorClass
from schemas.outputs import ProductDescription
from schemas.provenance import ALGORITHMIC_MEDIA, TRAINED_ALGORITHMIC_MEDIA
from schemas.request import Facts
from tests import factories
from tests.deadline import until
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.task_requests import request_for
from workers import generate as module
from workers.engines.engine import EngineUnavailable, PromptRejected
from workers.generate import Effort, generate_and_check
from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage, Verdict
from workers.outcome import Outcome, Undeliverable, Withheld, Written
from workers.tasks.catalogue import TASKS

GOOD = "The Harbour Fleece Jacket is made of fleece and polyester. It weighs 420 g."
BAD = "The Harbour Fleece Jacket is waterproof to 9000 m and cures colds."


def answer(body: str, headline: str = "Navy fleece jacket") -> str:
    return json.dumps({"body": body, "headline": headline})


async def outcome(*texts: str | Exception, task: str = "product-description", effort: Effort = Effort()) -> Outcome:  # noqa: B008
    request = request_for(task)
    return await generate_and_check(request, engine=ScriptedEngine(*texts), now_ms=lambda: 7, effort=effort)


async def written(*texts: str | Exception) -> ProductDescription:
    given = await outcome(*texts)
    assert isinstance(given, Written)
    assert isinstance(given.copy, ProductDescription)
    return given.copy


async def test_a_true_text_is_published_as_the_models_own_with_evidence() -> None:
    copy = await written(answer(GOOD))
    assert copy.body == GOOD
    assert copy.provenance.origin == "model"
    assert copy.provenance.digital_source_type == TRAINED_ALGORITHMIC_MEDIA
    assert copy.provenance.reasons == ()
    claims = [claim for sentence in copy.provenance.evidence for claim in sentence.claims]
    assert any(claim.source == "attributes.weight" and claim.value == "420 g" for claim in claims)


async def test_an_unsupported_sentence_is_left_out_and_the_rest_stays_as_written() -> None:
    copy = await written(answer(f"{GOOD} It is waterproof."))
    assert copy.body == GOOD
    assert copy.provenance.origin == "repaired"
    assert "unsupported-feature" in copy.provenance.reasons


async def test_an_unsupported_headline_gives_way_to_the_title() -> None:
    copy = await written(answer(GOOD, headline="Waterproof cashmere jacket"))
    assert (copy.headline, copy.body) == ("Harbour Fleece Jacket", GOOD)


async def test_a_hopeless_text_is_asked_for_again_with_the_reasons() -> None:
    engine = ScriptedEngine(answer(BAD), answer(GOOD))
    given = await generate_and_check(request_for("product-description"), engine=engine, now_ms=lambda: 7)
    assert isinstance(given, Written)
    assert given.copy.provenance.origin == "repaired"
    assert "waterproof" in engine.prompts[1].user
    assert engine.prompts[0].system == engine.prompts[1].system


async def test_after_two_hopeless_texts_the_template_stands_and_says_so() -> None:
    copy = await written(answer(BAD), answer(BAD))
    assert copy.provenance.origin == "template"
    assert copy.provenance.model == "template:product-description"
    assert copy.provenance.digital_source_type == ALGORITHMIC_MEDIA
    assert "waterproof" not in copy.body


async def test_the_tokens_of_refused_texts_are_counted() -> None:
    given = await outcome(answer(BAD), answer(BAD))
    assert isinstance(given, Written)
    assert (given.cost.prompt_tokens, given.cost.cached_tokens, given.cost.output_tokens) == (200, 80, 40)


@pytest.mark.parametrize("junk", ["", "{}", "[1]", "null", '{"body": 3}', "Sure! Here it is:", '{"body":"x"', "\x00"])
async def test_what_is_not_the_answers_shape_is_never_published(junk: str) -> None:
    assert (await written(junk, junk)).provenance.origin == "template"


async def test_an_answer_that_was_cut_off_keeps_its_whole_sentences() -> None:
    copy = await written(f'{{"body":"{GOOD} It also has a very')
    assert copy.body == GOOD
    assert copy.provenance.origin == "repaired"


async def test_a_rejected_prompt_leads_to_the_template() -> None:
    assert (await written(PromptRejected("too long"))).provenance.reasons == ("prompt-rejected",)


async def test_an_engine_that_is_away_is_no_outcome() -> None:
    with pytest.raises(EngineUnavailable):
        await outcome(EngineUnavailable("gone"))


async def test_without_facts_for_a_template_a_refused_text_is_withheld_with_every_reason() -> None:
    bare = factories.product(attributes={}, description=None)
    request = request_for("product-description", one=bare)
    given = await generate_and_check(request, engine=ScriptedEngine(answer(BAD), answer(BAD)), now_ms=lambda: 7)
    assert isinstance(given, Withheld)
    assert {"unsupported-feature", "no-template"} <= {hit.rule for hit in given.record.hits}
    assert "waterproof" in given.record.candidate
    assert given.cost.output_tokens == 40


def guard_that_fails_at(times: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = itertools.count(1)

    def sometimes(passages: tuple[Passage, ...], grounds: Grounds) -> Verdict:
        if next(asked) in times:
            raise RuntimeError("defect")
        return guard(passages, grounds)

    monkeypatch.setattr(module, "guard", sometimes)


async def test_a_text_that_the_guard_fails_at_is_not_judged_and_not_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    guard_that_fails_at(set(range(100)), monkeypatch)
    given = await outcome(answer(GOOD), answer(GOOD))
    assert isinstance(given, Undeliverable)
    assert (given.error_class, given.detail) == (ErrorClass.NOT_JUDGED, "guard-error: guard: RuntimeError")


async def test_where_one_text_was_not_judged_the_refusal_of_the_others_withholds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard_that_fails_at({1, 2}, monkeypatch)  # the model's text, whole and shortened
    request = request_for("product-description", one=factories.product(attributes={}, description=None))
    given = await generate_and_check(request, engine=ScriptedEngine(answer(GOOD), answer(BAD)), now_ms=lambda: 7)
    assert isinstance(given, Undeliverable)


async def test_a_guard_that_does_not_finish_has_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = threading.Event()
    monkeypatch.setattr(module, "guard", lambda *_: ends.wait(10))
    given = await outcome(answer(GOOD), effort=Effort(guard_seconds=0.01))
    ends.set()
    assert isinstance(given, Undeliverable)
    assert given.detail == "guard-timeout: the check did not finish in time"


async def test_a_late_verdict_is_waited_for_and_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    late, asked = threading.Event(), threading.Event()

    def busy(passages: tuple[Passage, ...], grounds: Grounds) -> Verdict:
        assert not asked.is_set()
        asked.set()
        late.wait(10)
        return guard(passages, grounds)

    monkeypatch.setattr(module, "guard", busy)
    writing = asyncio.create_task(outcome(answer(GOOD)))
    await until(asked.is_set)
    assert not writing.done()
    late.set()
    assert isinstance(await writing, Written)


async def test_a_task_whose_reading_fails_publishes_its_template_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("defect")

    monkeypatch.setattr(type(TASKS["product-description"]), "read", broken)
    assert (await written(answer(GOOD), answer(GOOD))).provenance.reasons == ("unreadable",)


async def test_an_unknown_task_is_undeliverable() -> None:
    request = factories.request(task="poem")
    given = await generate_and_check(request, engine=ScriptedEngine(), now_ms=lambda: 7)
    assert isinstance(given, Undeliverable)
    assert given.error_class is ErrorClass.UNKNOWN_TASK


@pytest.mark.parametrize("task", sorted(TASKS))
async def test_a_request_without_its_facts_is_undeliverable(task: str) -> None:
    request = request_for(task, facts=Facts())
    given = await generate_and_check(request, engine=ScriptedEngine(), now_ms=lambda: 7)
    assert isinstance(given, Undeliverable)
    assert given.error_class is ErrorClass.INVALID_VALUE


RICH = "The Harbour Fleece Jacket is made of navy fleece and polyester. It weighs 420 g."


async def test_of_several_candidates_the_guard_chooses_the_one_that_states_most() -> None:
    engine = ScriptedEngine(answer(GOOD), answer(BAD), answer(RICH))
    request = request_for("product-description")
    given = await generate_and_check(request, engine=engine, now_ms=lambda: 7, effort=Effort(candidates=3))
    assert isinstance(given, Written)
    assert given.cost.output_tokens == 60
    copy = given.copy
    assert isinstance(copy, ProductDescription)
    assert (copy.body, copy.provenance.origin, copy.provenance.output_tokens) == (RICH, "model", 60)
    assert {"second-best", "unsupported-feature"} <= set(copy.provenance.reasons)


async def test_candidates_are_drawn_with_different_chances_and_the_same_again() -> None:
    drawn = []
    for _ in range(2):
        engine = ScriptedEngine(answer(GOOD), answer(GOOD), answer(GOOD))
        request = request_for("product-description")
        await generate_and_check(request, engine=engine, now_ms=lambda: 7, effort=Effort(candidates=3))
        drawn.append([(each.temperature, each.seed) for each in engine.samplings])
    assert drawn[0] == drawn[1]
    assert drawn[0][0] == (0.0, 0)
    assert len(set(drawn[0])) == 3


async def test_candidates_that_are_all_refused_are_shortened_and_written_again_as_one() -> None:
    engine = ScriptedEngine(answer(BAD), answer(BAD), answer(GOOD))
    request = request_for("product-description")
    given = await generate_and_check(request, engine=engine, now_ms=lambda: 7, effort=Effort(candidates=2))
    assert isinstance(given, Written)
    assert given.copy.provenance.origin == "repaired"
    assert len(engine.prompts) == 3


async def test_an_engine_that_is_away_for_one_candidate_is_no_outcome() -> None:
    with pytest.raises(EngineUnavailable):
        await outcome(answer(GOOD), EngineUnavailable("gone"), effort=Effort(candidates=2))
