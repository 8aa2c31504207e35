"""Names from other people's files are shown letter by letter: nothing in them is carried out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.browser.rooms import NINE, SOON, Data, Workbench

pytestmark = pytest.mark.slow

ELSEWHERE = "http://203.0.113.7"  # a documentation address: nobody lives there
NAMES = {
    "country": f"<img src={ELSEWHERE}/a.png onerror=alert(1)>",
    "visits": f"![seen]({ELSEWHERE}/b.png)",
    "spent": "**bold** $x^2$ :smile: :red[x] `c`",
    "banner": f"[here]({ELSEWHERE}/c) <b>b</b>",
    "click": "[run](javascript:alert(2))",
    "browse": f"<a href='{ELSEWHERE}/d'>d</a>",
    "cart": "# heading | a | b |",
    "purchase": f"{ELSEWHERE}/e www.example.org me@example.org <script>alert(3)</script>",
}
FILE_NAME = "![f](data:,x) <img src=x onerror=alert(4)> :smile: $x^2$ *b*.csv"
NO_LINK = "\u2060"  # the invisible character that keeps an address from becoming a link


@pytest.fixture
def watched(page: Page, one_server):
    """A tab that notes every dialog; the `page` fixture notes every request to elsewhere."""
    bench, dialogs = Workbench(page, one_server), []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield bench
    assert dialogs == []


def is_carried_out(page: Page) -> list[str]:
    """Return the elements of the page that a foreign name has made."""
    return page.evaluate(
        """() => {
          const reaches = /203\\.0\\.113|javascript:|example|^data:,x|\\/x$/;
          const made = e => {
            const link = e.getAttribute('href') || e.getAttribute('xlink:href') || '';
            return reaches.test(e.getAttribute('src') || '')
              || (e.tagName.toLowerCase() === 'a' && reaches.test(link))
              || e.tagName === 'SCRIPT'
              || (e.tagName === 'H1' && e.innerText.startsWith('heading'))
              || (['B', 'EM'].includes(e.tagName) && e.innerText.trim() === 'b')
              || e.classList.contains('katex')
              || (e.tagName === 'STRONG' && e.innerText === 'bold')
              || (e.tagName === 'CODE' && e.innerText === 'c');
          };
          const all = document.querySelectorAll('[data-testid=stApp] *');
          return [...all].filter(made).map(e => e.outerHTML.slice(0, 300));
        }"""
    )


def open_everything(watched: Workbench, room: str) -> None:
    """Open what a room holds back: lists, More, another outcome, the table behind a picture."""
    page = watched.page
    if room == "data":
        watched.list(Data.treatment).click()
        expect(page.get_by_role("option", name=NAMES["country"])).to_be_visible(timeout=SOON)
        page.keyboard.press("Escape")
    for summary in page.locator("summary").all():
        summary.click()
    if room == "data":
        expect(page.get_by_test_id("stDataFrame").last).to_be_visible(timeout=SOON)
    if room == "effects":
        segment = watched.main.get_by_test_id("stButtonGroup").get_by_role("radio")
        seen = [words.replace(NO_LINK, "") for words in segment.all_inner_texts()]
        assert seen == list(NAMES.values())[-4:]
        segment.nth(1).click()
        expect(watched.main).to_contain_text(f"“{NAMES['browse']}”", timeout=SOON)
    table = page.get_by_role("button", name="Show as table")
    if table.count():
        table.first.click()
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible(timeout=SOON)


def test_hostile_column_names_are_literal_in_every_room(watched: Workbench, one_server):
    store = Store.open(one_server.home)
    project = store.create_project(FILE_NAME, actor=LOCAL)
    analysis = made_by_hand.analysis(rename=NAMES)
    store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    page = watched.page
    for room in [kind.path for kind in NINE]:
        watched.visit(room, project.id)
        expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=SOON)
        if room:
            expect(watched.main).to_contain_text("/c) <b>b</b>", timeout=SOON)
        if room in ("data", "effects", "report"):
            expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=SOON)
        watched.rest()
        open_everything(watched, room)
        assert is_carried_out(page) == []
    assert FILE_NAME in page.get_by_test_id("stSidebar").inner_text()


def test_a_hostile_file_is_read_and_shown_literally(watched: Workbench):
    header = ",".join('"' + name.replace('"', '""') + '"' for name in NAMES.values())
    rows = [
        f"{'de' if row % 3 else '<img src=x>'},{row % 7},{row % 5}.5,{row % 2},"
        f"{row % 3 % 2},{row % 5 % 2},{row % 4 % 2},{row // 2 % 2}"
        for row in range(300)
    ]
    content = "\n".join([header, *rows, "broken,row"]).encode()
    file = {"name": FILE_NAME, "mimeType": "text/csv", "buffer": content}
    watched.upload(file)
    Data(watched).wait_for_table()
    page = watched.page
    assert FILE_NAME in page.get_by_test_id("stSidebar").inner_text()
    page.locator("summary", has_text="More").click()
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible(timeout=SOON)
    assert watched.list(Data.treatment).input_value() in NAMES.values()
    assert is_carried_out(page) == []
    watched.visit()
    expect(watched.main.get_by_role("link", name=FILE_NAME).first).to_be_visible(timeout=SOON)
    assert is_carried_out(page) == []


def test_a_refused_file_with_a_hostile_name_is_told_literally(watched: Workbench):
    watched.upload({"name": FILE_NAME, "mimeType": "text/csv", "buffer": b"\x00\x01\x02" * 99})
    expect(watched.alerts).to_contain_text(FILE_NAME, timeout=4 * SOON)
    assert is_carried_out(watched.page) == []
