"""Licence expressions as SPDX writes them: which licences one names, and whether those that are taken suffice.

Source: SPDX 3.0, annex B (https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_TOKEN = re.compile(r"\(|\)|[A-Za-z0-9.+:-]+")


def suffices(expression: str, taken: Collection[str]) -> bool:
    """Tell whether taking these licences allows what an expression demands: of OR one side, of AND both.

    A licence with an exception is one of its own, `GPL-2.0-only WITH Classpath-exception-2.0`. Raises ValueError for
    what is no expression.
    """
    if not re.fullmatch(r"[A-Za-z0-9.+:() \t-]+", expression):
        raise ValueError(f"{expression!r} is no licence expression")
    tokens = _Tokens(_TOKEN.findall(expression))
    allowed = _either(tokens, taken)
    if tokens.next is not None:
        raise ValueError(f"{expression!r} goes on after its end")
    return allowed


class _Tokens:
    """What is left to read."""

    def __init__(self, tokens: list[str]) -> None:
        self._rest: Iterator[str] = iter(tokens)
        self.next: str | None = next(self._rest, None)

    def take(self) -> str:
        """Give the next one; raises ValueError at the end."""
        if self.next is None:
            raise ValueError("the licence expression ends too early")
        taken, self.next = self.next, next(self._rest, None)
        return taken


def _either(tokens: _Tokens, taken: Collection[str]) -> bool:
    allowed = _both(tokens, taken)
    while tokens.next == "OR":
        tokens.take()
        allowed = _both(tokens, taken) or allowed
    return allowed


def _both(tokens: _Tokens, taken: Collection[str]) -> bool:
    allowed = _one(tokens, taken)
    while tokens.next == "AND":
        tokens.take()
        allowed = _one(tokens, taken) and allowed
    return allowed


def _one(tokens: _Tokens, taken: Collection[str]) -> bool:
    name = tokens.take()
    if name == "(":
        allowed = _either(tokens, taken)
        if tokens.take() != ")":
            raise ValueError("a bracket of the licence expression is not closed")
        return allowed
    if name in {")", "AND", "OR", "WITH"}:
        raise ValueError(f"{name} where a licence was expected")
    if tokens.next == "WITH":
        name = f"{name} {tokens.take()} {tokens.take()}"
    return name in taken
