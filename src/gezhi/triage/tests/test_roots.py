"""Root-cause cases: proposed where a matter comes back, opened, worked, measured, ended."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads as case_reads
from gezhi.cases.errors import UnitNotSuitable
from gezhi.cases.facts import CaseErased
from gezhi.cases.forms.choices import why_words
from gezhi.cases.models import Case
from gezhi.cases.reads.routing import matter_of, who
from gezhi.people.actions import units as people
from gezhi.places import actions as places
from gezhi.places.models import Area, Responsibility
from gezhi.places.rules import BY_ROOT_CAUSE, Change, NewArea, NewOwner
from gezhi.record.models import Line
from gezhi.rulebook.errors import CategoryUnknown
from gezhi.rulebook.reads import current
from gezhi.triage import actions
from gezhi.triage.actions import roots as acts
from gezhi.triage.errors import KindNotOpen, RootCauseEndedAlready, RootCauseThere, TargetPast
from gezhi.triage.models import RootCause
from gezhi.triage.reactions import forget_the_result
from gezhi.triage.reads import roots as reads
from gezhi.triage.rules import roots as rules
from gezhi.triage.rules.rates import Verdict
from gezhi.triage.tests.board import tell
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    OTHER,
    SECOND,
    SETTING_UP,
    SINCE,
    TOWN,
    VILLAGE,
    County,
)

KIND = "utility.water.pipe"
FAR = f"{FAR_VILLAGE}001"


@pytest.fixture
def now(county: County) -> datetime:
    return clock.now()


def solve(
    number: int,
    *,
    at: str = GRID,
    now: datetime,
    days: float = 30,
    kind: str = KIND,
    apart: timedelta = timedelta(days=7),
) -> None:
    """So many cases that came in, one a week, and were solved."""
    for turn in range(number):
        opened_at = now - timedelta(days=days) - turn * apart
        case = tell("水管又漏了", at=at, opened_at=opened_at, category=kind)
        Case.objects.filter(pk=case.pk).update(category=kind, state="closed", outcome="solved")


def open_root(county: County, login: str = "du", **more: Any) -> RootCause:
    values = {
        "path": VILLAGE,
        "category": KIND,
        "owner": county.unit("dept-water"),
        "target": date.today() + timedelta(days=90),  # noqa: DTZ011 - ahead in any zone
        "words": "柳树村老旧管网反复漏水，请水务局牵头整段更换",
        **more,
    }
    return actions.open_root(county=COUNTY, actor=county.actor(login), **values)


# --- when one is proposed ------------------------------------------------------------------------


def test_what_is_solved_again_and_again_in_a_village_is_proposed(
    county: County, now: datetime
) -> None:
    solve(rules.LEAST_SHORT, now=now)
    solve(rules.LEAST_LONG, at=FAR, now=now, days=120)
    solve(rules.LEAST_SHORT - 1, now=now, kind="traffic.road.broken")
    solve(rules.LEAST_SHORT, now=now, days=200, kind="env.fumes")

    def proposed(login: str) -> list[tuple[str, str, int, int]]:
        found = reads.recurrences(county.actor(login), county=COUNTY, now=now)
        return [(one.path, one.category, one.solved, one.days) for one in found]

    here, there = (VILLAGE, KIND, 5, 90), (FAR_VILLAGE, KIND, 8, 180)
    assert proposed("du") == [there, here]
    assert proposed("zhendu") == [here]
    open_root(county)
    assert proposed("du") == [there]


def test_one_bad_week_and_what_no_place_holds_a_cause_of_are_not_proposed(
    county: County, now: datetime
) -> None:
    solve(9, now=now, apart=timedelta(hours=1))
    for kind in ("labour.wage", "gov.info", "utility.other"):
        solve(9, now=now, kind=kind)
    assert reads.recurrences(county.actor("du"), county=COUNTY, now=now) == []


def test_what_was_not_solved_or_is_sensitive_is_not_proposed(county: County, now: datetime) -> None:
    solve(6, now=now)
    Case.objects.update(outcome="cannot")
    solve(6, now=now, kind="safety.theft")
    assert reads.recurrences(county.actor("du"), county=COUNTY, now=now) == []


# --- opened and ended ----------------------------------------------------------------------------


def test_a_root_cause_case_is_a_case_like_any_other(county: County) -> None:
    root = open_root(county)
    case = root.case
    assert (case.channel, case.path, case.proposed_category) == ("inspection", VILLAGE, KIND)
    assert (case.holder_id, case.state) == (county.unit("dept-water"), "assigned")
    assert case.due_at is not None
    assert case in case_reads.visible_to(county.actor("cun"))
    assert case in case_reads.visible_to(county.actor("shui"))
    told = Line.objects.get(kind="case_assigned").data
    assert (told["holder"], told["proposed"]) == (str(root.owner_id), str(root.owner_id))
    assert Line.objects.filter(kind="root_cause_opened").exists()
    with pytest.raises(RootCauseThere):
        open_root(county)


@pytest.mark.parametrize(
    ("login", "more", "refusal"),
    [
        ("zhendu", {"path": FAR_VILLAGE}, NotAllowed),
        ("zhen", {}, NotAllowed),
        ("shui", {}, NotAllowed),
        ("du", {"target": date(2020, 1, 1)}, TargetPast),
        ("du", {"target": date(2199, 1, 1)}, TargetPast),
        ("du", {"category": "safety.theft"}, KindNotOpen),
        ("du", {"category": "nothing"}, CategoryUnknown),
    ],
)
def test_what_is_refused_changes_nothing(
    county: County, login: str, more: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        open_root(county, login, **more)
    assert not Case.objects.exists()
    assert not RootCause.objects.exists()


@pytest.mark.parametrize("unfit", ["inactive", "centre", "elsewhere"])
def test_who_can_not_work_there_is_no_owner(county: County, unfit: str) -> None:
    unit = {
        "inactive": county.unit("dept-cityadmin"),
        "centre": county.unit(f"centre-{VILLAGE}"),
        "elsewhere": county.unit(f"grid-{FAR}"),
    }[unfit]
    if unfit == "inactive":
        people.close_unit(unit, actor=SETTING_UP)
    with pytest.raises(UnitNotSuitable):
        open_root(county, owner=unit)
    assert not Case.objects.exists()
    assert not Responsibility.objects.exists()


def test_new_cases_of_the_kind_are_proposed_for_the_owner_until_it_ends(
    county: County, now: datetime
) -> None:
    def whose(at: str, kind: str = KIND) -> Any:
        case = tell("水管又漏了", at=at, opened_at=now, category=kind)
        return who(matter_of(case), current(COUNTY), kind, at=now)

    before = whose(GRID).unit
    root = open_root(county, owner=county.unit("dept-transport"))
    found = whose(GRID)
    assert found.unit is not None
    assert (found.unit.id, found.why) == (root.owner_id, BY_ROOT_CAUSE)
    assert why_words(found) == "责任归属：治本事项的牵头单位"
    with translation.override("en"):
        assert why_words(found) == "Laid down: It leads the root-cause case for this"
    assert found.unit not in (whose(FAR).unit, whose(GRID, "utility.lamp").unit)
    actions.end_root(root.id, is_reached=True, result="", county=COUNTY, actor=county.actor("du"))
    assert whose(GRID).unit == before


def test_what_somebody_laid_down_before_goes_on(county: County) -> None:
    first = open_root(county)
    RootCause.objects.update(ended_at=first.opened_at, is_reached=True)
    second = open_root(county)
    assert (second.responsibility, Responsibility.objects.count()) == (None, 1)


def test_who_is_asked_before_the_owner_is_told(county: County, login: Any) -> None:
    """Laid down for the same, for a grid in it, for a ground in it; not for things it isn't of."""

    def lay_down(unit: str, path: str, category: str, zone: Any = None) -> None:
        new = NewOwner(unit, "合同", path=path, category=category, zone=zone)
        places.add_responsibility(new, county=COUNTY, actor=SETTING_UP)

    root = open_root(county)
    page = f"/desk/roots/{root.id}/"
    assert reads.earlier(root) == []
    assert 'id="earlier"' not in login("du").get(page).content.decode()
    lay_down("dept-transport", GRID, "traffic.road.broken")
    lay_down("dept-water", GRID, KIND)
    lay_down("dept-transport", TOWN, KIND)
    assert reads.earlier(root) == []
    lay_down("dept-transport", f"{VILLAGE}002", KIND.partition(".")[0])
    assert [(one.path, one.unit) for one in reads.earlier(root)] == [
        (f"{VILLAGE}002", "dept-transport")
    ]
    lay_down("dept-water", SECOND, KIND)
    form = {
        "path": SECOND, "category": KIND, "owner": county.unit("dept-transport"),
        "target": date.today() + timedelta(days=9), "words": "新庄村水管反复漏水",  # noqa: DTZ011
    }  # fmt: skip
    made = login("du").post("/desk/roots/new/", form, follow=True).content.decode()
    assert proposed_at(f"{SECOND}001") == county.unit("dept-water")
    assert 'id="earlier"' in made
    assert "仍建议给后者" in made
    assert "同类诉求也建议给它" not in made


def test_it_is_ended_once_with_a_verdict(county: County) -> None:
    root = open_root(county)
    with pytest.raises(NotFound):
        actions.end_root(
            root.id, is_reached=True, result="", county=COUNTY, actor=county.actor("bie")
        )
    with pytest.raises(NotAllowed):
        actions.end_root(
            root.id, is_reached=True, result="", county=COUNTY, actor=county.actor("cun")
        )
    ended = actions.end_root(
        root.id, is_reached=True, result="管网已换", county=COUNTY, actor=county.actor("zhendu")
    )
    assert (ended.is_reached, ended.result) == (True, "管网已换")
    with pytest.raises(RootCauseEndedAlready):
        actions.end_root(
            root.id, is_reached=False, result="", county=COUNTY, actor=county.actor("du")
        )
    assert open_root(county).id != root.id


def test_what_was_written_goes_with_the_words_of_the_case(county: County) -> None:
    root = open_root(county)
    actions.end_root(root.id, is_reached=True, result="李秀兰家也换了", county=COUNTY,
                     actor=county.actor("du"))  # fmt: skip
    fact = CaseErased(
        case=root.case_id, number="", what="words", lines=(), files=(), cause="removal:1"
    )
    forget_the_result(fact, actor=system("tests"), now=clock.now())
    assert RootCause.objects.get().result == ""


def test_it_follows_its_area(county: County) -> None:
    root = open_root(county)
    acts.rewrite_paths([(VILLAGE, f"{OTHER}299")], actor=SETTING_UP, now=clock.now())
    root.refresh_from_db()
    assert root.path == f"{OTHER}299"


def test_of_two_for_one_kind_in_towns_that_merge_the_older_goes_on(
    county: County, login: Any
) -> None:
    older, younger = open_root(county, path=OTHER), open_root(county, path=TOWN)
    other_kind = open_root(county, path=TOWN, category="traffic.road.broken")
    merger = [Change(1, OTHER, "石坪镇", "")]
    places.change_divisions(
        merger, on=date(2026, 12, 1), successors={OTHER: TOWN}, actor=SETTING_UP
    )
    for root in (older, younger, other_kind):
        root.refresh_from_db()
        assert root.path == TOWN
    assert (older.ended_at, other_kind.ended_at) == (None, None)
    assert younger.ended_at is not None
    assert (younger.is_reached, younger.result) == (False, rules.MERGED)
    page = login("du").get(f"/desk/roots/{younger.id}/").content.decode()
    assert "区划合并，并入先立的一件" in page
    assert Line.objects.filter(kind="root_cause_ended").count() == 1


def proposed_at(at: str) -> Any:
    case = tell("水管又漏了", at=at, opened_at=clock.now(), category=KIND)
    found = who(matter_of(case), current(COUNTY), KIND, at=clock.now())
    return found.unit and found.unit.id


@pytest.mark.parametrize("paths", [[OTHER], [OTHER, TOWN], [TOWN, OTHER]])
def test_whose_area_merges_into_another_has_the_kind_there(
    county: County, paths: list[str]
) -> None:
    """Alone, as the older, as the younger of two."""
    owner = county.unit("dept-transport")
    roots = [open_root(county, path=path, owner=owner) for path in paths]
    assert proposed_at(FAR) == owner
    merger = [Change(1, OTHER, "石坪镇", "")]
    places.change_divisions(merger, on=date.today(), successors={OTHER: TOWN}, actor=SETTING_UP)  # noqa: DTZ011
    assert proposed_at(GRID) == owner
    ended = actions.end_root(
        roots[0].id, is_reached=True, result="", county=COUNTY, actor=county.actor("du")
    )
    assert ended.path == TOWN
    assert proposed_at(GRID) != owner
    assert not Responsibility.objects.filter(valid_to=None).exists()


def test_of_two_that_meet_in_another_county_the_younger_s_is_ended_there(county: County) -> None:
    open_root(county, path=OTHER)
    younger = open_root(county, path=TOWN)
    assert younger.responsibility is not None
    laid_down = Responsibility.objects.filter(pk=younger.responsibility.pk)
    laid_down.update(county="990102")  # as places has it by then
    moves = [(OTHER, "990102101"), (TOWN, "990102101")]
    acts.rewrite_paths(moves, actor=SETTING_UP, now=clock.now())
    younger.refresh_from_db()
    assert younger.ended_at is not None
    assert laid_down.get().valid_to is not None


def test_two_whose_areas_trade_places_trade_them_too(county: County) -> None:
    here, there = open_root(county), open_root(county, path=SECOND)
    moves = [(VILLAGE, SECOND), (SECOND, VILLAGE)]
    acts.rewrite_paths(moves, actor=SETTING_UP, now=clock.now())
    for root, path in ((here, SECOND), (there, VILLAGE)):
        root.refresh_from_db()
        assert (root.county, root.path, root.ended_at) == (COUNTY, path, None)


# --- what it changed -----------------------------------------------------------------------------

VILLAGES = [f"{OTHER}{250 + at}" for at in range(8)]


@pytest.fixture
def villages(county: County) -> None:
    """Eight more villages, to be held against the first."""
    places.add_areas(
        [NewArea(code, f"比照{at}村") for at, code in enumerate(VILLAGES)],
        on=SINCE,
        actor=SETTING_UP,
    )


def tell_series(path: str, rng: Any, *, opened: datetime, before: float, after: float) -> None:
    """So many reports on either side of a day as chance makes of these rates."""
    area = Area.objects.get(path=path)
    like = tell("水管漏水", at=path, opened_at=opened - timedelta(days=400), category=KIND)
    made = []
    for sign, rate in ((-1, before), (1, after)):
        for at in range(rng.poisson(rate)):
            moment = opened + sign * timedelta(days=float(rng.uniform(0.1, 181)))
            made.append((moment, f"{sign + 1}{at}"))
    Case.objects.bulk_create(
        Case(
            county=COUNTY, number=f"{path[-3:]}-{key}", state="closed", channel="portal",
            what="漏水", area=area, path=path, category=KIND, centre_id=like.centre_id,
            holder_id=like.holder_id, book=like.book, opened_at=at, changed_at=at,
        )
        for at, key in made
    )  # fmt: skip


def measured(county: County, monkeypatch: Any, *, change: float, weeks: float = 26) -> Any:
    """Thirty reports before; after it everywhere as many, and here so many times as many."""
    root = open_root(county)
    rng = np.random.default_rng(3)
    tell_series(VILLAGE, rng, opened=root.opened_at, before=40, after=40 * change)
    for path in VILLAGES:
        tell_series(path, rng, opened=root.opened_at, before=40, after=40)
    later = root.opened_at + timedelta(weeks=weeks)
    monkeypatch.setattr(clock, "now", lambda: later)
    return reads.measure(root, now=later)


@pytest.mark.usefixtures("villages")
def test_an_effect_that_was_made_is_measured(county: County, monkeypatch: Any) -> None:
    found = measured(county, monkeypatch, change=0.25)
    assert found.effect.verdict == Verdict.FEWER
    assert found.effect.ratio.low < 0.25 < found.effect.ratio.high < 0.7
    assert sorted(found.areas) == VILLAGES
    assert sum(found.own) == found.effect.own.before + found.effect.own.after
    assert sum(found.own[:26]) == found.effect.own.before
    assert len(found.own) == len(found.others) == 52


@pytest.mark.usefixtures("villages")
def test_an_effect_that_was_not_made_is_not_claimed(county: County, monkeypatch: Any) -> None:
    found = measured(county, monkeypatch, change=1.0)
    assert found.effect.verdict == Verdict.UNCLEAR
    assert found.effect.ratio.low < 1 < found.effect.ratio.high


@pytest.mark.usefixtures("villages")
def test_after_three_weeks_it_is_too_early_to_say(county: County, monkeypatch: Any) -> None:
    found = measured(county, monkeypatch, change=0.1, weeks=3)
    assert found.effect.verdict == Verdict.EARLY
    assert found.effect.ratio is None


def test_where_nothing_can_be_compared_nothing_is_claimed(county: County, monkeypatch: Any) -> None:
    root = open_root(county)
    tell_series(VILLAGE, np.random.default_rng(3), opened=root.opened_at, before=40, after=2)
    found = reads.measure(root, now=root.opened_at + timedelta(weeks=20))
    assert found.effect.verdict == Verdict.ALONE
    assert found.areas == []
    assert found.others == []


@pytest.mark.usefixtures("villages")
def test_areas_that_are_worked_on_themselves_and_other_kinds_are_no_comparison(
    county: County, monkeypatch: Any
) -> None:
    open_root(county, path=VILLAGES[0])
    found = measured(county, monkeypatch, change=1.0)
    assert VILLAGES[0] not in found.areas
    assert SECOND not in found.areas  # nothing was ever reported there
    Case.objects.filter(path=VILLAGES[1]).update(category="env.fumes")
    again = reads.measure(RootCause.objects.get(path=VILLAGE), now=clock.now())
    assert VILLAGES[1] not in again.areas
