"""The demo “Coupon banner”: simulated, asked and answered once, and packed as it is shipped."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from causal_core import datasets, identification
from causal_core.analysis import Analysis
from causal_core.graph import Edge, EdgeKind, GraphPattern, redrawn
from causal_core.jobs import StepContext
from causal_core.language import number, t
from causal_core.pipeline.steps import STEPS
from causal_core.progress import Progress, part, silent
from causal_core.question import Payoff
from causal_core.store import LOCAL, Store, demo_archive

UNITS, SEED = 10_000, 7
PAYOFF = Payoff(value_per={"purchase": 40.0}, cost=0.25, currency="EUR")
BUDGET = 0.40
SCENARIOS = (
    {"name": "Everyone", "do": ["coupon_banner=1"]},
    {"name": "Nobody", "do": ["coupon_banner=0"]},
    {"name": "Everyone, in the top slot", "do": ["coupon_banner=1", "position=1"]},
)
DECISIONS = (
    Edge(source="age_group", target="device", note="Nobody gets older by their phone."),
    Edge(
        source="interest_fashion",
        target="interest_sports",
        kind=EdgeKind.BIDIRECTED,
        note="A taste that nobody logged is behind both.",
    ),
)
LAB = {"scenario": "funnel", "n": 2_000, "model": "linear", "runs": 50}


def build(path: Path, *, progress: Progress = silent) -> None:
    """Answer the demo's question with every step of the chain, and pack the project.

    The table is stored with the results, so that no other version of a library can change what
    they were made from.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder))
        project = store.create_project(t("Coupon banner"), actor=LOCAL, seed=SEED, kind="demo")
        context = StepContext(
            store=store, project_id=project.id, actor=LOCAL, seed=SEED, job_id="demo"
        )
        analysis = complete(context, progress=progress)
        store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
        store.set_settings(project.id, {"aim": "works"}, actor=LOCAL)
        note = t("Simulated, so the truth is known: {n} users of a shop.", n=number(UNITS))
        store.annotate_project(project.id, note, actor=LOCAL)
        path.parent.mkdir(parents=True, exist_ok=True)
        store.export_project(project.id, path, actor=LOCAL)


def complete(context: StepContext, *, progress: Progress = silent) -> Analysis:
    """Return the demo's analysis with every slot filled, as an analyst would have filled them."""
    simulation = datasets.simulate("coupon", UNITS, seed=SEED)
    analysis = Analysis(table=simulation.table, truth=simulation.truth)
    analysis = analysis.asking(simulation.question).updated(payoff=PAYOFF)
    works: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("discover", {"bootstrap": 20}),
        ("answer", {"model": "mlp"}),
        ("whatif", {"scenarios": list(SCENARIOS)}),
        ("policy", {"outcome": "purchase", "budget": BUDGET}),
        ("lab", LAB),
    )
    for at, (step, settings) in enumerate(works):
        stretch = part(progress, at / len(works), (at + 1) / len(works))
        analysis = STEPS[step](analysis, settings, stretch, context)
        if step == "discover":
            analysis = decided(analysis)
    return analysis


def decided(analysis: Analysis) -> Analysis:
    """Return the analysis with its open edges decided, as its analyst would in the Graph room."""
    pattern: GraphPattern = analysis.need("pattern")
    hers = {frozenset(edge.pair): edge for edge in DECISIONS}
    edges = [
        hers.get(frozenset(edge.pair), edge) if edge.kind is EdgeKind.UNDIRECTED else edge
        for edge in pattern.edges
    ]
    return identification.redraw(analysis, redrawn(pattern, edges)).analysis


def main() -> None:
    """Build the demo where the program looks for it."""

    def tell(fraction: float, message: str = "", /) -> None:
        sys.stderr.write(f"\r{fraction:4.0%} {message:60.60}")

    build(demo_archive(), progress=tell)
    sys.stderr.write(f"\n{demo_archive()}: {demo_archive().stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
