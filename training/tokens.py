"""Examples as token ids, exactly those that a worker sends: texts apart from the template, no text a special token.

The ids of a prompt are those of `workers.engines.chat_tokens` (a test holds them to it); a text that spells a special
token is refused here, where a worker would cut it apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from training.examples import DataError, Example

# Stand-ins that the template carries to where the texts belong; no example has private-use characters.
_SYSTEM: Final = "\ue000system\ue001"
_USER: Final = "\ue000user\ue001"
_ANSWER: Final = "\ue000answer\ue001"
_HOLES: Final = re.compile(f"({_SYSTEM}|{_USER})")


class WrongTokenizer(Exception):
    """The tokenizer is not this model's; the message says how that shows."""


class AddedToken(Protocol):
    """A token that the tokenizer knows by its spelling, such as `<|im_end|>`."""

    @property
    def content(self) -> str:
        """Spell the token."""
        ...


class Tokenizer(Protocol):
    """What is used of a transformers tokenizer."""

    @property
    def chat_template(self) -> str | None:
        """Give the Jinja template, None for a base model."""
        ...

    @property
    def added_tokens_decoder(self) -> Mapping[int, AddedToken]:
        """Map ids to the tokens known by their spelling."""
        ...

    @property
    def eos_token_id(self) -> int | None:
        """Give the id that ends a text."""
        ...

    def __len__(self) -> int: ...

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Give the ids of a text, spelled-out special tokens included."""
        ...

    def decode(self, token_ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        """Give the text of ids."""
        ...

    def apply_chat_template(
        self, conversation: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool, enable_thinking: bool
    ) -> str:
        """Lay the messages out as the model was trained to read them."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as ids: `prefix` is what many prompts share, `own` the rest of the prompt, `answer` what is learned.

    `rejected` is the text that the answer is preferred to; an answer without one has nothing there, and so has a
    rejected text that no answer is known for. Both end with the token that ends a turn.
    """

    prefix: tuple[int, ...]
    own: tuple[int, ...]
    answer: tuple[int, ...]
    rejected: tuple[int, ...] = ()

    @property
    def texts(self) -> tuple[tuple[int, ...], ...]:
        """Give the answer and the rejected text, as far as they are there."""
        return tuple(one for one in (self.answer, self.rejected) if one)

    def pieces(self, most_tokens: int) -> Iterator[Encoded]:
        """Give a text without a prompt in pieces of at most so many tokens, each learned in one of them; others whole.

        A piece begins with the token that the one before it ends with, since a first token is learned from nothing.
        """
        if self.prefix or self.own or len(self) <= most_tokens:
            yield self
            return
        for start in range(0, len(self.answer) - 1, most_tokens - 1):
            yield Encoded((), (), self.answer[start : start + most_tokens])

    def __len__(self) -> int:
        return len(self.prefix) + sum(len(self.own) + len(one) for one in self.texts)


class ExampleTokens:
    """Turns examples into ids with one model's tokenizer. Raises WrongTokenizer where it cannot be the model's."""

    def __init__(self, tokenizer: Tokenizer, *, vocabulary: int) -> None:
        if len(tokenizer) > vocabulary:
            raise WrongTokenizer(f"the tokenizer has {len(tokenizer)} tokens, the model knows {vocabulary}")
        if tokenizer.eos_token_id is None:
            raise WrongTokenizer("the tokenizer has no token that ends a text")
        self._tokenizer = tokenizer
        self._end_of_text = tokenizer.eos_token_id
        self._steering = {
            number: token.content
            for number, token in tokenizer.added_tokens_decoder.items()
            if len(token.content.strip()) > 1
        }
        self._layouts = {with_system: self._layout(with_system=with_system) for with_system in (True, False)}
        self._end_of_turn = self._turn_end()

    def of(self, example: Example) -> Encoded:
        """Give the ids of an example. Raises DataError for a text that spells a special token."""
        answer = self._plain(example.answer, example)
        if not example.prompt:
            return Encoded((), (), (*answer, self._end_of_text))
        texts = {_SYSTEM: example.told, _USER: example.asked}
        prefix: list[int] = []
        own: list[int] = []
        for piece in self._layouts[bool(texts[_SYSTEM])]:
            ids = self._plain(texts[piece], example) if isinstance(piece, str) else piece
            (own if own or piece == _USER else prefix).extend(ids)
        return Encoded(tuple(prefix), tuple(own), (*answer, self._end_of_turn))

    def of_pair(self, wanted: Example | None, rejected: Example) -> Encoded:
        """Give the ids of a rejected text with the wanted one for its prompt, if there is one. Raises DataError."""
        other = self.of(rejected)
        return Encoded(other.prefix, other.own, self.of(wanted).answer if wanted else (), other.answer)

    def _plain(self, text: str, example: Example) -> list[int]:
        ids = self._tokenizer.encode(text, add_special_tokens=False)
        if spelled := next((self._steering[one] for one in ids if one in self._steering), None):
            raise DataError(f"the example {example.source!r} spells the special token {spelled}")
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
        user = {"role": "user", "content": _USER}
        if not with_system:
            return self._apply([user])
        rendered = self._apply_if_possible([{"role": "system", "content": _SYSTEM}, user])
        if _SYSTEM in rendered:
            return rendered
        # A template without a system role (Gemma's first ones refuse it): the user's turn carries both.
        return self._apply([{"role": "user", "content": f"{_SYSTEM}\n\n{_USER}"}])

    def _turn_end(self) -> int:
        """Give the token that the template sets after an answer, else the one that ends a text."""
        if self._tokenizer.chat_template is None:
            return self._end_of_text
        turns = [{"role": "user", "content": _USER}, {"role": "assistant", "content": _ANSWER}]
        after = self._apply(turns, open_end=False).partition(_ANSWER)[2]
        ids = self._tokenizer.encode(after, add_special_tokens=False)
        return next((one for one in ids if one in self._steering), self._end_of_text)

    def _apply_if_possible(self, turns: list[dict[str, str]]) -> str:
        from jinja2 import TemplateError  # noqa: PLC0415 - comes with transformers' templates only

        try:
            return self._apply(turns)
        except TemplateError:
            return ""

    def _apply(self, turns: list[dict[str, str]], *, open_end: bool = True) -> str:
        return self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=open_end, enable_thinking=False
        )
