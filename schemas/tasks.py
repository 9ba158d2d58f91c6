"""The tasks: what each reads, what it writes to, and how urgent it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas import topics
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class TaskContract:
    """What streams and workers must agree on about one task.

    `reads` are the fields of a product whose change makes the text out of date; no other field reaches the worker.
    `template_version` grows when prompt or template change so much that old texts should be rewritten. `voice` says how
    much of a shop's voice its texts have: the `whole` of it, only the `words` that it bans, or `none`, since they are
    not the shop's words.
    """

    name: str
    reads: tuple[str, ...]
    requests: Topic
    output: Topic
    template_version: int
    voice: Literal["whole", "words", "none"] = "words"


PRODUCT_DESCRIPTION = TaskContract(
    name="product-description",
    reads=("title", "brand", "categories", "attributes", "description"),
    requests=topics.REQUESTS_BULK,
    output=topics.PRODUCT_DESCRIPTIONS,
    template_version=1,
    voice="whole",
)
REVIEW_SUMMARY = TaskContract(
    name="review-summary",
    reads=("title", "brand", "categories"),
    requests=topics.REQUESTS_BULK,
    output=topics.REVIEW_SUMMARIES,
    template_version=2,
)
RECOMMENDATION = TaskContract(
    name="recommendation",
    reads=("title", "brand", "categories", "attributes"),
    requests=topics.REQUESTS_BULK,
    output=topics.RECOMMENDATIONS,
    template_version=1,
)
SUPPORT_REPLY = TaskContract(
    name="support-reply",
    reads=("title", "brand", "categories", "price", "attributes", "description"),
    requests=topics.REQUESTS_INTERACTIVE,
    output=topics.SUPPORT_REPLIES,
    template_version=1,
)

AD_COPY = TaskContract(
    name="ad-copy",
    reads=("title", "brand", "categories", "attributes", "description"),
    requests=topics.REQUESTS_BULK,
    output=topics.AD_COPY,
    template_version=1,
    voice="whole",
)
SOCIAL_POST = TaskContract(
    name="social-post",
    reads=("title", "brand", "categories", "attributes", "description"),
    requests=topics.REQUESTS_BULK,
    output=topics.SOCIAL_POSTS,
    template_version=1,
    voice="whole",
)
IMAGE_TEXT = TaskContract(
    name="image-text",
    reads=("title", "brand", "categories", "attributes"),
    requests=topics.REQUESTS_BULK,
    output=topics.IMAGE_TEXTS,
    template_version=1,
)
LOCALISATION = TaskContract(
    name="localisation",
    reads=("title", "brand", "categories", "attributes", "description"),
    requests=topics.REQUESTS_BULK,
    output=topics.PRODUCT_DESCRIPTIONS,
    template_version=1,
    voice="whole",
)
REVIEW_INSIGHT = TaskContract(
    name="review-insight",
    reads=("title", "categories"),
    requests=topics.REQUESTS_BULK,
    output=topics.REVIEW_INSIGHTS,
    template_version=1,
    voice="none",
)
REVIEW_DRAFT = TaskContract(
    name="review-draft",
    reads=("title", "brand", "categories"),
    requests=topics.REQUESTS_INTERACTIVE,
    output=topics.REVIEW_DRAFTS,
    template_version=1,
    voice="none",
)

ALL = (
    PRODUCT_DESCRIPTION,
    AD_COPY,
    SOCIAL_POST,
    IMAGE_TEXT,
    LOCALISATION,
    REVIEW_SUMMARY,
    REVIEW_INSIGHT,
    REVIEW_DRAFT,
    RECOMMENDATION,
    SUPPORT_REPLY,
)
BY_NAME = {task.name: task for task in ALL}
