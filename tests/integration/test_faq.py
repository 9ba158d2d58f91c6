"""What shoppers ask often is answered by a person once, on the real broker with the real processes and commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from deploy.cli import app
from schemas import topics
from schemas.outputs import SupportReply
from tests.factories import activity, product, review
from tests.integration.processes import environment_of
from tests.integration.reading import read_all, wait_until
from tests.integration.shopbooks import places
from tests.integration.shoprun import ShopRun, shop_run
from tests.integration.streamsrun import Shop

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

_QUESTION = "Does a 13 inch laptop fit?"
_ANSWER = "Yes, a 13 inch laptop fits."


def test_a_question_of_three_shoppers_is_answered_by_a_person_until_the_record_changes(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        shop = _shop(run)
        run.start_streams()
        run.start_worker()
        shop.feed(product("P1"), review("R1", body="The pockets are deep. I like it."))
        _ask(shop, "U1", "U2")
        _settle(run, shop, replies=2)
        assert _faq(run, "list", "--json") == "", "two shoppers are not many"
        run.kill("streams")
        _ask(shop, "U3")
        run.start_streams()
        _settle(run, shop, replies=3)
        listed = json.loads(_faq(run, "list", "--json"))
        assert (listed["wordings"], listed["shoppers"]) == ([_QUESTION], 3)

        assert "only your word: '13" in _faq(run, "edit", listed["id"], _ANSWER, "--yes")
        assert _faq(run, "list", "--json") == ""
        _settle(run, shop, replies=3)
        _ask(shop, "U4")
        _settle(run, shop, replies=4)
        shop.feed(product("P1", version=2, attributes={"material": ("Wool",)}))
        _settle(run, shop, replies=4)
        _ask(shop, "U5")
        shop.feed(activity("A-U6", "U6", kind="question", product_id="P1", text="Are the pockets deep?"))
        _settle(run, shop, replies=6)

        assert "given no more" in _faq(run, "show", listed["id"])
        replies = _replies(run)
        assert (replies["A-U4"].text, replies["A-U4"].handover) == (_ANSWER, False)
        assert [replies[f"A-{user}"].handover for user in ("U1", "U2", "U3", "U5")] == [True] * 4
        assert "pockets are deep" in replies["A-U6"].text
        assert set(places(run.outcomes()).values()) == {1}
        assert set(run.keys(topics.SUPPORT_REPLIES).values()) == {1}
        assert read_all(run.stack.bootstrap, topics.DEAD_LETTERS.name) == []


def _shop(run: ShopRun) -> Shop:
    producer = Producer({"bootstrap.servers": run.stack.bootstrap, "partitioner": "murmur2_random"})
    return Shop(run.stack, producer, "")


def _ask(shop: Shop, *users: str) -> None:
    shop.feed(*(activity(f"A-{user}", user, kind="question", product_id="P1", text=_QUESTION) for user in users))


def _settle(run: ShopRun, shop: Shop, *, replies: int) -> None:
    """Wait until all is acknowledged, decisions included, and so many questions have their replies."""
    shop.wait_until_settled()
    wait_until(lambda: len(_replies(run)) >= replies, f"{replies} replies", timeout_seconds=120)


def _replies(run: ShopRun) -> dict[str, SupportReply]:
    found = (
        run.codec.decode(topics.SUPPORT_REPLIES, message.value() or b"")
        for message in read_all(run.stack.bootstrap, topics.SUPPORT_REPLIES.name)
    )
    return {each.question_id: each for each in found if isinstance(each, SupportReply)}


def _faq(run: ShopRun, *arguments: str) -> str:
    runner = CliRunner(env={**environment_of(run.stack, run.home), "COLUMNS": "200"})
    done = runner.invoke(app, ["faq", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout
