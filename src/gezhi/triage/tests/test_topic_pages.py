"""Topics and root-cause cases through the desk's pages."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.base.days import midnight
from gezhi.cases.models import Case
from gezhi.places import reads as places
from gezhi.triage.actions import topics as finding
from gezhi.triage.models import RootCause, Topic, TopicRun
from gezhi.triage.pages import roots as pages
from gezhi.triage.tests.board import ROAD, WATER, tell, tell_all
from gezhi.triage.tests.test_roots import open_root, solve
from tests.cast import COUNTY, FAR_VILLAGE, GRID, VILLAGE, County

FAR = f"{FAR_VILLAGE}001"
KIND, OTHER_KIND = "utility.water.quality", "traffic.road.collapse"
LIST = "/desk/topics/"


@pytest.fixture
def now(county: County) -> datetime:
    return clock.now()


@pytest.fixture
def found(now: datetime) -> list[Topic]:
    """A topic here and one in the other town."""
    tell_all(WATER, at=GRID, now=now, category=KIND)
    tell_all(ROAD, at=FAR, now=now, category=OTHER_KIND)
    finding.run_hourly(COUNTY)
    return list(Topic.objects.order_by("path"))


def words(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_the_list_shows_each_what_lies_in_their_area(found: list[Topic], login: Any) -> None:
    whole, town, other = (words(login(who).get(LIST)) for who in ("du", "zhendu", "bie"))
    for topic, seen, unseen in ((found[0], town, other), (found[1], other, town)):
        address = f"{LIST}{topic.id}/"
        assert address in whole
        assert address in seen
        assert address not in unseen
    assert "自来水" in town
    assert "自来水" not in other
    assert 'class="gz-spark"' in whole


def test_the_list_is_asked_by_its_address(found: list[Topic], login: Any) -> None:
    client = login("du")

    def lists(query: str) -> set[Any]:
        page = words(client.get(f"{LIST}?{query}"))
        return {topic.id for topic in found if str(topic.id) in page}

    both, here, there = {one.id for one in found}, {found[0].id}, {found[1].id}
    assert lists("") == both
    assert lists("area=990101101") == here
    assert lists(f"category={OTHER_KIND}") == there
    assert lists("weeks=1") == both
    assert lists("weeks=nonsense&area=x") == both
    Topic.objects.filter(pk=found[1].pk).update(last_at=clock.now() - timedelta(days=10))
    assert lists("weeks=1") == here
    assert lists("growing=1") == {one.id for one in found if one.is_growing}


def test_what_is_listed_is_exported(found: list[Topic], login: Any) -> None:
    answer = login("du").get(f"{LIST}export.xlsx?area=990101101")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    assert rows[1][:2] == ["同一件事", "柳树村 · 饮水质量：自来水、铁锈、发黄"]
    assert rows[1][5:7] == [4.0, 4.0]


def test_a_search_is_asked_for_and_followed_to_its_end(found: list[Topic], login: Any) -> None:
    client = login("du")
    assert client.post(f"{LIST}now/").url == LIST
    run = TopicRun.objects.get(state="working")
    part = f"{LIST}searches/{run.id}/progress/"
    assert part in words(client.get(LIST))
    answer = client.get(part)
    assert "HX-Refresh" not in answer
    assert "<progress" in words(answer)
    finding.work_on(run.id)
    assert client.get(part)["HX-Refresh"] == "true"
    assert login("zhen").post(f"{LIST}now/").status_code == 403


def test_a_topic_shows_its_cases_and_where_they_are(found: list[Topic], login: Any) -> None:
    page = words(login("zhendu").get(f"{LIST}{found[0].id}/"))
    for case in Case.objects.filter(path=GRID):
        assert case.number in page
    Case.objects.filter(path=GRID).update(due_at=clock.now() + timedelta(days=1))
    late = Case.objects.filter(path=GRID)[0]
    Case.objects.filter(pk=late.pk).update(due_at=clock.now() - timedelta(hours=1))
    points = login("zhendu").get(f"{LIST}{found[0].id}/points.geojson").json()
    seen = {
        one["properties"]["label"][:13]: one["properties"]["state"] for one in points["features"]
    }
    assert [number for number, state in seen.items() if state == "late"] == [late.number[:13]]
    assert set(seen.values()) == {"late", "on_time"}
    assert len(points["features"]) == 4
    assert "13" not in points["features"][0]["properties"]["label"][14:]
    absent, away = (
        login("zhendu").get(f"{LIST}{id}/")
        for id in ("01900000-0000-7000-8000-000000000000", found[1].id)
    )
    assert absent.status_code == away.status_code == 404


def test_what_somebody_wrote_is_masked(now: datetime, login: Any) -> None:
    for text in WATER:
        tell(f"{text} 电话13812345678", opened_at=now, category=KIND)
    finding.run_hourly(COUNTY)
    client = login("du")
    for address in (LIST, f"{LIST}{Topic.objects.get().id}/"):
        assert "13812345678" not in words(client.get(address))


def test_a_receptionist_makes_those_one_that_are_ticked_and_a_supervisor_does_not(
    found: list[Topic], login: Any
) -> None:
    """The page ticks; what is ticked goes the way of every act on many, which says first."""
    kept, main, *ticked = Case.objects.filter(path=GRID).order_by("opened_at")
    address, bulk = f"{LIST}{found[0].id}/", reverse("desk:bulk", args=["merge"])
    assert bulk not in words(login("du").get(address))
    page = words(login("cun").get(address))
    assert bulk in page
    assert set(re.findall(r'name="number" value="([^"]+)"', page)) == set(
        Case.objects.filter(path=GRID).values_list("number", flat=True)
    )
    numbers = [case.number for case in (main, *ticked)]
    said = words(login("cun").post(bulk, {"number": numbers}))
    assert "可以办 2 件，会被拒绝 0 件" in said
    assert kept.number not in said
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', said)
    sent = dict(hidden) | {"number": numbers, "main": main.number}
    login("cun").post(reverse("desk:do_bulk", args=["merge"]), sent)
    assert set(Case.objects.filter(main=main)) == set(ticked)
    finding.run_hourly(COUNTY)
    assert Topic.objects.get(path=found[0].path).cases == 4, "they go on telling of it"


# --- root-cause cases ----------------------------------------------------------------------------

ROOTS = "/desk/roots/"


def typed(county: County, **more: Any) -> dict[str, Any]:
    target = (places.today() + timedelta(days=60)).isoformat()
    return {
        "path": VILLAGE, "category": KIND, "owner": county.unit("dept-water"), "target": target,
        "words": "柳树村供水管锈蚀，请水务局整段更换", **more,
    }  # fmt: skip


def test_what_comes_back_is_proposed_and_opened(county: County, login: Any, now: datetime) -> None:
    solve(7, now=now, kind=KIND)
    solve(1, now=now, kind=KIND, days=100)
    client = login("du")
    page = words(client.get(LIST))
    assert "这里 90 天内同类已办结 7 件" in page
    behind = next(one for one in re.findall(r'href="([^"]+)"', page) if "outcome=solved" in one)
    listed = words(client.get(behind.replace("&amp;", "&")))
    assert len(set(re.findall(r"/desk/cases/([0-9-]+)/", listed))) == 7
    assert f"{ROOTS}new/?path={VILLAGE}&amp;category={KIND}" in page
    form = words(client.get(f"{ROOTS}new/?path={VILLAGE}&category={KIND}"))
    assert f'<option value="{VILLAGE}" selected>' in form
    assert "safety.theft" not in form
    made = client.post(f"{ROOTS}new/", typed(county))
    root = RootCause.objects.get()
    assert made.url == f"{ROOTS}{root.id}/"
    shown = words(client.get(made.url))
    assert "还看不出来" in shown
    assert root.case.number in shown
    assert str(root.id) in words(client.get(ROOTS))
    assert "同类已办结" not in words(client.get(LIST))


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"words": ""}, 422),
        ({"target": "2020-01-01"}, 422),
        ({"owner": "nobody"}, 422),
        ({"owner": "01900000-0000-7000-8000-000000000000"}, 404),
        ({"path": "990199999999"}, 403),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(
    county: County, login: Any, more: dict[str, Any], status: int
) -> None:
    answer = login("zhendu").post(f"{ROOTS}new/", typed(county, **more))
    assert answer.status_code == status
    assert not RootCause.objects.exists()
    if status == 422 and "words" not in more:
        assert "整段更换" in words(answer)


def test_it_is_ended_at_the_desk(county: County, login: Any) -> None:
    client: Client = login("du")
    client.post(f"{ROOTS}new/", typed(county))
    root = RootCause.objects.get()
    address = f"{ROOTS}{root.id}/"
    assert client.post(f"{address}end/", {"is_reached": "yes"}).status_code == 422
    assert login("bie").post(f"{address}end/", {}).status_code == 404
    assert "end/" not in words(login("cun").get(address))
    client.post(f"{address}end/", {"is_reached": "no", "result": "只换了一半"})
    root.refresh_from_db()
    assert (root.is_reached, root.result) == (False, "只换了一半")
    assert "只换了一半" in words(client.get(address))


def test_the_people_of_the_owner_see_it_and_not_the_others(county: County, login: Any) -> None:
    root = open_root(county)
    away = open_root(county, path=FAR_VILLAGE, owner=county.unit(f"grid-{FAR}"))
    page = words(login("shui").get(ROOTS))
    assert str(root.id) in page
    assert str(away.id) not in page
    assert f"{ROOTS}{root.id}/" in words(login("shui").get(f"/desk/cases/{root.case.number}/"))
    assert login("shui").get(f"{ROOTS}{root.id}/").status_code == 200
    assert login("shui").get(f"{ROOTS}{away.id}/").status_code == 404
    assert login("wang").get(ROOTS).status_code == 403
    assert login("shui").post(f"{ROOTS}{root.id}/end/", {}).status_code == 403


def test_who_reads_no_area_reads_no_topics(login: Any) -> None:
    for who in ("shui", "wang", "guan", "an", "shen"):
        for address in (LIST, ROOTS):
            assert login(who).get(address).status_code == 403


def test_ten_are_proposed_and_the_rest_at_a_press(login: Any, now: datetime) -> None:
    kinds = [
        "utility.lamp", "utility.drain", "utility.manhole", "utility.lift", "env.garbage.exposed",
        "env.noise", "env.fumes", "env.water", "traffic.road.broken", "traffic.park",
        "traffic.sign", "build.illegal",
    ]  # fmt: skip
    for kind in kinds:
        solve(5, now=now, kind=kind)
    client = login("du")
    assert words(client.get(ROOTS)).count("同类已办结") == 10
    assert "全部：还有 2 条" in words(client.get(ROOTS))
    assert words(client.get(f"{ROOTS}?all=1")).count("同类已办结") == 12


def test_root_cause_cases_and_proposals_are_exported(
    county: County, login: Any, now: datetime, monkeypatch: Any
) -> None:
    """All of them, in however many goes."""
    monkeypatch.setattr(pages, "_PAGE", 1)
    here = open_root(county)
    second = open_root(county, category="env.noise")
    open_root(county, path=FAR_VILLAGE)
    solve(5, now=now, kind="utility.lamp")
    answer = login("zhendu").get(f"{ROOTS}export.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[:4] for row in rows[1:]] == [
        ["治本事项", "河湾镇 · 柳树村", "生活噪声", "水务局"],
        ["治本事项", "河湾镇 · 柳树村", "水管破裂", "水务局"],
        ["可以治本", "河湾镇 · 柳树村", "路灯照明", ""],
    ]
    numbers = [second.case.number, here.case.number, ""]
    assert [row[8:] for row in rows] == [
        ["工单", "同类已办结"], [numbers[0], ""], [numbers[1], ""], ["", 5],
    ]  # fmt: skip
    assert login("shen").get(f"{ROOTS}export.xlsx").status_code == 403


def test_the_number_of_a_rise_is_that_of_the_list_it_opens(now: datetime, login: Any) -> None:
    """Whole days of the city on both; what the list has besides, the page says."""
    first = timezone.localdate(now) - timedelta(days=6)
    for at in (GRID, FAR):
        for ago in range(4):
            tell("路灯不亮，晚上走路看不见", at=at, opened_at=now - timedelta(days=ago),
                 category="utility.lamp")  # fmt: skip
        tell("路灯不亮", at=at, opened_at=midnight(first), category="utility.lamp")
    tell("路灯不亮", opened_at=midnight(first) - timedelta(minutes=5), category="utility.lamp")
    page = words(login("du").get(LIST))
    (address,) = re.findall(r'href="([^"]+category=utility\.lamp[^"]*)">近 7 天 10 件', page)
    listed = words(login("du").get(address.replace("&amp;", "&")))
    assert len(set(re.findall(r"/desk/cases/([0-9-]+)/", listed))) == 10
    assert "打开的列表里还有涉密、已撤回的和治本事项的工单" in page


def test_what_comes_back_is_counted_by_whole_days(now: datetime, login: Any) -> None:
    first = timezone.localdate(now - timedelta(days=90))
    solve(4, now=now, kind=KIND)
    for at in (midnight(first), midnight(first) - timedelta(minutes=1)):
        case = tell("水管又漏了", opened_at=at, category=KIND)
        Case.objects.filter(pk=case.pk).update(category=KIND, state="closed", outcome="solved")
    page = words(login("du").get(LIST))
    assert "这里 90 天内同类已办结 5 件" in page
    behind = next(one for one in re.findall(r'href="([^"]+)"', page) if "outcome=solved" in one)
    listed = words(login("du").get(behind.replace("&amp;", "&")))
    assert len(set(re.findall(r"/desk/cases/([0-9-]+)/", listed))) == 5


def test_a_town_and_who_audits_are_shown_nothing_that_is_kept_close(
    county: County, login: Any, found: list[Topic], now: datetime
) -> None:
    """In the list, one topic, the file and what rises: neither secret nor sensitive, nor away."""
    told = [
        tell(f"{WATER[0]}，第{at}家", opened_at=now, category=KIND, is_secret=True)
        for at in range(3)
    ]
    told += [
        tell(f"邻居半夜打麻将吵架{at}", opened_at=now, category="dispute.neighbour")
        for at in range(9)
    ]
    Case.objects.filter(pk__in=[case.pk for case in told[:3]]).update(category=KIND)
    finding.run_hourly(COUNTY)
    here = Topic.objects.get(category=KIND)
    for who in ("zhen", "zhendu"):
        pages = words(login(who).get(LIST)) + words(login(who).get(f"{LIST}{here.id}/"))
        assert "邻里纠纷" not in pages
        assert "路面塌陷" not in pages
        assert not any(case.number in pages for case in told)
    data = login("zhendu").get(f"{LIST}export.xlsx").content
    rows = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [row[3] for row in rows[1:]] == ["饮水质量"]
    assert login("shen").get(LIST).status_code == 403
    assert login("shen").get(f"{LIST}export.xlsx").status_code == 403


def test_root_cause_cases_cost_the_same_one_or_five(county: County, login: Any) -> None:
    client = login("du")

    def asked() -> int:
        """The least of some tries: names and rules are looked at anew once a second."""
        tries = []
        for _again in range(4):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(ROOTS).status_code == 200
            tries.append(len(queries))
        return min(tries)

    open_root(county)
    one = asked()
    for kind in ("utility.lamp", "utility.drain", "env.noise", "env.fumes"):
        open_root(county, category=kind)
    assert asked() == one


def test_the_lists_cost_the_same_for_one_topic_and_for_many(
    now: datetime, login: Any, django_assert_max_num_queries: Any
) -> None:
    client = login("du")
    assert {LIST, ROOTS} <= set(re.findall(r'href="([^"]+)"', words(client.get(LIST))))
    for letter in "甲乙丙丁戊己庚辛":
        for text in WATER:
            tell(text.replace("自来水", f"{letter}厂水").replace("柳树村", f"{letter}家庄"),
                 opened_at=now, category=KIND)  # fmt: skip
    finding.run_hourly(COUNTY)
    with django_assert_max_num_queries(30):
        client.get(LIST)
