"""Social posts: the model writes one post, each network gets as much of it as fits, with hashtags of the record."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from pydantic import Field

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.outputs import SocialPost, SocialPosts
from schemas.provenance import Provenance
from schemas.request import GenerationRequest
from schemas.tasks import SOCIAL_POST, TaskContract
from workers.engines.engine import Sampling
from workers.guard.text import normalise
from workers.guard.verdict import Passage
from workers.phrases.phrases import Phrases, phrases
from workers.tasks.answer import Answer, json_schema, read_answer
from workers.tasks.channels import NETWORKS, Network
from workers.tasks.example import PARASOL, TRAY, Example
from workers.tasks.fitting import fitting, told
from workers.tasks.hashtags import MAX_HASHTAG_CHARACTERS, hashtag, hashtag_words
from workers.tasks.naming import names_product
from workers.tasks.product_task import ProductTask
from workers.tasks.product_text import next_to_nothing, product_of, stated
from workers.tasks.task import AGAINST_LOOPS, Candidate

MIN_POST_CHARACTERS = 12
MAX_POST_CHARACTERS = 400
MIN_TOLD_WORDS = 2

NAMELESS = "nameless"
"""The rule that refuses a post which does not say what it is about."""

_SYSTEM: Final = (
    "You restate the facts about a product as a friendly post of an online shop for social networks, in {language}. "
    "Use only the facts: add no material, number, feature or promise, no hashtags and no links. "
    "Answer as JSON: a post of two or three short sentences."
)


class PostAnswer(Answer):
    """What the model writes."""

    post: Annotated[str, Field(max_length=MAX_POST_CHARACTERS)]


_GREETING = (
    Example(
        TRAY,
        PostAnswer(
            post="Meet the Quillon Serving Tray by Kirnu. It is made of tulipwood, with two brass rings as handles. "
            "Wipe it with a damp cloth."
        ),
    ),
    Example(
        PARASOL,
        PostAnswer(
            post="Say hello to the Zephyrine Parasol in sailcloth and ash. A crank opens the checked canopy, "
            "and a vent lets warm air out."
        ),
    ),
)
_FACTS_FIRST = (
    Example(
        TRAY,
        PostAnswer(
            post="Tulipwood and two brass rings: that is the Quillon Serving Tray by Kirnu. It measures 38 cm across. "
            "Wipe it with a damp cloth."
        ),
    ),
    Example(
        PARASOL,
        PostAnswer(
            post="Sailcloth and ash in a checked pattern: that is the Zephyrine Parasol. A crank opens the canopy, "
            "and a vent lets warm air out."
        ),
    ),
)
_ASKING = (
    Example(
        TRAY,
        PostAnswer(
            post="Have you seen the Quillon Serving Tray by Kirnu? It is made of tulipwood and measures 38 cm across. "
            "Two brass rings are its handles."
        ),
    ),
    Example(
        PARASOL,
        PostAnswer(
            post="Have you seen the Zephyrine Parasol? A crank opens its checked canopy, and a vent lets warm air out. "
            "It is made of sailcloth and ash."
        ),
    ),
)
_STYLES = (_GREETING, _FACTS_FIRST, _ASKING)


class SocialPostTask(ProductTask):
    """Posts about a product on every network with what its own record says."""

    contract: TaskContract = SOCIAL_POST
    system = _SYSTEM
    styles = _STYLES
    sampling = Sampling(max_tokens=100, frequency_penalty=AGAINST_LOOPS, json_schema=json_schema(PostAnswer))

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse the post, and make one of it for each network."""
        found = read_answer(text, PostAnswer)
        if isinstance(found, RuleHit):
            return found
        said = told(found.answer.post, MAX_POST_CHARACTERS)
        posts = _posts(said, hashtag_words(product_of(request)), request)
        return replace(posts, cut_off=found.cut_off or said != normalise(found.answer.post))

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss the product's name, and something that is said about it beyond that."""
        said = _longest(candidate)
        if not names_product(said, product_of(request)):
            return (RuleHit(rule=NAMELESS, detail="the post does not say the product's name"),)
        return next_to_nothing(said, request, at_least=MIN_TOLD_WORDS)

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Make the posts again of what stands, with the product's name before it where it is lost; None without any."""
        said, product = _longest(candidate), product_of(request)
        if len(said) < MIN_POST_CHARACTERS:
            return None
        named = said if names_product(said, product) else f"{normalise(product.title)}. {said}"
        return _posts(named, candidate.texts("hashtags"), request)

    def template(self, request: GenerationRequest) -> Candidate | None:
        """Name the product and state its facts; None without any, or without a title that can be shown."""
        product, spoken = product_of(request), phrases(request.locale)
        facts = stated(product, spoken) if spoken else ()
        if not spoken or not facts or not product.title:
            return None
        said = spoken.joined((_opening(product, spoken), *facts))
        return _posts(said, hashtag_words(product), request)

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> SocialPosts:
        """Give the record to publish."""
        hashtags = tuple(map(hashtag, candidate.texts("hashtags")))
        posts = (
            SocialPost(
                network=network.name,
                text=candidate.text(f"{network.name}.text"),
                hashtags=hashtags[: network.max_hashtags],
            )
            for network in NETWORKS
        )
        return SocialPosts(
            product_id=product_of(request).product_id,
            locale=request.locale,
            provenance=provenance,
            posts=tuple(posts),
        )


def _posts(said: str, hashtags: tuple[str, ...], request: GenerationRequest) -> Candidate:
    """Give each network as much of what is said as fits beside its hashtags."""
    passages = []
    for network in NETWORKS:
        room = min(_room(network, hashtags, request.locale), MAX_POST_CHARACTERS)
        passages.append(Passage(f"{network.name}.text", fitting(said, room), room, MIN_POST_CHARACTERS))
    for number, words in enumerate(hashtags[: max(network.max_hashtags for network in NETWORKS)]):
        passages.append(Passage(f"hashtags.{number}", words, MAX_HASHTAG_CHARACTERS + words.count(" ")))
    return Candidate(tuple(passages))


def _room(network: Network, hashtags: tuple[str, ...], locale: str) -> int:
    """Give the characters left beside the hashtags, each with its sign and a space before it."""
    taken = sum(len(hashtag(words)) + 2 for words in hashtags[: network.max_hashtags])
    return network.limit(locale) - taken


def _longest(candidate: Candidate) -> str:
    return max((candidate.text(f"{network.name}.text") for network in NETWORKS), key=len)


def _opening(product: ProductFacts, spoken: Phrases) -> str:
    named = spoken.say("made-by", product=product.title, brand=product.brand) if product.brand else product.title
    return spoken.say("discover", product=named)
