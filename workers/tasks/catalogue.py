"""The tasks that this worker knows; adding one is adding its module, its record, and a line here."""

from __future__ import annotations

from workers.tasks.ad_copy import AdCopyTask
from workers.tasks.image_text import ImageTextTask
from workers.tasks.localisation import LocalisationTask
from workers.tasks.product_description import ProductDescriptionTask
from workers.tasks.recommendation import RecommendationTask
from workers.tasks.review_draft import ReviewDraftTask
from workers.tasks.review_insight import ReviewInsightTask
from workers.tasks.review_summary import ReviewSummaryTask
from workers.tasks.social_post import SocialPostTask
from workers.tasks.support_reply import SupportReplyTask
from workers.tasks.task import Task

_ALL: tuple[Task, ...] = (
    ProductDescriptionTask(),
    AdCopyTask(),
    SocialPostTask(),
    ImageTextTask(),
    LocalisationTask(),
    ReviewSummaryTask(),
    ReviewInsightTask(),
    ReviewDraftTask(),
    RecommendationTask(),
    SupportReplyTask(),
)

TASKS: dict[str, Task] = {task.contract.name: task for task in _ALL}
"""By name, as requests name them."""
