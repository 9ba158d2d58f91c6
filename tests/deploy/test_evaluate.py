"""`shelftalk evaluate`: each format becomes requests, and each text is counted by who wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.evaluation.errors import NoExamples
from deploy.evaluation.examples import Asked, Example, read, task_named
from deploy.evaluation.report import report
from deploy.evaluation.run import Answer, NoModel, answers, lines
from schemas.request import Facts
from tests.factories import request

ATTRIBUTES = 'data,text\n"size: { height: { unit:cm, value:40.0 } }; { value:""Large"" }","A large thing of 40 cm."\n'
ANSWERS = 'ASIN\tquestion\tcandidate\tanswer\tsource\nB1\tis it "big"?\tit is 2 m long.\tit is 2 m.\tCQA\n'
REVIEWS = (
    "cat\tgroup_id\trev1\trev2\tsumm1\tsumm2\trating1\trating2\nhome\tB1\tGood cup.\tBroke.\tMixed.\tSo so.\t5.0\t1.0\n"
)


def examples(folder: Path, name: str, text: str, task: str) -> tuple[Example, ...]:
    (folder / name).write_text(text)
    return read(folder / name, Asked(task_named(task)))


def facts(example: Example) -> Facts:
    assert example.request.facts
    return example.request.facts


def test_nested_attributes_become_a_product(tmp_path: Path) -> None:
    (one,) = examples(tmp_path, "a.csv", ATTRIBUTES, "product-description")
    product = facts(one).product
    assert product
    assert product.attributes == {"size.height": ("40 cm",), "size": ("Large",)}
    assert (one.references, one.values) == (("A large thing of 40 cm.",), ("40 cm", "Large"))


def test_nested_attributes_are_quoted_behind_tabs_too(tmp_path: Path) -> None:
    (one,) = examples(tmp_path, "a.csv", 'data\ttext\n"size: { value:""Large"" }"\tLarge.\n', "product-description")
    product = facts(one).product
    assert product
    assert product.attributes == {"size": ("Large",)}


def test_a_question_comes_with_its_evidence_as_a_review(tmp_path: Path) -> None:
    (one,) = examples(tmp_path, "a.tsv", ANSWERS, "support-reply")
    question = facts(one).question
    assert question
    assert question.text == 'is it "big"?'
    assert [review.body for review in facts(one).reviews] == ["it is 2 m long."]


def test_an_attribute_as_evidence_is_said_in_words(tmp_path: Path) -> None:
    line = 'B1\tfor whom?\t"min_age: { unit:years, value:3.0 }"\tfrom 3 years.\tattribute'
    (one,) = examples(tmp_path, "a.tsv", f"ASIN\tquestion\tcandidate\tanswer\tsource\n{line}\n", "support-reply")
    assert [review.body for review in facts(one).reviews] == ["min age: 3 years."]


def test_reviews_come_with_their_stars_and_every_summary(tmp_path: Path) -> None:
    (one,) = examples(tmp_path, "a.csv", REVIEWS, "review-summary")
    assert [(review.rating, review.body) for review in facts(one).reviews] == [(5, "Good cup."), (1, "Broke.")]
    assert one.references == ("Mixed.", "So so.")


def test_a_shop_s_folder_gives_its_products(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_text('{"sku": "P1", "title": "Oak Stool", "description": "A stool of oak."}\n')
    (one,) = read(tmp_path, Asked(task_named("product-description")))
    assert (one.request.subject, one.references) == ("P1", ("A stool of oak.",))


@pytest.mark.parametrize("task", ["support-reply", "recommendation"])
def test_a_file_without_examples_for_the_task_is_said_to_have_none(tmp_path: Path, task: str) -> None:
    with pytest.raises(NoExamples, match=task):
        examples(tmp_path, "a.csv", ATTRIBUTES, task)


async def test_without_a_model_every_text_is_the_template_s(tmp_path: Path) -> None:
    found = await answers(examples(tmp_path, "a.csv", ATTRIBUTES, "product-description"), NoModel())
    assert [one.origin for one in found] == ["template"]
    assert "40 cm" in found[0].text
    assert json.loads(lines(found))["references"] == ["A large thing of 40 cm."]


def test_texts_are_counted_by_who_wrote_them() -> None:
    example = Example(request("R1"))
    said = ("unsupported-number", "length")
    some = [Answer(example, "Good.", "model", (), 5), Answer(example, "Fine.", "template", said, 9)]
    found = report("product-description", "m", [*some, Answer(example, "", "withheld", ("length",), 1)], revision="abc")
    shares = {name: round(one.value) for name, one in found.figures.items() if round(one.value) == 33}
    assert shares.keys() >= {"as the model wrote it", "by template", "withheld", "refused for an unsupported claim"}
    assert (found.reasons, found.figures["output tokens"].value) == ({"length": 2, "unsupported-number": 1}, 5)


def test_the_command_prints_figures_for_machines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ATTRIBUTES)
    asked = ["evaluate", "product-description", "--data", str(tmp_path), "--model", "none", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["examples"] == 1
