"""What `layerwise explain` can be asked for: its options and their help."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from layerwise.cli.options import ExplainedReading, Json, Language, Model, Source, option

_shown = functools.partial(option, panel="What is shown")


@dataclass(frozen=True, kw_only=True)
class ExplainOptions:
    """What was asked for; rows are counted from 1."""

    path: Model
    source: Source
    row: Annotated[
        int, option("Which row of the table, the first one being 1.", metavar="N", least=1)
    ] = 1
    answer: Annotated[
        str | None,
        option(
            "The true class or number, where the table does not hold it; of several numbers, with "
            "commas between them.",
            metavar="VALUE",
            default="the table's own",
        ),
    ] = None
    of: Annotated[
        str | None,
        option(
            "The class, or target, that is explained.",
            metavar="NAME",
            default="the class predicted",
        ),
    ] = None
    member: Annotated[
        int,
        option("Which of the networks that are averaged is walked through.", metavar="N", least=1),
    ] = 1
    weights: Annotated[
        list[str] | None,
        option(
            "Write the chain rule out for this weight, as in h1_2,h2_3 or age,h1_2 or h2_3,yes; "
            "one node alone is its bias. Can be repeated; needs the answer.",
            "--weight",
            metavar="FROM,TO",
            default="the one that matters most",
        ),
    ] = None
    baseline: Annotated[
        int | None,
        option(
            "Count contributions from this row of the table.",
            metavar="N",
            default="the typical row",
            least=1,
        ),
    ] = None
    importance: Annotated[
        bool,
        option(
            "Also say how much each column matters for the whole table, which must hold the "
            "answers.",
            "--importance",
        ),
    ] = False
    top: Annotated[
        int,
        _shown("Columns, nodes of a layer and terms of a sum shown of many.", metavar="N", least=1),
    ] = 6
    everything: Annotated[bool, _shown("Show all of them.", "--all")] = False
    written: Annotated[
        str | None,
        _shown(
            "How it is written; formulas are LaTeX in markdown.",
            "--format",
            metavar="terminal|text|markdown|html|json",
            default="by FILE's name",
        ),
    ] = None
    output: Annotated[
        Path | None,
        _shown("Where to.", "--output", "-o", metavar="FILE", default="standard output"),
    ] = None
    reading: ExplainedReading = field(default_factory=ExplainedReading)
    language: Language = None
    as_json: Json = False
