"""Membership inference by a threshold on the loss (Yeom et al. 2018): whether a model betrays what it learned from.

The figure is the area under the curve of the guess "what has the lower loss was learned": 50 % is chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.bootstrap import Estimate

_RESAMPLES = 1_000
_PERCENTILES = (2.5, 97.5)


def membership(members: Sequence[float], others: Sequence[float], *, seed: int = 1) -> Estimate:
    """Give the area in percent, from losses per token, with its interval of 95 % (bootstrap of both sides, seeded)."""
    learned, unknown = np.asarray(members, dtype=float), np.asarray(others, dtype=float)
    chance = np.random.default_rng(seed)
    found = [
        _area(chance.choice(learned, len(learned)), chance.choice(unknown, len(unknown))) for _ in range(_RESAMPLES)
    ]
    low, high = np.percentile(found, _PERCENTILES)
    return Estimate(_area(learned, unknown), float(low), float(high))


def _area(learned: np.ndarray, unknown: np.ndarray) -> float:
    """Give the share of pairs in which what was learned has the lower loss; a tie counts half."""
    ordered = np.sort(unknown)
    below, up_to = (np.searchsorted(ordered, learned, side) for side in ("left", "right"))
    higher = len(ordered) - (below + up_to) / 2
    return float(100 * higher.mean() / len(ordered))
