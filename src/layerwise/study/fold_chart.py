"""A study's chart of single folds: the same rows, predicted by one network and by another."""

from collections.abc import Sequence
from itertools import groupby

from layerwise.draw.chart import Chart, Curve, Panel
from layerwise.language import retold, tr
from layerwise.study.contrasts import told_networks
from layerwise.study.curves import TREES, score_axis
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation, recommend
from layerwise.study.results import StudyResults
from layerwise.study.words_on_pairs import named_networks
from layerwise.study.written_scores import Units
from layerwise.texts import first_up


def score_by_fold(
    results: StudyResults,
    recommendation: Recommendation | None,
    compare: Sequence[str] | None = None,
) -> Chart | None:
    """Scores on each fold, a line from network to network for each: how it goes, fold by fold.

    Parameters
    ----------
    results : StudyResults
    recommendation : Recommendation or None
    compare : sequence of str or None
        Names of networks, in the order in which they are to stand; None: the linear model, the
        recommended network, the best, the trees. Where no network with hidden layers is among
        these, the best of those is.

    Returns
    -------
    Chart or None
        Of the folds that all of them were scored on; None where these are fewer than two networks,
        or have no fold in common.

    Raises
    ------
    ValueError
        For a name that no network has.
    """
    paired, units = PairedScores(results), Units(results.metric)
    if compare is None:
        found = recommendation or recommend(results)
        numbers = [] if found is None else told_networks(results, found)
    else:
        numbers = [network.number for network in named_networks(results.configurations, compare)]
    rows = {
        retold(results.configurations[number].name): paired.scores[number] for number in numbers
    }
    if compare is None and results.trees:
        rows[tr(TREES)] = paired.trees
    shared = [
        i
        for i in range(len(paired.splits))
        if all(row[i] == row[i] for row in rows.values())  # no NaN
    ]
    if len(rows) < 2 or not shared:
        return None
    places = tuple(float(x) for x in range(len(rows)))
    curves = [
        Curve(
            tr("a fold of repeat {i}", i=repeat + 1) if paired.splits[-1][0] else tr("one fold"),
            repeat,
            places,
            tuple(units.factor * float(row[i]) for row in rows.values()),
            strength=0.5,
        )
        for repeat, of_repeat in groupby(shared, lambda i: paired.splits[i][0])
        for i in of_repeat
    ]
    means = tuple(units.factor * float(row[shared].mean()) for row in rows.values())
    stopped = [number in results.pruned for number in numbers]
    hollow = (*stopped, *[False] * (len(rows) - len(stopped)))
    curves.append(Curve(tr("mean"), -1, places, means, is_hollow=hollow))
    marked = None
    if recommendation is not None and recommendation.number in numbers:
        place = numbers.index(recommendation.number)
        marked = (places[place], means[place], -1)
    n, of = len(shared), len(paired.splits)
    which = tr(", on the {n} of {of} folds that all were fitted on", n=n, of=of) if n < of else ""
    return Chart(
        tr("{score} fold by fold", score=first_up(units.name)) + which,
        tr("network"),
        score_axis(units),
        (Panel("", tuple(curves), marked),),
        mark=tr("recommended"),
        ticks=tuple(zip(places, rows, strict=True)),
        bounds=units.shown_bounds,
    )
