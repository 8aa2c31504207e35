"""axe-core on a page. The script runs through the driver: our policy lets no page load it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from playwright.sync_api import Page

GRAVE = ("serious", "critical")


@dataclass(frozen=True)
class Exclusion:
    """One rule that is not asked of one part of the page, and why."""

    rule: str
    selector: str
    why: str


# What Streamlit draws itself and gives us no hold on. Everything else must pass.
EXCLUDED: tuple[Exclusion, ...] = ()

_RUN = """async (excluded) => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  const mine = (rule, target) => excluded.some(
    one => one.rule === rule && document.querySelector(target)?.closest(one.selector));
  return found.violations.flatMap(rule => rule.nodes
    .filter(node => !mine(rule.id, node.target[0]))
    .map(node => ({
      rule: rule.id,
      impact: node.impact,
      element: node.html.slice(0, 200),
      why: [...node.any, ...node.all, ...node.none].map(check => check.message).join('; '),
    })));
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page as it stands, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    excluded = [{"rule": one.rule, "selector": one.selector} for one in EXCLUDED]
    found = page.evaluate(_RUN, excluded)
    return [
        f"{one['rule']} ({one['impact']}): {one['element']} · {one['why']}"
        for one in found
        if one["impact"] in GRAVE
    ]
