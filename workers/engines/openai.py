"""An OpenAI-compatible vLLM server, or a fleet behind one address, over HTTP."""

from __future__ import annotations

import json
import re
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urljoin

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.engines.engine import EngineUnavailable, Generation, ModelIdentity, Prompt, PromptRejected, Sampling

# What begins a special token in the model families of today: <|im_end|>, </s>, <start_of_turn>, [INST], [/INST].
_SPECIAL_TOKEN_OPENERS = re.compile(r"<(?=[|/!\uff5c]?[A-Za-z_|\uff5c])|\[(?=/?[A-Z_]+\])")
_REFUSED_FOR_GOOD = (400, 413, 422)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAiSettings:
    """Where the server is, and how patient to be with it."""

    base_url: str = "http://127.0.0.1:8000/v1"
    model: str | None = None
    """One of the server's models; None takes the first that it names."""
    released_as: str | None = None
    """The name of a released model, which the server calls by its revision, as `model` says."""
    api_key: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """Whom to believe, PEM; None for the usual authorities."""
    images_below: str | None = None
    """The address below which the shop's pictures are; None for a model that sees none. Others are never fetched."""
    max_connections: int = 256
    connect_timeout_seconds: float = 5.0
    answer_timeout_seconds: float = 300.0


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _ModelCard(_Lenient):
    id: str
    root: str | None = None
    parent: str | None = None


class _Models(_Lenient):
    data: tuple[_ModelCard, ...]


class _Message(_Lenient):
    content: str


class _Choice(_Lenient):
    message: _Message
    finish_reason: Literal["stop", "length"]


class _PromptDetails(_Lenient):
    cached_tokens: int | None = None


class _Usage(_Lenient):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _PromptDetails | None = None


class _Completion(_Lenient):
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage


class OpenAiEngine:
    """Serves prompts through `/v1/chat/completions`; cancelling closes the connection, on which vLLM aborts.

    Special tokens spelled in the texts are broken up by a space, since the server's template would obey them. Entering
    asks the server which model it serves, and raises EngineUnavailable when it does not answer.
    """

    def __init__(self, settings: OpenAiSettings) -> None:
        self._settings = settings
        self._client: httpx.AsyncClient | None = None
        self._model: ModelIdentity | None = None
        self._served_name = ""

    @property
    def model(self) -> ModelIdentity:
        """Name the weights that the server says it serves; valid once entered."""
        if self._model is None:
            raise EngineUnavailable("the engine has not been started")
        return self._model

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the server's text for one prompt."""
        submitted = time.monotonic()
        reply = await self._ask("POST", "chat/completions", self._request_body(prompt, sampling))
        try:
            completion = _Completion.model_validate_json(reply)
        except ValidationError as error:
            raise EngineUnavailable(f"the server's answer is no completion ({error.error_count()} errors)") from None
        usage, choice = completion.usage, completion.choices[0]
        return Generation(
            text=choice.message.content,
            finish=choice.finish_reason,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=(usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens) or 0,
            output_tokens=usage.completion_tokens,
            seconds=time.monotonic() - submitted,
        )

    async def __aenter__(self) -> Self:
        self._client = _client(self._settings)
        try:
            card = _chosen(await self._ask("GET", "models"), self._settings.model)
        except BaseException:
            await self.__aexit__()
            raise
        self._served_name = card.id
        self._model = _identity(card, self._settings)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Give the body of a good answer. Raises EngineUnavailable and PromptRejected."""
        if self._client is None:
            raise EngineUnavailable("the engine has not been started, or has stopped")
        try:
            reply = await self._client.request(method, path, content=body)
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: the client was closed under the request
            raise EngineUnavailable(f"the server does not answer: {type(error).__name__}") from error
        if reply.status_code in _REFUSED_FOR_GOOD:
            raise PromptRejected(f"the server refuses the prompt: HTTP {reply.status_code}")
        if reply.status_code != httpx.codes.OK:
            # 401 and 404 are settings to mend, 429 and 5xx are to wait for: never the prompt's fault.
            raise EngineUnavailable(f"the server cannot serve now: HTTP {reply.status_code} for {path}")
        return reply.content

    def _request_body(self, prompt: Prompt, sampling: Sampling) -> bytes:
        system = [{"role": "system", "content": _as_plain_text(prompt.system)}] if prompt.system else []
        schema = sampling.json_schema
        constraint = {} if schema is None else {"response_format": _json_schema_format(schema)}
        return json.dumps(
            {
                "model": self._served_name,
                "messages": [*system, {"role": "user", "content": self._content(prompt)}],
                "max_tokens": sampling.max_tokens,
                "temperature": sampling.temperature,
                "top_p": sampling.top_p,
                "seed": sampling.seed,
                "frequency_penalty": sampling.frequency_penalty,
                "chat_template_kwargs": {"enable_thinking": False},
                **constraint,
            }
        ).encode()

    def _content(self, prompt: Prompt) -> str | list[dict[str, object]]:
        text = _as_plain_text(prompt.user)
        if prompt.image is None:
            return text
        address = _image_address(prompt.image, self._settings.images_below)
        return [{"type": "image_url", "image_url": {"url": address}}, {"type": "text", "text": text}]


def _image_address(image: str, below: str | None) -> str:
    """Give where a picture is, by its path or address; raises PromptRejected for one that is not the shop's.

    An image's name is a seller's text: it must not make the server fetch from anywhere else.
    """
    address = urljoin(below, image.lstrip("/")) if below else ""
    if not below or not image or not address.startswith(below) or ".." in unquote(address):
        raise PromptRejected("the image is not below the address that the settings name")
    return address


def _client(settings: OpenAiSettings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=settings.base_url.rstrip("/") + "/",
        headers={"content-type": "application/json"}
        | ({"authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}),
        limits=httpx.Limits(max_connections=settings.max_connections),
        # Waiting for a free connection is waiting one's turn, not a failure of the server.
        timeout=httpx.Timeout(settings.answer_timeout_seconds, connect=settings.connect_timeout_seconds, pool=None),
        verify=ssl.create_default_context(cafile=str(settings.ca_file)) if settings.ca_file else True,
        trust_env=False,
    )


def _chosen(models: bytes, wanted: str | None) -> _ModelCard:
    try:
        cards = _Models.model_validate_json(models).data
    except ValidationError as error:
        raise EngineUnavailable(f"the server's list of models is none ({error.error_count()} errors)") from None
    for card in cards:
        if wanted in (None, card.id):
            return card
    raise EngineUnavailable(f"the server serves {[card.id for card in cards]}, not {wanted!r}")


def _identity(card: _ModelCard, settings: OpenAiSettings) -> ModelIdentity:
    """Name what the server serves. A server tells no hash of its weights: what a release calls it, or the path or name
    that it was loaded from, has to do. An adapter has its own name and says whose child it is.
    """
    is_whole = card.parent is None
    released = settings.released_as if is_whole else None
    return ModelIdentity(
        name=released or card.parent or card.id,
        revision=card.id if released else card.root or "unknown",
        adapter=None if is_whole else card.id,
        sees_images=settings.images_below is not None,
    )


def _json_schema_format(schema: str) -> dict[str, object]:
    try:
        parsed = json.loads(schema)
    except ValueError as error:
        raise PromptRejected("the schema is not JSON") from error
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": parsed, "strict": True}}


def _as_plain_text(text: str) -> str:
    return _SPECIAL_TOKEN_OPENERS.sub(lambda opener: f"{opener.group()} ", text)
