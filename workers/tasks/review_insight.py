"""Review insight: what one review thinks, computed by `workers.reviews`; no model is asked, no free text comes out."""

from __future__ import annotations

from schemas.ledger import RuleHit
from schemas.outputs import ReviewInsight
from schemas.provenance import Provenance
from schemas.request import Facts, GenerationRequest, ReviewFact
from schemas.tasks import REVIEW_INSIGHT, TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.verdict import Grounds, Passage, Source
from workers.locale.formats import language_of
from workers.reviews.insight import Insight, insight
from workers.reviews.lexicon import lexicon
from workers.tasks.task import Candidate, prompt_about

NOTHING_TO_READ = "no-answer"
MAX_LABEL_CHARACTERS = 8
_LABELS_LOCALE = "en"


class ReviewInsightTask:
    """Reads a review and says what it thinks in closed labels and numbers: the label is all the text there is."""

    contract: TaskContract = REVIEW_INSIGHT
    sampling = Sampling(max_tokens=1)

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that the review or its product is missing."""
        facts = request.facts or Facts()
        return (
            None if facts.product and len(facts.reviews) == 1 else "a review insight needs one review and its product"
        )

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Ask no model."""
        return None

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Give a prompt that nobody asks for, since there was no first one."""
        return prompt_about("", system="", refused=hits)

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Refuse what no model was asked for."""
        return RuleHit(rule=NOTHING_TO_READ, detail="a review insight is computed")

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give what was computed; labels are English words in every locale."""
        return Grounds((Source("sentiment", _insight(request).label),), _LABELS_LOCALE)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Find nothing wrong with a label."""
        return ()

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss nothing beside a label."""
        return ()

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Leave the label as it is."""
        return candidate

    def template(self, request: GenerationRequest) -> Candidate | None:
        """Give the label, in a shop's language that we read."""
        if lexicon(language_of(request.locale)) is None:
            return None
        return Candidate((Passage("label", _insight(request).label, MAX_LABEL_CHARACTERS),))

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> ReviewInsight:
        """Give the record to publish."""
        review = _review(request)
        found = _insight(request)
        return ReviewInsight(
            locale=request.locale,
            provenance=provenance,
            review_id=review.review_id,
            product_id=_product_id(request),
            sentiment=found.sentiment,
            label=found.label,
            confidence=found.confidence,
            language=found.language,
            aspects=found.aspects,
            flags=found.flags,
        )


def _insight(request: GenerationRequest) -> Insight:
    return insight(_review(request), language_of(request.locale))


def _review(request: GenerationRequest) -> ReviewFact:
    return (request.facts or Facts()).reviews[0]


def _product_id(request: GenerationRequest) -> str:
    product = (request.facts or Facts()).product
    if product is None:
        raise ValueError("no product: `missing` was not asked")
    return product.product_id
