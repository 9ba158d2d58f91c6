"""Which products a shopper may want next, chosen without a model so that the text only has to say why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from schemas.events import ProductFacts
from schemas.request import HistoryItem

CANDIDATES = 4
PER_CATEGORY = 2
MAX_CANDIDATE_CHARS = 50_000
"""A product described at such length does not fit four times into one request."""

_WEIGHTS = {"view": 1.0, "wishlist": 2.0, "cart": 3.0, "purchase": 4.0}


def recommend(
    history: tuple[HistoryItem, ...], liked: Mapping[str, ProductFacts], considered: Iterable[ProductFacts]
) -> tuple[ProductFacts, ...]:
    """Give up to four products, best first: near the history in category and attributes, never one already bought.

    At most two share their deepest category while others are left. `liked` are the facts of the history's products
    by id. The same input gives the same products in the same order.
    """
    bought = {step.product_id for step in history if step.kind == "purchase"}
    met = {step.product_id for step in history}
    taste = _taste(history, liked)
    usable = (each for each in considered if each.product_id not in bought and _size(each) <= MAX_CANDIDATE_CHARS)
    scored = [(_nearness(each, taste), each) for each in usable]
    near = [(score, each) for score, each in scored if score > 0]
    ranked = sorted(near, key=lambda pair: (pair[1].product_id in met, -pair[0], pair[1].product_id))
    return _spread([each for _, each in ranked])


def _taste(history: tuple[HistoryItem, ...], liked: Mapping[str, ProductFacts]) -> Mapping[str, float]:
    taste: dict[str, float] = defaultdict(float)
    for step in history:
        product = liked.get(step.product_id)
        traits = _traits(product) if product else _category_traits(step.categories)
        for trait in traits:
            taste[trait] += _WEIGHTS.get(step.kind, 0.0)
    return taste


def _nearness(product: ProductFacts, taste: Mapping[str, float]) -> float:
    traits = _traits(product)
    return sum(taste.get(trait, 0.0) for trait in traits) / (len(traits) + 5)


def _traits(product: ProductFacts) -> frozenset[str]:
    attributes = {f"{name}={value.casefold()}" for name, values in product.attributes.items() for value in values}
    return frozenset(_category_traits(product.categories) | attributes)


def _category_traits(categories: tuple[str, ...]) -> set[str]:
    return {f"/{prefix}" for category in categories for prefix in prefixes(category)}


def prefixes(category: str) -> tuple[str, ...]:
    """Give a category path and all its parents, deepest first."""
    parts = category.split("/")
    return tuple("/".join(parts[:depth]) for depth in range(len(parts), 0, -1))


def _spread(ranked: list[ProductFacts]) -> tuple[ProductFacts, ...]:
    taken: Counter[str] = Counter()
    first: list[ProductFacts] = []
    rest: list[ProductFacts] = []
    for product in ranked:
        leaf = max(product.categories, key=len, default="")
        (first if taken[leaf] < PER_CATEGORY else rest).append(product)
        taken[leaf] += 1
    return tuple([*first, *rest][:CANDIDATES])


def _size(product: ProductFacts) -> int:
    return len(product.model_dump_json(include={"title", "brand", "categories", "attributes"}))
