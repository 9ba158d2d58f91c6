"""Test data: each maker gives a valid value, its arguments change what matters to the test."""

from __future__ import annotations

from schemas.events import Activity, ActivityKind, Money, Product, ProductFacts, Review
from schemas.feedback import ContentFeedback, FeedbackKind
from schemas.ledger import DeadLetter
from schemas.outputs import (
    AdCopy,
    AdVariant,
    CitedStatement,
    ImageText,
    ProductDescription,
    Recommendation,
    RecommendedItem,
    ReviewDraft,
    ReviewInsight,
    ReviewSummary,
    SocialPost,
    SocialPosts,
    SupportReply,
)
from schemas.provenance import Claim, Evidence, Provenance
from schemas.releases import ModelRelease, ModelRevision
from schemas.request import Facts, GenerationRequest, HistoryItem, Question, ReviewFact

NOW_MS = 1_760_000_000_000


def product(product_id: str = "P1", *, version: int = 1, price: str | None = "57", **changes: object) -> Product:
    """Give a fleece jacket."""
    fields = {
        "product_id": product_id,
        "title": "Harbour Fleece Jacket",
        "brand": "Northwind",
        "categories": ("Women/Tops/Jackets",),
        "price": Money(amount=price, currency="EUR") if price else None,
        "attributes": {"material": ("Fleece", "Polyester"), "weight": ("420 g",), "colour": ("Navy",)},
        "description": "A soft fleece jacket with two zip pockets.",
        "source_version": version,
        "updated_unix_ms": NOW_MS,
    }
    return Product.model_validate(fields | changes)


def facts_of(one: Product, *fields: str) -> ProductFacts:
    """Give a product's facts, all of them or only the fields named."""
    wanted = set(fields) | {"product_id", "title"} if fields else set(ProductFacts.model_fields)
    return ProductFacts.model_validate(one.model_dump(include=wanted))


def review(
    review_id: str = "R1", product_id: str = "P1", *, version: int = 1, rating: int = 5, **changes: object
) -> Review:
    """Give a review by a verified buyer."""
    fields = {
        "review_id": review_id,
        "product_id": product_id,
        "source_version": version,
        "posted_unix_ms": NOW_MS,
        "rating": rating,
        "title": "Warm and light",
        "body": "Kept me warm on the ferry. The zip sticks a little.",
        "author": "Mara",
        "verified_purchase": True,
    }
    return Review.model_validate(fields | changes)


def activity(
    activity_id: str = "A1", user_id: str = "U1", *, kind: ActivityKind = "view", **changes: object
) -> Activity:
    """Give one step of a shopper."""
    fields = {
        "activity_id": activity_id,
        "user_id": user_id,
        "kind": kind,
        "occurred_unix_ms": NOW_MS,
        "product_id": "P1",
    }
    return Activity.model_validate(fields | changes)


def request(
    request_id: str = "Q1",
    *,
    task: str = "product-description",
    subject: str = "P1",
    version: int = 1,
    facts: Facts | None = None,
    **changes: object,
) -> GenerationRequest:
    """Give a request for a product description."""
    fields = {
        "request_id": request_id,
        "action": "generate",
        "task": task,
        "subject": subject,
        "locale": "en",
        "source_version": version,
        "fingerprint": "f" * 16,
        "template_version": 1,
        "requested_unix_ms": NOW_MS,
        "facts": facts or Facts(product=facts_of(product(subject), "brand", "categories", "attributes", "description")),
    }
    return GenerationRequest.model_validate(fields | changes)


def provenance(request_id: str = "Q1", *, task: str = "product-description", **changes: object) -> Provenance:
    """Give the provenance of a text that passed at the first try."""
    fields = {
        "request_id": request_id,
        "task": task,
        "origin": "model",
        "model": "smollm2-135m-instruct",
        "model_revision": "abc",
        "template_version": 1,
        "ruleset_version": "1",
        "source_version": 1,
        "fingerprint": "f" * 16,
        "evidence": (
            Evidence(
                sentence="A fleece jacket.",
                claims=(Claim(text="fleece", kind="material", source="attributes.material", value="Fleece"),),
            ),
        ),
        "generated_unix_ms": NOW_MS,
    }
    return Provenance.model_validate(fields | changes)


def description(product_id: str = "P1") -> ProductDescription:
    """Give a published description."""
    return ProductDescription(
        product_id=product_id,
        locale="en",
        provenance=provenance(),
        headline="Harbour Fleece Jacket",
        body="A soft fleece jacket with two zip pockets.",
        bullets=("Fleece and polyester",),
        meta_description="Harbour Fleece Jacket by Northwind in fleece.",
    )


def summary(product_id: str = "P1") -> ReviewSummary:
    """Give a published review summary."""
    return ReviewSummary(
        product_id=product_id,
        locale="en",
        provenance=provenance(task="review-summary"),
        review_count=2,
        average_rating=4.5,
        summary="Buyers find it warm.",
        pros=(CitedStatement(text="Warm", review_ids=("R1", "R2")),),
        cons=(CitedStatement(text="The zip sticks", review_ids=("R1",)),),
    )


def recommendation(user_id: str = "U1") -> Recommendation:
    """Give a published recommendation."""
    item = RecommendedItem(product_id="P2", title="Cove Beanie", reason="You viewed a jacket", because_of=("A1",))
    return Recommendation(
        user_id=user_id,
        locale="en",
        provenance=provenance(task="recommendation"),
        text="For you",
        items=(item,),
    )


def reply(question_id: str = "A1") -> SupportReply:
    """Give a published support reply."""
    return SupportReply(
        question_id=question_id,
        user_id="U1",
        locale="en",
        provenance=provenance(task="support-reply"),
        product_id="P1",
        text="It is made of fleece and polyester.",
    )


def ad_copy(product_id: str = "P1") -> AdCopy:
    """Give a published ad."""
    return AdCopy(
        product_id=product_id,
        locale="en",
        provenance=provenance(task="ad-copy"),
        variants=(AdVariant(channel="search", headline="Navy fleece jacket", description="A soft fleece jacket."),),
    )


def social_posts(product_id: str = "P1") -> SocialPosts:
    """Give a published post."""
    return SocialPosts(
        product_id=product_id,
        locale="en",
        provenance=provenance(task="social-post"),
        posts=(SocialPost(network="x", text="Meet the Harbour Fleece Jacket.", hashtags=("Jackets", "Northwind")),),
    )


def image_text(product_id: str = "P1") -> ImageText:
    """Give a published text for an image, made of the record."""
    return ImageText(
        product_id=product_id,
        locale="en",
        provenance=provenance(task="image-text", origin="template"),
        image="/img/p1.jpg",
        alt_text="Harbour Fleece Jacket by Northwind, navy",
        based_on="record",
    )


def review_draft(draft_id: str = "A1") -> ReviewDraft:
    """Give a published draft of a review."""
    return ReviewDraft(
        draft_id=draft_id,
        user_id="U1",
        product_id="P1",
        locale="en",
        provenance=provenance(task="review-draft"),
        rating=4,
        title="Harbour Fleece Jacket",
        body="It is warm. The zip sticks.",
    )


def localised(product_id: str = "P1", *, locale: str = "de") -> ProductDescription:
    """Give a description that was said again in another language."""
    return description(product_id).model_copy(
        update={"locale": locale, "provenance": provenance(task="localisation", origin="template")}
    )


def review_insight(review_id: str = "R1") -> ReviewInsight:
    """Give a published insight, which no model wrote."""
    return ReviewInsight(
        review_id=review_id,
        product_id="P1",
        locale="en",
        provenance=provenance(task="review-insight", origin="template"),
        sentiment=0.5,
        label="positive",
        confidence=0.8,
        language="en",
    )


COPY_BY_TASK = {
    "product-description": description,
    "ad-copy": ad_copy,
    "social-post": social_posts,
    "image-text": image_text,
    "localisation": localised,
    "review-summary": summary,
    "review-insight": review_insight,
    "review-draft": review_draft,
    "recommendation": recommendation,
    "support-reply": reply,
}
"""How a published text of each task is made, by its subject."""


def question_facts(text: str = "What is it made of?", one: Product | None = None) -> Facts:
    """Give the facts for a support reply."""
    return Facts(product=facts_of(one or product()), question=Question(user_id="U1", product_id="P1", text=text))


def review_facts(*bodies: str, rating: int = 5) -> tuple[ReviewFact, ...]:
    """Give reviews R1, R2, ... with these bodies."""
    return tuple(
        ReviewFact(review_id=f"R{number}", rating=rating, body=body) for number, body in enumerate(bodies, start=1)
    )


def history_item(activity_id: str = "A1", product_id: str = "P1", *, kind: ActivityKind = "view") -> HistoryItem:
    """Give one step of a shopper's history."""
    return HistoryItem(
        activity_id=activity_id,
        kind=kind,
        product_id=product_id,
        title="Harbour Fleece Jacket",
        categories=("Women/Tops/Jackets",),
        occurred_unix_ms=NOW_MS,
    )


def dead_letter(topic: str = "product-created", **changes: object) -> DeadLetter:
    """Give the letter of a message at offset 10 of partition 1, written a second after it."""
    fields = {
        "topic": topic,
        "partition": 1,
        "offset": 10,
        "timestamp_unix_ms": NOW_MS,
        "key": b"P1",
        "value": b"bytes",
        "error_class": "internal-error",
        "error": "ValueError in a step",
        "attempts": 3,
        "failed_by": "streams",
        "failed_unix_ms": NOW_MS + 1_000,
    }
    return DeadLetter.model_validate(fields | changes)


def revision(digit: str = "a", *, name: str = "tuned") -> ModelRevision:
    """Give a model revision whose hash is one hex digit over and over."""
    return ModelRevision(name=name, content_hash=digit * 64)


def release(task: str = "product-description", **changes: object) -> ModelRelease:
    """Give a release under which nothing is released."""
    fields = {"task": task, "action": "live", "released_by": "editor", "released_unix_ms": NOW_MS}
    return ModelRelease.model_validate(fields | changes)


def feedback(content_id: str = "Q1", *, kind: FeedbackKind = "approved", **changes: object) -> ContentFeedback:
    """Give a person's verdict on the text of a request."""
    fields = {
        "feedback_id": f"{content_id}-{kind}",
        "content_id": content_id,
        "task": "product-description",
        "subject": "P1",
        "locale": "en",
        "kind": kind,
        "model": "smollm2-135m-instruct",
        "model_revision": "abc",
        "origin": "model",
        "by": "editor",
        "given_unix_ms": NOW_MS,
    }
    return ContentFeedback.model_validate(fields | changes)
