"""The sections after page one: checks, numbers, method, model, data, reproduction."""

from __future__ import annotations

from causal_core.analysis import Analysis, attempt_title
from causal_core.language import number, percent, t
from causal_core.question import SetSource, Status, Strategy
from causal_core.report import pictures
from causal_core.report.choices import segment_sections, strategy_sections
from causal_core.report.parts import (
    Block,
    Facts,
    Gate,
    Gates,
    Grid,
    Points,
    Section,
    Slot,
    Subject,
    Words,
    quoted,
)
from causal_core.report.record import data_section, reproduction_section
from causal_core.report.words import (
    assumed_points,
    attempt_words,
    cautions,
    check_sentence,
    kind_words,
    lever_words,
    names,
    scaled,
)
from causal_core.results import Check, Effects, OutcomeModel, Overlap


def sections(subject: Subject, libraries: dict[str, str]) -> tuple[Section, ...]:
    """Return every section after page one, in order."""
    return (
        checks_section(subject),
        numbers_section(subject),
        *segment_sections(subject),
        *scenario_sections(subject),
        *strategy_sections(subject),
        method_section(subject),
        comparable_section(subject),
        model_section(subject),
        refutation_section(subject),
        data_section(subject),
        reproduction_section(subject, libraries),
    )


def gate(subject: Subject, check: Check) -> Gate:
    """Return one check as a line: mark and word, never a colour."""
    mark, state = {
        True: ("●", t("passed")),
        False: ("■", t("failed")),
        None: ("○", t("not done")),
    }[check.passed]
    remedy = check.remedy if check.passed is not True else ""
    return Gate(
        mark=mark,
        state=state,
        title=check.title,
        sentence=check_sentence(subject, check),
        remedy=remedy,
    )


def checks_section(subject: Subject) -> Section:
    """Return the gate before the headline."""
    checks = subject.analysis.checks()
    passed = sum(check.passed is True for check in checks)
    words = (
        t("All {total} checks passed, so a headline number is printed.", total=len(checks))
        if subject.allowed
        else t(
            "{passed} of {total} checks passed. A headline number needs all of them.",
            passed=passed,
            total=len(checks),
        )
    )
    gates = Gates(items=tuple(gate(subject, check) for check in checks))
    return Section(name="checks", title=t("Checks"), blocks=(Words(text=words), gates))


# ---------------------------------------------------------------- numbers


def numbers_section(subject: Subject) -> Section:
    """Return every estimate; greyed under another title where they are no answer."""
    effects, outcome = subject.analysis.effects, subject.outcome
    if effects is None or outcome is None:
        missing = Slot(text=t("No estimate yet. The room Effects makes it."))
        return Section(name="numbers", title=t("Numbers"), blocks=(missing,))
    table = estimates_grid(subject, effects)
    methods = pictures.methods_picture(effects, outcome, allowed=subject.allowed)
    warned = cautions(subject, effects)
    extra = (Points(heading=t("To bear in mind"), items=warned),) if warned else ()
    if subject.allowed:
        bridge = pictures.bridge_picture(effects, outcome)
        blocks: tuple[Block, ...] = (bridge, methods, table, *extra)
        return Section(name="numbers", title=t("Effects in detail"), blocks=blocks)
    if subject.associational:
        note = t(
            "These numbers are associational: differences between groups after adjustment. "
            "Nothing here says what would happen if somebody acted."
        )
    else:
        note = t("Checks failed, so none of these numbers answers the question.")
    return Section(
        name="numbers",
        title=t("What the data show, not an answer"),
        blocks=(Words(text=note), methods, table, *extra),
        greyed=True,
    )


def estimates_grid(subject: Subject, effects: Effects) -> Grid:
    """Return all outcomes by all methods."""
    from causal_core.figures import method_words, unit_words

    rows = []
    by_outcome = sorted(
        effects.estimates,
        key=lambda e: (effects.outcomes.index(e.outcome), e.method is not effects.primary),
    )
    for estimate in by_outcome:
        primary = effects.of(estimate.outcome)
        value, reach = scaled(estimate, primary)
        rows.append(
            (
                quoted(estimate.outcome),
                method_words(estimate.method),
                value,
                reach,
                unit_words(primary),
                number(estimate.n_units),
                number(estimate.n_clusters),
            )
        )
    value_name = t("Difference") if not subject.allowed else t("Effect")
    level = percent(effects.level, digits=0)
    header = (
        t("Outcome"),
        t("Method"),
        value_name,
        t("{level} interval", level=level),
        t("Unit"),
        t("Units"),
        t("Clusters"),
    )
    return Grid(header=header, rows=tuple(rows), numeric=(2, 3, 5, 6), greyed=not subject.allowed)


def scenario_sections(subject: Subject) -> tuple[Section, ...]:
    """Return the what-if board if there is one; a refused report does not show it."""
    board = subject.analysis.scenarios
    if board is None:
        return ()
    title = t("Scenarios")
    if not subject.allowed:
        note = Words(
            text=t("Scenarios are withheld, because not every check passed."), tone="quiet"
        )
        return (Section(name="scenarios", title=title, blocks=(note,)),)
    blocks: list[Block] = []
    for place, scenario in enumerate(board.items, start=1):
        levers = ", ".join(lever_words(lever) for lever in scenario.interventions)
        whom = scenario.where or t("all units")
        blocks.append(
            Words(text=t("{levers}, for {whom}.", levers=levers, whom=whom), tone="quiet")
        )
        blocks.append(pictures.scenario_picture(scenario, place))
        if scenario.warnings:
            blocks.append(Points(items=scenario.warnings))
    return (Section(name="scenarios", title=title, blocks=tuple(blocks)),)


# ---------------------------------------------------------------- method


def method_section(subject: Subject) -> Section:
    """Return how the question is answered: adjustment set, its reason, assumptions, graph."""
    analysis = subject.analysis
    title = t("Method")
    graph = analysis.graph or analysis.pattern
    schema = analysis.table.schema if analysis.table else None
    drawn = [pictures.graph_picture(graph, schema)] if graph else []
    if analysis.estimand is None:
        missing = Slot(text=t("The question is not identified yet. The room Graph does it."))
        return Section(name="method", title=title, blocks=(missing, *drawn))
    estimand = analysis.estimand
    facts = Facts(
        items=(
            (t("Adjusted for"), names(estimand.adjustment_set, most=60) or t("nothing")),
            (t("Why these"), identification_words(analysis)),
            (t("Strategy"), strategy_words(estimand.strategy)),
            (t("Averaged"), _averaged(subject)),
        )
    )
    assumed = (
        t("What would have to hold for more than an association")
        if subject.associational
        else t("Assumed, not tested")
    )
    items = assumed_points(subject, estimand.assumptions)
    points = [Points(heading=assumed, items=items)] if items else []
    return Section(name="method", title=title, blocks=(facts, *points, *drawn))


def _averaged(subject: Subject) -> str:
    estimand = subject.analysis.estimand
    return kind_words(estimand.question.kind) if estimand else ""


def identification_words(analysis: Analysis) -> str:
    """Return in words why the adjustment set answers the question, or that it may not."""
    estimand = analysis.estimand
    if estimand is None:
        return t("Not asked yet.")
    if estimand.status is Status.DEPENDS:
        return t("It depends on edges that have no direction yet.")
    if estimand.status is Status.NO:
        return t("No set of columns closes every back-door path.")
    said = {
        SetSource.GRAPH: t("They close every back-door path of the graph below."),
        SetSource.PATTERN: t("They close every back-door path, however the open edges point."),
        SetSource.ANALYST: t("The analyst chose them; no graph was consulted."),
        SetSource.ROLES: t("They are all the columns known before the treatment."),
    }[estimand.source]
    if estimand.time_ordered:
        return said
    if estimand.source is SetSource.ROLES:
        said = t("They are all the columns that look as if they had been known before.")
    unstated = t("Nobody stated what was known before the treatment.")
    return f"{said} {unstated}"


def strategy_words(strategy: Strategy) -> str:
    """Return how the question is answered."""
    return {
        Strategy.BACKDOOR: t("adjustment for common influences (back-door)"),
        Strategy.RANDOMISED: t("chance decided who got it"),
        Strategy.LOGGED: t("a rule with logged propensities decided who got it"),
        Strategy.NONE: t("none"),
    }[strategy]


# ---------------------------------------------------------------- comparable, model, refutation


def comparable_section(subject: Subject) -> Section:
    """Return who is comparable: overlap, effective sample sizes, balance."""
    title = t("Who is comparable")
    effects = subject.analysis.effects
    if effects is None:
        missing = Slot(text=t("Not looked at yet. The room Model does it."))
        return Section(name="comparable", title=title, blocks=(missing,))
    overlap = effects.overlap
    blocks: list[Block] = [Words(text=overlap.sentence), _overlap_facts(overlap)]
    if overlap.edges:
        question = effects.estimand.question
        treated, control = question.contrast.treated_value, question.contrast.control_value
        labels = {
            "treated": f"{question.treatment} = {_plain_value(treated)}",
            "control": f"{question.treatment} = {_plain_value(control)}",
        }
        blocks.append(pictures.overlap_picture(overlap, **labels))
    if overlap.balance:
        blocks.append(pictures.balance_picture(overlap))
    return Section(name="comparable", title=title, blocks=tuple(blocks))


def _plain_value(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _overlap_facts(overlap: Overlap) -> Facts:
    return Facts(
        items=(
            (t("Effective sample size, treated"), number(overlap.ess_treated)),
            (t("Effective sample size, not treated"), number(overlap.ess_control)),
            (t("Units outside the comparable range"), percent(overlap.trimmed)),
        )
    )


def model_section(subject: Subject) -> Section:
    """Return how well the model predicts units that it did not see."""
    title = t("Model")
    model = subject.analysis.model
    if model is None:
        missing = Slot(text=t("No model yet. The room Model trains it."))
        return Section(name="model", title=title, blocks=(missing,))
    warning = t(
        "Judged on units held out of the training. Good prediction proves nothing about why."
    )
    facts = Facts(
        items=(
            (t("Outcome model"), model.record.model),
            (
                t("Chance of being shown, learned by"),
                model.record.propensity_model or t("not stated"),
            ),
            (t("Its AUC (0.5: no pattern in who was shown)"), _score(model.record.propensity_auc)),
            (t("Folds"), number(len(set(model.folds.tolist())))),
        )
    )
    return Section(
        name="model", title=title, blocks=(Words(text=warning), facts, _quality_grid(model))
    )


def _quality_grid(model: OutcomeModel) -> Grid:
    rows = tuple(
        (
            quoted(item.outcome),
            _score(item.auc),
            _score(item.log_loss),
            _score(item.r_squared),
            _calibration(item.calibration),
        )
        for item in model.record.quality
    )
    header = (t("Outcome"), t("AUC"), t("Log-loss"), t("R²"), t("Largest miss of calibration"))
    kept = [at for at in range(len(header)) if any(row[at] for row in rows)]
    return Grid(
        header=tuple(header[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in rows),
        numeric=tuple(range(1, len(kept))),
    )


def _score(value: float | None) -> str:
    return "" if value is None else number(value, digits=3)


def _calibration(bins: tuple[tuple[float, float, int], ...]) -> str:
    misses = [abs(predicted - observed) for predicted, observed, units in bins if units]
    return number(max(misses), digits=3) if misses else ""


def refutation_section(subject: Subject) -> Section:
    """Return every attempt to break the number."""
    title = t("Attempts to break it")
    refutations, effects = subject.analysis.refutations, subject.analysis.effects
    if refutations is None or effects is None:
        missing = Slot(text=t("Nobody has tried yet. The room Effects does it."))
        return Section(name="refutation", title=title, blocks=(missing,))
    rows = tuple(
        (
            {True: t("● held"), False: t("■ broke"), None: t("○ informs")}[attempt.passed],
            quoted(attempt.outcome),
            attempt_title(attempt.name),
            attempt_words(subject, attempt),
            "" if attempt.p_value is None else number(attempt.p_value, digits=3),
        )
        for attempt in refutations.attempts
    )
    header = (t("Result"), t("Outcome"), t("Attempt"), t("What was found"), t("p-value"))
    note = Words(text=t("All attempts are judged together, at 5 % over all of them."), tone="quiet")
    grid = Grid(header=header, rows=rows, numeric=(4,))
    return Section(name="refutation", title=title, blocks=(note, grid))
