"""What events set off, from message to request, on a broker and tables in this process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import topics
from schemas.events import Activity, Product, Review
from schemas.keys import CopyKey
from schemas.outputs import ProductDescription
from schemas.questions import ProductFaq
from schemas.registry import FakeRegistry
from schemas.request import GenerationRequest, Voice
from schemas.tasks import REVIEW_SUMMARY
from schemas.topics import REQUEST_ID_HEADER, TEXT_HEADER
from streams.agents import on_activity, on_description, on_faq, on_product, on_question, on_review
from streams.errors import BrokerUnavailable, CatalogueBehind
from streams.known_products import FakeKnownProducts
from streams.localised_state import LocalisedState
from streams.memory import FakeTable, Memory
from streams.product_state import ProductState
from streams.question_state import QuestionState
from streams.replies import question_of
from streams.review_state import ReviewState, SummaryPolicy
from streams.send import FakeWriter, Sender
from streams.shop import Shop
from streams.shopper_state import ShopperState
from streams.steps import Steps
from streams.tally import REPEATS, STALE, Tally
from tests.factories import activity, description, facts_of, localised, product, provenance, review
from tests.streams.messages import codec_on, deletion, message
from tests.streams.test_replies import entry

_REQUESTS = {topic.name: topic for topic in topics.REQUESTS}


_FEW = frozenset({"product-description", "review-summary", "recommendation", "support-reply"})
"""One text for each kind of event; which texts a product calls for is tested in `test_product_state`."""


class _Shop:
    """The steps on fakes, fed with events."""

    def __init__(self, *catalogue: Product, late: tuple[Product, ...] = (), wants: Shop = Shop(tasks=_FEW)) -> None:  # noqa: B008
        self.writer, self.tally, self.codec = FakeWriter(), Tally(), codec_on(FakeRegistry())
        self.products, self.reviews = FakeTable[ProductState](), FakeTable[ReviewState]()
        self.shoppers = FakeTable[ShopperState]()
        self.known = FakeKnownProducts(*map(facts_of, catalogue), late=tuple(map(facts_of, late)))
        self.questions = FakeTable[QuestionState]()
        memory = Memory(self.products, self.reviews, self.shoppers, FakeTable[LocalisedState](), self.questions)
        self._handed_on = 0
        sender = Sender(self.writer, self.codec)
        policy = SummaryPolicy(locales=wants.locales_for(REVIEW_SUMMARY))
        self.steps = Steps(self.codec, sender, memory, self.known, policy, self.tally, wants)

    async def feed(self, *events: Product | Review | Activity | ProductDescription | None) -> None:
        """Process events; None is the deletion of P1."""
        for event in events:
            match event:
                case ProductDescription():
                    key = CopyKey(event.product_id, event.locale).encode()
                    await on_description(self.steps, message(topics.PRODUCT_DESCRIPTIONS, key, event))
                case Review():
                    await on_review(self.steps, message(topics.REVIEW_POSTED, event.product_id.encode(), event))
                case Activity():
                    await on_activity(self.steps, message(topics.USER_ACTIVITY, event.user_id.encode(), event))
                case _:
                    key = event.product_id.encode() if event else b"P1"
                    await on_product(self.steps, message(topics.PRODUCT_CREATED, key, event))
            await self.hand_on()

    async def hand_on(self) -> None:
        """Process the questions that were handed on to their products."""
        waiting = [each for each in self.writer.written if each.topic == topics.PRODUCT_QUESTIONS.name]
        for each in waiting[self._handed_on :]:
            assert await on_question(self.steps, message(topics.PRODUCT_QUESTIONS, each.key, each.value)) is None
            self._handed_on += 1

    async def reviewed(self, faq: ProductFaq | None, key: bytes = b"P1") -> None:
        """Process what people decided on a product's questions."""
        assert await on_faq(self.steps, message(topics.PRODUCT_FAQS, key, faq)) is None

    def asked(self) -> list[GenerationRequest]:
        """Give the requests written to their topics so far."""
        written = [each for each in self.writer.written if each.topic in _REQUESTS]
        found = [self.codec.decode(_REQUESTS[each.topic], each.value) for each in written]
        return [each for each in found if isinstance(each, GenerationRequest)]

    def kinds(self) -> list[tuple[str, str, int]]:
        return [(each.task, each.action, each.source_version) for each in self.asked()]


_REVIEWS = [review(f"R{number}") for number in range(3)]


async def test_the_same_product_twice_asks_once() -> None:
    shop = _Shop()
    await shop.feed(product(), product())
    assert shop.kinds() == [("product-description", "generate", 1)]
    assert shop.tally.counts()[REPEATS] == 1


async def test_an_older_product_is_dropped_and_counted() -> None:
    shop = _Shop()
    await shop.feed(product(version=5), product(version=4, title="Old"))
    assert len(shop.asked()) == 1
    assert shop.tally.counts()[STALE] == 1
    assert shop.products.states["P1"].version == 5


async def test_a_request_lies_under_its_subject_with_its_id_and_its_text_in_headers() -> None:
    shop = _Shop()
    await shop.feed(product())
    (written,) = shop.writer.written
    (request,) = shop.asked()
    assert (written.topic, written.key) == ("generation-requests-bulk", b"P1")
    assert written.headers == (
        (REQUEST_ID_HEADER, request.request_id.encode()),
        (TEXT_HEADER, b"product-description|en|1"),
    )


@pytest.mark.parametrize("events", [[*_REVIEWS, product()], [product(), *_REVIEWS]], ids=["held", "at once"])
async def test_three_reviews_are_summarised_whichever_comes_first(events: list[Product | Review]) -> None:
    shop = _Shop()
    await shop.feed(*events)
    assert shop.kinds().count(("review-summary", "generate", 1)) == 1
    assert len(shop.asked()) == 2


async def test_a_renamed_product_is_described_and_summarised_again() -> None:
    shop = _Shop()
    await shop.feed(product(), *_REVIEWS, product(version=2, title="Renamed"))
    assert shop.kinds()[2:] == [("product-description", "generate", 2), ("review-summary", "generate", 2)]


async def test_another_price_asks_for_nothing() -> None:
    shop = _Shop()
    await shop.feed(product(), *_REVIEWS, product(version=2, price="1"))
    assert len(shop.asked()) == 2


async def test_a_deleted_product_takes_back_its_description_and_its_summary_once() -> None:
    shop = _Shop()
    await shop.feed(product(), *_REVIEWS, None, None, product())
    assert shop.kinds()[2:] == [("product-description", "withdraw", 1), ("review-summary", "withdraw", 2)]


async def test_a_deletion_that_comes_again_behind_the_products_return_is_dropped_and_counted() -> None:
    shop = _Shop()
    await shop.feed(product())
    assert await on_product(shop.steps, deletion(b"2")) is None
    await shop.feed(product(version=3))
    assert await on_product(shop.steps, deletion(b"2")) is None
    assert shop.kinds()[1:] == [("product-description", "withdraw", 2), ("product-description", "generate", 3)]
    assert shop.tally.counts()[STALE] == 1


async def test_a_product_that_comes_back_is_described_and_summarised_again() -> None:
    shop = _Shop()
    await shop.feed(product(), *_REVIEWS, None, product(version=2))
    assert shop.kinds()[4:] == [("product-description", "generate", 2), ("review-summary", "generate", 3)]


async def test_deleting_an_unknown_product_takes_nothing_back() -> None:
    shop = _Shop()
    await shop.feed(None)
    assert shop.asked() == []


async def test_nothing_is_remembered_of_an_event_whose_request_was_not_confirmed() -> None:
    shop = _Shop()
    shop.writer.troubles = [BrokerUnavailable("away")]
    with pytest.raises(BrokerUnavailable):
        await shop.feed(product())
    assert shop.products.states == {}


async def test_an_event_that_was_not_remembered_asks_again_under_the_same_ids() -> None:
    shop = _Shop()
    await shop.feed(product(), *_REVIEWS[:2])
    for table in (shop.reviews, shop.products):
        table.crash_at_write = BrokerUnavailable("away")
    with pytest.raises(BrokerUnavailable):
        await shop.feed(_REVIEWS[2])
    await shop.feed(_REVIEWS[2])
    first, again = (each.request_id for each in shop.asked() if each.task == "review-summary")
    assert first == again


async def test_a_question_is_asked_at_once_and_once() -> None:
    shop = _Shop(product())
    question = activity(kind="question", text="Is it warm?")
    await shop.feed(question, question)
    assert [(each.topic, each.key) for each in shop.writer.written] == [
        ("product-questions", b"P1"),
        ("generation-requests-interactive", b"A1"),
    ]


async def test_a_question_about_no_product_is_asked_for_where_it_is() -> None:
    shop = _Shop()
    await shop.feed(activity(kind="question", text="Is it warm?", product_id=None))
    assert [each.topic for each in shop.writer.written] == ["generation-requests-interactive"]


async def test_a_question_meets_the_reviews_of_its_product() -> None:
    shop = _Shop(product())
    await shop.feed(*_REVIEWS, activity(kind="question", text="Does the zip stick?"))
    (request,) = shop.asked()
    assert request.facts is not None
    assert {each.body for each in request.facts.reviews} == {"The zip sticks a little."}


async def test_a_question_that_was_not_remembered_is_asked_again_under_the_same_id() -> None:
    shop = _Shop(product())
    shop.questions.crash_at_write = BrokerUnavailable("away")
    with pytest.raises(BrokerUnavailable):
        await shop.feed(activity(kind="question", text="Is it warm?"))
    await shop.hand_on()
    first, again = shop.asked()
    assert first.request_id == again.request_id
    assert [len(each.shoppers) for each in shop.questions.states["P1"].wordings] == [1]


async def test_a_question_that_was_not_handed_on_is_not_remembered() -> None:
    shop = _Shop(product())
    shop.writer.troubles = [BrokerUnavailable("away")]
    with pytest.raises(BrokerUnavailable):
        await shop.feed(activity(kind="question", text="Is it warm?"))
    assert shop.shoppers.states == {}


async def test_what_a_person_answered_comes_with_the_question_until_it_is_taken_back() -> None:
    shop = _Shop(product())
    faq = ProductFaq(product_id="P1", entries=(entry("Is it warm enough?"),))
    for decided, user in ((faq, "U1"), (faq, "U2"), (None, "U3")):
        await shop.reviewed(decided)
        await shop.feed(activity(f"A-{user}", user, kind="question", text="Is it warm enough?"))
    given = [each.facts.reviewed for each in shop.asked() if each.facts]
    assert [each and each.entry_id for each in given] == ["E1", "E1", None]
    assert len(shop.questions.states["P1"].wordings[0].shoppers) == 3


@pytest.mark.parametrize(("key", "value"), [(b"P2", ProductFaq(product_id="P1", entries=())), (b"P1", b"junk")])
async def test_what_is_no_reviewed_faq_is_rejected(key: bytes, value: ProductFaq | bytes) -> None:
    shop = _Shop(product())
    rejection = await on_faq(shop.steps, message(topics.PRODUCT_FAQS, key, value))
    assert rejection is not None
    assert shop.questions.states == {}


async def test_a_question_under_another_products_key_is_rejected() -> None:
    asked = question_of(activity(kind="question", text="Is it warm?"))
    assert asked is not None
    assert await on_question(_Shop(product()).steps, message(topics.PRODUCT_QUESTIONS, b"P2", asked)) is not None


async def test_a_product_that_the_catalogue_has_not_read_yet_is_waited_for() -> None:
    shop = _Shop(late=(product(),))
    await shop.feed(activity(kind="question", text="Is it warm?"))
    (request,) = shop.asked()
    assert request.facts is not None
    assert request.facts.product is not None


async def test_while_the_catalogue_lags_no_event_loses_its_effect() -> None:
    shop = _Shop(late=(product(),))
    shop.known.is_behind = True
    view = activity()
    with pytest.raises(CatalogueBehind):
        await shop.feed(view)
    assert (shop.asked(), shop.shoppers.states) == ([], {})
    shop.known.is_behind = False
    await shop.feed(view)
    assert [step.product_id for step in shop.shoppers.states[view.user_id].steps] == ["P1"]


async def test_three_products_bring_a_recommendation_of_others() -> None:
    shop = _Shop(*(product(f"P{number}") for number in range(1, 9)))
    await shop.feed(*(activity(f"A{number}", product_id=f"P{number}") for number in range(1, 4)))
    (request,) = shop.asked()
    assert request.facts is not None
    assert [each.product_id for each in request.facts.history] == ["P1", "P2", "P3"]
    assert {each.product_id for each in request.facts.candidates}.isdisjoint({"P1", "P2", "P3"})


async def test_a_shops_voice_is_in_every_request_for_its_own_words() -> None:
    voice = Voice(banned_words=("cheap",))
    shop = _Shop(product(), wants=Shop(tasks=_FEW, voice=voice))
    await shop.feed(product(), *_REVIEWS, activity(kind="question", text="Is it warm?"))
    assert [each.facts.voice for each in shop.asked() if each.facts] == [voice] * 3


async def test_what_a_shop_does_not_want_is_not_asked_for() -> None:
    shop = _Shop(product(), wants=Shop(tasks=frozenset({"ad-copy"})))
    await shop.feed(product(), activity(kind="question", text="Is it warm?"))
    assert shop.kinds() == [("ad-copy", "generate", 1)]


async def test_notes_for_a_review_are_drafted_at_once_and_once() -> None:
    shop = _Shop(product(), wants=Shop())
    notes = activity(kind="review-draft", rating=4, text="warm, zip sticks")
    await shop.feed(notes, notes, activity("A2", kind="review-draft", text="  "))
    (request,) = shop.asked()
    assert (request.task, request.subject, request.action) == ("review-draft", notes.activity_id, "generate")
    assert request.facts is not None
    assert request.facts.draft is not None
    assert (request.facts.draft.rating, request.facts.draft.notes) == (4, "warm, zip sticks")
    assert [each.topic for each in shop.writer.written] == ["generation-requests-interactive"]


_GERMAN_TOO = Shop(localise_to=("de", "fr"))


def _described(version: int, *, request_id: str = "") -> ProductDescription:
    told = provenance(request_id or f"Q{version}", source_version=version)
    return description().model_copy(update={"provenance": told})


def _said(shop: _Shop) -> list[tuple[str, str, int]]:
    return [(each.locale, each.action, each.source_version) for each in shop.asked() if each.task == "localisation"]


async def test_a_published_description_is_said_once_in_every_other_language() -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    await shop.feed(_described(3), _described(3))
    assert _said(shop) == [("de", "generate", 3), ("fr", "generate", 3)]
    (german, _) = shop.asked()
    assert german.facts is not None
    assert german.facts.published is not None
    assert [one.place for one in german.facts.published.passages] == ["headline", "body"]
    assert german.facts.product is not None


async def test_a_localisation_is_never_localised_itself() -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    await shop.feed(localised(locale="de"), localised(locale="en"), _described(1).model_copy(update={"locale": "es"}))
    assert _said(shop) == []


async def test_a_description_that_is_written_anew_is_said_anew_also_at_the_same_version() -> None:
    shop = _Shop(product(), wants=Shop(localise_to=("de",)))
    await shop.feed(_described(1), _described(1, request_id="Q-other"), _described(2))
    assert _said(shop) == [("de", "generate", 1), ("de", "generate", 1), ("de", "generate", 2)]
    assert len({each.request_id for each in shop.asked()}) == 3


async def test_a_description_that_is_taken_back_takes_its_languages_along_once() -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    await shop.feed(_described(3))
    gone = message(topics.PRODUCT_DESCRIPTIONS, b"P1|en", None)
    for tombstone in (gone, gone, message(topics.PRODUCT_DESCRIPTIONS, b"P1|de", None)):
        assert await on_description(shop.steps, tombstone) is None
    assert _said(shop)[2:] == [("de", "withdraw", 3), ("fr", "withdraw", 3)]


async def test_a_description_that_is_taken_back_leaves_what_the_record_says_in_another_language() -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    await shop.feed(_described(3))
    shop.steps = replace(shop.steps, shop=Shop(("en", "de"), localise_to=("fr",)))
    assert await on_description(shop.steps, message(topics.PRODUCT_DESCRIPTIONS, b"P1|en", None)) is None
    assert _said(shop)[2:] == [("fr", "withdraw", 3)]


async def test_a_shop_that_localises_no_more_takes_back_what_was_said() -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    await shop.feed(_described(3))
    shop.steps = replace(shop.steps, shop=Shop())
    await shop.feed(_described(4))
    assert await on_description(shop.steps, message(topics.PRODUCT_DESCRIPTIONS, b"P1|en", None)) is None
    assert _said(shop)[2:] == [("de", "withdraw", 4), ("fr", "withdraw", 4)]


async def test_a_description_waits_for_the_record_that_it_was_written_from() -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    shop.known.is_behind = True
    with pytest.raises(CatalogueBehind):
        await shop.feed(_described(2))
    assert _said(shop) == []


async def test_of_a_product_that_is_gone_nothing_is_said_in_other_languages() -> None:
    shop = _Shop(wants=_GERMAN_TOO)
    await shop.feed(_described(3))
    assert _said(shop) == []


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [(b"P1", None, "key-mismatch"), (b"P2|en", description(), "key-mismatch"), (b"P1|en", b"junk", "bad-magic-byte")],
)
async def test_what_is_no_description_is_rejected(key: bytes, value: ProductDescription | None, error: str) -> None:
    shop = _Shop(product(), wants=_GERMAN_TOO)
    rejection = await on_description(shop.steps, message(topics.PRODUCT_DESCRIPTIONS, key, value))
    assert rejection is not None
    assert rejection.error_class == error


_READING = Shop(tasks=frozenset({"review-insight"}))


@pytest.mark.parametrize("events", [[_REVIEWS[0], product()], [product(), _REVIEWS[0]]], ids=["held", "at once"])
async def test_each_review_is_read_once_whichever_comes_first(events: list[Product | Review]) -> None:
    shop = _Shop(wants=_READING)
    await shop.feed(*events, *events, product(version=2, title="Renamed"))
    (request,) = shop.asked()
    assert (request.task, request.subject, request.source_version) == ("review-insight", "R0", 1)
    assert request.facts is not None
    assert [each.review_id for each in request.facts.reviews] == ["R0"]


async def test_an_edited_review_is_read_again_and_a_withdrawn_one_is_taken_back() -> None:
    shop = _Shop(wants=_READING)
    await shop.feed(
        product(), review("R1"), review("R1", version=2, body="Other."), review("R1", version=3, deleted=True)
    )
    assert shop.kinds() == [
        ("review-insight", "generate", 1),
        ("review-insight", "generate", 2),
        ("review-insight", "withdraw", 3),
    ]


async def test_a_deleted_product_takes_the_insights_into_its_reviews_along() -> None:
    shop = _Shop(wants=Shop(locales=("en", "de"), tasks=_READING.tasks))
    await shop.feed(product(), review("R1"), None, product(version=2))
    assert [each[1] for each in shop.kinds()] == ["generate", "withdraw", "generate"]


async def test_one_author_is_known_again_among_one_products_reviews_and_by_no_name() -> None:
    shop = _Shop(wants=_READING)
    both = [review("R1", author="Mara "), review("R2", author="mara"), review("R3", "P2", author="Mara")]
    await shop.feed(product(), product("P2"), *both, review("R4", author=None))
    keys = [each.facts.reviews[0].author_key for each in shop.asked() if each.facts]
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] is None
    assert not any(b"mara" in each.value.lower() for each in shop.writer.written)
