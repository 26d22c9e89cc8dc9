"""Weights of a mean of predictions: non-negative, with sum 1 and the smallest loss on held-out rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_EPSILON = 1e-15
_GOLDEN = (5**0.5 - 1) / 2
# 0.618^60 is below 1e-12: finer than a convex loss can be resolved in double precision.
_STEPS = 60
_MAX_ROUNDS = 100
_NO_GAIN = 1e-12


def squared_error(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over (rows,), in the squared unit of the target."""
    return float(np.mean((target - predicted) ** 2))


def log_loss(target: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over (rows,) of −ln of the probability of the true class; `target` is 0 or 1."""
    p = np.clip(predicted, _EPSILON, 1 - _EPSILON)
    return float(-np.mean(target * np.log(p) + (1 - target) * np.log1p(-p)))


def _least(loss: Callable[[float], float], high: float) -> float:
    """Golden-section search for the minimum of a convex function on [0, high], ends included."""
    a, b = 0.0, high
    left, right = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_left, at_right = loss(left), loss(right)
    for _ in range(_STEPS):
        if at_left <= at_right:
            b, right, at_right = right, left, at_left
            left = b - _GOLDEN * (b - a)
            at_left = loss(left)
        else:
            a, left, at_left = left, right, at_right
            right = a + _GOLDEN * (b - a)
            at_right = loss(right)
    return min((0.0, (a + b) / 2, high), key=loss)


def _exchange(
    weights: np.ndarray, pair: tuple[int, int], predictions: np.ndarray, loss: Callable[[np.ndarray], float]
) -> None:
    """Divides the weight of two members between them again; equally if they predict the same."""
    i, j = pair
    mass = weights[i] + weights[j]
    rest = predictions @ weights - predictions[:, i] * weights[i] - predictions[:, j] * weights[j]
    if np.array_equal(predictions[:, i], predictions[:, j]):
        share = mass / 2
    else:
        share = _least(lambda w: loss(rest + w * predictions[:, i] + (mass - w) * predictions[:, j]), mass)
    weights[i], weights[j] = share, mass - share


def best_weights(
    target: np.ndarray, predictions: np.ndarray, loss: Callable[[np.ndarray, np.ndarray], float]
) -> list[float]:
    """Weights (members,) for `predictions` (rows, members); `loss` is convex in the prediction.

    Two members need one search; more are paired in turn until no pair gains. The same rows give the same weights.
    """
    members = predictions.shape[1]
    weights = np.full(members, 1.0 / members)
    pairs = [(i, j) for i in range(members) for j in range(i + 1, members)]
    before = loss(target, predictions @ weights)
    for _ in range(_MAX_ROUNDS):
        for pair in pairs:
            _exchange(weights, pair, predictions, lambda mean: loss(target, mean))
        after = loss(target, predictions @ weights)
        if len(pairs) == 1 or before - after <= _NO_GAIN:
            break
        before = after
    return [float(weight) for weight in weights]
