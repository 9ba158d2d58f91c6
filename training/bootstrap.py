"""How sure a mean is: percentile bootstrap (Efron 1979), seeded, so that the same scores give the same interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_RESAMPLES = 1_000
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; `low` and `high` are the figure itself where there is nothing to resample."""

    value: float
    low: float
    high: float


def estimate(scores: Sequence[float], *, seed: int = 1) -> Estimate:
    """Give the mean of one score per example with its interval; of no scores it is 0."""
    if not scores:
        return Estimate(0.0, 0.0, 0.0)
    values = np.asarray(scores, dtype=float)
    chance = np.random.default_rng(seed)
    means = [float(values[chance.integers(0, len(values), len(values))].mean()) for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, _PERCENTILES)
    return Estimate(float(values.mean()), float(low), float(high))


def correlation(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 1) -> Estimate:
    """Give Pearson's correlation of two scores per example with its interval, pairs resampled together."""
    pairs = np.asarray([ours, theirs], dtype=float)
    chance = np.random.default_rng(seed)
    found = [_pearson(pairs[:, chance.integers(0, pairs.shape[1], pairs.shape[1])]) for _ in range(_RESAMPLES)]
    low, high = np.percentile(found, _PERCENTILES)
    return Estimate(_pearson(pairs), float(low), float(high))


def _pearson(pairs: np.ndarray) -> float:
    centred = pairs - pairs.mean(axis=1, keepdims=True)
    spread = float(np.sqrt((centred**2).sum(axis=1).prod()))
    return float((centred[0] * centred[1]).sum()) / spread if spread else 0.0
