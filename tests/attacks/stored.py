"""What is dangerous to show, stored through every door."""

import json
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.rules.sealed import Field
from gezhi.desk import actions as desk
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
from tests.cast import (
    COUNTY,
    GRID,
    SETTING_UP,
    SINCE,
    TOWN,
    VILLAGE,
    County,
    plain_reason,
    point_in,
    voice_of,
)
from tests.matrix.residents import Door

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


def report_evil(stored: Stored, name: str) -> cases.Reported:
    """A matter that a resident reports; every word of it is hostile."""
    lon, lat = point_in(GRID)
    stored.reported[name] = cases.report(
        county=COUNTY,
        what=said(f"{name}原话"),
        where=cases.Where(lon=lon, lat=lat, place=said("地点")),
        channel="portal",
        category=CATEGORY,
        contact=cases.Contact(name=f"称{IMAGE}", phone=CALLER, address=f"址{DRAWING} {SCRIPT}"),
        actor=NOBODY,
    )
    return stored.reported[name]


CALLER, CATEGORY = "13812345678", "utility.water.pipe"
SHEET = f"{IMAGE} {DRAWING} {STRING}.csv"


def store(county: County) -> Stored:
    """Write hostile words, by the acts themselves, wherever people can write."""
    for code, name in UNITS.items():
        people.change_unit(county.unit(code), name=name, actor=SETTING_UP)
    for login, name in PEOPLE.items():
        people.change_account(county.accounts[login].id, name=name, actor=SETTING_UP)
    places.add_areas([NewArea(f"{TOWN}203", f"庄{IMAGE}")], on=SINCE, actor=SETTING_UP)
    _write_book(county)
    door = Door(people.let_in(phone=CALLER, is_app=False, county=COUNTY, address="127.0.0.1"))
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
    reported = report_evil(stored, "完")
    id, report = reported.case.id, reported.report.id
    cases.accept(id, category=CATEGORY, words=said("受理"), actor=cun)
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
            id = report_evil(stored, name).case.id
            cases.accept(id, category=CATEGORY, actor=cun)
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
        sheet.encode(), name=SHEET, county=COUNTY, actor=county.actor("xian")
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
