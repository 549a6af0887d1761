"""What a study found about whatever else was varied: the activation, and settings by name."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from layerwise.engine.optimizers import Optimizer, get_optimizer
from layerwise.ensemble.named_settings import Setting, find_setting
from layerwise.language import counted, message, retold, tr
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.words_on_shape import levels_words
from layerwise.study.written_scores import Units
from layerwise.texts import clauses, first_up


def activation_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """Which activations do; "" where the grid or a linear model leaves no choice."""
    return _choice_words(
        results, recommendation, units, tr("the activation"), lambda c: c.activation, ""
    )


def setting_questions(
    results: StudyResults, recommendation: Recommendation, units: Units
) -> Iterator[tuple[str, str, str]]:
    """(name, question, answer) of each setting that is varied, "" where there is no answer."""
    for name, values in results.varied.items():
        setting = find_setting(name)
        noun = tr(setting.noun)
        start = f"{first_up(noun)}: "
        text = _choice_words(results, recommendation, units, noun, level_of(setting), start)
        if text:
            text += _end_of_range(setting, values, results, recommendation)
            text += _rates(results, values) if name == "optimizer" else ""
        yield name, tr("And {setting}?", setting=noun), text


def level_of(setting: Setting) -> Callable[[Configuration], str | None]:
    """Give what a configuration's value of a setting is called; None: it has no use for it."""

    def level(configuration: Configuration) -> str | None:
        settings = dict(configuration.settings)
        return retold(setting.label(settings[setting.name])) if setting.name in settings else None

    return level


def _choice_words(
    results: StudyResults,
    recommendation: Recommendation,
    units: Units,
    what: str,
    level: Callable[[Configuration], str | None],
    start: str,
) -> str:
    """How the levels of something do, and which did not train."""
    ours = level(results.configurations[recommendation.number])
    if ours is None:
        return ""
    choice = start + tr("{level} is a good choice here", level=ours)
    text = levels_words(first_up(what), choice, results, recommendation, level, units)
    failures = _failures(results, level)
    if not failures:
        return text
    return clauses([text.removesuffix(".") or f"{start}{ours}", *failures]) + "."


def _failures(results: StudyResults, level: Callable[[Configuration], str | None]) -> list[str]:
    """Levels of which networks did not train, and why; unless it is so at all of them."""
    members: dict[str, list[int]] = {}
    for configuration in results.configurations:
        if (own := level(configuration)) is not None:
            members.setdefault(own, []).append(configuration.number)
    failed = {own: [n for n in members[own] if n in results.failed] for own in members}
    none: dict[str, list[str]] = {}
    some = []
    for own in failed if not all(failed.values()) else ():
        if not failed[own]:
            continue
        how, n, of = retold(results.failure(failed[own][0])), len(failed[own]), len(members[own])
        if n == of:
            none.setdefault(how, []).append(own)
        else:
            networks = counted(of, "network")
            text = message("with {level}, {n} of {networks} {how}")
            some.append(tr(text, level=own, n=n, networks=networks, how=how))
    return [*(f"{how}: {', '.join(levels)}" for how, levels in none.items()), *some]


def _end_of_range(
    setting: Setting,
    values: Sequence[Any],
    results: StudyResults,
    recommendation: Recommendation,
) -> str:
    """That what would lie beyond the best of numbers was not tried."""
    ours = dict(results.configurations[recommendation.number].settings)[setting.name]
    numbers = [value for value in values if value is not None]
    if setting.kind not in (int, float) or ours is None or len(numbers) < 2:
        return ""
    if ours == max(numbers):
        return tr(" Beyond {value}, larger ones were not tried.", value=setting.label(ours))
    if ours == min(numbers) > 0:
        return tr(" Below {value}, none was tried.", value=setting.label(ours))
    return ""


def _rates(results: StudyResults, optimizers: Sequence[str]) -> str:
    """At which learning rate optimisers are compared, where that is not varied itself."""
    if "learning_rate" in results.varied:
        return ""
    one = results.settings.get("learning_rate")
    if one is not None:
        return tr(
            " All were trained with the learning rate {rate:g}; another may turn this round.",
            rate=one,
        )
    own = {name: get_optimizer(name) for name in optimizers}
    rates = [f"{n} {o.learning_rate:g}" for n, o in own.items() if isinstance(o, Optimizer)]
    return tr(" Each was trained with its own learning rate ({rates}).", rates=", ".join(rates))
