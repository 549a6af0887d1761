"""What notebooks show of a study: the answer, the first picture, the best networks."""

from functools import partial

from layerwise.draw.drawn_chart import draw_chart
from layerwise.language import speaking, tr
from layerwise.report.elements import element, picture
from layerwise.report.notebook import shown_as, shown_parameters
from layerwise.report.study_page import networks_table
from layerwise.study.answers import headline
from layerwise.study.charts import first_chart
from layerwise.study.depth_study import DepthStudy
from layerwise.study.learning_curves import learning_curves
from layerwise.study.words_on_fit import fit_words
from layerwise.study.words_on_rows import rows_words
from layerwise.study.written_scores import Units

_MOST_ROWS = 12
_MORE = "summary(), draw(), results_, best_model()"


def shown_study(study: DepthStudy) -> dict[str, str]:
    """Show a study; one that is not done shows its parameters, as scikit-learn does."""
    if not hasattr(study, "recommended_"):
        return shown_parameters(study)
    with speaking(None):
        return _shown_answer(study)


def _shown_answer(study: DepthStudy) -> dict[str, str]:
    found = study.study_, study.recommendation_
    curves = learning_curves(*found)
    _, chart = first_chart(*found)
    n_more = len(study.study_.configurations) - _MOST_ROWS
    more = tr("... and {n:,} more, which results_ holds too.", n=n_more)
    return shown_as(
        study,
        element("p", headline(*found)),
        element("p", fit_words(*found, Units(study.study_.metric))),
        None if curves is None else element("p", rows_words(study.study_, curves)),
        picture(partial(draw_chart, chart, theme="page"), chart.description),
        networks_table(*found, most=_MOST_ROWS),
        element("p", more, class_="muted") if n_more > 0 else None,
        element("p", tr("More of it: {names}.", names=_MORE), class_="muted"),
    )
