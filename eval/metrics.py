"""The formulas: one function each, with its source; scores.py and reader.py say what they are applied to.

Every figure is an Estimate, with a 95 % interval where one can be given. Intervals of proportions are Wilson's, those
of other means and of AUROC are percentile bootstraps (Efron & Tibshirani 1993, "An Introduction to the Bootstrap").
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
SEED = 0
Z = 1.959964  # the normal distribution's 97.5 % point
BINS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure over `n` cases and its 95 % interval; `value` is None where there was nothing to count, `low` and `high`
    where no interval is given.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None


def proportion(cases: Sequence[bool]) -> Estimate:
    """The share of true cases with Wilson's interval (Wilson 1927; for small n see Brown, Cai & DasGupta 2001).

    8 of 10 give 0.8, from 0.490 to 0.943.
    """
    n = len(cases)
    if n == 0:
        return Estimate(None, 0)
    p = sum(cases) / n
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Estimate(p, n, max(0.0, centre - half), min(1.0, centre + half))


def mean(values: Sequence[float]) -> Estimate:
    """The mean with a bootstrap interval; given the differences of pairs, this is the paired bootstrap."""
    if not values:
        return Estimate(None, 0)
    array = np.asarray(values, float)
    low, high = _bootstrap(lambda draw: float(draw(array).mean()))
    return Estimate(float(array.mean()), len(values), low, high)


def ratio(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """The sum of `above` over that of `below`, paired: each case is drawn with both its values for the interval.

    No value where `below` sums to 0. 1, 1, 0 over 1, 0, 0 is 2.
    """
    pairs = np.column_stack([np.asarray(above, float), np.asarray(below, float)])
    if not pairs[:, 1].any():
        return Estimate(None, len(pairs))
    low, high = _bootstrap(lambda draw: _quotient(draw(pairs)))
    return Estimate(_quotient(pairs), len(pairs), low, high)


def _quotient(pairs: Floats) -> float:
    above, below = pairs.sum(axis=0)
    return float(above / below) if below else float(np.finfo(float).max)  # a draw of none: larger than any other


def auroc(positives: ArrayLike, negatives: ArrayLike) -> float:
    """The chance that a positive scores above a negative, a tie counting half (Hanley & McNeil 1982).

    Positives 3, 2 and negatives 2, 1: of four pairs three are in order and one is a tie, so 3.5 / 4 = 0.875.
    """
    above, below = np.asarray(positives, float), np.sort(np.asarray(negatives, float))
    ranks = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    return float(ranks.mean()) / (2 * len(below))


def auroc_estimate(positives: Sequence[float], negatives: Sequence[float]) -> Estimate:
    """`auroc` with a bootstrap interval, positives and negatives drawn apart."""
    n = len(positives) + len(negatives)
    if not positives or not negatives:
        return Estimate(None, n)
    above, below = np.asarray(positives, float), np.asarray(negatives, float)
    low, high = _bootstrap(lambda draw: auroc(draw(above), draw(below)))
    return Estimate(auroc(above, below), n, low, high)


def _bootstrap(statistic: Callable[[Callable[[Floats], Floats]], float]) -> tuple[float, float]:
    """The 2.5 % and 97.5 % points of `statistic`, which is given a function that redraws an array with replacement."""
    generator = np.random.default_rng(SEED)
    results = [statistic(lambda a: a[generator.integers(len(a), size=len(a))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(results, [2.5, 97.5])
    return float(low), float(high)


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> Estimate:
    """Expected calibration error over BINS bins of equal width (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

    The mean distance between a bin's mean confidence and its share of right answers, weighted by its number of answers.

    0.95 (right) and 0.85 (wrong) give (|0.95 - 1| + |0.85 - 0|) / 2 = 0.45.
    """
    if not confidences:
        return Estimate(None, 0)
    confidence, outcome = np.asarray(confidences, float), np.asarray(right, float)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, confidence - outcome, minlength=BINS)  # n of a bin times (mean confidence - share right)
    return Estimate(float(np.abs(gaps).sum()) / len(confidences), len(confidences))


@dataclass(frozen=True)
class RiskCoverage:
    """What refusing below each possible threshold leads to, the strictest first (El-Yaniv & Wiener 2010).

    `answered[i]` counts the cases that score at least the i-th highest distinct score, `risk[i]` is their mean loss.
    """

    answered: NDArray[np.int64]
    risk: Floats

    def answered_at(self, risk: float) -> int:
        """The most cases that can be answered at a mean loss of at most `risk`."""
        within = self.answered[self.risk <= risk]
        return int(within.max()) if len(within) else 0

    @property
    def area(self) -> float:
        """AURC: the mean risk over all coverages (Geifman, Uziel & El-Yaniv 2019); equal scores come together."""
        sizes = np.diff(self.answered, prepend=0)
        return float((self.risk * sizes).sum() / sizes.sum())


def risk_coverage(scores: ArrayLike, losses: ArrayLike) -> RiskCoverage:
    """Losses in [0, 1] of cases that are answered in order of their scores, the highest first.

    Scores 3, 2, 2, 1 with losses 0, 0, 1, 1: 1, 3 or 4 cases can be answered, at risks 0, 1/3 and 1/2.
    """
    score, loss = np.asarray(scores, float), np.asarray(losses, float)
    order = np.argsort(-score, kind="stable")
    last_of_equals = np.flatnonzero(np.diff(score[order], append=-np.inf))
    answered = last_of_equals + 1
    return RiskCoverage(answered, np.cumsum(loss[order])[last_of_equals] / answered)
