"""Make the saved models that later versions are tested with: python -m tests.store.make_saved

Each version that changes the format adds a folder of its own under tests/store/data; folders that
are there are left as they are.
"""

import json
import sys
from pathlib import Path

from layerwise.store import save
from tests.store.small_models import matrix, mlp, new_rows, table_model

DATA = Path(__file__).parent / "data"
COLUMNS = {"dates": True, "text": True, "times": True}
MODELS = {
    "classes": {"target": "three", **COLUMNS, "hidden": (4,)},
    "numbers": {"target": "price,width", "intervals": 0.8, "hidden": (4,)},
}


def expected_of(name, model):
    """What a model predicts, as JSON holds it."""
    if name == "matrix":
        return {"rows": matrix().tolist(), "probabilities": model.predict_proba(matrix()).tolist()}
    if name == "classes":
        rows = new_rows(**COLUMNS)
        return {
            "rows": rows,
            "classes": model.predict(rows).tolist(),
            "probabilities": model.predict_proba(rows).tolist(),
        }
    rows = new_rows()
    low, high = model.predict_interval(rows)
    return {
        "rows": rows,
        "prediction": model.predict(rows).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def main(folder):
    """Write the models and what they predict."""
    folder.mkdir(parents=True)
    models = {name: table_model(**options) for name, options in MODELS.items()}
    models["matrix"] = mlp("three")
    for name, model in models.items():
        save(model, folder / f"{name}.layerwise")
        text = json.dumps(expected_of(name, model), ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(DATA / (sys.argv[1] if len(sys.argv) > 1 else "format_2"))
