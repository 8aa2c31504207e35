"""The six aims: what she wants to know, which effect answers it, and in which room."""

from __future__ import annotations

from dataclasses import dataclass

from causal_core.language import t
from causal_core.question import CausalQuestion, EffectKind
from pages.shared import session

SETTING = "aim"


@dataclass(frozen=True)
class Aim:
    """One aim: the kind of effect that answers it, and the room that the answer stands in."""

    name: str
    kind: EffectKind
    page: str


AIMS = {
    aim.name: aim
    for aim in (
        Aim("works", EffectKind.ATE, "pages/effects.py"),
        Aim("worth", EffectKind.ATT, "pages/effects.py"),
        Aim("everyone", EffectKind.ATU, "pages/effects.py"),
        Aim("whom", EffectKind.ATE, "pages/effects.py"),
        Aim("budget", EffectKind.ATE, "pages/strategy.py"),
        Aim("whatif", EffectKind.ATE, "pages/whatif.py"),
    )
}


def words(name: str) -> str:
    """Return an aim as she would ask it."""
    return {
        "works": t("Does it work?"),
        "worth": t("Was it worth it?"),
        "everyone": t("Show it to everyone?"),
        "whom": t("For whom?"),
        "budget": t("Who, within a budget?"),
        "whatif": t("What if we also…?"),
    }[name]


def meaning(name: str) -> str:
    """Return what an aim shows, for a caption or a tooltip."""
    return {
        "works": t("the average effect over all"),
        "worth": t("the effect on those who got it"),
        "everyone": t("the effect on those who did not get it; everyone against today"),
        "whom": t("the effect by segment"),
        "budget": t("a policy: who should get it, at what cost"),
        "whatif": t("scenarios, played against today"),
    }[name]


def sentence(name: str) -> str:
    """Return an aim with what it shows."""
    return t("{aim} ({shown})", aim=words(name), shown=meaning(name))


def kind(name: str, old: CausalQuestion | None) -> EffectKind:
    """Return the kind of effect that an aim asks for; a question that serves it keeps its own."""
    if old is not None and of(old, name).name == name:
        return old.kind
    return AIMS[name].kind


def of(question: CausalQuestion | None, wanted: object) -> Aim:
    """Return the aim that was chosen; the question decides where the two disagree."""
    chosen = AIMS.get(wanted) if isinstance(wanted, str) else None
    kind = question.kind if question else None
    if chosen is not None and kind in (None, chosen.kind):
        return chosen
    return {
        EffectKind.ATT: AIMS["worth"],
        EffectKind.ATU: AIMS["everyone"],
        EffectKind.EVERYONE: AIMS["everyone"],
    }.get(kind or EffectKind.ATE, AIMS["works"])


def current(project_id: str, question: CausalQuestion | None) -> Aim:
    """Return the aim of a project."""
    settings = session.store().settings(project_id, actor=session.ACTOR)
    return of(question, settings.get(SETTING))


def choose(project_id: str, name: str) -> None:
    """Remember the aim of a project."""
    session.store().set_settings(project_id, {SETTING: name}, actor=session.ACTOR)
