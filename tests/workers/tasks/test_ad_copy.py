from __future__ import annotations

import json

import pytest

from schemas.ledger import RuleHit
from schemas.outputs import AdCopy
from tests import factories
from tests.workers.task_requests import request_for
from workers.guard.verdict import Passage
from workers.tasks.ad_copy import AdCopyTask
from workers.tasks.channels import CHANNELS
from workers.tasks.task import Candidate

TASK = AdCopyTask()
REQUEST = request_for("ad-copy")
WARM = "A navy jacket of fleece and polyester."
LIGHT = "It weighs only 420 g."


def read(text: str, headline: str = "Navy fleece jacket") -> Candidate:
    candidate = TASK.read(json.dumps({"text": text, "headline": headline}), REQUEST)
    assert not isinstance(candidate, RuleHit)
    return candidate


def published(candidate: Candidate) -> AdCopy:
    return TASK.compose(candidate, REQUEST, factories.provenance(task="ad-copy"))


@pytest.mark.parametrize("text", [f"{WARM} {LIGHT}", f"{WARM} " * 9, "A jacket, " * 40, WARM + " It also has"])
def test_no_ad_is_longer_than_its_channel_takes(text: str) -> None:
    whole = TASK.complete(read(text[:240]), REQUEST)
    assert whole is not None
    for ad, channel in zip(published(whole).variants, CHANNELS, strict=True):
        assert len(ad.headline) <= channel.max_headline
        assert 0 < len(ad.description) <= channel.max_description


def test_each_channel_has_an_ad() -> None:
    ads = published(read(f"{WARM} {LIGHT}"))
    assert [ad.channel for ad in ads.variants] == ["search", "display", "social", "shopping"]
    assert ads.variants[0].description == f"{WARM} {LIGHT}"
    assert ads.variants[1].description.startswith(LIGHT)


@pytest.mark.parametrize("headline", ["", "A navy fleece jacket for every day of the year", WARM])
def test_a_headline_that_is_lost_too_long_or_said_already_gives_way_to_the_title(headline: str) -> None:
    assert read(WARM, headline).text("search.headline") == "Harbour Fleece Jacket"


def test_a_listing_is_named_by_the_record() -> None:
    assert (
        published(read(WARM)).variants[-1].headline == "Northwind Harbour Fleece Jacket, Fleece, Polyester, 420 g, Navy"
    )


def test_ads_of_which_no_sentence_fits_are_refused_and_not_completed() -> None:
    long = read(
        "The jacket that we sell under this name is neither too warm nor too cold for anybody who wears it, we think."
    )
    assert [hit.rule for hit in TASK.lacks(long, REQUEST)] == ["too-long"]
    assert TASK.complete(long, REQUEST) is None


def test_what_stands_of_a_text_makes_all_the_ads() -> None:
    left = Candidate((Passage("shopping.description", LIGHT + " " + WARM, 500),))
    whole = TASK.complete(left, REQUEST)
    assert whole is not None
    assert whole.text("search.description") == f"{LIGHT} {WARM}"
    assert whole.text("social.headline") == "Harbour Fleece Jacket"
