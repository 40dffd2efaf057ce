"""Open311: what was reported, as everybody may read it (M5, M6 of docs/open311.md)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from gezhi.api.tests.calling import KeyOf
from gezhi.api.tests.open311 import LAMP, said, told, words_of
from gezhi.api.tests.telling import a_photo, reasons
from gezhi.base import clock
from gezhi.base.actor import NOBODY, system
from gezhi.base.ids import new_id
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.deadlines import reads as deadlines
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, GRID_2, SETTING_UP, TUESDAY, County, point_in

HOUSE = system("tests")
Shown = Callable[..., Case]


@pytest.fixture
def shown(county: County) -> Shown:
    """A case that was taken up and reviewed as public: `shown(at=…, kind=…, grid=…)`."""

    def make(
        *, at: datetime = TUESDAY, kind: str = "utility.lamp", grid: str = GRID,
        is_public: bool = True, what: str = "路灯不亮", is_secret: bool = False,
    ) -> Case:  # fmt: skip
        lon, lat = point_in(grid)
        with clock.standing_at(at):
            made = cases.report(
                county=COUNTY, what=what, where=cases.Where(lon=lon, lat=lat, place="村口"),
                channel="portal", contact=cases.Contact(phone="13812345678", is_secret=is_secret),
                actor=NOBODY,
            )  # fmt: skip
            case = cases.accept(made.case.id, category=kind, actor=county.actor("cun"))
            if is_public:
                case = cases.publish(case.id, is_public=True, actor=county.actor("du"))
        return case

    return make


@pytest.fixture
def listed(rita: Client) -> Callable[..., list[str]]:
    """The ids of a list, as it is on the Tuesday of the cast."""

    def ask(_status: int = 200, _at: datetime = TUESDAY + timedelta(hours=1), **query: Any) -> Any:
        with clock.standing_at(_at):
            found = said(rita, "requests", query, status=_status)
        if _status != 200:
            return words_of(found)
        return [each["service_request_id"] for each in found]

    return ask


def test_a_request_says_what_anybody_may_know(shown: Shown, rita: Client, county: County) -> None:
    case = shown(what="路灯不亮，打我电话13812345678")
    [found] = said(rita, f"requests/{case.number}")
    target = deadlines.target(case)
    assert target
    assert found.pop("service_notice").startswith("承诺 2026-")
    assert found == {
        "service_request_id": case.number,
        "status": "open",
        "status_notes": "已受理",
        "service_name": "路灯照明",
        "service_code": "utility.lamp",
        "description": "路灯不亮，打我电话138****5678",
        "agency_responsible": "柳树村综治中心",
        "requested_datetime": "2026-11-17T01:00:00Z",
        "updated_datetime": "2026-11-17T01:00:00Z",
        "expected_datetime": f"{target.due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "address": "河湾镇 · 柳树村 · 第1网格 · 村口",
        "address_id": GRID,
        "zipcode": None,
        "lat": 35.61,
        "long": 106.91,
        "media_url": None,
    }


def test_a_list_that_was_told_before_tells_what_has_changed_since(
    shown: Shown, rita: Client, listed: Any, county: County
) -> None:
    """Rows that are kept as they were written are told again only while nothing of them changed."""
    case = shown()
    [first] = said(rita, "requests", {"service_request_id": case.number})
    english = {"Accept-Language": "en"}
    [other] = said(rita, "requests", {"service_request_id": case.number}, headers=english)
    assert (first["service_name"], other["service_name"]) == ("路灯照明", "Street lamps")
    with clock.standing_at(TUESDAY):  # a change within the same second is one too
        cases.reclassify(case.id, category="utility.manhole", actor=county.actor("cun"))
        cases.assign(case.id, unit=county.unit("dept-cityadmin"), actor=county.actor("cun"))
    [then] = said(rita, "requests", {"service_request_id": case.number})
    changed = {name for name in first if first[name] != then[name]}
    assert {"service_code", "service_name", "status_notes", "agency_responsible"} <= changed
    Case.objects.filter(pk=case.pk).update(what="")  # as erasing does
    [last] = said(rita, "requests", {"service_request_id": case.number})
    assert last["description"] is None


def test_what_is_finished_is_closed_with_its_answer_and_its_picture(
    shown: Shown, rita: Client, county: County
) -> None:
    case = shown()
    cases.assign(case.id, unit=county.unit("dept-cityadmin"), actor=county.actor("cun"))
    cases.sign(case.id, actor=HOUSE)
    photo = a_photo()
    cases.attach(case.id, upload=cases.Upload("a.jpg", photo.read(), "after"), actor=HOUSE)
    cases.finish(case.id, outcome="solved", answer="换了灯泡，亮了。", actor=HOUSE)
    [found] = said(rita, f"requests/{case.number}")
    assert found["status"] == "closed"
    assert "换了灯泡" in found["status_notes"]
    finished = Case.objects.get(pk=case.pk).finished_at
    assert finished
    assert found["updated_datetime"] == f"{finished.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert found["media_url"].startswith("http://testserver/files/")
    assert rita.get(found["media_url"]).status_code == 200


@pytest.mark.parametrize("way", ["private", "sensitive", "secret", "none", "number"])
def test_what_is_nobodys_business_is_absent_like_what_is_not_there(
    shown: Shown, rita: Client, listed: Any, way: str
) -> None:
    hidden = next(k for k, one in rulebook.current(COUNTY).categories.items() if one.sensitive)
    case = shown(
        kind=hidden if way == "sensitive" else "utility.lamp",
        is_public=way not in ("private", "secret"),
        is_secret=way == "secret",
    )
    number = {"none": "200101-000001", "number": "1 OR 1=1"}.get(way, case.number)
    assert "service_request_id" in words_of(said(rita, f"requests/{number}", status=404))
    if way not in ("none", "number"):
        assert listed() == []
        assert listed(service_request_id=case.number) == []


def test_what_was_merged_into_a_hidden_case_is_hidden(
    shown: Shown, listed: Any, county: County
) -> None:
    main, case = shown(is_public=False), shown()
    cases.merge(case.id, main=main.id, actor=county.actor("cun"))
    assert listed() == []
    cases.publish(main.id, is_public=True, actor=county.actor("du"))
    assert set(listed()) == {main.number, case.number}
    assert listed(status="closed") == [case.number]


def test_a_program_sees_what_it_reported_itself_before_anybody_else(
    county: County, rita: Client, key: KeyOf, listed: Any
) -> None:
    own, other = key("dui"), key("xian")
    [made] = told(rita, {"api_key": own, **LAMP, "attribute[pole]": "A-3"})
    number, now = made["service_request_id"], clock.now()
    said(rita, f"requests/{number}", status=404)
    said(rita, f"requests/{number}", {"api_key": other}, status=404)
    said(rita, f"requests/{number}", {"api_key": "gz_x"}, status=403)
    [found] = said(rita, f"requests/{number}", {"api_key": own, "extensions": "true"})
    assert found["attributes"] == [{"code": "pole", "description": "灯杆编号", "value": "A-3"}]
    assert [note["type"] for note in found["notes"]] == ["report"]
    assert listed(_at=now, api_key=own) == [number]
    assert listed(_at=now) == []


@pytest.mark.parametrize("way", ["sensitive", "merged"])
def test_a_program_hears_of_what_it_reported_to_the_end(
    county: County, shown: Shown, rita: Client, key: KeyOf, way: str
) -> None:
    """Also of what isn't for others to see by now: its state, and nothing of what is in it."""
    own, other = key("dui"), key("xian")
    [made] = told(rita, {"api_key": own, **LAMP})
    case = Case.objects.get(number=made["service_request_id"])
    if way == "sensitive":
        known = rulebook.current(COUNTY).categories.items()
        hidden = next(code for code, one in known if one.sensitive)
        cases.accept(case.id, category=hidden, actor=county.actor("cun"))
        cases.refuse(
            case.id, reason=next(iter(reasons("refuse"))), words="找妇联", actor=SETTING_UP
        )
        ends = "not_councils_responsibility"
    else:
        cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
        main = shown(is_public=False, at=clock.now())
        cases.merge(case.id, main=main.id, actor=county.actor("cun"))
        ends = "duplicate"
    [found] = said(rita, f"requests/{case.number}", {"api_key": own})
    assert (found["status"], found["service_code"]) == ("closed", "utility.lamp")
    assert {name for name in found if found[name] is not None} == {
        "service_request_id", "status", "status_notes", "service_name", "service_code",
        "requested_datetime", "updated_datetime",
    }  # fmt: skip
    assert said(rita, "requests", {"api_key": own}) == [found]
    for query in ({"service_code": "utility.lamp"}, {"bbox": "0,0,180,90"}):
        assert said(rita, "requests", {"api_key": own, **query}) == []
    steps = said(rita, "servicerequestupdates", {"api_key": own})
    assert [each["service_request_id"] for each in steps] == [case.number] * 2
    assert steps[-1]["status"] == ends
    assert "妇联" not in repr(steps)
    for query in ({}, {"api_key": other}):
        said(rita, f"requests/{case.number}", query, status=404)
        assert said(rita, "servicerequestupdates", query) == []


def test_of_a_black_box_a_program_hears_nothing(rita: Client, key: KeyOf, county: County) -> None:
    own = key("dui")
    known = rulebook.current(COUNTY).categories.items()
    hidden = next(code for code, one in known if one.sensitive)
    told(rita, {"api_key": own, **LAMP, "service_code": hidden})
    said(rita, f"requests/{Case.objects.get().number}", {"api_key": own}, status=404)
    assert said(rita, "requests", {"api_key": own}) == []


def test_without_dates_the_last_ninety_days_are_meant(shown: Shown, listed: Any) -> None:
    old = shown(at=TUESDAY - timedelta(days=91))
    young = shown(at=TUESDAY - timedelta(days=89))
    assert listed() == [young.number]
    assert listed(service_request_id=f"{old.number},{young.number},x") == [
        young.number, old.number,
    ]  # fmt: skip


def test_ids_go_before_everything_else(shown: Shown, listed: Any) -> None:
    case = shown()
    others = {"status": "closed", "service_code": "x", "start_date": "2001-01-01T00:00:00Z"}
    assert listed(service_request_id=case.number, **others) == [case.number]
    assert listed(service_request_id=case.number, page=0, page_size="x") == [case.number]
    assert listed(service_request_id="x,y") == []


def test_lists_between_commas_narrow(shown: Shown, listed: Any) -> None:
    lamp, lid = shown(), shown(kind="utility.manhole", at=TUESDAY + timedelta(minutes=1))
    assert listed() == [lid.number, lamp.number]
    assert listed(service_code="utility.lamp") == [lamp.number]
    assert listed(service_code="utility.lamp,utility.manhole,x") == [lid.number, lamp.number]
    assert listed(status="open,closed") == listed(status="open") == listed(status="")
    assert listed(status="closed") == []


@pytest.mark.parametrize(
    ("since", "until", "there"),
    [
        (-1, 1, True),
        (0, 0, True),
        (1, 2, False),
        (-2, -1, False),
        (-90, 0, True),
        (-1, None, True),
        (1, None, False),
        (None, 1, True),
        (None, 91, False),
    ],
)
def test_dates_are_of_the_request(
    shown: Shown, listed: Any, since: int | None, until: int | None, there: bool
) -> None:
    case = shown()
    days = {"start_date": since, "end_date": until}
    query = {
        name: (TUESDAY + timedelta(days=day)).isoformat()
        for name, day in days.items()
        if day is not None
    }
    assert listed(**query) == ([case.number] if there else [])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"start_date": "2026-08-01T00:00:00Z", "end_date": "2026-10-30T00:00:01Z"}, "start_date"),
        ({"start_date": "2026-10-02T00:00:00Z", "end_date": "2026-10-01T00:00:00Z"}, "end_date"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2026-11-22"}, "start_date"),
        ({"start_date": "2026-11-22T09:00:00"}, "start_date"),
        ({"end_date": "2026-02-30T09:00:00Z"}, "end_date"),
        ({"end_date": "9999-12-31T23:59:59-14:00"}, "end_date"),
        ({"status": "pending"}, "status"),
        ({"page": "0"}, "page"),
        ({"page": "1.5"}, "page"),
        ({"page": "102"}, "page"),
        ({"page": "50001", "page_size": "3"}, "page"),
        ({"cursor": "x"}, "cursor"),
        ({"page_size": "1001"}, "page_size"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "3,2,1,4"}, "bbox"),
        ({"bbox": "a,b,c,d"}, "bbox"),
        ({"updated_after": "x"}, "updated_after"),
        ({"service_request_id": ",".join(map(str, range(1001)))}, "service_request_id"),
    ],
)
def test_what_cannot_be_read_is_named(
    county: County, listed: Any, query: dict[str, str], names: str
) -> None:
    assert names in listed(_status=400, **query)


@pytest.mark.parametrize(
    ("path", "query", "names"),
    [
        (
            "requests",
            {"start_date": "x", "updated_after": "y", "status": "z", "bbox": "1", "page": "0",
             "page_size": "0", "service_code": ",".join(map(str, range(1001)))},
            "updated_after start_date service_code status bbox page page_size",
        ),
        (
            "servicerequestupdates",
            {"start_date": "x", "end_date": "y", "page": "0", "cursor": "z"},
            "start_date end_date page cursor",
        ),
        ("bulk", {"start_date": "x", "status": "y", "bbox": "z"}, "status start_date bbox"),
    ],
)  # fmt: skip
def test_all_that_is_wrong_with_a_question_is_told_at_once(
    rita: Client, county: County, path: str, query: dict[str, str], names: str
) -> None:
    found = said(rita, path, query, status=400)
    assert [each["description"].partition("：")[0] for each in found] == names.split()


@pytest.mark.parametrize("zone", ["+08:00", " 08:00", "+0800"])
def test_a_plus_that_was_not_escaped_is_a_plus(shown: Shown, listed: Any, zone: str) -> None:
    case = shown()
    assert listed(start_date=f"2026-11-17T09:00:00{zone}") == [case.number]
    assert listed(start_date=f"2026-11-17T09:00:01{zone}") == []


def test_what_changed_is_found_by_when_it_did(shown: Shown, listed: Any, county: County) -> None:
    old = shown(at=TUESDAY - timedelta(days=200))
    shown()
    with clock.standing_at(TUESDAY + timedelta(hours=2)):
        cases.reclassify(old.id, category="utility.manhole", actor=county.actor("cun"))
    later = (TUESDAY + timedelta(hours=1)).isoformat()
    assert listed(updated_after=later) == [old.number]
    assert listed(updated_after=later, updated_before=later) == []


def test_a_box_holds_what_lies_in_it(shown: Shown, listed: Any) -> None:
    here, there = shown(), shown(grid=GRID_2)
    lon, lat = point_in(GRID)
    assert listed(bbox=f"{lon - 0.005},{lat - 0.005},{lon + 0.005},{lat + 0.005}") == [here.number]
    assert set(listed(bbox=f"{lon},{lat},{lon + 1},{lat}")) == {here.number, there.number}


def test_pages_lose_nothing_while_new_requests_come_in(shown: Shown, listed: Any) -> None:
    made = [shown(at=TUESDAY + timedelta(minutes=at)) for at in range(5)]
    seen: list[str] = []
    for page in range(1, 5):
        found = listed(page=page, page_size=2)
        assert len(found) <= 2
        seen += found
        if page == 1:
            shown(at=TUESDAY + timedelta(minutes=30))
    assert set(seen) >= {case.number for case in made}


def test_what_a_page_leads_on_to_loses_nothing_when_some_leave(
    shown: Shown, rita: Client, county: County
) -> None:
    made = [shown(at=TUESDAY + timedelta(minutes=at)) for at in range(5)]
    path = "/open311/v2/requests.json?status=open&page_size=2"
    seen: list[str] = []
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        while path:
            answer = rita.get(path)
            seen += [each["service_request_id"] for each in answer.json()]
            if len(seen) == 2:
                cases.publish(made[4].id, is_public=False, actor=county.actor("du"))
            found = re.fullmatch('<(.+)>; rel="next"', answer.get("Link", ""))
            path = found[1] if found else ""
    assert seen == [case.number for case in reversed(made)]


def test_pages_neither_overlap_nor_leave_a_gap(shown: Shown, listed: Any) -> None:
    made = [shown(at=TUESDAY) for _at in range(5)]
    seen = [number for page in (1, 2, 3) for number in listed(page=page, page_size=2)]
    assert seen == [case.number for case in reversed(made)]
    assert listed(page=4, page_size=2) == []


def test_a_thousand_are_given_at_most(shown: Shown, rita: Client) -> None:
    case = shown()
    rows = [
        Case(**{
            **{field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields},
            "id": None, "number": f"x{at}", "words": "",
        })
        for at in range(1000)
    ]  # fmt: skip
    for row in rows:
        row.id = new_id()
    Case.objects.bulk_create(rows)
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        answer = rita.get("/open311/v2/requests.json")
    assert len(answer.json()) == 1000


def test_a_list_costs_the_same_for_one_and_for_many(
    shown: Shown, rita: Client, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases, pictures, promises, names of areas; with extensions the steps. All at once."""
    monkeypatch.setattr(rulebook, "_RECHECK_SECONDS", 1e9)
    monkeypatch.setattr("gezhi.places.reads.standing.LOOK_AGAIN", 1e9)
    for _at in range(6):
        shown()
    connection.run_on_commit.clear()  # no places of this transaction's own
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        rita.get("/open311/v2/requests.json")
        rulebook.note_change(COUNTY)
        rulebook.forget(COUNTY)  # as in a process that changed nothing itself
        rulebook.current(COUNTY)
        for form in ("json", "xml"):
            for more, queries in (("", 3), ("?extensions=true", 4)):
                with django_assert_num_queries(queries):
                    answer = rita.get(f"/open311/v2/requests.{form}{more}")
        assert answer.content.count(b"<request>") == 6
