"""An engine that says what it is told to say, in order, and keeps what it was asked."""

from __future__ import annotations

from typing import Self

from workers.engines.engine import Generation, ModelIdentity, Prompt, Sampling


class ScriptedEngine:
    """Gives the next of its texts for each prompt, or raises it where it is an exception."""

    def __init__(self, *texts: str | Exception) -> None:
        self._texts = list(texts)
        self.prompts: list[Prompt] = []
        self.samplings: list[Sampling] = []

    @property
    def model(self) -> ModelIdentity:
        return ModelIdentity("scripted", "r1")

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        self.prompts.append(prompt)
        self.samplings.append(sampling)
        text = self._texts.pop(0)
        if isinstance(text, Exception):
            raise text
        return Generation(text, "stop", prompt_tokens=100, cached_tokens=40, output_tokens=20, seconds=0.1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        return None
