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
    "play",
    "save",
    "trusted_types",
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
    from layerwise.playground.opening import play
    from layerwise.store import load, save, trusted_types
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
        "trusted_types": "layerwise.store",
        "DepthStudy": "layerwise.study",
        "Network": "layerwise.network",
        "play": "layerwise.playground.opening",
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

    def _show_in_notebooks():
        """Have IPython, where it runs in a notebook, show networks and models as pictures."""
        ipython = modules["IPython"].get_ipython()
        if ipython is None or "text/html" not in ipython.display_formatter.active_types:
            return
        for home, name, show in (
            ("layerwise.architecture.architecture", "Architecture", _picture),
            ("layerwise.network.network", "Network", _picture),
            ("layerwise.estimators.table", "BaseTable", _picture),
            ("layerwise.estimators.mlp", "BaseMLP", _picture),
            ("layerwise.training.history", "History", _picture),
            ("layerwise.study.depth_study", "DepthStudy", _answer),
        ):
            ipython.display_formatter.mimebundle_formatter.for_type_by_name(home, name, show)

    def _picture(thing, include=None, exclude=None):
        from layerwise.report.notebook import shown

        return shown(thing)

    def _answer(study, include=None, exclude=None):
        from layerwise.report.study_in_notebook import shown_study

        return shown_study(study)

    from sys import modules

    if "IPython" in modules:
        _show_in_notebooks()

    def __dir__():
        """List the names not imported yet beside those that are."""
        return sorted({*globals(), *__all__})
