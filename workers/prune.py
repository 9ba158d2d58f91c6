"""Repair by leaving out: what is wrong goes, what stands stays as the model wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workers.guard.text import joined, sentences
from workers.guard.verdict import Passage
from workers.tasks.task import Candidate


def prune(candidate: Candidate, may_stand: Callable[[Passage], bool]) -> Candidate:
    """Give the candidate without the sentences that may not stand after those kept before them.

    A passage that may stand as a whole stays as it is. What goes is what the guard refuses, what repeats, and what no
    longer fits. A passage that loses everything is gone; whether the rest makes a text is the task's to say.
    """
    kept = (replace(passage, text=_kept(passage, may_stand)) for passage in candidate.passages)
    return Candidate(tuple(passage for passage in kept if passage.text))


def _kept(passage: Passage, may_stand: Callable[[Passage], bool]) -> str:
    if may_stand(replace(passage, min_characters=1)):
        return passage.text
    text = ""
    for sentence in sentences(passage.text):
        longer = joined((text, sentence)) if text else sentence
        if may_stand(replace(passage, text=longer, min_characters=1)):
            text = longer
    return text
