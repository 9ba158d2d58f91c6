"""A request for each task, with facts that suffice."""

from __future__ import annotations

from schemas.events import Product
from schemas.request import CopyPassage, DraftNotes, Facts, GenerationRequest, PublishedText, Question
from tests import factories
from workers.tasks.catalogue import TASKS

BEANIE = factories.product("P2", title="Cove Beanie", description="A knitted beanie in merino wool.")


def request_for(task: str, *, one: Product | None = None, **changes: object) -> GenerationRequest:
    """Give a request that the task can serve, about this product."""
    product = one or factories.product()
    facts = factories.facts_of(product, *TASKS[task].contract.reads)
    whole = {
        "product-description": Facts(product=facts),
        "ad-copy": Facts(product=facts),
        "social-post": Facts(product=facts),
        "localisation": Facts(product=facts, published=published()),
        "image-text": Facts(product=facts, image="/img/p1.jpg"),
        "review-summary": Facts(
            product=facts, reviews=factories.review_facts("Very comfortable and warm.", "Warm enough. The zip broke.")
        ),
        "review-insight": Facts(product=facts, reviews=factories.review_facts("Very warm, but the zip broke.")),
        "review-draft": Facts(
            product=facts, draft=DraftNotes(user_id="U1", product_id="P1", rating=4, notes="warm, light, zip sticks")
        ),
        "recommendation": Facts(history=(factories.history_item(),), candidates=(factories.facts_of(BEANIE),)),
        "support-reply": Facts(
            product=facts, question=Question(user_id="U1", product_id="P1", text="How heavy is it?")
        ),
    }
    subject = {"recommendation": "U1", "review-insight": "R1", "support-reply": "A1", "review-draft": "A1"}.get(
        task, "P1"
    )
    told = {"subject": subject, "facts": whole[task]} | changes
    return factories.request(task=task, **told)  # type: ignore[arg-type]


def published(body: str = "A navy jacket of fleece and polyester. It weighs 420 g.") -> PublishedText:
    """Give an English description of the product, as it was published."""
    passages = (CopyPassage(place="headline", text="Navy fleece jacket"), CopyPassage(place="body", text=body))
    return PublishedText(request_id="Q0", locale="en", passages=passages)


def question(text: str, *, one: Product | None = None) -> GenerationRequest:
    """Give a request for an answer to this question about the product."""
    product = factories.facts_of(one or factories.product())
    asked = Question(user_id="U1", product_id="P1", text=text)
    return request_for("support-reply", facts=Facts(product=product, question=asked))


def reviewed(*bodies: str, rating: int = 5) -> GenerationRequest:
    """Give a request for a summary of these reviews."""
    product = factories.facts_of(factories.product(), "categories")
    return request_for(
        "review-summary", facts=Facts(product=product, reviews=factories.review_facts(*bodies, rating=rating))
    )
