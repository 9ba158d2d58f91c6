"""Chat prompts as token ids, in which only the template's own tokens can steer the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Protocol

from workers.engines.engine import Prompt, PromptRejected

# Stand-ins that the template carries to where the texts belong; no text of ours has private-use characters.
_SYSTEM = "\ue000system\ue001"
_USER = "\ue000user\ue001"
_HOLES = re.compile(f"({_SYSTEM}|{_USER})")


class AddedToken(Protocol):
    """A token that the tokenizer knows by its spelling, such as `<|im_end|>`."""

    @property
    def content(self) -> str:
        """Spell the token."""
        ...


class ChatTokenizer(Protocol):
    """What is used of a transformers tokenizer."""

    @property
    def chat_template(self) -> str | None:
        """Give the Jinja template, None for a base model."""
        ...

    @property
    def added_tokens_decoder(self) -> Mapping[int, AddedToken]:
        """Map ids to the tokens known by their spelling."""
        ...

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Give the ids of a text, spelled-out special tokens included."""
        ...

    def apply_chat_template(
        self, messages: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool, enable_thinking: bool
    ) -> str:
        """Lay the messages out as the model was trained to read them."""
        ...


class ChatTokens:
    """Turns prompts into token ids, the texts in them as plain text whatever they spell.

    The template is laid out once with stand-ins and its pieces are tokenised apart from the texts; inside a text,
    every spelling of an added token is cut after its first character, so that no tokenizer can join it again.
    Prompts with the same system text share their leading ids, which is what prefix caching needs.
    """

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer
        # Runs of spaces and single characters among the added tokens (Gemma has thousands) steer nothing.
        steering = {
            token_id: token.content
            for token_id, token in tokenizer.added_tokens_decoder.items()
            if len(token.content.strip()) > 1
        }
        self._steering_ids = frozenset(steering)
        spellings = sorted(map(re.escape, steering.values()), key=len, reverse=True)
        self._spelled = re.compile(f"(?=(?:{'|'.join(spellings)}))") if spellings else None
        self._layouts = {with_system: self._layout(with_system=with_system) for with_system in (True, False)}

    def of(self, prompt: Prompt) -> list[int]:
        """Give the ids of one prompt, up to where the model's answer begins. Raises PromptRejected."""
        texts = {_SYSTEM: prompt.system, _USER: prompt.user}
        ids: list[int] = []
        for piece in self._layouts[bool(prompt.system)]:
            ids += self._plain(texts[piece]) if isinstance(piece, str) else piece
        return ids

    def _plain(self, text: str) -> list[int]:
        cuts = [match.start() + 1 for match in self._spelled.finditer(text)] if self._spelled else []
        edges = [0, *cuts, len(text)]
        ids: list[int] = []
        for start, end in pairwise(edges):
            ids += self._tokenizer.encode(text[start:end], add_special_tokens=False)
        if not self._steering_ids.isdisjoint(ids):
            # A tokenizer that normalises before it matches could still get here: refused, never served.
            raise PromptRejected("the text spells a special token in a way that cannot be neutralised")
        return ids

    def _layout(self, *, with_system: bool) -> tuple[list[int] | str, ...]:
        """Give the template as ids, with the stand-ins left as text where the prompt's texts go."""
        pieces = _HOLES.split(self._rendered(with_system=with_system))
        return tuple(
            piece if _HOLES.fullmatch(piece) else self._tokenizer.encode(piece, add_special_tokens=False)
            for piece in pieces
            if piece
        )

    def _rendered(self, *, with_system: bool) -> str:
        if self._tokenizer.chat_template is None:
            return f"{_SYSTEM}\n\n{_USER}\n\n" if with_system else f"{_USER}\n\n"
        if not with_system:
            return self._apply([{"role": "user", "content": _USER}])
        turns = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _USER}]
        rendered = self._apply_if_possible(turns)
        if _SYSTEM in rendered:
            return rendered
        # A template without a system role (Gemma's first ones refuse it): the user's turn carries both.
        return self._apply([{"role": "user", "content": f"{_SYSTEM}\n\n{_USER}"}])

    def _apply_if_possible(self, turns: list[dict[str, str]]) -> str:
        from jinja2 import TemplateError  # noqa: PLC0415 - comes with the engine's packages only

        try:
            return self._apply(turns)
        except TemplateError:
            return ""

    def _apply(self, turns: list[dict[str, str]]) -> str:
        # Reasoning models would spend the token budget on thoughts that the schema forbids anyway.
        return self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
