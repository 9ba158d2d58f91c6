from __future__ import annotations

import json

import pytest

from schemas.ledger import RuleHit
from schemas.outputs import SocialPosts
from tests import factories
from tests.workers.task_requests import request_for
from workers.tasks.channels import NETWORKS
from workers.tasks.hashtags import hashtag, hashtag_words
from workers.tasks.social_post import SocialPostTask
from workers.tasks.task import Candidate

TASK = SocialPostTask()
REQUEST = request_for("social-post")
POST = "Meet the Harbour Fleece Jacket by Northwind. It is made of fleece and weighs 420 g."


def read(text: str) -> Candidate:
    candidate = TASK.read(json.dumps({"post": text}), REQUEST)
    assert not isinstance(candidate, RuleHit)
    return candidate


def published(candidate: Candidate) -> SocialPosts:
    return TASK.compose(candidate, REQUEST, factories.provenance(task="social-post"))


@pytest.mark.parametrize("text", [POST, f"{POST} {'It is navy and soft and warm and light. ' * 8}"[:400]])
def test_no_post_is_longer_than_its_network_takes_with_its_hashtags(text: str) -> None:
    for post, network in zip(published(read(text)).posts, NETWORKS, strict=True):
        assert len(post.text) + sum(len(f" #{tag}") for tag in post.hashtags) <= network.max_characters
        assert len(post.hashtags) <= network.max_hashtags


def test_hashtags_are_what_the_record_files_the_product_under_and_its_brand() -> None:
    assert published(read(POST)).posts[1].hashtags == ("Jackets", "Tops", "Women", "Northwind")


@pytest.mark.parametrize(
    ("category", "tags"),
    [
        ("Outdoor/Sleeping bags", ["SleepingBags", "Outdoor"]),
        ("Default Category/Sale/Pots & Pans", ["PotsPans"]),
        ("3D/T-Shirts", ["TShirts"]),
        ("女装", ["女装"]),
    ],
)
def test_a_hashtag_is_one_word_and_shelves_of_the_shop_are_none(category: str, tags: list[str]) -> None:
    found = hashtag_words(factories.facts_of(factories.product(categories=(category,), brand=None)))
    assert [hashtag(words) for words in found] == tags


def test_a_post_that_lost_the_product_s_name_gets_it_back() -> None:
    nameless = read("It is made of fleece and polyester.")
    assert [hit.rule for hit in TASK.lacks(nameless, REQUEST)] == ["nameless"]
    whole = TASK.complete(nameless, REQUEST)
    assert whole is not None
    assert whole.text("x.text") == "Harbour Fleece Jacket. It is made of fleece and polyester."


@pytest.mark.parametrize(
    "said", ["The Harbour Fleece Jacket by Southwind is navy.", "The Arbour Fleece Jacket is made of fleece."]
)
def test_another_name_than_the_records_is_refused(said: str) -> None:
    assert [hit.rule for hit in TASK.check(read(said), REQUEST)] == ["wrong-name"]


def test_the_records_own_name_in_other_words_is_allowed() -> None:
    assert TASK.check(read("Discover the Northwind Harbour Jacket in Navy. It is by Northwind."), REQUEST) == ()


def test_a_chinese_post_has_half_the_room_where_its_characters_count_twice() -> None:
    assert (NETWORKS[0].limit("zh-CN"), NETWORKS[0].limit("en"), NETWORKS[1].limit("zh")) == (140, 280, 2200)
