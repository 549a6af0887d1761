"""Errors of scores and of differences by the rows held out: against slow sums, and simulated."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from layerwise.study.database import FITS, Database
from layerwise.study.held_out_units import (
    MOST_UNITS,
    deviations_of,
    pack,
    units_of,
    unpack,
)
from layerwise.study.metrics import score_of
from layerwise.study.paired import PairedScores
from layerwise.study.results import StudyResults
from layerwise.study.statistics import estimate, estimate_by_units
from tests.study.made_up import grid, study_of


def folds_of(random, n_units, folds, repeats):
    """The units that each split holds out, ascending."""
    held_out = []
    for _ in range(repeats):
        order = random.permutation(n_units)
        held_out += [np.sort(order[fold::folds]) for fold in range(folds)]
    return held_out


def naive_error(values, deviations, units, unseen):
    """(standard error, degrees of freedom), unit by unit."""
    n = len(values)
    added = {}
    explained = 0.0
    for of_split, where in zip(deviations, units, strict=True):
        m = len(where)
        for deviation, unit in zip(of_split, where, strict=True):
            own = deviation * math.sqrt(m / (m - 1))
            added[int(unit)] = added.get(int(unit), 0.0) + own / n
            explained += own**2 / n
    squares = [one**2 for one in added.values()] + [unseen]
    rows = sum(squares)
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    luck = max(variance - explained, 0.0) / n
    middle = rows / len(squares)
    doubt = sum((square - middle) ** 2 for square in squares) / 2
    cross_validations = sum(map(len, units)) / len(added)
    doubt = max(doubt, rows**2 / (len(added) - n / cross_validations)) + luck**2 / (n - 1)
    return math.sqrt(rows + luck), (rows + luck) ** 2 / doubt


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 3), st.floats(0, 0.1))
def test_an_error_is_the_sum_over_units(seed, folds, repeats, unseen):
    random = np.random.default_rng(seed)
    units = folds_of(random, 5 * folds, folds, repeats)
    parts = [random.normal(size=len(where)) for where in units]
    deviations = [deviations_of(part, where) for part, where in zip(parts, units, strict=True)]
    values = random.normal(size=len(units))
    found = estimate_by_units(values, deviations, units, unseen)
    assert found.mean == pytest.approx(values.mean())
    expected = naive_error(values, deviations, units, unseen)
    assert (found.standard_error, found.weight) == pytest.approx(expected)


def test_of_one_cross_validation_without_luck_it_is_the_paired_t_test():
    # Two folds of two units: of the same mean, so that folds differ by nothing.
    parts = np.array([0.3, -0.1, 0.5, -0.3])
    units = [np.array([0, 1]), np.array([2, 3])]
    deviations = [deviations_of(parts[where], where) for where in units]
    found = estimate_by_units([0.1, 0.1], deviations, units)
    within = [parts[where].std(ddof=1) for where in units]
    assert found.standard_error == pytest.approx(math.sqrt(np.mean(np.square(within)) / 4))
    assert found.weight == pytest.approx(2)


def simulated(random, *, n_units=100, folds=5, repeats=2, luck=0.0, heavy=False, between=0.0):
    """(values, deviations, units) of a cross-validation of which the true mean is 0.

    `between`: how much a unit's part varies from one repeat to another.
    """
    units = folds_of(random, n_units, folds, repeats)
    hard = random.standard_t(4, n_units) if heavy else random.normal(size=n_units)
    values, deviations = [], []
    for where in units:
        parts = hard[where] + between * random.normal(size=len(where))
        values.append(parts.mean() + luck * random.normal())
        deviations.append(deviations_of(parts, where))
    return values, deviations, units


@pytest.mark.parametrize(
    "changes",
    [{}, {"luck": 0.3}, {"heavy": True}, {"between": 1.0}, {"repeats": 1}, {"n_units": 30}],
)
def test_an_interval_holds_what_is_true_of_new_rows(changes):
    random = np.random.default_rng(3)
    found = [estimate_by_units(*simulated(random, **changes)) for _ in range(1_500)]
    held = np.mean([low <= 0 <= high for low, high in (one.interval() for one in found)])
    assert 0.93 <= held <= 0.98


def of_numbers(random, *, n=500, folds=5, repeats=2):
    """A study of 500 normal numbers, of which networks tell nothing, half and nine tenths."""
    units = folds_of(random, n, folds, repeats)
    y, noise = random.normal(size=n), random.normal(size=(3, n))
    outputs = [0 * y, y + math.sqrt(0.5) * noise[1], y + math.sqrt(0.1) * noise[2]]
    mean = [np.full(len(where), np.delete(y, where).mean()) for where in units]
    scored = [[score_of("r2", y[where], own[where]) for where in units] for own in outputs]
    guessed = [
        score_of("r2", y[where], of_fold) for where, of_fold in zip(units, mean, strict=True)
    ]
    results = study_of(
        [[score for score, _ in of_network] for of_network in scored],
        grid()[:3],
        folds=folds,
        repeats=repeats,
        metric="r2",
    )

    def packed(scored):
        return [
            pack(deviations_of(parts, where))
            for (_, parts), where in zip(scored, units, strict=True)
        ]

    added = [dict(zip(results.splits, packed(one), strict=True)) for one in scored]
    return replace(
        results,
        fits=[replace(fit, deviations=added[fit.configuration][fit.split]) for fit in results.fits],
        units=dict(zip(results.splits, map(pack, units), strict=True)),
        guesses=dict(zip(results.splits, [score for score, _ in guessed], strict=True)),
        guess_deviations=dict(zip(results.splits, packed(guessed), strict=True)),
    )


def test_intervals_of_r2_count_what_rows_tell_of_the_spread():
    """Were it taken as known, intervals would hold 89 % of scores, and all differences."""
    random = np.random.default_rng(8)
    truth, held = np.array([0.0, 0.5, 0.9]), []
    for _ in range(150):
        paired = PairedScores(of_numbers(random))
        found = [paired.score(1), paired.score(2), paired.lead(1, 0), paired.lead(2, 0)]
        ends = [one.interval() for one in found]
        held.append(
            [low <= at <= high for (low, high), at in zip(ends, truth[[1, 2] * 2], strict=True)]
        )
    assert (np.mean(held, axis=0) > 0.92).all()
    assert (np.mean(held, axis=0) < 0.985).all()


def test_r2_without_its_guesses_is_judged_as_if_the_spread_were_known():
    results = of_numbers(np.random.default_rng(8))
    without = replace(results, guess_deviations={})
    wide, found = PairedScores(without).lead(2, 0), PairedScores(results).lead(2, 0)
    assert found.mean == wide.mean
    assert found.standard_error < wide.standard_error / 2


def with_rows(parts, units, *, folds, repeats):
    """A study of networks whose rows have these parts, by network and split."""
    scores = [[part.mean() for part in of_network] for of_network in parts]
    results = study_of(scores, grid()[: len(parts)], folds=folds, repeats=repeats)
    fits = [
        replace(
            fit,
            deviations=pack(
                deviations_of(
                    parts[fit.configuration][results.splits.index(fit.split)],
                    units[results.splits.index(fit.split)],
                )
            ),
        )
        for fit in results.fits
    ]
    packed = {
        split: pack(np.unique(where)) for split, where in zip(results.splits, units, strict=True)
    }
    return replace(results, fits=fits, units=packed)


def by_fits_alone(paired):
    """The lead of the second network over the first, its error as the spread of fits tells it."""
    row_error = paired.row_error_of_lead(1, 0)
    return estimate(paired.leads(1, 0), paired.test_share, row_error)


def hits(random, n_rows, folds, repeats, differ):
    """(parts, units): two networks right on nine rows of ten, that differ on few of them."""
    units = folds_of(random, n_rows, folds, repeats)
    one = (random.random(n_rows) < 0.9).astype(float)
    other = np.where(random.random(n_rows) < differ, 1 - one, one)
    return [[of_network[where] for where in units] for of_network in (one, other)], units


def test_rows_that_are_as_hard_for_both_fall_out_of_a_difference():
    random = np.random.default_rng(0)
    parts, units = hits(random, 1_000, 5, 2, 0.05)
    results = with_rows(parts, units, folds=5, repeats=2)
    paired = PairedScores(results)
    lead = paired.lead(1, 0)
    rows = np.concatenate([b - a for a, b in zip(*parts, strict=True)][:5])
    assert lead.mean == pytest.approx(rows.mean())
    assert lead.standard_error == pytest.approx(stats.sem(rows), rel=0.02)
    # The same number of rows without the pairs.
    apart = math.hypot(paired.score(0).standard_error, paired.score(1).standard_error)
    assert apart > 1.5 * lead.standard_error


def test_where_no_row_tells_two_networks_apart_others_might():
    parts, units = hits(np.random.default_rng(1), 200, 5, 2, 0.0)
    lead = PairedScores(with_rows(parts, units, folds=5, repeats=2)).lead(1, 0)
    assert lead.mean == 0
    # Of 200 rows none differs: up to 1.5 of 100 may (Hanley and Lippman-Hand 1983).
    assert 0.003 < lead.margin() < 0.015
    assert lead.p_value == 1


def test_rows_of_a_group_count_once():
    """Each row ten times over is no more known than the rows alone."""
    random = np.random.default_rng(2)
    parts, units = hits(random, 100, 5, 2, 0.1)
    rows = with_rows(parts, units, folds=5, repeats=2)
    tenfold = [[np.repeat(part, 10) for part in of_network] for of_network in parts]
    of_ten = [np.repeat(where, 10) for where in units]
    groups = with_rows(tenfold, of_ten, folds=5, repeats=2)
    for one, other in ((1, 0), (0, 1)):
        expected, found = (PairedScores(r).lead(one, other) for r in (rows, groups))
        assert found.standard_error == pytest.approx(expected.standard_error, rel=1e-6)
        assert found.weight == pytest.approx(expected.weight, rel=1e-5)


def test_a_group_alone_on_a_split_tells_nothing_of_its_error():
    units = [np.full(20, fold) for fold in range(4)]
    random = np.random.default_rng(0)
    parts = [[random.random(20) for _ in units] for _ in range(2)]
    paired = PairedScores(with_rows(parts, units, folds=4, repeats=1))
    assert paired.lead(1, 0) == by_fits_alone(paired)


@pytest.mark.parametrize("without", [[0], [1], [0, 1]])
def test_of_fits_that_did_not_keep_their_rows_fits_tell_the_error(without):
    random = np.random.default_rng(4)
    parts, units = hits(random, 100, 5, 1, 0.1)
    results = with_rows(parts, units, folds=5, repeats=1)
    fits = [
        replace(fit, deviations="") if fit.configuration in without and not fit.fold else fit
        for fit in results.fits
    ]
    paired = PairedScores(replace(results, fits=fits))
    assert paired.lead(1, 0) == by_fits_alone(paired)
    # On the other splits all is known.
    assert paired.lead(1, 0, [1, 2, 3, 4]) == PairedScores(results).lead(1, 0, [1, 2, 3, 4])


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=50))
def test_packed_numbers_come_back(values):
    assert unpack(pack(np.array(values, np.float32))).tolist() == values


@pytest.mark.parametrize("unit", [1e-120, 1e-44, 1e25, 1e40, 1e120])
def test_errors_are_the_same_in_every_unit(unit):
    random = np.random.default_rng(5)
    units = folds_of(random, 60, 5, 2)
    parts = [[random.random(len(where)) for where in units] for _ in range(2)]
    in_units = [[unit * part for part in of_network] for of_network in parts]
    leads, errors = [], []
    for each in (parts, in_units):
        paired = PairedScores(with_rows(each, units, folds=5, repeats=2))
        leads.append(paired.lead(1, 0))
        errors.append(paired.row_error_of_lead(1, 0))
    assert leads[1].standard_error == pytest.approx(unit * leads[0].standard_error, rel=1e-5)
    assert leads[1].p_value == pytest.approx(leads[0].p_value, rel=1e-5)
    assert errors[1] == pytest.approx(unit * errors[0], rel=1e-5)


def test_units_of_large_tables_are_sums_of_rows_far_apart():
    units = units_of(10_000, None)
    assert len(np.unique(units)) == MOST_UNITS
    same = np.flatnonzero(units == 5)
    assert np.diff(same).min() == MOST_UNITS
    # The error is that of the rows, and what is kept is no larger.
    random = np.random.default_rng(0)
    parts = random.normal(size=10_000)
    deviations = deviations_of(parts, units)
    assert math.sqrt(deviations @ deviations) == pytest.approx(1 / 100, rel=0.05)
    assert len(pack(deviations)) < 12_000


def test_what_rows_add_is_kept_for_networks_trees_and_guessing(small, rows, tmp_path):
    path = tmp_path / "a.study.db"
    done = small(database=path, trees=True).fit(*rows).study_
    n_test = [n for _, n in done.split_sizes.values()]
    assert sorted(len(where) for where in done.held_out_units.values()) == sorted(n_test)
    assert done.unit_deviations.keys() == {0, 1, 2, "trees", "guesses"}
    for fit in done.fits:
        own = done.unit_deviations[fit.configuration][fit.split]
        m = len(own)
        assert own.sum() == pytest.approx(0, abs=1e-6)
        assert math.sqrt(own @ own * m / (m - 1)) == pytest.approx(fit.score_error, rel=1e-5)
    assert StudyResults.from_json(done.to_json()).unit_deviations.keys() == {*done.unit_deviations}
    again = small(database=path, trees=True, resume=True).fit(*rows).study_
    assert again.unit_deviations["trees"].keys() == set(done.splits)
    assert PairedScores(again).lead("trees", 1) == PairedScores(done).lead("trees", 1)


def test_studies_of_before_are_gone_on_with(small, rows, tmp_path):
    """Their fits did not keep what each row added: they are compared as they were."""
    path = tmp_path / "a.study.db"
    small(database=path).fit(*rows)
    database = Database(str(path))

    def take_away(connection):
        for fit in connection.execute(sa.select(FITS)).all():
            result = json.loads(fit.result)
            result.pop("deviations")
            here = (FITS.c.study == fit.study, FITS.c.position == fit.position)
            connection.execute(sa.update(FITS).where(*here).values(result=json.dumps(result)))

    database.transact(take_away)
    database.close()
    wider = small(database=path, resume=True, depth=[0, 1, 2, 3]).fit(*rows).study_
    assert len(wider.fits) > len(wider.splits) * 3
    new = max(c.number for c in wider.configurations)
    assert wider.unit_deviations.keys() == {new, "guesses"}
    paired = PairedScores(wider)
    assert paired.lead(1, 0) == by_fits_alone(paired)


def test_groups_are_the_units_of_a_study(small, rows):
    X, y = rows
    groups = np.arange(len(y)) // 4
    done = small(depth=[1], trees=False).fit(X, y, groups=groups).study_
    assert set(np.concatenate(list(done.held_out_units.values()))) == set(range(30))
