"""The HTML file. Takes page one and the sections, gives what the template lays out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from causal_core import figures
from causal_core.language import current, t
from causal_core.report import pictures
from causal_core.report.front import Front
from causal_core.report.parts import Picture, Section, Subject

_TEMPLATES = Path(__file__).parent.parent / "templates"
_CONTENT_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)


def html(subject: Subject, first: Front, sections: tuple[Section, ...]) -> str:
    """Return the whole report as one file that asks nothing of any server."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_unbroken,
    )
    picture = _front_picture(subject, first)
    drawn = list(_pictures(picture, sections))
    drawer = (_TEMPLATES / "report.js").read_text("utf-8")
    scripts = [figures.plotly_script(), drawer] if drawn else []
    sources = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    page = environment.get_template("report.html").render(
        language=current(),
        policy=_CONTENT_POLICY.format(scripts=sources),
        style=Markup((_TEMPLATES / "report.css").read_text("utf-8")),
        scripts=[Markup(script) for script in scripts],
        page=first,
        slots=[slot for slot in first.slots if slot.needed or not subject.analysis.effects],
        front_picture=picture,
        sections=sections,
        pictures=[_raw(picture, Markup) for picture in drawn],
        table_label=t("Show as table"),
        to_mend=t("To mend it:"),
    )
    return page + "\n"


def _front_picture(subject: Subject, first: Front) -> Picture | None:
    effects, outcome = subject.analysis.effects, subject.outcome
    if not first.answered or effects is None or outcome is None:
        return None
    return pictures.outcomes_picture(
        effects, truth=subject.analysis.truth, break_even=subject.break_even, main=outcome
    )


def _unbroken(value: object) -> object:
    """Keep “95 %” on one line; markup of our own passes untouched."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _pictures(first: Picture | None, sections: tuple[Section, ...]) -> Iterator[Picture]:
    if first:
        yield first
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Picture):
                yield block


def _raw(picture: Picture, markup: type) -> tuple[str, object]:
    """Return a picture's name and its JSON, which holds no “<” and needs no further escape."""
    return picture.name, markup(picture.json)
