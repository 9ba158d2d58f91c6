"""The names on the wire: every topic with its key, record, partitions and retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.events import Activity, Product, Review
from schemas.feedback import ContentFeedback
from schemas.ledger import ContentWithheld, DeadLetter, GenerationOutcome
from schemas.outputs import (
    AdCopy,
    ImageText,
    ProductDescription,
    Recommendation,
    ReviewDraft,
    ReviewInsight,
    ReviewSummary,
    SocialPosts,
    SupportReply,
)
from schemas.questions import ProductFaq, ProductQuestion
from schemas.record import Record
from schemas.releases import ModelRelease
from schemas.request import GenerationRequest

_DAY_MS = 24 * 60 * 60 * 1000
_MIB = 1024 * 1024

EVENT_LIMIT_BYTES = 1 * _MIB
"""A larger event is dead-lettered: no product or review is that long, and a request must carry it whole."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention_ms` None keeps for ever (compacted topics).

    `restricted` topics may hold refused or personal text: only people and processes that need them may read them.
    """

    name: str
    key: str
    record: type[Record]
    cleanup_policy: Literal["delete", "compact"]
    retention_ms: int | None
    partitions: int = 4
    max_message_bytes: int = 2 * _MIB
    restricted: bool = False

    @property
    def subject(self) -> str:
        """Give the registry's subject for the values (TopicNameStrategy)."""
        return f"{self.name}-value"


def _log(
    name: str,
    key: str,
    record: type[Record],
    *,
    days: int,
    max_message_bytes: int = 2 * _MIB,
    restricted: bool = False,
) -> Topic:
    return Topic(
        name, key, record, "delete", days * _DAY_MS, max_message_bytes=max_message_bytes, restricted=restricted
    )


def _latest(name: str, key: str, record: type[Record], *, max_message_bytes: int = 2 * _MIB) -> Topic:
    return Topic(name, key, record, "compact", None, max_message_bytes=max_message_bytes)


# Inputs. A message of up to 8 MiB is taken in, so that a too large one can be shown in a dead letter.
PRODUCT_CREATED = _latest("product-created", "product_id", Product, max_message_bytes=8 * _MIB)
REVIEW_POSTED = _log("review-posted", "product_id", Review, days=30, max_message_bytes=8 * _MIB)
USER_ACTIVITY = _log("user-activity", "user_id", Activity, days=30, max_message_bytes=8 * _MIB)

# What is asked about a product, on its way from the shopper to the product, and what people answer to it.
PRODUCT_QUESTIONS = _log("product-questions", "product_id", ProductQuestion, days=7)
PRODUCT_FAQS = _latest("product-faqs", "product_id", ProductFaq)

# Between streams and workers.
REQUESTS_INTERACTIVE = _log("generation-requests-interactive", "subject", GenerationRequest, days=7)
REQUESTS_BULK = _log("generation-requests-bulk", "subject", GenerationRequest, days=7)

# Published copy; a null value is a tombstone. Keys: schemas.keys.CopyKey.
PRODUCT_DESCRIPTIONS = _latest("product-descriptions", "product_id|locale", ProductDescription)
AD_COPY = _latest("ad-copy", "product_id|locale", AdCopy)
SOCIAL_POSTS = _latest("social-posts", "product_id|locale", SocialPosts)
IMAGE_TEXTS = _latest("image-texts", "product_id|locale", ImageText)
REVIEW_SUMMARIES = _latest("review-summaries", "product_id|locale", ReviewSummary)
REVIEW_INSIGHTS = _latest("review-insights", "review_id|locale", ReviewInsight)
REVIEW_DRAFTS = _latest("review-drafts", "activity_id|locale", ReviewDraft)
RECOMMENDATIONS = _latest("recommendations", "user_id|locale", Recommendation)
SUPPORT_REPLIES = _latest("support-replies", "question_id|locale", SupportReply)

# The ledger.
CONTENT_WITHHELD = _log("content-withheld", "subject", ContentWithheld, days=90, restricted=True)
GENERATION_OUTCOMES = _log("generation-outcomes", "subject", GenerationOutcome, days=7)
DEAD_LETTERS = _log("dead-letters", "original key", DeadLetter, days=30, restricted=True, max_message_bytes=10 * _MIB)

# From texts back to models: what people made of them, and which model writes them. What people wrote may be personal.
CONTENT_FEEDBACK = _log("content-feedback", "content_id", ContentFeedback, days=365, restricted=True)
MODEL_RELEASES = _latest("model-releases", "task", ModelRelease)

INPUTS = (PRODUCT_CREATED, REVIEW_POSTED, USER_ACTIVITY)
QUESTIONS = (PRODUCT_QUESTIONS, PRODUCT_FAQS)
REQUESTS = (REQUESTS_INTERACTIVE, REQUESTS_BULK)
COPY = (
    PRODUCT_DESCRIPTIONS,
    AD_COPY,
    SOCIAL_POSTS,
    IMAGE_TEXTS,
    REVIEW_SUMMARIES,
    REVIEW_INSIGHTS,
    REVIEW_DRAFTS,
    RECOMMENDATIONS,
    SUPPORT_REPLIES,
)
LEDGER = (CONTENT_WITHHELD, GENERATION_OUTCOMES, DEAD_LETTERS)
MODELS = (CONTENT_FEEDBACK, MODEL_RELEASES)
ALL = INPUTS + QUESTIONS + REQUESTS + COPY + LEDGER + MODELS

STREAMS_APP = "shelftalk-streams"
"""The Faust app's id: its consumer group and the prefix of its changelog topics."""


@dataclass(frozen=True, slots=True)
class Changelog:
    """The compacted topic behind one table of the streams: key and value are the table's own bytes, no schema.

    It has as many partitions as the inputs, else Faust refuses to start.
    """

    name: str
    partitions: int = 4
    max_message_bytes: int = 4 * _MIB


PRODUCTS_CHANGELOG = Changelog(f"{STREAMS_APP}-products-changelog")
REVIEWS_CHANGELOG = Changelog(f"{STREAMS_APP}-reviews-changelog")
SHOPPERS_CHANGELOG = Changelog(f"{STREAMS_APP}-shoppers-changelog")
LOCALISED_CHANGELOG = Changelog(f"{STREAMS_APP}-localised-changelog")
QUESTIONS_CHANGELOG = Changelog(f"{STREAMS_APP}-questions-changelog")
CHANGELOGS = (PRODUCTS_CHANGELOG, REVIEWS_CHANGELOG, SHOPPERS_CHANGELOG, LOCALISED_CHANGELOG, QUESTIONS_CHANGELOG)

WORKERS_GROUP = "shelftalk-workers"
"""The consumer group of the workers and the prefix of their transactional ids."""

REQUEST_ID_HEADER = "request-id"
"""A header of every request, so that recent ids can be read back without decoding values."""

TEXT_HEADER = "text"
"""A header of every request: which text it is about and from which version, so that order is kept across restarts."""

SOURCE_VERSION_HEADER = "source-version"
"""A header of a deletion in `product-created`, whose null has no room for it: the version that the deletion makes."""

REDRIVEN_HEADER = "redriven-from"
"""A header of a message that was put back: `dead-letters/PARTITION/OFFSET`, the place of its dead letter.

With it a request is not taken for a repetition of the one that failed, and a second redrive of the same letter is.
"""
