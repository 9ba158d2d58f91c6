"""A digest as running text: what reviewers agree on, what some of them criticise, and their verdict."""

from __future__ import annotations

from collections.abc import Sequence

from workers.reviews.digest import Digest
from workers.reviews.naming import Naming
from workers.reviews.points import DISAPPOINTING, Point

RECOMMENDED, NOT_RECOMMENDED, LIKED = "is recommended", "is not recommended", "is liked"
_PLURALS = {"is": "are", "has": "have", "does": "do", "had": "had"}


def consensus(said: Digest, name: Naming) -> str:
    """Give praise and criticism, a sentence each; the side with more to say comes first."""
    if not said.cons:
        return f"Reviewers say that {name.this} {predicates(said.pros, name)}." if said.pros else ""
    if not said.pros:
        return f"Reviewers find that {name.this} {predicates(said.cons, name)}."
    praise, blame = predicates(said.pros, name), predicates(said.cons, name)
    if len(said.cons) > len(said.pros):
        return f"Reviewers find that {name.this} {blame}. However, some say that {name.pronoun} {praise}."
    return f"Reviewers say that {name.this} {praise}. However, some find that {name.pronoun} {blame}."


def verdict(said: Digest, name: Naming) -> str:
    """Give what reviewers advise: "overall" only where most of their stars agree, else "some"; nothing unsaid."""
    given = {point.predicate for point in said.verdicts}
    them = "them" if name.plural else "it"
    if {RECOMMENDED, NOT_RECOMMENDED} <= given:
        return f"Some recommend {them}, others do not."
    if RECOMMENDED in given:
        recommended = f"Overall, {name.pronoun} {_agreed(RECOMMENDED, name)}."
        return recommended if said.mood == "pro" else f"Some recommend {them}."
    if NOT_RECOMMENDED in given:
        refused = f"Overall, {name.pronoun} {_agreed(NOT_RECOMMENDED, name)}."
        return refused if said.mood == "con" else f"Some do not recommend {them}."
    if {LIKED, DISAPPOINTING} <= given:
        return f"Some like {them}, others are disappointed."
    if LIKED in given:
        return f"Overall, reviewers like {them}." if said.mood == "pro" else f"Some like {them}."
    return "Some reviewers are disappointed." if DISAPPOINTING in given else ""


def predicates(some: Sequence[Point], name: Naming) -> str:
    """Give points as one predicate: `are soft and warm, and fit well`."""
    said = [_agreed(point.predicate, name) for point in some]
    being = "are " if name.plural else "is "
    what = [one.removeprefix(being) for one in said if one.startswith(being)]
    does = [one for one in said if not one.startswith(being)]
    if len(what) > 1 and does:
        return f"{being}{enumerated(what)}, and {enumerated(does)}"
    return enumerated([*([being + enumerated(what)] if what else []), *does])


def enumerated(some: Sequence[str]) -> str:
    """Give `a, b and c`."""
    return " and ".join((", ".join(some[:-1]), some[-1])) if len(some) > 1 else "".join(some)


def _agreed(predicate: str, name: Naming) -> str:
    """Give a predicate in the number of its subject."""
    if not name.plural:
        return predicate
    verb, _, rest = predicate.partition(" ")
    return f"{_PLURALS.get(verb) or _without_s(verb)} {rest}".strip()


def _without_s(verb: str) -> str:
    return verb[:-2] if verb.endswith(("ches", "shes", "sses")) else verb.removesuffix("s")
