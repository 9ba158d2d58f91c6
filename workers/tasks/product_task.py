"""What the tasks that write about one product have in common: how they ask for it, and what none of them may say."""

from __future__ import annotations

from typing import ClassVar

from schemas.ledger import RuleHit
from schemas.request import GenerationRequest
from workers.engines.engine import Prompt
from workers.guard.verdict import Grounds
from workers.tasks.example import Example, example_leaks
from workers.tasks.language import language_name
from workers.tasks.product_text import asked_about, product_grounds, product_of, strays
from workers.tasks.styles import style_of
from workers.tasks.task import Candidate, prompt_about


class ProductTask:
    """The half of a task that is the same for every text about one product; a task adds what is written, and how long.

    `system` tells the model what to write, with a place for the `{language}`. `styles` are ways to begin, each shown by
    examples, so that the texts of a category do not all begin alike.
    """

    system: ClassVar[str]
    styles: ClassVar[tuple[tuple[Example, ...], ...]]

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that the product is missing, without which there is nothing to write about."""
        return None if request.facts and request.facts.product else f"{request.task} needs a product"

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Ask for a text from the facts; a product whose title gives orders is not written about."""
        return self.ask(request) if product_of(request).title else None

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Ask again, with the reasons for which the first text was refused."""
        return self.ask(request, hits)

    def ask(self, request: GenerationRequest, refused: tuple[RuleHit, ...] = ()) -> Prompt:
        """Give the prompt with the facts, and with worked examples that begin as this product's text is to begin."""
        told = self.system.format(language=language_name(request.locale))
        shown = (_shown(example) for example in style_of(request.subject, self.styles))
        return prompt_about(asked_about(product_of(request)), system="\n\n".join((told, *shown)), refused=refused)

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give the product's record."""
        return product_grounds(request)

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Refuse words of the prompt's examples, materials and names that the record lacks, and turned warnings."""
        return (*example_leaks(candidate, product_of(request)), *strays(candidate, request))


def _shown(example: Example) -> str:
    return f"{asked_about(example.product)}\n\nAnswer:\n{example.answer.model_dump_json()}"
