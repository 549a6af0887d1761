"""What notebooks show: networks and models as pictures, a training as curves, a study as a table.

A network knows nothing of pictures, which are made by functions above it. IPython has a registry
for that: what to show for a type, named by its module, so that nothing is imported until such an
object is to be shown. `import layerwise` fills it in where IPython is running. Figures know how to
show themselves; see `layerwise.draw.shown_figure`.
"""

from typing import TYPE_CHECKING, Any

from sklearn import get_config
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_html_repr

from layerwise.draw import draw_history, draw_network
from layerwise.draw.inline import inline_svg
from layerwise.files.passwords import hide_secrets
from layerwise.report.elements import Child, Html, element, join
from layerwise.report.page import variables
from layerwise.texts import clip

if TYPE_CHECKING:
    from layerwise.architecture import Architecture
    from layerwise.store.model_files import Model
    from layerwise.training import History

__all__ = [
    "shown_as",
    "shown_estimator",
    "shown_history",
    "shown_network",
    "shown_parameters",
]

_LONGEST_VALUE = 60  # letters, of a parameter's
# As the screen is set, but for notebooks that say themselves whether they are dark.
_LIGHT = "[data-jp-theme-light=true], .vscode-light, html[theme=light], [data-theme=light]"
_DARK = "[data-jp-theme-light=false], .vscode-dark, html[theme=dark], [data-theme=dark]"
_STYLE = f"""
.layerwise {{ {variables("light")} }}
@media (prefers-color-scheme: dark) {{ .layerwise {{ {variables("dark")} }} }}
:is({_LIGHT}) .layerwise {{ {variables("light")} }}
:is({_DARK}) .layerwise {{ {variables("dark")} }}
.layerwise {{ background: var(--background); color: var(--text); padding: 8px 12px;
  font: 14px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans KR", sans-serif; }}
.layerwise .pair {{ display: flex; flex-wrap: wrap; gap: 12px 32px; align-items: flex-start; }}
.layerwise .pair > * {{ min-width: 0; }}
.layerwise .scroll {{ overflow-x: auto; }}
.layerwise .plot {{ display: block; max-width: 100%; height: auto; }}
.layerwise svg text {{ fill: var(--text); white-space: pre; }}
.layerwise p {{ margin: 0 0 8px; max-width: 80ch; }}
.layerwise table {{ border-collapse: collapse; margin: 0 0 8px; font-size: 13px;
  font-variant-numeric: tabular-nums; }}
.layerwise :is(tr, th, td) {{ background: none; color: var(--text); text-align: left;
  vertical-align: top; }}
.layerwise :is(th, td) {{ padding: 2px 14px 2px 0; max-width: 340px; overflow-wrap: anywhere;
  border-bottom: 1px solid var(--faint); }}
.layerwise :is(thead th, .muted, .muted :is(th, td), .given-up :is(th, td)) {{
  color: var(--muted); font-weight: 400; }}
.layerwise .n {{ text-align: right; white-space: nowrap; }}
"""


def shown_as(thing: object, *children: Child) -> dict[str, str]:
    """What IPython shows of a thing, by its type: its text, and elements, if there are any.

    Who asks scikit-learn for texts, ``set_config(display="text")``, gets no more than these.

    Examples
    --------
    >>> sorted(shown_as(1, element("p", "one"))), shown_as(1)
    (['text/html', 'text/plain'], {'text/plain': '1'})
    """
    shown = {"text/plain": repr(thing)}
    if children and get_config()["display"] != "text":
        style = element("style", Html(_STYLE))
        shown["text/html"] = element("div", style, *children, class_="layerwise")
    return shown


def shown_network(model: "Model | Architecture") -> dict[str, str]:
    """Show a network, or an architecture: its picture, where it can be drawn.

    Examples
    --------
    >>> from layerwise import Network
    >>> "<svg" in shown_network(Network("3-4-4-1", seed=0))["text/html"]
    True
    """
    picture = _picture(model)
    return shown_as(model) if picture is None else shown_as(model, picture)


def shown_estimator(model: Any) -> dict[str, str]:
    """Show a model: the picture of its network beside its parameters.

    One that is not fitted shows its parameters, as scikit-learn's do.
    """
    picture = _picture(model) if get_config()["display"] != "text" else None
    if picture is None:
        return shown_parameters(model)
    name = element("p", element("b", type(model).__name__))
    usual = type(model)().get_params(deep=False)
    lines = [
        element(
            "tr",
            element("th", parameter),
            element("td", clip(repr(value), _LONGEST_VALUE)),
            class_="muted" if repr(value) == repr(usual[parameter]) else None,
        )
        for parameter, value in model.get_params(deep=False).items()
    ]
    table = element("div", name, element("table", *lines), class_="scroll")
    return shown_as(model, element("div", picture, table, class_="pair"))


def shown_parameters(model: Any) -> dict[str, str]:
    """Show the parameters of a model that is not fitted, as scikit-learn does."""
    shown = shown_as(model)
    if get_config()["display"] != "text":
        shown["text/html"] = hide_secrets(estimator_html_repr(model))
    return shown


def shown_history(history: "History") -> dict[str, str]:
    """Show a training: its losses against epoch.

    Examples
    --------
    >>> from layerwise.training import Epoch, History
    >>> history = History([Epoch(1, loss=0.7, learning_rate=0.001, seconds=0.1)], stopped="epochs")
    >>> "<svg" in shown_history(history)["text/html"]
    True
    """
    if not len(history):
        return shown_as(history)
    words = str(history)
    drawn = inline_svg(lambda: draw_history(history, theme="page"), f"Loss against epoch: {words}")
    return shown_as(history, element("p", words), element("div", Html(drawn), class_="scroll"))


def _picture(model: "Model | Architecture") -> Html | None:
    """A network's picture; None of one that is not fitted, or diverged: the text says enough."""
    try:
        drawn = inline_svg(lambda: draw_network(model, theme="page"), repr(model))
    except (NotFittedError, ValueError):
        return None
    return element("div", Html(drawn), class_="scroll")
