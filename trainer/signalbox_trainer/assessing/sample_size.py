"""How many independent rows clustered rows are worth."""

from __future__ import annotations

import numpy as np


def intraclass_correlation(y: np.ndarray, codes: np.ndarray) -> tuple[float, float] | None:
    """(ICC clipped to [0, 1], mean cluster size m0) of `y` (rows,) over groups numbered from 0; None if undefined.

    One-way analysis of variance: ICC = (MSB − MSW) / (MSB + (m0 − 1) · MSW) with m0 = (n − Σ nᵢ² / n) / (k − 1)
    (Donner 1986, A review of inference procedures for the intraclass correlation coefficient in the one-way random
    effects model, International Statistical Review 54).
    """
    counts = np.bincount(codes)
    counts = counts[counts > 0]
    n, groups = len(y), len(counts)
    if groups < 2:
        return None
    m0 = (n - float((counts.astype(np.float64) ** 2).sum()) / n) / (groups - 1)
    if n == groups:
        return 0.0, m0
    sums = np.bincount(codes, weights=y)
    sizes = np.bincount(codes)
    means = np.divide(sums, sizes, out=np.zeros_like(sums), where=sizes > 0)
    between = float((sizes * (means - y.mean()) ** 2).sum()) / (groups - 1)
    within = float(((y - means[codes]) ** 2).sum()) / (n - groups)
    total = between + (m0 - 1) * within
    return (0.0 if total <= 0 else min(1.0, max(0.0, (between - within) / total))), m0


def effective_sample_size(y: np.ndarray, groups: np.ndarray | None) -> float | None:
    """n / (1 + (m0 − 1) · ICC), the design effect of Kish 1965, Survey Sampling; n without groups.

    None with a single group: the correlation of its rows is unknown.
    """
    if groups is None:
        return float(len(y))
    found = intraclass_correlation(y, np.unique(groups.astype(str), return_inverse=True)[1])
    if found is None:
        return None
    icc, m0 = found
    return len(y) / (1 + (m0 - 1) * icc)
