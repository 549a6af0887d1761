"""Layerwise: neural networks for tables, layer by layer.

The names below are imported when they are first used, so that ``import layerwise`` costs next to
nothing: NumPy, SciPy and Numba are loaded by the first name that needs them.
"""

__all__ = [
    "LBFGS",
    "SGD",
    "Adam",
    "AdamW",
    "Architecture",
    "DepthStudy",
    "History",
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "RMSprop",
    "TableClassifier",
    "TableRegressor",
    "Trainer",
    "__version__",
    "explain",
    "load",
    "save",
]

# Type checkers take this name to be true. `typing.TYPE_CHECKING` would load `typing`, the dearest
# import in this file.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from layerwise.architecture import Architecture
    from layerwise.estimators import (
        MLPClassifier,
        MLPRegressor,
        TableClassifier,
        TableRegressor,
    )
    from layerwise.explanation import explain
    from layerwise.network import Network
    from layerwise.store import load, save
    from layerwise.study import DepthStudy
    from layerwise.training import LBFGS, SGD, Adam, AdamW, History, RMSprop, Trainer
    from layerwise.version import __version__
else:
    # Where each public name lives. A name here is never that of a module of this package:
    # importing the module would put it in the name's place.
    _HOMES = {
        "Architecture": "layerwise.architecture",
        "MLPClassifier": "layerwise.estimators",
        "MLPRegressor": "layerwise.estimators",
        "TableClassifier": "layerwise.estimators",
        "TableRegressor": "layerwise.estimators",
        "explain": "layerwise.explanation",
        "load": "layerwise.store",
        "save": "layerwise.store",
        "DepthStudy": "layerwise.study",
        "Network": "layerwise.network",
        "Trainer": "layerwise.training",
        "History": "layerwise.training",
        "SGD": "layerwise.training",
        "Adam": "layerwise.training",
        "AdamW": "layerwise.training",
        "RMSprop": "layerwise.training",
        "LBFGS": "layerwise.training",
        "__version__": "layerwise.version",
    }

    def __getattr__(name):
        """Import a public name from its module, once (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from importlib import import_module

        value = getattr(import_module(home), name)
        globals()[name] = value
        return value

    # What notebooks show of which type: a function of layerwise.report.
    _SHOWN = {
        "layerwise.architecture.architecture:Architecture": "notebook:shown_network",
        "layerwise.network.network:Network": "notebook:shown_network",
        "layerwise.estimators.table:BaseTable": "notebook:shown_estimator",
        "layerwise.estimators.mlp:BaseMLP": "notebook:shown_estimator",
        "layerwise.training.history:History": "notebook:shown_history",
        "layerwise.study.depth_study:DepthStudy": "study_in_notebook:shown_study",
    }

    def _show_in_notebooks():
        """Have IPython, where it runs in a notebook, show networks and models as pictures."""
        ipython = modules["IPython"].get_ipython()
        if ipython is None or "text/html" not in ipython.display_formatter.active_types:
            return
        for kind, function in _SHOWN.items():
            ipython.display_formatter.mimebundle_formatter.for_type_by_name(
                *kind.split(":"), _shown_by(*function.split(":"))
            )

    def _shown_by(home, name):
        """Call a function of `layerwise.report`, imported when there is something to show."""

        def show(thing, include=None, exclude=None):
            from importlib import import_module

            return getattr(import_module(f"layerwise.report.{home}"), name)(thing)

        return show

    from sys import modules

    if "IPython" in modules:
        _show_in_notebooks()

    def __dir__():
        """List the names not imported yet beside those that are."""
        return sorted({*globals(), *__all__})
