"""What each kind of event sets off: ask first, then remember."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import structlog

from schemas.codec import Codec
from schemas.events import Activity, Product, ProductFacts, Review
from schemas.outputs import ProductDescription
from schemas.questions import ProductFaq, ProductQuestion
from schemas.tasks import RECOMMENDATION, REVIEW_DRAFT, REVIEW_INSIGHT, SUPPORT_REPLY
from streams import insights, localised_state, product_state, question_state, replies, review_state, shopper_state
from streams.decode import DescriptionWithdrawn, ProductDeleted
from streams.errors import CatalogueBehind
from streams.known_products import KnownProducts
from streams.memory import Memory
from streams.message import Message
from streams.product_state import ProductState, Standing
from streams.question_state import QuestionState
from streams.recommend import recommend
from streams.requests import Wanted
from streams.review_state import ReviewState, SummaryPolicy
from streams.send import Sender
from streams.shop import Shop
from streams.shopper_state import ShopperState
from streams.tally import REPEATS, REQUESTS, STALE, Tally

_CONSIDERED = 100
_CATCH_UP_SECONDS = 1.0
"""Short, since it holds a thread that others decode in; who asks in vain asks again after a pause."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Steps:
    """The effects of events. Every step may be run again from its start: the same requests come out under the same ids.

    Raises BrokerUnavailable, CatalogueBehind, MessageRefused and RegistryUnavailable.
    """

    codec: Codec
    sender: Sender
    memory: Memory
    catalogue: KnownProducts
    policy: SummaryPolicy
    tally: Tally
    shop: Shop = field(default_factory=Shop)

    async def describe(self, product: Product, message: Message) -> None:
        """Ask for the texts about a product that its new version makes out of date."""
        previous = self.memory.products.read(product.product_id)
        standing = product_state.standing(product, previous)
        self._count(standing, message, version=product.source_version)
        if standing is Standing.STALE:
            return
        # A repeat is looked at, too: it costs nothing unless a template, a language or the shop's voice is new since.
        wanted = product_state.texts_for(product, previous, self.shop)
        state = product_state.known(product, previous, self.shop)
        await self._ask(wanted)
        if previous is None or previous.deleted:
            await self._read_reviews(product)
        await self._summarise(product.product_id, state, message)
        if state != previous:
            await self.memory.products.write(product.product_id, state, partition=message.partition)

    async def withdraw(self, gone: ProductDeleted, message: Message) -> None:
        """Take back the texts about a product that is gone; of an unknown product there are none."""
        product_id = gone.product_id
        previous = self.memory.products.read(product_id)
        standing = product_state.deletion_standing(gone.source_version, previous)
        self._count(standing, message, version=gone.source_version)
        if previous is None or standing is not Standing.NEW:
            return
        state = product_state.deleted(previous, gone.source_version)
        reviews = self.memory.reviews.read(product_id) or ReviewState()
        summaries = review_state.withdrawals_for(reviews, product_id)
        read = insights.withdrawals_for(reviews, self._read_in())
        texts = product_state.withdrawals_for(product_id, previous, state.version, self.shop)
        await self._ask((*texts, *summaries, *read))
        if summaries:
            await self.memory.reviews.write(
                product_id, review_state.asked(reviews, summaries), partition=message.partition
            )
        await self.memory.products.write(product_id, state, partition=message.partition)

    async def collect(self, review: Review, message: Message) -> None:
        """Add a review to its product's and ask for their summary when enough of them changed."""
        state = self.memory.reviews.read(review.product_id) or ReviewState()
        standing = review_state.standing(review, state)
        self._count(standing, message, version=review.source_version)
        if standing is not Standing.NEW:
            return
        state = review_state.with_review(state, review)
        product = self.memory.products.read(review.product_id)
        facts = product.for_summary if product else None
        wanted = review_state.summaries_for(state, review.product_id, facts, self.policy)
        await self._ask((*wanted, *insights.insight_for(review, facts, self._read_in())))
        await self.memory.reviews.write(
            review.product_id, review_state.asked(state, wanted), partition=message.partition
        )

    async def serve(self, activity: Activity, message: Message) -> None:
        """Hand a shopper's question on, draft a review, and recommend when the history has something new to say."""
        state = self.memory.shoppers.read(activity.user_id) or ShopperState()
        if shopper_state.is_repeat(activity, state):
            self._count(Standing.REPEAT, message)
            return
        asked = replies.question_of(activity, shopper_state.conversation(state, activity))
        product = None if asked else await self._product(activity.product_id)
        state = shopper_state.with_activity(state, activity, product)
        await self._hand_on(asked)
        await self._ask(shopper_state.drafts_for(activity, product, self.shop.locales_for(REVIEW_DRAFT)))
        if shopper_state.is_recommendation_due(state, activity):
            recommendations = shopper_state.recommendations_for(
                activity.user_id, state, self._candidates(state), self.shop.locales_for(RECOMMENDATION)
            )
            await self._ask(recommendations)
            state = shopper_state.asked(state) if recommendations else state
        await self.memory.shoppers.write(activity.user_id, state, partition=message.partition)

    async def answer(self, asked: ProductQuestion, message: Message) -> None:
        """Ask for the reply to a question with what is known of its product, and count the question."""
        name = asked.product_id
        known = self.memory.questions.read(name) or QuestionState()
        await self._ask_reply(asked, known, self.memory.reviews.read(name) or ReviewState())
        state = question_state.with_question(known, asked)
        if state != known:
            await self.memory.questions.write(name, state, partition=message.partition)

    async def review(self, faq: ProductFaq, message: Message) -> None:
        """Keep what people have decided on a product's frequent questions."""
        known = self.memory.questions.read(faq.product_id) or QuestionState()
        if known.entries != faq.entries:
            state = known.model_copy(update={"entries": faq.entries})
            await self.memory.questions.write(faq.product_id, state, partition=message.partition)

    async def localise(self, description: ProductDescription, message: Message) -> None:
        """Ask for a published description in the shop's other languages; never for what is itself a localisation."""
        previous = self.memory.localised.read(description.product_id)
        if not localised_state.is_source(description, self.shop) or not (self.shop.localise_to or previous):
            return
        # The catalogue may be behind what the text was written from: an older record must not decide about it.
        await self._catch_up(description.product_id)
        product = self.catalogue.product(description.product_id)
        if product is None:
            return  # Deleted since: its text is about to be taken back.
        wanted = localised_state.localisations_for(description, product, previous, self.shop)
        state = localised_state.localised(description, previous, self.shop)
        await self._ask(wanted)
        if state != previous:
            await self.memory.localised.write(description.product_id, state, partition=message.partition)

    async def unsay(self, gone: DescriptionWithdrawn, message: Message) -> None:
        """Take back what was said in other languages of a description that is gone."""
        previous = self.memory.localised.read(gone.product_id)
        if gone.locale != localised_state.source_locale(self.shop) or previous is None or not previous.asked:
            return
        await self._ask(localised_state.withdrawals_for(gone.product_id, previous, self.shop))
        state = localised_state.withdrawn(previous)
        await self.memory.localised.write(gone.product_id, state, partition=message.partition)

    async def _hand_on(self, asked: ProductQuestion | None) -> None:
        """Send a question to where its product is known; one about no product is asked for at once."""
        if asked is None or not self.shop.locales_for(SUPPORT_REPLY):
            return
        if asked.product_id:
            await self.sender.hand_on(asked)
        else:
            await self._ask_reply(asked, QuestionState(), ReviewState())

    async def _ask_reply(self, asked: ProductQuestion, questions: QuestionState, reviews: ReviewState) -> None:
        product = await self._product(asked.question.product_id)
        locales = self.shop.locales_for(SUPPORT_REPLY)
        await self._ask(replies.replies_for(asked, product, locales, reviews=reviews, questions=questions))

    async def _read_reviews(self, product: Product) -> None:
        """Ask for the insights into the reviews that waited for this product."""
        reviews = self.memory.reviews.read(product.product_id) or ReviewState()
        await self._ask(insights.insights_for(reviews, product, self._read_in()))

    def _read_in(self) -> tuple[str, ...]:
        """Give the one language that insights are asked for in: they have no words, so that a second says the same."""
        return self.shop.locales_for(REVIEW_INSIGHT)[:1]

    async def _summarise(self, product_id: str, product: ProductState, message: Message) -> None:
        """Ask for the summary that waited for this product, or that was written about what it was before."""
        reviews = self.memory.reviews.read(product_id)
        if reviews is None or (reviews.asked and reviews.asked_about == product.for_summary):
            return
        wanted = review_state.summaries_for(reviews, product_id, product.for_summary, self.policy)
        if wanted:
            await self._ask(wanted)
            await self.memory.reviews.write(
                product_id, review_state.asked(reviews, wanted), partition=message.partition
            )

    async def _product(self, product_id: str | None) -> ProductFacts | None:
        """Give a product; before one is called unknown, the catalogue is read up to its present end."""
        if product_id is None:
            return None
        known = self.catalogue.product(product_id)
        if known is None:
            await self._catch_up(product_id)
        return known or self.catalogue.product(product_id)

    async def _catch_up(self, product_id: str) -> None:
        """Read the catalogue up to its present end."""
        if not await asyncio.to_thread(self.catalogue.catch_up, _CATCH_UP_SECONDS):
            raise CatalogueBehind(f"product {product_id} may be in what was not read yet")

    def _candidates(self, state: ShopperState) -> tuple[ProductFacts, ...]:
        met = {step.product_id: self.catalogue.product(step.product_id) for step in state.steps}
        liked = {product_id: product for product_id, product in met.items() if product is not None}
        categories = tuple(dict.fromkeys(category for step in reversed(state.steps) for category in step.categories))
        return recommend(state.steps, liked, self.catalogue.near(categories, _CONSIDERED))

    async def _ask(self, wanted: tuple[Wanted, ...]) -> None:
        for each in wanted:
            await self.sender.ask(self._spoken(each))
            self.tally.add(REQUESTS, each.task.name)

    def _spoken(self, wanted: Wanted) -> Wanted:
        """Put the shop's voice into a request for a text that has it."""
        if wanted.facts is None:
            return wanted
        return replace(wanted, facts=self.shop.spoken(wanted.facts, wanted.task, wanted.locale))

    def _count(self, standing: Standing, message: Message, *, version: int | None = None) -> None:
        if standing is Standing.STALE:
            self.tally.add(STALE)
            log.info("stale event dropped", place=message.place, key=message.key, version=version)
        elif standing is Standing.REPEAT:
            self.tally.add(REPEATS)
