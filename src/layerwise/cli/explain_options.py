"""What `layerwise explain` can be asked for: its options and their help."""

from dataclasses import dataclass, field
from pathlib import Path

from layerwise.cli.options import ExplainedReading, Json, Language, Model, Source, option


@dataclass(frozen=True, kw_only=True)
class ExplainOptions:
    """What was asked for; rows are counted from 1."""

    path: Model
    source: Source
    row: int = option(
        "Which row of the table, the first one being 1.", default=1, metavar="N", least=1
    )
    answer: str | None = option(
        "The true class or number, where the table does not hold it; of several numbers, with "
        "commas between them.",
        metavar="VALUE",
        shown="the table's own",
    )
    of: str | None = option(
        "The class, or target, that is explained.", metavar="NAME", shown="the class predicted"
    )
    member: int = option(
        "Which of the networks that are averaged is walked through.",
        default=1,
        metavar="N",
        least=1,
    )
    weights: list[str] | None = option(
        "Write the chain rule out for this weight, as in h1_2,h2_3 or age,h1_2 or h2_3,yes; "
        "one node alone is its bias. Can be repeated; needs the answer.",
        "--weight",
        metavar="FROM,TO",
        shown="the one that matters most",
    )
    baseline: int | None = option(
        "Count contributions from this row of the table.",
        metavar="N",
        shown="the typical row",
        least=1,
    )
    importance: bool = option(
        "Also say how much each column matters for the whole table, which must hold the answers.",
        "--importance",
        default=False,
    )
    top: int = option(
        "Columns, nodes of a layer and terms of a sum shown of many.",
        default=6,
        metavar="N",
        least=1,
        panel="What is shown",
    )
    everything: bool = option("Show all of them.", "--all", default=False)
    written: str | None = option(
        "How it is written; formulas are LaTeX in markdown.",
        "--format",
        metavar="terminal|text|markdown|html|json",
        shown="by FILE's name",
    )
    output: Path | None = option(
        "Where to.",
        "--output",
        "-o",
        metavar="FILE",
        shown="standard output",
    )
    reading: ExplainedReading = field(default_factory=ExplainedReading)
    language: Language = None
    as_json: Json = False
