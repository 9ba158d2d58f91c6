"""What an evaluation cannot go on without."""

from __future__ import annotations


class NoExamples(Exception):
    """The file or folder has no examples for the task; the message says what would."""
