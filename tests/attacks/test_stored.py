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
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.actions.attaching import safe_name
from gezhi.cases.rules.sealed import Field
from gezhi.desk import actions as desk
from gezhi.desk.pages.rows import first_words
from gezhi.intake import actions as intake
from gezhi.people import actions as people
from gezhi.places import actions as places
from gezhi.places.rules import NewArea
from gezhi.record.tests.test_followers import read_everything
from gezhi.residents import actions as residents
from gezhi.residents.rules import Wish
from gezhi.retention import actions as retention
from gezhi.rulebook import actions as rulebook
from gezhi.rulebook import reads as rulebook_reads
from tests.browser import DESK, PHONE, Window
from tests.cast import (
    COUNTY,
    GRID,
    SETTING_UP,
    SIDE,
    SINCE,
    TOWN,
    VILLAGE,
    WEST,
    County,
    plain_reason,
    point_in,
    voice_of,
)
from tests.matrix.residents import Door

pytest_plugins = ["tests.browser"]

IMAGE = '<img src=x onerror="window.ran=1">'
DRAWING = '<svg onload="window.ran=1">'
SCRIPT = '"><script>window.ran=1</script>'
ADDRESS = "javascript:window.ran=1"
STRING = "'-window.ran=1-'"
BRACES = '{{ 7|add:1 }}{% now "Y" %}${7*3}'
TURNED = "\u202eecilop\u202c"
EVIL = f"{IMAGE} {DRAWING} {SCRIPT} {ADDRESS} {STRING} {BRACES} {TURNED}"
# Names take fewer signs; each kind of value stands in one of them.
UNITS = {f"centre-{VILLAGE}": f"{IMAGE} {SCRIPT}", "dept-water": f"{DRAWING} {ADDRESS} {STRING}"}
PEOPLE = {
    "cun": f"村{IMAGE}", "shui": f"水{DRAWING}", "xian": f"县{SCRIPT}", "du": f"督{ADDRESS}",
    "guan": f"管{STRING}{TURNED}", "dui": f"对{BRACES}",
}  # fmt: skip
SHORT = ('"><svg onload="ran=1">', ADDRESS, f"{STRING}{TURNED[:7]}")  # of at most 24 signs


def said(where: str) -> str:
    """What is stored in one place; whose it is can be told apart."""
    return f"{where} {EVIL}"


@dataclass
class Stored:
    """What the hostile left behind: cases by what stands in them, the resident's own door."""

    county: County
    door: Door
    reported: dict[str, cases.Reported] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> str:
        return self.reported[name].case.number

    def id(self, name: str) -> Any:
        return self.reported[name].case.id


def _report(stored: Stored, name: str) -> cases.Reported:
    """A matter that a resident reports; every word of it is hostile."""
    lon, lat = point_in(GRID)
    stored.reported[name] = cases.report(
        county=COUNTY,
        what=said(f"{name}原话"),
        where=cases.Where(lon=lon, lat=lat, place=said("地点")),
        channel="portal",
        category=_CATEGORY,
        contact=cases.Contact(name=f"称{IMAGE}", phone=_PHONE, address=f"址{DRAWING} {SCRIPT}"),
        actor=NOBODY,
    )
    return stored.reported[name]


_PHONE, _CATEGORY = "13812345678", "utility.water.pipe"
_SHEET = f"{IMAGE} {DRAWING} {STRING}.csv"


def _store(county: County) -> Stored:
    """Write hostile words, by the acts themselves, wherever people can write."""
    for code, name in UNITS.items():
        people.change_unit(county.unit(code), name=name, actor=SETTING_UP)
    for login, name in PEOPLE.items():
        people.change_account(county.accounts[login].id, name=name, actor=SETTING_UP)
    places.add_areas([NewArea(f"{TOWN}203", f"庄{IMAGE}")], on=SINCE, actor=SETTING_UP)
    _write_book(county)
    door = Door(people.let_in(phone=_PHONE, is_app=False, county=COUNTY, address="127.0.0.1"))
    stored = Stored(county, door)
    _whole_loop(stored)
    _waiting(stored)
    _beside(stored)
    _about_data(stored)
    read_everything()
    return stored


def _write_book(county: County) -> None:
    """A rulebook with a category, a group, a reason, a day off and a notice of such names."""
    files = rulebook_reads.default_files()
    for file, old, new in (
        ("categories.toml", 'name = "水管破裂"', f"name = {_quoted(said('类'))}"),
        ("categories.toml", 'name = "公用设施"', f"name = {_quoted(f'组{IMAGE}')}"),
        ("reasons.toml", 'name = "等待诉求人补充"', f"name = {_quoted(f'由{DRAWING}')}"),
        ("notices.toml", 'text = "紧急：', f"text = {_quoted(f'知{IMAGE}{SCRIPT}')[:-1]}"),
    ):
        assert old in files[file], old
        files[file] = files[file].replace(old, new)
    note = _quoted(said("假"))
    files["calendar.toml"] += f"\n[[exception]]\nday = 2026-11-23\nworking = false\nnote = {note}\n"
    rulebook.apply_book(files, note=said("版"), county=COUNTY, actor=county.actor("guan"))


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _whole_loop(stored: Stored) -> None:
    """From report to rated, closed and shown to everybody."""
    county, cun, shui = stored.county, *map(stored.county.actor, ("cun", "shui"))
    reported = _report(stored, "完")
    id, report = reported.case.id, reported.report.id
    cases.accept(id, category=_CATEGORY, words=said("受理"), actor=cun)
    cases.assign(id, unit=county.unit("dept-water"), words=said("派发"), actor=cun)
    cases.sign(id, actor=shui)
    cases.note(id, words=said("备注"), actor=shui)
    file = cases.Upload(f"{EVIL}.pdf", b"%PDF-1.4", "document")
    cases.attach(id, upload=file, actor=shui)
    cases.ask(id, words=said("询问"), actor=shui)
    cases.answer(id, words=said("回答"), actor=voice_of(reported))
    cases.whistle(id, units=[county.unit("dept-transport")], words=said("吹哨"), actor=cun)
    cases.arrive(id, actor=county.actor("lu"))
    cases.finish_leg(id, words=said("协办"), actor=county.actor("lu"))
    cases.open_field(
        id, report=report, field=Field.PHONE, reason=said("为何看"), actor=county.actor("shui")
    )
    cases.finish(
        id, outcome="cannot", reason=plain_reason("cannot"), answer=said("答复"), actor=shui
    )
    cases.rate(
        id, report=report, is_solved=True, rating=4, words=said("评价"), actor=voice_of(reported)
    )
    cases.close(id, actor=SETTING_UP)
    cases.publish(id, is_public=True, actor=county.actor("du"))


def _waiting(stored: Stored) -> None:
    """Matters that wait: for the reporter, for an approval, for a demand, for a call."""
    county, cun, shui = stored.county, *map(stored.county.actor, ("cun", "shui"))
    for name in ("问", "批", "督", "访"):
        # What is demanded is late, so that it is watched at whatever hour this runs.
        told = clock.now() - timedelta(days=30 if name == "督" else 0)
        with clock.standing_at(told):
            id = _report(stored, name).case.id
            cases.accept(id, category=_CATEGORY, actor=cun)
            cases.assign(id, unit=county.unit("dept-water"), actor=cun)
            cases.sign(id, actor=shui)
    cases.ask(stored.id("问"), words=said("询问"), actor=shui)
    cases.pause(
        stored.id("批"), reason="reporter", until=clock.now() + timedelta(days=9),
        words=said("挂起"), actor=shui,
    )  # fmt: skip
    cases.supervise(stored.id("督"), words=said("督办"), actor=county.actor("du"))
    cases.finish(
        stored.id("访"), outcome="cannot", reason=plain_reason("cannot"), answer=said("答复"),
        actor=shui,
    )  # fmt: skip


def _beside(stored: Stored) -> None:
    """What people write beside cases."""
    county, an = stored.county, stored.county.actor("an")
    for name in SHORT:
        desk.save_filter(name=name, query="tab=area", actor=county.actor("cun"))
    post, until = county.accounts["du"].posts.get(), clock.now().date() + timedelta(days=3)
    people.delegate_post(
        post.id, to=county.accounts["xian"].id, until=until, actor=county.actor("du")
    )
    people.add_shift(
        unit=county.unit("dept-water"), name=SHORT[0], starts=time(8), ends=time(16),
        actor=SETTING_UP,
    )  # fmt: skip
    people.make_key(account=county.accounts["dui"].id, name=f"钥{IMAGE}", actor=SETTING_UP)
    retention.hold(stored.number("完"), reason=said("留住"), actor=an)
    retention.set_days("contacts", days=3650, reason=said("期限"), actor=an)
    sheet = f"留言编号,留言主题,留言时间,留言详情\n1,{IMAGE},没有这个时间,灯不亮\n"
    stored.things["import"] = intake.receive_file(
        sheet.encode(), name=_SHEET, county=COUNTY, actor=county.actor("xian")
    ).id


def _about_data(stored: Stored) -> None:
    """What a resident asks about their own data, and what is answered."""
    for name, wish in (("完", Wish.CORRECT), ("完", Wish.ERASE), ("问", Wish.CORRECT)):
        report = stored.reported[name].report.id
        asked = residents.ask_about_data(
            report, wish=wish, wanted=said("改成"), reason=said("为何改"), signed=stored.door.signed
        )
        if wish == Wish.ERASE:
            residents.decide(
                asked.id, is_granted=False, answer=said("不删"), actor=stored.county.actor("cun")
            )
    copy = residents.ask_copy(address="127.0.0.1", signed=stored.door.signed)
    assert residents.make_copy(copy.id)
    packed = residents.fetch_copy(copy.id, address="127.0.0.1", signed=stored.door.signed)
    stored.things["copy"] = packed


# --- looking -----------------------------------------------------------------------------------

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
    stored, at_desk, on_phone = _store(committed), looker(DESK), looker(PHONE)

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
            f"/desk/import/{stored.things['import']}/": (_SHEET,),
            "/desk/import/": (_SHEET,),
        },
        "fang": {"/desk/visits/": (first_words(said("访原话")), said("答复"))},
        "guan": {
            "/desk/admin/units/?q=img": (village,),
            f"/desk/admin/units/{units['dept-water'].id}/": (water, name["shui"]),
            "/desk/admin/accounts/": (*name.values(),),
            f"/desk/admin/accounts/{accounts['cun'].id}/": (name["cun"], village),
            "/desk/admin/areas/": (f"庄{IMAGE}",),
            "/desk/admin/rulebook/": (said("类"), f"组{IMAGE}", said("假"), said("版")),
            f"/desk/admin/rulebook/categories/{_CATEGORY}/": (said("类"),),
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
    waiting = _report(stored, "等")
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
        waiting.case.id, category=_CATEGORY, words=said("受理"), actor=stored.county.actor("cun")
    )
    _news(page, waiting)
    expect(row).to_contain_text("已受理")
    cun.look_here(first_words(said("等原话")))
    _news(page, _report(stored, "新"))
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
