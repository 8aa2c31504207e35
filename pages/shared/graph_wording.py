"""What the Graph room says: about a graph, about one edge, about what an edit changes."""

from __future__ import annotations

from causal_core.graph import Change, Edge, EdgeKind, Provenance
from causal_core.identification import Redrawn
from causal_core.language import listing, t
from causal_core.store.records import slot_words
from pages.shared.graph_state import Standing


def room_sentence(shown: Standing) -> str:
    """Return the one sentence of the room."""
    if shown.missing:
        return t(
            "The graph says nothing about {names}, which the question names. Below is a draft "
            "from the roles: Discover, or edit it.",
            names=listing(shown.missing),
        )
    if shown.drafted:
        return t(
            "No graph yet. The layers follow from the roles: whatever was known earlier may be a "
            "cause. Discover refines them."
        )
    broken, overruled = len(shown.violations), len(shown.overruled)
    return f"{shown.said.sentence} {_knowledge_words(broken, overruled)}"


def _knowledge_words(broken: int, overruled: int) -> str:
    first = t("1 violation") if broken == 1 else t("{n} violations", n=broken)
    second = t("1 edge") if overruled == 1 else t("{n} edges", n=overruled)
    return t("{violations} of your knowledge; {edges} overruled.", violations=first, edges=second)


def edge_line(edge: Edge) -> str:
    """Return an edge with its arrow."""
    arrow = {EdgeKind.DIRECTED: "→", EdgeKind.UNDIRECTED: "—", EdgeKind.BIDIRECTED: "↔"}
    return f"{edge.source} {arrow[edge.kind]} {edge.target}"


def kind_words(kind: EdgeKind) -> str:
    """Return what a kind of edge means."""
    return {
        EdgeKind.DIRECTED: t("→ causes"),
        EdgeKind.UNDIRECTED: t("— open"),
        EdgeKind.BIDIRECTED: t("↔ hidden common cause"),
    }[kind]


def provenance_words(who: Provenance) -> str:
    """Return who put an edge there."""
    return {
        Provenance.DATA: t("data"),
        Provenance.KNOWLEDGE: t("knowledge"),
        Provenance.ANALYST: t("you"),
    }[who]


def change_words(change: Change, edge: Edge) -> str:
    """Return what a change would do to an edge."""
    there, back = f"{edge.source} → {edge.target}", f"{edge.target} → {edge.source}"
    return {
        Change.FLIP: t("Flip it: {edge}", edge=back),
        Change.FORWARD: t("Decide: {edge}", edge=there),
        Change.BACKWARD: t("Decide: {edge}", edge=back),
        Change.OPEN: t("Leave its direction open"),
        Change.HIDDEN: t("Call it a hidden common cause"),
        Change.DELETE: t("Delete it"),
    }[change]


def cost_words(redone: Redrawn, *, estimated: bool) -> list[str]:
    """Return what an edit would change, sentence by sentence."""
    if redone.refusal is not None:
        path = redone.identification.open_paths[0]
        words = [t("Not identified any more: {path} stays open.", path=path)]
        words.append(redone.refusal.remedy)
    elif redone.joins or redone.leaves:
        words = [_set_words(redone)]
    else:
        words = [t("The adjustment set stays the same.")]
    stale = tuple(slot for slot in redone.stale if slot != "estimand")  # said already
    if stale:
        words.append(t("This becomes stale: {things}.", things=slot_words(stale)))
    elif estimated:
        words.append(t("This edit drops no estimate."))
    return words


def _set_words(redone: Redrawn) -> str:
    parts = []
    if redone.joins:
        parts.append(t("{names} would be adjusted for", names=listing(redone.joins)))
    if redone.leaves:
        parts.append(t("{names} no longer", names=listing(redone.leaves)))
    return t("{changes}.", changes="; ".join(parts))
