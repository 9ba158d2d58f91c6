"""What a set of texts is worth beside people's, and beside itself. All figures but lengths and grades are percentages.

ROUGE: Lin 2004, by `rouge-score` with its stemmer, F1, the mean over an example's references. BLEU and chrF: by
sacrebleu, of the whole set, with its own bootstrap. Distinct-n: Li et al. 2016. Self-BLEU: Zhu et al. 2018. The grade
is Flesch-Kincaid's (1975), its syllables by hyphenation with pyphen's dictionaries, in English.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pyphen
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.base import Metric

from training.bootstrap import Estimate, estimate

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?]+(?:\s|$)")
_ROUGE = ("rouge1", "rouge2", "rougeL")
_RESAMPLES = 1_000
_OTHERS = 50
"""Texts that self-BLEU compares each text with."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One text, the texts that people wrote for the same record, and the values that the record has to tell."""

    text: str
    references: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


def measure(samples: Sequence[Sample]) -> dict[str, Estimate]:
    """Give every figure that can be taken, by name; those against references only over examples that have some."""
    texts = [sample.text for sample in samples if sample.text]
    judged = [sample for sample in samples if sample.references]
    own = {name: estimate([score(text) for text in texts]) for name, score in _ALONE.items()}
    told = [coverage(sample) for sample in samples if sample.values]
    return _against(judged) | ({"coverage": estimate(told)} if told else {}) | own | _together(texts)


def _against(samples: Sequence[Sample]) -> dict[str, Estimate]:
    if not samples:
        return {}
    rouges = [rouge(sample) for sample in samples]
    found = {name: estimate([each[name] for each in rouges]) for name in _ROUGE}
    return found | {"bleu": _corpus(sacrebleu.BLEU, samples), "chrf": _corpus(sacrebleu.CHRF, samples)}


def rouge(sample: Sample) -> dict[str, float]:
    """Give ROUGE-1, -2 and -L of one text, each the mean over its references."""
    scores = [_scorer().score(reference, sample.text) for reference in sample.references]
    return {name: 100 * sum(each[name].fmeasure for each in scores) / len(scores) for name in _ROUGE}


@cache
def _scorer() -> RougeScorer:
    return RougeScorer(list(_ROUGE), use_stemmer=True)


def _corpus(metric: Callable[..., Metric], samples: Sequence[Sample]) -> Estimate:
    most = max(len(sample.references) for sample in samples)
    streams = [[_at(sample.references, number) for sample in samples] for number in range(most)]
    scorer = metric()
    score = scorer.corpus_score([sample.text for sample in samples], streams, n_bootstrap=_RESAMPLES)
    told = json.loads(score.format(signature=str(scorer.get_signature()), is_json=True))
    half = float(told.get("confidence_var", 0.0))
    return Estimate(float(score.score), float(score.score) - half, float(score.score) + half)


def _at(references: tuple[str, ...], number: int) -> str:
    """Give a reference; an example that has fewer counts its last one again, which changes no score."""
    return references[min(number, len(references) - 1)]


def coverage(sample: Sample) -> float:
    """Give the share of the record's values that the text says, all of their words in any order."""
    said = _words(sample.text)
    told = [_words(value) <= said for value in sample.values]
    return 100 * sum(told) / len(told)


def repetition(text: str) -> float:
    """Give the share of a text's runs of four words that stood in it before."""
    runs = Counter(_grams(text, 4))
    return 100 * (runs.total() - len(runs)) / runs.total() if runs else 0.0


def distinct(texts: Sequence[str], size: int) -> float:
    """Give the share of different ones among all runs of so many words of all texts."""
    runs = Counter(gram for text in texts for gram in _grams(text, size))
    return 100 * len(runs) / runs.total() if runs else 0.0


def self_bleu(texts: Sequence[str]) -> list[float]:
    """Give for each text its BLEU against others of the set, evenly spread over it: 100 is a set of one text."""
    bleu = sacrebleu.BLEU(effective_order=True)
    return [bleu.sentence_score(text, _others(texts, number)).score for number, text in enumerate(texts)]


def _others(texts: Sequence[str], number: int) -> list[str]:
    step = max(1, len(texts) // _OTHERS)
    return [text for at, text in enumerate(texts) if at != number and at % step == number % step] or [""]


def _together(texts: Sequence[str]) -> dict[str, Estimate]:
    fixed = {f"distinct-{size}": distinct(texts, size) for size in (1, 2)}
    return {name: Estimate(one, one, one) for name, one in fixed.items()} | {
        "self-bleu": estimate(self_bleu(texts) if len(texts) > 1 else [])
    }


def _length(text: str) -> float:
    return float(len(_WORD.findall(text)))


def grade(text: str) -> float:
    """Give the school grade that a text asks for."""
    words = _WORD.findall(text)
    syllables = sum(len(_hyphens().positions(word)) + 1 for word in words)
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    return 0.39 * len(words) / sentences + 11.8 * syllables / max(1, len(words)) - 15.59


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")


_ALONE: dict[str, Callable[[str], float]] = {"repetition": repetition, "words": _length, "grade": grade}


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in _WORD.findall(text.lower())}


def _grams(text: str, size: int) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))
