"""The whole stream, in the order a message meets it."""

from __future__ import annotations

import asyncio
from functools import partial

import faust

from schemas.events import Activity, Product, Review
from schemas.outputs import ProductDescription
from schemas.questions import ProductFaq, ProductQuestion
from schemas.topics import (
    PRODUCT_CREATED,
    PRODUCT_DESCRIPTIONS,
    PRODUCT_FAQS,
    PRODUCT_QUESTIONS,
    REVIEW_POSTED,
    USER_ACTIVITY,
)
from streams.app import input_topic
from streams.decode import (
    DescriptionWithdrawn,
    ProductDeleted,
    Rejection,
    decode_activity,
    decode_description,
    decode_faq,
    decode_product,
    decode_question,
    decode_review,
)
from streams.delivery import deliveries
from streams.lanes import Lanes
from streams.message import Message
from streams.settle import Settler
from streams.steps import Steps


def add_agents(app: faust.App, steps: Steps, settler: Settler) -> None:
    """Declare the agents: one for each kind of event, two for a product's questions, one for what is said of a text.

    Each event is decoded, asked for, remembered and only then acknowledged; what cannot be is dead-lettered. All about
    products share their lanes: for one product only one event at a time is worked on, whichever kind it is.
    """
    of_a_product, of_a_shopper = Lanes(), Lanes()

    @app.agent(input_topic(app, PRODUCT_CREATED), name="product-created")  # type: ignore[untyped-decorator]
    async def product_created(stream: faust.types.StreamT) -> None:
        """Turn each product event into the generation requests that it makes necessary."""
        async for delivery in deliveries(stream):
            await of_a_product.admit(delivery, partial(settler.settle, step=partial(on_product, steps)))

    @app.agent(input_topic(app, REVIEW_POSTED), name="review-posted")  # type: ignore[untyped-decorator]
    async def review_posted(stream: faust.types.StreamT) -> None:
        """Keep each product's reviews and have them summarised when they changed enough."""
        async for delivery in deliveries(stream):
            await of_a_product.admit(delivery, partial(settler.settle, step=partial(on_review, steps)))

    _add_answering(app, steps, settler, of_a_product)
    _add_localising(app, steps, settler)

    @app.agent(input_topic(app, USER_ACTIVITY), name="user-activity")  # type: ignore[untyped-decorator]
    async def user_activity(stream: faust.types.StreamT) -> None:
        """Keep each shopper's history, hand questions on and recommend."""
        async for delivery in deliveries(stream):
            await of_a_shopper.admit(delivery, partial(settler.settle, step=partial(on_activity, steps)))


def _add_answering(app: faust.App, steps: Steps, settler: Settler, of_a_product: Lanes) -> None:
    """Declare the agents for what is asked about a product and what people answer to it."""

    @app.agent(input_topic(app, PRODUCT_QUESTIONS), name="product-questions")  # type: ignore[untyped-decorator]
    async def product_questions(stream: faust.types.StreamT) -> None:
        """Have each question answered with what is known of its product, and count it."""
        async for delivery in deliveries(stream):
            await of_a_product.admit(delivery, partial(settler.settle, step=partial(on_question, steps)))

    @app.agent(input_topic(app, PRODUCT_FAQS), name="product-faqs")  # type: ignore[untyped-decorator]
    async def product_faqs(stream: faust.types.StreamT) -> None:
        """Keep the answers that people have reviewed beside each product's questions."""
        async for delivery in deliveries(stream):
            await of_a_product.admit(delivery, partial(settler.settle, step=partial(on_faq, steps)))


def _add_localising(app: faust.App, steps: Steps, settler: Settler) -> None:
    """Declare the agent for other languages; it reads what the workers published.

    A shop that localises no more has it, too: what was said before is taken back with its description.
    """
    of_a_text = Lanes()

    @app.agent(input_topic(app, PRODUCT_DESCRIPTIONS), name="product-descriptions")  # type: ignore[untyped-decorator]
    async def product_descriptions(stream: faust.types.StreamT) -> None:
        """Have each published description said in the shop's other languages."""
        async for delivery in deliveries(stream):
            await of_a_text.admit(delivery, partial(settler.settle, step=partial(on_description, steps)))


async def on_product(steps: Steps, message: Message) -> Rejection | None:
    """Process one message of the product topic, or say why it never can be."""
    match await asyncio.to_thread(decode_product, message, steps.codec):
        case Rejection() as rejection:
            return rejection
        case ProductDeleted() as deleted:
            await steps.withdraw(deleted, message)
        case Product() as product:
            await steps.describe(product, message)
    return None


async def on_review(steps: Steps, message: Message) -> Rejection | None:
    """Process one message of the review topic, or say why it never can be."""
    match await asyncio.to_thread(decode_review, message, steps.codec):
        case Rejection() as rejection:
            return rejection
        case Review() as review:
            await steps.collect(review, message)
    return None


async def on_description(steps: Steps, message: Message) -> Rejection | None:
    """Process one message of the topic of published descriptions, or say why it never can be."""
    match await asyncio.to_thread(decode_description, message, steps.codec):
        case Rejection() as rejection:
            return rejection
        case DescriptionWithdrawn() as gone:
            await steps.unsay(gone, message)
        case ProductDescription() as description:
            await steps.localise(description, message)
    return None


async def on_question(steps: Steps, message: Message) -> Rejection | None:
    """Process one question about a product, or say why it never can be."""
    match await asyncio.to_thread(decode_question, message, steps.codec):
        case Rejection() as rejection:
            return rejection
        case ProductQuestion() as asked:
            await steps.answer(asked, message)
    return None


async def on_faq(steps: Steps, message: Message) -> Rejection | None:
    """Process one message of the topic of reviewed answers, or say why it never can be."""
    match await asyncio.to_thread(decode_faq, message, steps.codec):
        case Rejection() as rejection:
            return rejection
        case ProductFaq() as faq:
            await steps.review(faq, message)
    return None


async def on_activity(steps: Steps, message: Message) -> Rejection | None:
    """Process one message of the activity topic, or say why it never can be."""
    match await asyncio.to_thread(decode_activity, message, steps.codec):
        case Rejection() as rejection:
            return rejection
        case Activity() as activity:
            await steps.serve(activity, message)
    return None
