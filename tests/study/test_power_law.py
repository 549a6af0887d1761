"""Power laws with an offset: known ones, a slow twin, and what is foretold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.study.power_law import EXPONENTS, FLOORS, WANDER, Noise, PowerLaw, noise_of

GRID_STEP = EXPONENTS[1] / EXPONENTS[0]
SIZES = np.array([50.0, 100, 200, 400, 800, 1600])


def noise(spread, n=6, alike=0.5, freedom=12):
    return Noise(spread**2 * np.where(np.eye(n, dtype=bool), 1.0, alike), freedom)


@settings(max_examples=10)
@given(
    floor=st.floats(0.0, 0.3),
    to_learn=st.floats(0.05, 1.0),
    exponent=st.floats(0.2, 1.2),
    scale=st.sampled_from([1e-3, 1.0, 1e4]),
)
def test_a_known_law_is_foretold(floor, to_learn, exponent, scale):
    def law(size):
        return scale * (floor + to_learn * (size / SIZES[0]) ** -exponent)

    found = PowerLaw(SIZES, law(SIZES), noise(0.002 * law(SIZES[-1])))
    low, middle, high = found.foretold(3200)
    assert low < law(3200) < high
    assert middle == pytest.approx(law(3200), rel=0.15)
    low, _, high = found.gain(3200)
    assert low < law(1600) - law(3200) < high
    low, _, high = found.parameters()["exponent"]
    assert low / GRID_STEP < exponent < high * GRID_STEP


def test_what_is_level_stays_level_and_what_falls_goes_on_falling():
    level = PowerLaw(SIZES, np.full(6, 0.25), noise(0.001))
    falling = PowerLaw(SIZES, 0.5 * (SIZES / 50) ** -0.3, noise(0.001))
    assert level.gain(3200)[2] < 0.01
    assert falling.gain(3200)[0] > 0.01


def test_few_and_noisy_sizes_leave_the_end_open():
    """Floor and exponent cannot be told apart: the intervals have to say so."""
    errors = 0.1 + 0.3 * (SIZES / 50) ** -0.5
    some = PowerLaw(SIZES[-4:], errors[-4:], noise(0.01, 4))
    low, _, high = some.parameters()["floor"]
    assert low < 0.02
    assert high > 0.12
    widths = [np.ptp(some.foretold(n)) for n in (1600, 3200, 16_000)]
    assert widths == sorted(widths)
    assert np.ptp(some.foretold(3200)) > np.ptp(PowerLaw(SIZES, errors, noise(0.01)).foretold(3200))


def test_fewer_than_four_sizes_are_no_curve():
    with pytest.raises(ValueError, match="at least 4 sizes; got 3"):
        PowerLaw(SIZES[:3], SIZES[:3], noise(0.1, 3))


def by_brute_force(sizes, errors, given_noise, size):
    """Quantiles of the error at a size, each integral a sum, each law for itself."""
    last = np.linspace(0.5 * errors[-1], 1.5 * errors[-1], 301)
    values, weights = [], []
    for exponent in EXPONENTS:
        for floor in FLOORS:
            fall = (sizes / sizes[-1]) ** -exponent
            to_learn = abs(errors[-1]) * (1 - floor) * fall
            covariance = np.array(given_noise.covariance)
            for i in range(len(sizes)):
                for j in range(len(sizes)):
                    octaves = np.log2(sizes[-1] / max(sizes[i], sizes[j]))
                    covariance[i, j] += WANDER**2 * octaves * to_learn[i] * to_learn[j]
            precision, size_of = np.linalg.inv(covariance), np.linalg.det(covariance)
            for one in last:
                left = errors - one * (floor + (1 - floor) * fall)
                misfit = left @ precision @ left
                power = -(given_noise.freedom + len(sizes)) / 2
                weights.append(size_of**-0.5 * (1 + misfit / given_noise.freedom) ** power)
                values.append(one * (floor + (1 - floor) * (size / sizes[-1]) ** -exponent))
    order = np.argsort(values)
    shares = np.cumsum(np.array(weights)[order]) / np.sum(weights)
    return np.array(values)[order][np.searchsorted(shares, [0.1, 0.5, 0.9])]


@pytest.mark.slow
def test_the_same_as_by_brute_force():
    sizes = np.array([100.0, 200, 400, 800])
    errors = np.array([0.42, 0.35, 0.31, 0.28])
    given_noise = noise(0.008, 4)
    slow = by_brute_force(sizes, errors, given_noise, 800)  # no way to wander yet
    fast = PowerLaw(sizes, errors, given_noise).foretold(800, 0.8)
    np.testing.assert_allclose(fast, slow, atol=0.001)
    # Beyond, the law alone: without what it may wander there.
    law = PowerLaw(sizes, errors, given_noise)
    law.__dict__["_draws"] = law._draws | {"steps": np.zeros(len(law._draws["steps"]))}
    slow = by_brute_force(sizes, errors, given_noise, 1600)
    np.testing.assert_allclose(law.foretold(1600, 0.8), slow, atol=0.002)


def test_means_of_the_same_splits_are_foretold_as_often_as_is_said():
    """On made-up splits, laws and noise: at most a few of 100 miss 95 %."""
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        law = 0.1 + 0.4 * (SIZES / 50) ** -random.uniform(0.2, 0.9)
        shared, own = random.normal(0, 0.02, (10, 1)), random.normal(0, 0.01, (10, 6))
        errors = law + shared + own
        all_sizes = noise_of(errors, SIZES, 0.0)
        told = PowerLaw(SIZES[:-1], errors.mean(axis=0)[:-1], all_sizes.between(0, 5))
        low, _, high = told.mean_foretold(SIZES[-1], all_sizes.covariance[-1])
        covered += low <= errors.mean(axis=0)[-1] <= high
    assert covered >= 90


def test_noise_is_that_of_the_splits_and_wider_for_rows_in_common():
    random = np.random.default_rng(0)
    errors = 0.3 + random.normal(0, 0.02, (400, 1)) + random.normal(0, 0.01, (400, 6))
    found = noise_of(errors, SIZES, 0.0)
    assert np.diag(found.covariance) * 400 == pytest.approx(0.0005, rel=0.2)
    assert found.covariance[0, 1] / found.covariance[0, 0] == pytest.approx(0.8, abs=0.05)
    more = np.diag(noise_of(errors, SIZES, 0.25).covariance) / np.diag(found.covariance)
    assert more == pytest.approx(1 + 400 * 0.25 * SIZES / SIZES[-1])
    alike = noise_of(np.full((3, 6), 0.2), SIZES, 0.25)
    assert np.linalg.inv(alike.covariance).any()  # no matrix is singular
