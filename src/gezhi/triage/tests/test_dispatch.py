"""What was sent and came back: kept from the book, shown by the month, flagged where wrong."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.record.actions import restart_follower
from gezhi.record.models import Line
from gezhi.record.tests.test_followers import read_everything
from gezhi.triage import actions, reads
from gezhi.triage.models import Dispatch
from tests.cast import COUNTY, GRID, TOWN, County, plain_reason, report_leak

PAGE = "/desk/wrong-dispatch/"


def send(county: County, unit: str, *, by: str = "cun"):
    """A leak that was sent to a unit; the rulebook names the water company, which is not here."""
    case = report_leak().case
    cases.accept(case.id, category="utility.drain", actor=county.actor(by))
    return cases.assign(case.id, unit=county.unit(unit), actor=county.actor(by))


def send_back(county: County, case, *, login: str, named: str = ""):
    return cases.send_back(
        case.id, reason=plain_reason("send_back"), words="不归我们管",
        unit=county.unit(named) if named else None, actor=county.actor(login),
    )  # fmt: skip


@pytest.fixture
def sent(committed: County) -> list[object]:
    """Three to the enforcement team, as proposed or not; one came back."""
    made = [send(committed, "dept-water") for _ in range(3)]
    send_back(committed, made[0], login="shui", named="dept-transport")
    read_everything()
    return made


def login_of(client, county: County, name: str):
    client.force_login(county.accounts[name], backend="gezhi.site.sessions.AccountBackend")
    return client


def test_a_sending_says_its_rule_and_whom_it_named(sent, committed):
    first, *others = Dispatch.objects.order_by("line")
    assert first.rule == "village"
    assert first.responsibility is None
    assert first.unit == committed.unit("dept-water")
    assert first.category == "utility.drain"
    assert first.channel == "portal"
    assert first.month.day == 1
    assert first.named == committed.unit("dept-transport")
    assert first.reason == plain_reason("send_back")
    assert first.sent_back_at
    assert all(other.sent_back_at is None for other in others)
    assert not first.is_taken, "it was sent elsewhere by hand"


def test_a_rule_may_have_a_name_of_any_length(committed):
    """Else the follower would stand still from the first sending by it."""
    send(committed, "dept-water")
    line = Line.objects.get(kind="case_assigned")
    line.data |= {"rule": "village-" * 10}
    actions.keep_dispatches([line])
    assert Dispatch.objects.get().rule == "village-" * 10


def test_the_same_comes_of_reading_the_book_again(sent):
    before = list(Dispatch.objects.order_by("line").values())
    restart_follower("dispatches")
    read_everything()
    assert list(Dispatch.objects.order_by("line").values()) == before
    Dispatch.objects.all().delete()
    restart_follower("dispatches")
    read_everything()
    assert list(Dispatch.objects.order_by("line").values()) == before


def test_of_two_sendings_to_one_unit_the_last_is_the_one_that_came_back(committed):
    case = send(committed, "dept-water")
    send_back(committed, case, login="shui")
    cases.assign(case.id, unit=committed.unit("dept-water"), actor=committed.actor("cun"))
    send_back(committed, case, login="shui")
    read_everything()
    assert [row.sent_back_at is not None for row in Dispatch.objects.order_by("line")] == [
        True, True,
    ]  # fmt: skip


def test_the_month_says_how_many_came_back_of_how_many(sent, committed, client):
    du = login_of(client, committed, "du")
    page = du.get(PAGE).content.decode()
    assert "这个月派出 3 件，退回 1 件，占 6–79%" in page
    assert "水务局" in page
    behind = du.get(f"{PAGE}cases/").content.decode()
    assert sent[0].number in behind
    assert sent[1].number not in behind
    assert "交通运输局" in behind
    assert "不归我们管" not in behind, "no words of a case stand here"
    everything = du.get(f"{PAGE}cases/?all=1").content.decode()
    assert all(case.number in everything for case in sent)


@pytest.mark.parametrize(
    ("filters", "count"),
    [("month=2020-01", 0), ("month=", 1), ("rule=village", 1), ("by_hand=1", 0),
     ("rule=county", 0), ("category=env.noise", 0),
     (f"area={TOWN}", 1), ("area=990101102", 0)],
)  # fmt: skip
def test_filters_stand_in_the_address(sent, committed, client, filters, count):
    du = login_of(client, committed, "du")
    page = du.get(f"{PAGE}?{filters}")
    assert len(page.context["rows"]) == count
    book = CalamineWorkbook.from_filelike(
        BytesIO(du.get(f"{PAGE}export/?{filters}").getvalue())
    ).get_sheet_by_index(0)
    assert len(book.to_python()) == count + 1


def test_a_supervisor_sees_the_own_area_and_who_handles_cases_nothing(sent, committed, client):
    assert login_of(client, committed, "shui").get(PAGE).status_code == 403
    page = login_of(client, committed, "zhendu").get(PAGE)
    assert page.context["sum"].of == 3
    guan = login_of(client, committed, "guan")
    assert guan.get(PAGE).status_code == 200
    behind = guan.get(f"{PAGE}cases/").content.decode()
    assert sent[0].number in behind
    assert f"/desk/cases/{sent[0].number}/" not in behind, "who keeps the rules opens no case"


@pytest.mark.parametrize("page", ["", "cases/", "export/"])
def test_a_month_that_is_none_is_refused_and_not_taken_for_this_one(committed, client, page):
    du = login_of(client, committed, "du")
    refused = du.get(f"{PAGE}{page}?month=abc")
    assert refused.status_code == 422
    assert "没有“abc”这个月份" in refused.content.decode()


def test_of_nothing_no_share_is_told(committed, client):
    page = login_of(client, committed, "du").get(PAGE).content.decode()
    assert "这个条件下没有派发。" in page
    assert "0–100%" not in page


def test_what_was_changed_by_hand_opens_to_its_cases(sent, committed, client):
    du = login_of(client, committed, "du")
    Dispatch.objects.update(proposed=committed.unit("dept-transport"))
    (row,) = du.get(f"{PAGE}?all=1").context["rows"]
    assert row["row"].by_hand == 3
    address = f"{PAGE}cases/?{row['query']}&all=1&by_hand=1"
    assert address.replace("&", "&amp;") in du.get(f"{PAGE}?all=1").content.decode()
    assert du.get(address).context["count"] == 3
    Dispatch.objects.filter(case=sent[1].pk).update(is_taken=True)
    assert du.get(address).context["count"] == 2


def test_people_are_told_of_a_rule_by_its_name(sent, committed, client):
    du = login_of(client, committed, "du")
    for page in ("", "cases/"):
        assert "村社区派站所" in du.get(PAGE + page).content.decode()
    (row,) = du.get(PAGE).context["rows"]
    assert row["rule"] == "村社区派站所"
    book = CalamineWorkbook.from_filelike(BytesIO(du.get(f"{PAGE}export/").getvalue()))
    assert book.get_sheet_by_index(0).to_python()[1][0] == "村社区派站所"
    Dispatch.objects.update(rule="of-another-book")
    (row,) = du.get(PAGE).context["rows"]
    assert row["rule"] == "of-another-book"


RULEBOOK = "/desk/admin/rulebook/"


def test_a_rule_that_was_followed_and_was_wrong_is_flagged_all_over(committed, client):
    """With how many of how many; a warning only where that is more than elsewhere."""
    case = report_leak().case
    cases.accept(case.id, category="env.stall", actor=committed.actor("cun"))
    cases.assign(case.id, unit=committed.unit(f"grid-{GRID}"), actor=committed.actor("cun"))
    read_everything()
    first = Dispatch.objects.get()
    assert first.is_taken
    assert not reads.flags(COUNTY, at=clock.now())
    send_back(committed, case, login="wang")
    read_everything()
    (one,) = reads.flagged_rules(COUNTY, at=clock.now()).values()
    assert (one.share.count, one.share.of, one.is_high) == (1, 1, False)
    guan, said = login_of(client, committed, "guan"), "本月派出 1 件，退回 1 件"
    assert said in guan.get(RULEBOOK).content.decode()
    assert said in guan.get(f"{RULEBOOK}categories/env.stall/").content.decode()
    panel = f"/desk/cases/{case.number}/panel/"
    cun = login_of(client, committed, "cun")
    assert "高于平均" not in cun.get(panel).content.decode(), "one of one says nothing of a rule"
    first = Dispatch.objects.get()
    rows = [(first.rule, first.sent_back_at)] * 3 + [("town", None)] * 36
    for number, (rule, back) in enumerate(rows, start=1):
        first.line, first.rule, first.sent_back_at = number, rule, back
        first.save(force_insert=True)
    assert "按它本月派出 4 件、退回 4 件，高于平均，请核对" in cun.get(panel).content.decode()
    page = login_of(client, committed, "guan").get(RULEBOOK).content.decode()
    assert "本月派出 4 件，退回 4 件，高于平均，请核对" in page


def test_a_sending_for_which_nothing_was_proposed_is_nobodys_change_by_hand(committed, client):
    case = report_leak().case
    cases.accept(case.id, category="env.stall", actor=committed.actor("cun"))
    cases.assign(case.id, unit=committed.unit("dept-water"), actor=committed.actor("cun"))
    line = Line.objects.get(kind="case_assigned")
    told = {"id": line.id, "county": line.county, "at": line.at, "kind": line.kind}
    unsaid = {
        name: value
        for name, value in line.data.items()
        if name not in ("rule", "responsibility", "proposed")
    }
    actions.keep_dispatches([Line(**told, data=unsaid)])
    actions.keep_dispatches([Line(**told | {"id": line.id + 1000}, data=line.data)])
    du = login_of(client, committed, "du")
    for row in du.get(f"{PAGE}?all=1").context["rows"]:
        behind = du.get(f"{PAGE}cases/?{row['query']}&all=1")
        assert behind.context["count"] == row["row"].back.of == 1
        assert row["row"].by_hand == (1 if row["row"].rule else 0)
        assert ("人工改派" in behind.content.decode()) is bool(row["row"].rule)


@pytest.mark.parametrize("values", [{"category": "safety.theft"}, {"is_secret": True}])
def test_a_case_that_is_kept_close_is_counted_and_not_listed(sent, committed, client, values):
    Case.objects.filter(pk=sent[0].pk).update(**values)
    guan = login_of(client, committed, "guan")
    page = guan.get(f"{PAGE}cases/")
    assert sent[0].number not in page.content.decode()
    assert "另有 1 件保密" in page.content.decode()
    assert page.context["count"] == 1
    du = login_of(client, committed, "du")
    is_open = du.get(f"/desk/cases/{sent[0].number}/").status_code == 200
    assert (sent[0].number in du.get(f"{PAGE}cases/").content.decode()) is is_open
