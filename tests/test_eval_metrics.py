"""The formulas, against arithmetic written out and against slower definitions of the same thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import Estimate, auroc, auroc_estimate, calibration_error, mean, proportion, risk_coverage

SCORES = st.lists(st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.0]), min_size=1, max_size=12)


def test_wilson_interval_of_8_in_10() -> None:
    # centre (0.8 + 1.96²/20) / (1 + 1.96²/10) = 0.7167; half width 1.96/1.384 * sqrt(0.016 + 1.96²/400) = 0.2265
    estimate = proportion([True] * 8 + [False] * 2)
    assert (estimate.value, estimate.n) == (0.8, 10)
    assert (estimate.low, estimate.high) == pytest.approx((0.4902, 0.9433), abs=5e-5)


def test_wilson_interval_at_the_ends_stays_within_0_and_1() -> None:
    none, all_ = proportion([False] * 10), proportion([True] * 10)
    # 1.96² / (10 + 1.96²) = 3.8415 / 13.8415
    assert (none.low, none.high) == pytest.approx((0, 0.2775), abs=5e-5)
    assert (all_.low, all_.high) == pytest.approx((0.7225, 1), abs=5e-5)


def test_of_nothing_there_is_no_figure() -> None:
    assert proportion([]) == mean([]) == calibration_error([], []) == Estimate(None, 0)
    assert auroc_estimate([1.0], []) == Estimate(None, 1)


def test_bootstrap_interval_of_a_mean_is_near_the_normal_one_and_the_same_each_time() -> None:
    values = [0.0] * 50 + [1.0] * 50
    estimate = mean(values)
    # standard error sqrt(0.25 / 100) = 0.05, so 0.5 -+ 0.098
    assert estimate.value == 0.5
    assert (estimate.low, estimate.high) == pytest.approx((0.402, 0.598), abs=0.015)
    assert mean(values) == estimate
    assert mean([0.25, 0.25]) == Estimate(0.25, 2, 0.25, 0.25)


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    # (3,2) (3,1) (2,1) in order, (2,2) a tie: 3.5 of 4
    assert auroc([3, 2], [2, 1]) == 0.875


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order(positives: list[float], negatives: list[float]) -> None:
    pairs = [(p > n) + 0.5 * (p == n) for p in positives for n in negatives]
    assert auroc(positives, negatives) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc(positives, negatives) == pytest.approx(1 - auroc(negatives, positives))


def test_auroc_interval_holds_the_figure_and_is_a_point_where_all_pairs_are_in_order() -> None:
    assert auroc_estimate([0.9, 0.8], [0.2, 0.1, 0.1]) == Estimate(1.0, 5, 1.0, 1.0)
    estimate = auroc_estimate([0.9, 0.8, 0.3, 0.7], [0.2, 0.5, 0.1, 0.6])
    assert estimate.value == 14 / 16
    assert estimate.low is not None
    assert estimate.high is not None
    assert 0 <= estimate.low < 14 / 16 < estimate.high <= 1


def test_calibration_error() -> None:
    # two bins of one answer: (|0.95 - 1| + |0.85 - 0|) / 2
    assert calibration_error([0.95, 0.85], [True, False]).value == pytest.approx(0.45)
    # one bin, 0.9 to 1 inclusive: |(1.0 + 0.9) / 2 - 1/2|
    assert calibration_error([1.0, 0.9], [True, False]).value == pytest.approx(0.45)
    assert calibration_error([0.5] * 4, [True, False, True, False]).value == 0


def test_risk_and_coverage_with_a_tie() -> None:
    curve = risk_coverage([2, 3, 1, 2], [1, 0, 1, 0])
    assert curve.answered.tolist() == [1, 3, 4]
    assert curve.risk.tolist() == [0, pytest.approx(1 / 3), 0.5]
    # (0 * 1 + 1/3 * 2 + 1/2 * 1) / 4
    assert curve.area == pytest.approx(7 / 24)
    assert [curve.answered_at(risk) for risk in (0.0, 0.33, 0.34, 0.5)] == [1, 1, 3, 4]


def test_risk_that_falls_again_is_used_and_one_never_reached_gives_nothing() -> None:
    curve = risk_coverage([3, 2, 1], [1, 0, 0])
    assert (curve.answered_at(0.34), curve.answered_at(0.3)) == (3, 0)


@given(st.lists(st.tuples(st.sampled_from([-2.0, 0.0, 0.25, 3.0]), st.sampled_from([0.0, 0.5, 1.0])), min_size=1))
def test_answering_everything_costs_the_mean_loss(cases: list[tuple[float, float]]) -> None:
    scores, losses = [score for score, _ in cases], [loss for _, loss in cases]
    curve = risk_coverage(scores, losses)
    assert len(curve.answered) == len(set(scores))
    assert curve.answered[-1] == len(scores)
    assert curve.risk[-1] == pytest.approx(sum(losses) / len(losses))
    assert min(losses) <= curve.area <= max(losses)
