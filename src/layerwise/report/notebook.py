"""What notebooks show: networks and models as pictures, a training as curves, a study as a table.

A network knows nothing of pictures, which are made by functions above it. IPython has a registry
for that: what to show for a type, named by its module, so that nothing is imported until such an
object is to be shown. `import layerwise` fills it in where IPython is running. Figures know how to
show themselves; see `layerwise.draw.shown_figure`.
"""

from typing import TYPE_CHECKING, Any

from sklearn import get_config
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_html_repr

from layerwise.draw import draw_history, draw_network
from layerwise.draw.inline import inline_svg, themed
from layerwise.files.passwords import hide_secrets
from layerwise.language import speaks, spoken, tr
from layerwise.report.elements import Child, Html, element
from layerwise.report.page import variables
from layerwise.texts import clip
from layerwise.training import History

if TYPE_CHECKING:
    from layerwise.architecture import Architecture
    from layerwise.store.model_files import Model

_LONGEST_VALUE = 60  # letters, of a parameter's
# Twice the class: notebooks have rules of their own for tables, which are stronger than one.
_STYLE = f"""
{themed(".layerwise", variables("light"), variables("dark"))}
.layerwise {{ background: var(--background); color: var(--text); padding: 8px 12px;
  font: 14px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans KR", sans-serif; }}
.layerwise .pair {{ display: flex; flex-wrap: wrap; gap: 12px 32px; align-items: flex-start; }}
.layerwise .pair > * {{ min-width: 0; }}
.layerwise .pair > :first-child {{ flex: 1 1 540px; }}
.layerwise .scroll {{ overflow-x: auto; }}
.layerwise .plot {{ display: block; max-width: 100%; height: auto; }}
.layerwise svg text {{ fill: var(--text); white-space: pre; }}
.layerwise p {{ margin: 0 0 8px; max-width: 80ch; }}
.layerwise.layerwise table {{ table-layout: auto; border-collapse: collapse; margin: 0 0 8px;
  font-size: 13px; font-variant-numeric: tabular-nums; }}
.layerwise.layerwise tr {{ background: none; }}
.layerwise.layerwise :is(th, td) {{ padding: 2px 14px 2px 0; max-width: 340px;
  border-bottom: 1px solid var(--faint); background: none; color: var(--text);
  text-align: left; vertical-align: top; white-space: normal; overflow-wrap: break-word; }}
.layerwise.layerwise :is(thead th, .muted, .muted :is(th, td), .given-up :is(th, td)) {{
  color: var(--muted); font-weight: 400; }}
.layerwise.layerwise .n {{ text-align: right; white-space: nowrap; }}
.layerwise.layerwise td:last-child {{ min-width: 12em; }}
"""


def shown_as(thing: object, *children: Child) -> dict[str, str]:
    """What is shown of a thing: its text, and elements, if there are any.

    Who asks scikit-learn for texts, ``set_config(display="text")``, gets no more than these.

    Examples
    --------
    >>> sorted(shown_as(1, element("p", "one"))), shown_as(1)
    (['text/html', 'text/plain'], {'text/plain': '1'})
    """
    shown = {"text/plain": repr(thing)}
    if children and get_config()["display"] != "text":
        style = element("style", Html(_STYLE))
        language = None if spoken() == "en" else spoken()
        shown["text/html"] = element("div", style, *children, class_="layerwise", lang=language)
    return shown


@speaks
def shown(thing: "Model | Architecture | History") -> dict[str, str]:
    """What IPython shows of a network, an architecture, a model or a training, in its language.

    A model that is fitted is the picture of its network beside its parameters; one that is not,
    its parameters, as scikit-learn's are. A training is its losses against epoch.

    Examples
    --------
    >>> from layerwise import Network
    >>> "<svg" in shown(Network("3-4-4-1", seed=0))["text/html"]
    True
    """
    if isinstance(thing, History):
        return _shown_history(thing)
    picture = _picture(thing) if get_config()["display"] != "text" else None
    if not isinstance(thing, BaseEstimator):
        return shown_as(thing) if picture is None else shown_as(thing, picture)
    if picture is None:
        return shown_parameters(thing)
    usual = type(thing)().get_params(deep=False)
    lines = [
        element(
            "tr",
            element("th", parameter),
            element("td", clip(repr(value), _LONGEST_VALUE)),
            class_="muted" if repr(value) == repr(usual[parameter]) else None,
        )
        for parameter, value in thing.get_params(deep=False).items()
    ]
    name = element("p", element("b", type(thing).__name__))
    table = element("div", name, element("table", *lines), class_="scroll")
    return shown_as(thing, element("div", picture, table, class_="pair"))


def shown_parameters(model: Any) -> dict[str, str]:
    """Show the parameters of a model that is not fitted, as scikit-learn does."""
    shown = shown_as(model)
    if get_config()["display"] != "text":
        shown["text/html"] = hide_secrets(estimator_html_repr(model))
    return shown


def _shown_history(history: History) -> dict[str, str]:
    if not len(history):
        return shown_as(history)
    words = str(history)
    drawn = inline_svg(
        lambda: draw_history(history, theme="page"), tr("Loss against epoch: {words}", words=words)
    )
    return shown_as(history, element("p", words), element("div", Html(drawn), class_="scroll"))


def _picture(model: "Model | Architecture") -> Html | None:
    """A network's picture; None of one that is not fitted, or diverged: the text says enough."""
    try:
        drawn = inline_svg(lambda: draw_network(model, theme="page"), repr(model))
    except (NotFittedError, ValueError):
        return None
    return element("div", Html(drawn), class_="scroll")
