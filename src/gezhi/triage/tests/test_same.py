"""The same matter is found again by place, by words, and by neither where it is another."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.triage import actions, reads
from gezhi.triage.models import Print
from gezhi.triage.rules import Option, Source, What
from gezhi.triage.rules.matching import Spotted
from gezhi.triage.tests.printing import (
    LEAK,
    LEAK_AGAIN,
    METRES_EAST,
    print_all,
    report_at,
    report_in,
)
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    SECOND,
    SETTING_UP,
    VILLAGE,
    County,
    point_in,
)

pytestmark = pytest.mark.django_db
PIPE = "utility.water.pipe"


def spot(*, east: float = 0, path: str = VILLAGE, category: str = PIPE) -> Spotted:
    lon, lat = point_in(GRID)
    return Spotted(clock.now(), path, lon + east / METRES_EAST, lat, category)


def same(text: str, here: Spotted, actor: Actor | None = None) -> list[reads.Alike]:
    return reads.same_as(text, county=COUNTY, here=here, actor=actor)


def test_what_is_near_and_of_the_kind_is_found_with_its_reasons(county: County) -> None:
    case = report_at(LEAK, east=60)
    found = same(LEAK_AGAIN, spot())
    assert [one.case.id for one in found] == [case.id]
    assert found[0].metres == pytest.approx(60, abs=3)
    assert found[0].words > 0.5
    assert found[0].likeness > 0.9


def test_far_away_the_words_must_say_the_same_of_the_same_place(county: County) -> None:
    report_at("水管爆了漏水", east=500)
    assert same("水管爆了漏水", spot()) == []
    told = report_at(LEAK, east=500)
    found = same(f"您好，{LEAK}！", spot(), county.actor("zhen"))
    assert [one.case.id for one in found] == [told.id]


def test_near_but_another_matter_is_not_the_same(county: County) -> None:
    report_at("青松路的路灯不亮，晚上看不见", east=20)
    assert same(LEAK, spot()) == []


def test_without_a_point_the_village_and_the_words_find_it(county: County) -> None:
    here = Spotted(clock.now(), VILLAGE, category=PIPE)
    told = report_in(LEAK, VILLAGE)
    report_in("青松路的水管爆了", FAR_VILLAGE)
    assert [one.case.id for one in same(LEAK_AGAIN, here)] == [told.id]
    elsewhere = Spotted(clock.now(), SECOND, category=PIPE)
    found = same(LEAK, elsewhere, county.actor("xian"))
    assert [one.case.id for one in found] == [told.id], "the words name the place"


def test_a_kind_reaches_as_far_as_the_rulebook_says(county: County) -> None:
    far = report_at("停电了，整片都没电", east=1200)
    here = spot(category="utility.power.cut")
    assert [one.case.id for one in same("家里没电了", here)] == [far.id]
    report_at("路边井盖丢失", east=120)
    assert same("井盖不见了", spot(category="utility.manhole")) == []


def test_what_is_old_or_ended_is_not_joined(county: County) -> None:
    with clock.standing_at(clock.now() - timedelta(days=20)):
        report_at(LEAK)
    ended = report_at(LEAK)
    Case.objects.filter(pk=ended.pk).update(state="closed")
    assert same(LEAK_AGAIN, spot()) == []


def test_nobody_finds_what_they_may_not_see(county: County) -> None:
    """The other town's receptionist sees none of it; a passer-by none that was told in secrecy."""
    report_at(LEAK, is_secret=True)
    assert same(LEAK, spot(), county.actor("bie")) == []
    assert len(same(LEAK, spot(), county.actor("zhen"))) == 1
    assert same(LEAK, spot()) == []
    report_at("有人聚众赌博，天天打麻将赌钱到半夜", east=10)
    assert same("有人聚众赌博，天天打麻将赌钱到半夜", spot(category="safety.gamble")) == []


GAMBLING = "有人聚众赌博，天天打麻将赌钱到半夜"


def test_where_a_secret_case_is_cannot_be_worked_out_by_asking(county: County) -> None:
    """Not by metres, and not by how likely or whether it is found from one point or another."""
    case = report_at(GAMBLING, is_secret=True)
    Case.objects.filter(pk=case.pk).update(proposed_category="safety.gamble")
    for login in ("zhen", "du"):
        found = [
            [
                (round(one.likeness, 6), one.metres)
                for one in same(GAMBLING, here, county.actor(login))
            ]
            for here in (spot(east=east, category="safety.gamble") for east in (0, 90, 5000))
        ]
        assert found[0] == found[1] == found[2]
        assert found[0][0][1] is None


def test_what_is_alike_and_ended_hides_nothing(county: County) -> None:
    """Thirty of the same words, ended or another town's, and the open one is found among them."""
    ended = [report_in(LEAK, VILLAGE).id for _ in range(35)]
    told = report_in(LEAK, VILLAGE)
    for id in ended:
        cases.merge(id, main=told.number, actor=county.actor("cun"))
    print_all()
    assert set(Print.objects.values_list("case", flat=True)) == {told.id}
    elsewhere = Spotted(clock.now(), SECOND, category=PIPE)
    assert [one.case.id for one in same(LEAK, elsewhere, county.actor("xian"))] == [told.id]


def test_of_very_many_alike_those_somebody_may_see_are_found(county: County) -> None:
    model = report_in(LEAK, FAR_VILLAGE)
    many = [copy_of(model) for _ in range(300)]
    Case.objects.bulk_create(many)
    actions.print_cases([one.id for one in many])
    told = report_in(LEAK, VILLAGE)
    elsewhere = Spotted(clock.now(), SECOND, category=PIPE)
    assert told.id in {one.case.id for one in same(LEAK, elsewhere, county.actor("zhen"))}


def copy_of(case: Case) -> Case:
    copy = Case.objects.get(pk=case.pk)
    copy.pk, copy.number = uuid4(), uuid4().hex[:16]
    return copy


def test_a_passer_by_finds_from_afar_only_what_is_public(county: County) -> None:
    told = report_in(LEAK, VILLAGE)
    elsewhere = Spotted(clock.now(), SECOND, category=PIPE)
    assert same(LEAK, elsewhere) == []
    Case.objects.filter(pk=told.pk).update(is_public=True)
    assert [one.case.id for one in same(LEAK, elsewhere)] == [told.id]


def test_a_passer_by_is_not_shown_what_may_be_of_a_kind_that_is_nobodys_business(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = report_at(LEAK)
    options = tuple(Option(one, 0.5, ()) for one in (PIPE, "safety.gamble"))
    unsure = What(options, Source.WORDS, is_sure=False)
    monkeypatch.setattr("gezhi.triage.reads.same.what", lambda text, county: unsure)
    assert same(LEAK, spot()) == []
    cases.accept(case.id, category=PIPE, actor=county.actor("cun"))
    assert [one.case.id for one in same(LEAK, spot())] == [case.id], "somebody settled it"


def test_what_is_secret_or_sensitive_leaves_no_print(county: County) -> None:
    report_at(LEAK, is_secret=True)
    report_at(GAMBLING)
    case = report_at(LEAK)
    assert [one.case_id for one in Print.objects.all()] == [case.id]
    cases.accept(case.id, category="safety.gamble", actor=county.actor("cun"))
    print_all()
    assert not Print.objects.exists()


def test_a_neighbours_own_matter_is_another_and_ones_own_is_found_again(county: County) -> None:
    own = report_at("家里困难，老人瘫痪在床，想申请低保，请问怎么办理", east=30)
    Case.objects.filter(pk=own.pk).update(proposed_category="civil.minimum")
    here, zhen = spot(category="civil.minimum"), county.actor("zhen")
    assert same("孩子上大学，家里困难，想申请低保", here, zhen) == []
    again = "您好，家里困难，老人瘫痪在床，想申请低保，请问怎么办理？"
    assert [one.case.id for one in same(again, here, zhen)] == [own.id]


def test_staff_who_know_the_town_alone_find_what_is_in_it(county: County) -> None:
    told = report_in("金桂花园6号楼水管爆了", VILLAGE)
    Print.objects.all().delete()
    here = Spotted(clock.now(), VILLAGE[:9], category=PIPE)
    found = same("金桂花园7号楼旁边水管爆了", here, county.actor("zhen"))
    assert [one.case.id for one in found] == [told.id]


def test_prints_hold_no_words_and_go_with_them(county: County) -> None:
    case = report_at(LEAK)
    kept = Print.objects.get(case=case.id)
    assert len(kept.sketch) == 256
    assert "金桂" not in repr(bytes(kept.sketch))
    before = bytes(kept.sketch)
    report = case.reports.get()
    cases.reword(case.id, report=report.id, words="青松路的路灯不亮", actor=county.actor("an"))
    print_all()
    assert bytes(Print.objects.get(case=case.id).sketch) != before
    assert same(LEAK, spot(category="utility.lamp")) == [], "its old words find it no more"
    cases.anonymise_report(report.id, reason="本人要求", actor=SETTING_UP)
    print_all()
    assert not Print.objects.filter(case=case.id).exists()


def test_programs_are_told_of_what_they_may_see_alone(
    county: County, key: Callable[[str], str]
) -> None:
    case = report_at(LEAK, is_secret=True)
    lon, lat = point_in(GRID)
    found = {}
    for login in ("zhen", "bie"):
        answer = Client().post(
            "/api/v1/triage/propose", {"text": LEAK_AGAIN, "point": [lon, lat]},
            "application/json", headers={"authorization": f"Bearer {key(login)}"},
        )  # fmt: skip
        found[login] = [one["number"] for one in answer.json()["same"]]
    assert found == {"zhen": [case.number], "bie": []}


def test_cases_written_beside_the_acts_are_printed_in_bulk(county: County) -> None:
    made = [report_at(LEAK, east=n).id for n in range(5)]
    Print.objects.all().delete()
    seen: list[UUID] = []
    after = actions.print_unprinted(county=COUNTY, most=2)
    while after is not None:
        seen.append(after)
        after = actions.print_unprinted(county=COUNTY, after=after, most=2)
    assert Print.objects.count() == len(made)
    assert len(seen) == 3


def test_finding_asks_a_few_questions_and_uses_the_indexes(county: County) -> None:
    for n in range(30):
        report_at(LEAK, east=n)
    with CaptureQueriesContext(connection) as asked:
        same(LEAK_AGAIN, spot(), county.actor("zhen"))
    assert len(asked) <= 6
    sketches = next(one["sql"] for one in asked if "bands @>" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sketches}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "triage_print_bands" in plan
    assert "Seq Scan" not in plan


def test_what_is_urgent_is_never_offered_another_kind_that_can_wait(county: County) -> None:
    words = "路中间黑咕隆咚的，看不见路，路灯坏了"
    lamp = report_at(words, east=20)
    assert lamp.proposed_category == "utility.lamp"
    urgent = words + "，井盖没了，有人掉下去了"
    cover = spot(category="utility.manhole")
    assert lamp.id in [one.case.id for one in same(words, cover, county.actor("cun"))]
    assert same(urgent, cover, county.actor("cun")) == []
    assert [one.case.id for one in same(urgent, spot(category="utility.lamp"), county.actor("cun"))]
