"""What is compared: each library as its users call it, with no setting for any table.

A model is made for columns of numbers and of categories and then has `fit(X, y)` and `predict(X)`
or `predict_proba(X)` of raw data frames, so that what it takes to prepare them is timed too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from accuracy.tables import CLASSES

OUT_OF_REACH = (
    *("cli/", "playground/", "report/", "study/", "explain/", "draw/", "store/", "files/"),
    "tables/reading/",
    "__init__.py",
)
"""Rooms and files of ours that no fit of a data frame can reach: no result depends on them."""


@dataclass(frozen=True)
class Settings:
    """What a model is told; `quick` is for warming up, when nobody looks at the result."""

    task: str
    seed: int
    threads: int
    numbers: Sequence[str] = ()
    categories: Sequence[str] = ()
    quick: bool = False


@dataclass(frozen=True)
class Model:
    """One column of the result: what makes it, and the packages whose versions say what it is."""

    name: str
    make: Callable[[Settings], Any]
    packages: tuple[str, ...]
    heavy: bool = False

    @property
    def ours(self) -> bool:
        return self.packages == ("layerwise",)

    def installed(self) -> bool:
        """Whether it can be had here; nothing heavy is imported to find out."""
        if not self.ours:
            return all(find_spec(name.replace("scikit-learn", "sklearn")) for name in self.packages)
        if find_spec("layerwise") is None:
            return False
        import layerwise

        return "TableClassifier" in layerwise.__all__

    def version(self) -> str:
        """What a result is of: versions, and for ours the code itself."""
        versions = ", ".join(f"{name} {version(name)}" for name in self.packages)
        return f"{versions} {_code()}" if self.ours else versions


def _code() -> str:
    import layerwise

    root = Path(layerwise.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root).as_posix()
        if not inside.startswith(OUT_OF_REACH):
            digest.update(f"{inside}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _layerwise(effort: str) -> Callable[[Settings], Any]:
    def make(settings: Settings) -> Any:
        from layerwise import TableClassifier, TableRegressor

        estimator = TableClassifier if settings.task == CLASSES else TableRegressor
        chosen = "low" if settings.quick else effort
        return estimator(effort=chosen, random_state=settings.seed)

    return make


def _one_hot(settings: Settings, numbers: Any) -> Any:
    """Numbers through that, and a column for each category; a new one has none."""
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder

    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer(
        [("numbers", numbers, settings.numbers), ("categories", one_hot, settings.categories)]
    )


def _mlp(settings: Settings) -> Any:
    """Columns scaled, and a target that is a number as well."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = _one_hot(settings, scaled)
    if settings.task == CLASSES:
        return make_pipeline(columns, MLPClassifier(random_state=settings.seed))
    network = MLPRegressor(random_state=settings.seed)
    return make_pipeline(columns, TransformedTargetRegressor(network, transformer=StandardScaler()))


def _hist_gradient_boosting(settings: Settings) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline

    from accuracy.categories import KnownCategories

    classes = settings.task == CLASSES
    estimator = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    most = 255  # it refuses more of them; their codes then are numbers
    return make_pipeline(
        KnownCategories(settings.categories, most), estimator(random_state=settings.seed)
    )


def _lightgbm(settings: Settings) -> Any:
    """One-hot: its own way with categories does worse (credit_g: 0.505 against 0.485)."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.pipeline import make_pipeline

    estimator = LGBMClassifier if settings.task == CLASSES else LGBMRegressor
    return make_pipeline(
        _one_hot(settings, "passthrough"),
        estimator(random_state=settings.seed, n_jobs=settings.threads, verbose=-1),
    )


def _catboost(settings: Settings) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor
    from sklearn.pipeline import make_pipeline

    from accuracy.categories import WrittenCategories

    estimator = CatBoostClassifier if settings.task == CLASSES else CatBoostRegressor
    return make_pipeline(
        WrittenCategories(settings.categories),
        estimator(
            iterations=2 if settings.quick else None,
            cat_features=list(settings.categories),
            random_seed=settings.seed,
            thread_count=settings.threads,
            verbose=False,
            allow_writing_files=False,
        ),
    )


def _realmlp(settings: Settings) -> Any:
    """RealMLP-TD; for classes as its authors advise for the log loss."""
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    columns = ColumnTransformer(
        [
            # Drops columns that are all missing, too.
            ("numbers", SimpleImputer(strategy="median"), settings.numbers),
            ("categories", "passthrough", settings.categories),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    told = {"device": "cpu", "n_threads": settings.threads, "random_state": settings.seed}
    if settings.quick:
        told["n_epochs"] = 1
    if settings.task == CLASSES:
        told |= {"use_ls": False, "val_metric_name": "cross_entropy"}
        return make_pipeline(columns, RealMLP_TD_Classifier(**told))
    return make_pipeline(columns, RealMLP_TD_Regressor(**told))


OURS = ("layerwise-low", "layerwise-medium", "layerwise-high")
DEFAULT, MLP, LIGHTGBM, REALMLP = "layerwise-high", "mlp", "lightgbm", "realmlp"

MODELS = {
    model.name: model
    for model in (
        *(Model(name, _layerwise(name.split("-")[1]), ("layerwise",)) for name in OURS),
        Model(MLP, _mlp, ("scikit-learn",)),
        Model("hgb", _hist_gradient_boosting, ("scikit-learn",)),
        Model(LIGHTGBM, _lightgbm, ("lightgbm",), heavy=True),
        Model("catboost", _catboost, ("catboost",), heavy=True),
        Model(REALMLP, _realmlp, ("pytabkit", "torch"), heavy=True),
    )
}


def for_frame(settings: Settings, frame: Any) -> Settings:
    """The same, for the columns of a data frame: numbers by type, all else categories."""
    numbers = list(frame.select_dtypes("number").columns)
    return replace(
        settings, numbers=numbers, categories=[name for name in frame if name not in numbers]
    )
