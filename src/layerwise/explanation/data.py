"""An explanation as plain data, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwise.explanation.plain import equation_text

if TYPE_CHECKING:
    from layerwise.explanation.explained_row import ExplainedRow
    from layerwise.explanation.layers import LayerSeen


def to_dict(seen: ExplainedRow) -> dict[str, Any]:
    """Everything in an explanation as dicts, lists, numbers and text.

    Weights and their gradients are among it where all is to be shown (``top=None``).
    """
    subject, found = seen.subject, seen.attribution
    cells = zip(subject.cells, found.contributions.tolist(), strict=True)
    answer = subject.answer
    return {
        "title": seen.title,
        "predicted": subject.results[subject.predicted] if subject.is_classes else None,
        "results": dict(zip(subject.results, seen.results.tolist(), strict=True)),
        "explained": subject.results[seen.of],
        "columns": [
            {
                "column": cell.column,
                "cell": cell.cell,
                "network_gets": cell.became,
                "equations": [equation_text(equation) for equation in cell.equations],
                "baseline": subject.baseline.cells.get(cell.column),
                "contribution": contribution,
            }
            for cell, contribution in cells
        ],
        "attribution": {
            "method": "integrated gradients",
            "baseline": subject.baseline.words,
            "baseline_result": found.baseline,
            "result": found.result,
            "gap": found.gap,
            "steps": found.n_steps,
        },
        "n_networks": len(subject.networks),
        "network": seen.member + 1,
        "network_outputs": [
            dict(zip(subject.score_names, row, strict=True)) for row in seen.outputs.tolist()
        ],
        "network_weights": subject.combining.weights.tolist(),
        "combining": subject.combining.words,
        "inputs": [
            {"name": name, "value": value, "factor": factor, "column": subject.cells[place].column}
            for name, value, factor, place in zip(
                seen.feature_names,
                seen.features.tolist(),
                seen.factors.tolist(),
                [subject.column_of_source()[source] for source in seen.sources],
                strict=True,
            )
        ],
        "layers": [_layer(seen, i, layer) for i, layer in enumerate(seen.layers)],
        "answer": None if answer is None else answer.text,
        "loss": None
        if seen.backward is None
        else {"name": str(subject.loss), "value": seen.backward.loss},
        "chain_rules": [
            {
                "weight": chain.weight.name,
                "value": chain.value,
                "gradient": chain.gradient,
                "central_difference": chain.by_difference,
                "equations": [equation_text(equation) for equation in chain.equations],
            }
            for chain in seen.chains
        ],
        "importance": None
        if seen.importance is None
        else {
            "loss": seen.importance.loss,
            "rises_by": dict(
                zip(
                    seen.importance.names,
                    seen.importance.values.mean(axis=1).tolist(),
                    strict=True,
                )
            ),
        },
        "precision_gap": seen.precision_gap,
        "notes": list(subject.notes),
    }


def _layer(seen: ExplainedRow, i: int, layer: LayerSeen) -> dict[str, object]:
    found = seen.backward
    data: dict[str, object] = {
        "name": layer.layer.name,
        "computes": layer.layer.formula,
        "nodes": list(layer.node_names),
        "pre_activations": layer.pre_activation.tolist(),
        "activations": layer.activation.tolist(),
        "outputs": layer.output.tolist(),
    }
    if found is not None:
        data["gradient_by_nodes"] = found.nodes[i].tolist()
        data["gradient_by_pre_activations"] = found.pre_activations[i].tolist()
    if seen.top is None:
        data["inputs"] = list(layer.input_names)
        data["multiplied"] = layer.multiplied.tolist()
        data["weights"], data["biases"] = layer.weights.tolist(), layer.biases.tolist()
        if found is not None:
            data["gradient_by_weights"] = found.weights[i].tolist()
            data["gradient_by_biases"] = found.biases[i].tolist()
    return data
