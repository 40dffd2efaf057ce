"""What hostile people stored is read by others in a browser: as words, and nothing of it runs.

`test_injection.py` reads what the server answers. Here a real browser reads it, with all scripts
of the pages: parts that htmx fetches, rows that change while the list is open, the map's popup.

| what is stored | what would betray it |
| --- | --- |
| elements with handlers, scripts out of an attribute or a string, as an address | `window.ran` |
| the same | a dialog, a refusal by the policy, an element or handler that is not ours |
| templates of Django and of scripts, a sign that turns the writing round | other words |
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.actions.attaching import safe_name
from gezhi.desk.pages.rows import first_words
from tests.attacks.stored import (
    ADDRESS,
    CATEGORY,
    DRAWING,
    EVIL,
    IMAGE,
    PEOPLE,
    SCRIPT,
    SHEET,
    SHORT,
    UNITS,
    Stored,
    report_evil,
    said,
    store,
)
from tests.browser import DESK, PHONE, Window
from tests.cast import GRID, SIDE, VILLAGE, WEST, County, point_in

pytest_plugins = ["tests.browser"]

# Everything that could run and is not ours: the pages of the house hold no such thing at all.
_STRANGE = """() => [...document.querySelectorAll("*")].filter(each =>
    each.matches("img[src=x], script:not([src])") ||
    [...each.attributes].some(one => one.name.startsWith("on") ||
      ["href", "src", "action", "formaction"].includes(one.name) &&
      /^\\s*javascript:/i.test(one.value))
  ).map(each => each.outerHTML.slice(0, 200))"""
# What can be read: the words of the page and what stands in its fields.
_READ = """() => {
  document.querySelectorAll("details").forEach(each => (each.open = true));
  const fields = [...document.querySelectorAll("input:not([type=hidden]), textarea")];
  return [document.body.innerText, ...fields.map(each => each.value)].join("\\n");
}"""


@dataclass
class Looker:
    """A window whose pages are looked at; what was wrong on any of them is gathered."""

    window: Window
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.window.page.on("dialog", self._hear)

    def _hear(self, dialog: Any) -> None:
        self.faults.append(f"{self.window.page.url}: a dialog: {dialog.message}")
        dialog.dismiss()

    def seat(self, client: Client) -> "Looker":
        """Whoever is signed in with this client sits down here."""
        context, address = self.window.context, self.window.address
        context.clear_cookies()
        for name, kept in client.cookies.items():
            context.add_cookies([{"name": name, "value": kept.value, "url": address}])
        return self

    def look(self, path: str, *shown: str) -> None:
        """Open a page and look at it."""
        self.window.go(path)
        self.look_here(*shown)

    def look_here(self, *shown: str) -> None:
        """Nothing of what is stored runs on this page, and it can be read as it was written."""
        page = self.window.page
        read = _on_one_line(page.evaluate(_READ))
        missing = [words for words in shown if _on_one_line(words) not in read]
        self.faults += [f"{page.url}: can't be read: {words}" for words in missing]
        self.faults += [f"{page.url}: {each}" for each in betrayed(page)]


def betrayed(page: Page) -> list[str]:
    """What shows that stored words were more than words."""
    found: list[str] = page.evaluate(_STRANGE)
    ran = page.evaluate("window.ran")
    return found if ran is None else [f"it ran: {ran}", *found]


def _on_one_line(words: str) -> str:
    return " ".join(words.split())


@pytest.fixture
def looker(window: Callable[..., Window]) -> Iterator[Callable[[dict[str, int]], Looker]]:
    """A window of this size; at the end nothing was wrong on any page of it."""
    opened: list[Looker] = []

    def make(size: dict[str, int]) -> Looker:
        opened.append(Looker(window("stored", size)))
        return opened[-1]

    yield make
    faults = [fault for one in opened for fault in [*one.faults, *one.window.problems]]
    assert not faults, "\n".join(faults)


@pytest.mark.browser
def test_the_check_sees_what_runs(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<p>{EVIL}</p>")
    page.wait_for_function("window.ran === 1")
    found = "".join(betrayed(page))
    for sign in ("it ran", "<img", "<svg", "<script>"):
        assert sign in found
    page.set_content(f'<a href="{ADDRESS}">x</a>')
    assert ADDRESS in "".join(betrayed(page))
    page.close()


@pytest.mark.browser
def test_what_is_stored_is_read_as_words_and_nothing_of_it_runs(
    committed: County, looker: Callable[[dict[str, int]], Looker], tmp_path: Path
) -> None:
    stored, at_desk, on_phone = store(committed), looker(DESK), looker(PHONE)

    def staff(login: str) -> Looker:
        client = Client()
        backend = "gezhi.site.sessions.AccountBackend"
        client.force_login(committed.accounts[login], backend=backend)
        return at_desk.seat(client)

    for login, pages in _pages(stored).items():
        one = staff(login)
        for path, shown in pages.items():
            one.look(path, *shown)
    _list_that_stays_open(staff("cun"), stored)
    _panels(staff("shui"), stored)
    _residents(on_phone.seat(stored.door.client()), stored)
    _copy_at_home(on_phone, stored, tmp_path)


def _pages(stored: Stored) -> dict[str, dict[str, tuple[str, ...]]]:
    """Which pages whoever opens, and which of the stored words they read there."""
    name = PEOPLE
    village, water = UNITS.values()
    accounts, units = stored.county.accounts, stored.county.units
    worked_on = tuple(
        map(said, ("受理", "派发", "备注", "询问", "回答", "吹哨", "协办", "答复", "评价"))
    )
    return {
        "cun": {
            f"/desk/cases/{stored.number('完')}/": (
                said("完原话"), said("地点"), said("类"), *worked_on, village, water, name["cun"],
                name["shui"], safe_name(f"{EVIL}.pdf"),
            ),
            "/desk/data-requests/": (said("改成"), said("为何改"), said("不删"), said("完原话")),
            "/desk/cases/new/": (),
        },
        "shui": {
            f"/desk/cases/{stored.number('批')}/": (said("挂起"), f"由{DRAWING}"),
            f"/desk/cases/{stored.number('督')}/": (said("督办"),),
            "/desk/notices/": (f"知{IMAGE}{SCRIPT}", name["shui"]),
            "/desk/duty/": (),
            f"/desk/duty/units/{units['dept-water'].id}/": (SHORT[0], name["shui"]),
        },
        "du": {
            "/desk/approvals/": (said("挂起"), first_words(said("批原话"))),
            "/desk/supervision/": (first_words(said("督原话")),),
            "/desk/delegations/": (name["xian"], name["du"]),
        },
        "xian": {
            "/desk/delegations/": (f"代 {name['du']}", name["xian"]),
            f"/desk/import/{stored.things['import']}/": (SHEET,),
            "/desk/import/": (SHEET,),
        },
        "fang": {"/desk/visits/": (first_words(said("访原话")), said("答复"))},
        "guan": {
            "/desk/admin/units/?q=img": (village,),
            f"/desk/admin/units/{units['dept-water'].id}/": (water, name["shui"]),
            "/desk/admin/accounts/": (*name.values(),),
            f"/desk/admin/accounts/{accounts['cun'].id}/": (name["cun"], village),
            "/desk/admin/areas/": (f"庄{IMAGE}",),
            "/desk/admin/rulebook/": (said("类"), f"组{IMAGE}", said("假"), said("版")),
            f"/desk/admin/rulebook/categories/{CATEGORY}/": (said("类"),),
            "/desk/sessions/": (name["guan"],),
            "/desk/account/": (name["guan"],),
        },
        "dui": {"/desk/account/": (name["dui"], f"钥{IMAGE}")},
        "an": {
            "/desk/admin/retention/": (said("留住"), said("期限")),
            f"/desk/admin/accounts/{accounts['dui'].id}/": (name["dui"], f"钥{IMAGE}"),
            f"/desk/admin/accounts/{accounts['du'].id}/": (name["du"],),
        },
        "shen": {"/desk/audit/": (said("留住"), said("期限"), said("为何看"), name["shui"])},
    }  # fmt: skip


def _list_that_stays_open(cun: Looker, stored: Stored) -> None:
    """The list, its menus, a popup of its map; a row that changes and one that comes meanwhile."""
    waiting = report_evil(stored, "等")
    page = cun.window.go("/desk/?tab=area")
    rows = page.locator("#rows")
    expect(rows).to_contain_text(first_words(said("等原话")))
    cun.look_here(said("等原话")[:60], first_words(said("完原话")), UNITS[f"centre-{VILLAGE}"])
    expect(page.locator(".gz-saved-menu")).to_contain_text(SHORT[0])
    expect(page.locator(".gz-filter")).to_contain_text(f"组{IMAGE}")
    cun.look_here(*SHORT)
    _popup(cun, waiting)

    page = cun.window.go("/desk/?tab=area")
    row = rows.locator(f"[data-row='{waiting.case.number}']")
    expect(row).to_contain_text("待受理")
    cases.accept(
        waiting.case.id, category=CATEGORY, words=said("受理"), actor=stored.county.actor("cun")
    )
    _news(page, waiting)
    expect(row).to_contain_text("已受理")
    cun.look_here(first_words(said("等原话")))
    _news(page, report_evil(stored, "新"))
    news = page.locator("[data-fresh]")
    expect(news).to_be_visible()
    news.press("Enter")  # a menu that is open lies over it
    expect(rows).to_contain_text(first_words(said("新原话")))
    cun.look_here()


def _news(page: Page, about: cases.Reported) -> None:
    """The book's news, as the live process would bring it."""
    page.evaluate(
        "id => document.querySelector('[data-news]').dispatchEvent("
        "new CustomEvent('gz:news', {detail: {about: `case:${id}`}, bubbles: true}))",
        str(about.case.id),
    )


def _popup(cun: Looker, about: cases.Reported) -> None:
    """The one point of a list of one on the map, and what it says when it is pressed."""
    page = cun.window.go(f"/desk/?tab=area&q={about.case.number}")
    drawn = page.locator(".gz-pane-map[data-map-ready=yes]")
    drawn.wait_for()
    box, lon = drawn.bounding_box(), point_in(GRID)[0]
    assert box
    # The county fills the width but for 16 pixels at each side; it is five grids wide, one high.
    share = (lon - WEST) / (5 * SIDE)
    place = {"x": 16 + share * (box["width"] - 32), "y": box["height"] / 2}
    popup, deadline = page.locator(".maplibregl-popup-content"), clock.now() + timedelta(seconds=60)
    while not popup.count() and clock.now() < deadline:  # the point is drawn a moment later
        drawn.click(position=place)
        page.wait_for_timeout(200)
    expect(popup).to_contain_text(f"{about.case.number} {first_words(about.case.what)}")
    cun.look_here()


def _panels(shui: Looker, stored: Stored) -> None:
    """The case beside the list, and every form that it opens."""
    page = shui.window.go("/desk/?tab=area")
    page.locator(f"[data-row='{stored.number('督')}'] > a").click()
    expect(page.locator("#case")).to_contain_text(said("督办"))
    shui.look_here(said("督原话"))
    for act in page.locator("#case [data-move]").evaluate_all(
        "all => all.map(e => e.dataset.move)"
    ):
        page.locator(f"#case [data-move={act}]").first.evaluate("button => button.click()")
        page.locator(f"#move-{act}").wait_for()
        shui.look_here()


def _residents(rita: Looker, stored: Stored) -> None:
    """The reporter on the phone, and what everybody sees."""
    closed, asked = stored.number("完"), stored.number("问")
    rita.look(
        f"/track/{closed}/", said("完原话"), said("地点"), said("答复"), said("评价"),
        said("为何看"), UNITS["dept-water"],
    )  # fmt: skip
    rita.look(f"/track/{asked}/", said("询问"), said("问原话"))
    rita.look("/mine/")
    rita.look("/me/", f"称{IMAGE}")
    rita.look(
        f"/me/reports/{closed}/",
        f"称{IMAGE}",
        f"址{DRAWING} {SCRIPT}",
        said("不删"),
        said("为何看"),
    )
    rita.look("/cases/", said("完原话")[:30])
    rita.look("/")


def _copy_at_home(rita: Looker, stored: Stored, home: Path) -> None:
    """The page of a resident's copy lies on their own disk: no policy of ours stands before it."""
    packed = zipfile.ZipFile(io.BytesIO(stored.things["copy"]))
    name = next(each for each in packed.namelist() if each.endswith(".html"))
    rita.window.page.goto(Path(packed.extract(name, home)).as_uri())
    rita.look_here(said("完原话"), f"称{IMAGE}", said("答复"), said("评价"))
