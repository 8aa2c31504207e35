"""An analysis becomes a report: a page for the boss, tables, a manifest, a script to check it.

Takes an `Analysis`, gives `Report`; touches nothing else. It computes no statistic: it puts into
words and pictures what the steps found, and refuses a headline number where a check failed.
"""

from __future__ import annotations

import io
import os
import secrets
import zipfile
from pathlib import Path

from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError, StorageError
from causal_core.language import current, t, use
from causal_core.report.advice import Action, Advice, action_words, advise, in_money, policy_amount
from causal_core.report.front import Figure, Front, Line, front
from causal_core.report.manifest import libraries, manifest
from causal_core.report.money import break_even_of, money, money_with_reach
from causal_core.report.page import html
from causal_core.report.parts import Gate, Points, Slot, Subject
from causal_core.report.script import reproduce_script
from causal_core.report.sections import sections
from causal_core.report.tables import (
    cleaning_csv,
    columns_csv,
    effects_csv,
    policies_csv,
    segments_csv,
)
from causal_core.report.threats import policy_threats
from causal_core.results import Effects, Report, basis_of
from causal_core.schema import Stage

__all__ = [
    "READERS",
    "Action",
    "Advice",
    "Figure",
    "Front",
    "Gate",
    "Line",
    "Points",
    "Slot",
    "action_words",
    "advise",
    "archive",
    "compose",
    "first_page",
    "in_money",
    "main_outcome",
    "money",
    "money_with_reach",
    "policy_amount",
    "policy_threats",
    "write",
]

READERS = ("reviewer", "manager")

_FUNNEL = tuple(Stage)


def compose(
    analysis: Analysis,
    *,
    title: str,
    outcome: str | None = None,
    break_even: float | None = None,
    language: str | None = None,
    reader: str = "reviewer",
) -> Report:
    """Return the report of an analysis, however far it has come.

    Parameters
    ----------
    analysis
        The results so far; what is missing becomes a grey slot that names the room.
    title
        The report's title.
    outcome
        The outcome in front; the last stage of the funnel, else the first outcome, if None.
    break_even
        How far `outcome` must move to be worth its cost, in the outcome's own unit; what the
        analysis's payoff says if None.
    language
        The language's code; the one in use if None.
    reader
        “reviewer” for everything, “manager” for page one alone; the files beside it stay.

    Returns
    -------
    Report
        Files ``report.html`` (self-contained), ``effects.csv``, ``columns.csv``,
        ``cleaning.csv``, ``manifest.json`` and ``reproduce.py``; where they exist also
        ``segments.csv`` and ``policies.csv``. Same input, same bytes.

    Raises
    ------
    BadSettingError
        If `outcome` is none of the question's outcomes, or `reader` nobody we know.

    Notes
    -----
    If a check failed (`Analysis.headline` is False), page one holds no number of the effect, no
    money and no recommendation: it says what is known, what failed and what would mend it. If
    the estimand is not causal, the wording is that of differences between groups.

    Examples
    --------
    >>> compose(Analysis(), title="An empty report").headline
    False
    """
    if reader not in READERS:
        raise BadSettingError(setting=t("reader"), value=reader, allowed=", ".join(READERS))
    spoken = current()
    use(language or spoken)
    try:
        subject = _subject(analysis, title=title, outcome=outcome, break_even=break_even)
        return _composed(subject, whole=reader == "reviewer")
    finally:
        use(spoken)


def first_page(analysis: Analysis, *, title: str, outcome: str | None = None) -> Front:
    """Return what stands on page one, in words, without laying it out.

    Examples
    --------
    >>> first_page(Analysis(), title="An empty report").verdict
    'No answer yet'
    """
    return front(_subject(analysis, title=title, outcome=outcome, break_even=None))


def _subject(
    analysis: Analysis, *, title: str, outcome: str | None, break_even: float | None
) -> Subject:
    chosen = _main_outcome(analysis.effects, outcome)
    if break_even is None and chosen is not None:
        break_even = break_even_of(analysis, chosen)
    return Subject(analysis=analysis, title=title, outcome=chosen, break_even=break_even)


def _composed(subject: Subject, *, whole: bool) -> Report:
    analysis, versions = subject.analysis, libraries()
    page = html(subject, front(subject), sections(subject, versions) if whole else ())
    files = {
        "report.html": page.encode("utf-8", "replace"),
        "effects.csv": effects_csv(analysis.effects),
        "columns.csv": columns_csv(analysis),
        "cleaning.csv": cleaning_csv(analysis.table),
        "reproduce.py": reproduce_script(subject),
    }
    if analysis.effects is not None and analysis.effects.segments:
        files["segments.csv"] = segments_csv(analysis.effects)
    if analysis.policies is not None:
        files["policies.csv"] = policies_csv(analysis.policies)
    files["manifest.json"] = manifest(subject, versions, files)
    return Report(
        files=files,
        headline=analysis.headline,
        failed_checks=analysis.failed_checks,
        basis=basis_of(**analysis.filled()),
    )


def _main_outcome(effects: Effects | None, wanted: str | None) -> str | None:
    if effects is None:
        return wanted
    if wanted is not None and wanted not in effects.outcomes:
        allowed = ", ".join(effects.outcomes)
        raise BadSettingError(setting=t("outcome"), value=wanted, allowed=allowed)
    return wanted or main_outcome(effects)


def main_outcome(effects: Effects) -> str:
    """Return the outcome in front: the last stage of the funnel, else the first one asked about."""
    staged = [estimate for estimate in effects.primaries() if estimate.stage]
    staged.sort(key=lambda estimate: _FUNNEL.index(estimate.stage))
    return staged[-1].outcome if staged else effects.outcomes[0]


def write(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write a report's files into a folder, each at once or not at all.

    Parameters
    ----------
    report
        What `compose` gave.
    folder
        Made if it is not there. Files of the same names are replaced.

    Returns
    -------
    tuple of Path
        The files written, in the report's order.

    Raises
    ------
    StorageError
        If the disk refuses; files not yet written stay as they were.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_replace(folder / name, data) for name, data in report.files.items())
    except OSError as error:
        raise StorageError(reason=error.strerror or str(error), folder=folder.name) from error


def archive(report: Report) -> bytes:
    """Return all files of a report as one zip, the same bytes for the same report.

    Examples
    --------
    >>> archive(compose(Analysis(), title="x")) == archive(compose(Analysis(), title="x"))
    True
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in report.files.items():
            bundle.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _replace(path: Path, data: bytes) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
