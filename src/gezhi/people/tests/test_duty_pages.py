"""Rosters and leave on pages: the grid, its forms, the file, one's own page, the unit's page."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.people import actions
from gezhi.people.actions import NewPerson, NewPost
from gezhi.people.models import Duty, Leave, Post, Rota, Shift
from gezhi.people.tests.county import COUNTY, HOUSE, PASSWORD, House, SignIn

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # Monday, 09:00 in the city
CENTRE = "centre-990101101"
Page = Callable[..., Any]


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def crew(house: House) -> House:
    """The town's centre with Rita, Tom and a second receptionist, and a day shift."""
    made = actions.add_accounts_with_posts(
        [NewPerson("ruth", "茹思", (NewPost(CENTRE, "receptionist"),))],
        county=COUNTY,
        password_hash=PASSWORD,
        must_change_password=False,
        valid_from=date(2020, 1, 1),
        actor=HOUSE,
    )
    unit = house.units[CENTRE].id
    for name, hours in {"白班": (8, 20), "夜班": (20, 8)}.items():
        actions.add_shift(
            unit=unit, name=name, starts=time(hours[0]), ends=time(hours[1]), actor=HOUSE
        )
    return House(house.units, {**house.accounts, **made})


def _shift(name: str = "白班") -> Shift:
    return Shift.objects.get(name=name)


def _to(crew: House, name: str) -> str:
    return reverse(f"entrance:duty:{name}", args=[crew.units[CENTRE].id])


def _id(crew: House, login: str) -> str:
    return str(crew.accounts[login].id)


def _set(crew: House, *logins: str, day: date = MONDAY, shift: str = "白班") -> None:
    people = [crew.accounts[login].id for login in logins]
    actions.set_duty(_shift(shift).id, day=day, people=people, actor=HOUSE)


def _leave(crew: House, login: str, **more: Any) -> Leave:
    values = {"starts": NOW, "ends": NOW + timedelta(hours=4), "kind": "training", **more}
    return actions.take_leave(account=crew.accounts[login].id, actor=HOUSE, **values)


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_grid_is_read_by_staff_and_changed_by_the_administrator(
    crew: House, signed_in: SignIn, client: Client
) -> None:
    _set(crew, "rita")
    address = _to(crew, "roster")
    assert client.get(address).status_code == 302
    mine = signed_in("rita").get(address)
    assert "任丽" in _text(mine)
    assert "轮流排班" not in _text(mine)
    assert _to(crew, "fill") not in _text(mine)
    assert "轮流排班" in _text(signed_in("tom").get(address))
    none = reverse("entrance:duty:roster", args=["00000000-0000-7000-8000-000000000000"])
    for login in ("hans", "vera"):
        assert signed_in(login).get(address).status_code == 404
        assert signed_in(login).get(none).status_code == 404


def test_the_week_stands_in_the_address(crew: House, signed_in: SignIn) -> None:
    _set(crew, "rita", day=MONDAY + timedelta(days=9))
    rita, address = signed_in("rita"), _to(crew, "roster")
    assert "?week=2026-11-09" in _text(rita.get(address))
    shown = _text(rita.get(address, {"week": "2026-11-26"}))
    assert "任丽" in shown
    assert "?week=2026-11-16" in shown
    assert "?week=2026-11-30" in shown
    for odd in ("x", "2026-02-30", "", "\x00", "9999-12-31", "0001-01-01"):
        assert rita.get(address, {"week": odd, "shift": odd, "day": odd}).status_code == 200


def test_a_cell_is_opened_by_its_address_and_saved(crew: House, signed_in: SignIn) -> None:
    tom, address = signed_in("tom"), _to(crew, "roster")
    asked = {"week": "2026-11-16", "shift": str(_shift().id), "day": "2026-11-17"}
    assert "保存这一班" in _text(tom.get(address, asked))
    sent = {**asked, "people": [_id(crew, "rita"), _id(crew, "ruth")]}
    answer = tom.post(_to(crew, "set_cell"), sent)
    assert answer["Location"] == f"{address}?week=2026-11-16"
    assert Duty.objects.filter(day="2026-11-17").count() == 2
    tom.post(_to(crew, "set_cell"), asked)
    assert not Duty.objects.exists()


def test_a_cell_that_is_refused_says_why_and_nothing_is_written(
    crew: House, signed_in: SignIn
) -> None:
    tom = signed_in("tom")
    cell = {"week": "2026-11-16", "shift": str(_shift().id), "day": "2026-11-17"}
    wrong = tom.post(_to(crew, "set_cell"), {**cell, "people": [_id(crew, "hans")]})
    assert wrong.status_code == 422
    assert "alert-danger" in _text(wrong)
    far = tom.post(_to(crew, "set_cell"), {**cell, "day": "2028-11-17"})
    assert far.status_code == 422
    for login in ("rita", "hans"):
        theirs = signed_in(login).post(_to(crew, "set_cell"), {**cell, "people": []})
        assert theirs.status_code == 404
    assert not Duty.objects.exists()


def test_people_take_turns_by_their_numbers(crew: House, signed_in: SignIn) -> None:
    tom = signed_in("tom")
    sent = {
        "shift": str(_shift().id),
        "first": "2026-11-17",
        "days": "4",
        "turn_days": "1",
        "at_once": "1",
        "weekdays": list("1234567"),
        "goes_on": "on",
        f"turn-{_id(crew, 'ruth')}": "1",
        f"turn-{_id(crew, 'rita')}": "2",
    }
    assert tom.post(_to(crew, "fill"), sent).status_code == 302
    logins = Duty.objects.order_by("day").values_list("account__login", flat=True)
    assert list(logins) == ["ruth", "rita", "ruth", "rita"]
    rota = Rota.objects.get()
    assert rota.goes_on
    page = _text(tom.get(_to(crew, "roster")))
    assert "茹思 → 任丽" in page
    tom.post(reverse("entrance:duty:switch_rota", args=[_shift().id]), {"goes_on": "no"})
    assert not Rota.objects.get().goes_on
    tom.post(reverse("entrance:duty:switch_rota", args=[_shift().id]), {"goes_on": "yes"})
    assert Rota.objects.get().goes_on
    wrongs: list[dict[str, Any]] = [
        {"at_once": "3"}, {"first": "2026-11-01"}, {"days": "0"}, {"weekdays": []}
    ]  # fmt: skip
    for wrong in wrongs:
        answer = tom.post(_to(crew, "fill"), {**sent, **wrong})
        assert answer.status_code == 422, wrong
        assert "排班" in _text(answer)
    assert signed_in("rita").post(_to(crew, "fill"), sent).status_code == 404
    assert Duty.objects.count() == 4


def test_a_week_is_copied_and_two_people_swap(crew: House, signed_in: SignIn) -> None:
    tom = signed_in("tom")
    _set(crew, "rita")
    _set(crew, "ruth", day=MONDAY + timedelta(days=1))
    one, other = Duty.objects.order_by("day")
    cell = {"week": "2026-11-16", "shift": str(_shift().id), "day": "2026-11-16"}
    assert "周二 白班 茹思" in _text(tom.get(_to(crew, "roster"), cell))
    sent = {**cell, "one": str(one.id), "other": str(other.id)}
    assert tom.post(_to(crew, "swap"), sent).status_code == 302
    assert Duty.objects.get(day=MONDAY).account.login == "ruth"
    assert tom.post(_to(crew, "swap"), {**sent, "other": str(one.id)}).status_code == 422
    week = {"week": "2026-11-23"}
    tom.post(_to(crew, "copy"), week)
    assert Duty.objects.count() == 4
    again = tom.post(_to(crew, "copy"), week, follow=True)
    assert "没有可以复制的班" in _text(again)
    assert signed_in("rita").post(_to(crew, "copy"), week).status_code == 404


def test_shifts_are_set_up_and_closed(crew: House, signed_in: SignIn) -> None:
    tom = signed_in("tom")
    sent = {"name": "中班", "starts": "12:00", "ends": "18:30"}
    assert tom.post(_to(crew, "add_shift"), sent).status_code == 302
    assert "12:00–18:30" in _text(tom.get(_to(crew, "roster")))
    twice = tom.post(_to(crew, "add_shift"), sent)
    assert twice.status_code == 422
    assert "已经有叫“中班”的班次" in _text(twice)
    close = reverse("entrance:duty:close_shift", args=[_shift("中班").id])
    assert signed_in("rita").post(close).status_code == 404
    assert tom.post(close).status_code == 302
    assert "12:00–18:30" not in _text(tom.get(_to(crew, "roster")))


def test_the_grid_says_who_is_away_who_stands_in_and_who_has_left(
    crew: House, signed_in: SignIn
) -> None:
    _set(crew, "rita", "ruth", "tom")
    _leave(crew, "rita", substitute=crew.accounts["ruth"].id)
    _leave(crew, "tom")
    actions.end_post(Post.objects.get(account=crew.accounts["ruth"]).id, actor=HOUSE)
    page = _text(signed_in("ada").get(_to(crew, "roster")))
    assert "请假，茹思 替" in page
    assert "请假，没有人替" in page
    assert "已不在岗" in page
    # Nobody of three is there: Ruth, who would stand in, has left.
    assert "现在没有人值班" in page
    assert "培训" not in page.split("gz-roster")[1].split("</table>")[0]


def test_the_sheet_holds_what_the_week_shows(crew: House, signed_in: SignIn) -> None:
    _set(crew, "rita")
    _leave(crew, "rita", substitute=crew.accounts["ruth"].id)
    answer: Any = signed_in("rita").get(_to(crew, "roster_sheet"), {"week": "2026-11-18"})
    assert "2026-11-16" in answer["Content-Disposition"]
    file = io.BytesIO(b"".join(answer.streaming_content))
    rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["班次", "2026-11-16 周一"]
    assert rows[1][0] == "白班 08:00–20:00"
    assert rows[1][1] == "任丽（请假，茹思 替）"
    assert rows[2][0] == "夜班 20:00–次日08:00"
    assert signed_in("hans").get(_to(crew, "roster_sheet")).status_code == 404


def test_a_week_costs_the_same_for_few_duties_and_for_many(
    crew: House, signed_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tom = signed_in("tom")
    for ahead in range(7):
        for shift in ("白班", "夜班"):
            _set(crew, "rita", "ruth", "tom", day=MONDAY + timedelta(days=ahead), shift=shift)
    tom.get(_to(crew, "roster"))
    with django_assert_max_num_queries(14):
        tom.get(_to(crew, "roster"))


# --- one's own page ------------------------------------------------------------------------------


def test_ones_own_page_shows_duties_leave_and_for_whom_one_stands_in(
    crew: House, signed_in: SignIn, client: Client
) -> None:
    mine = reverse("entrance:duty:mine")
    assert client.get(mine).status_code == 302
    _set(crew, "rita", day=MONDAY + timedelta(days=1))
    _set(crew, "rita", shift="夜班")
    _leave(crew, "ruth", substitute=crew.accounts["rita"].id)
    page = _text(signed_in("rita").get(mine))
    assert "夜班 20:00–次日08:00" in page
    assert "明天" in page
    assert page.index("夜班") < page.index("明天")
    assert "茹思" in page
    assert "以后四周没有给您排班" in _text(signed_in("hans").get(mine))


def test_leave_is_taken_and_taken_back_by_oneself(crew: House, signed_in: SignIn) -> None:
    rita, mine = signed_in("rita"), reverse("entrance:duty:mine")
    sent = {
        "starts": "2026-11-18T08:00",
        "ends": "2026-11-19T18:00",
        "kind": "leave",
        "substitute": _id(crew, "ruth"),
    }
    assert rita.post(reverse("entrance:duty:take_leave"), sent)["Location"] == mine
    leave = Leave.objects.get()
    assert leave.starts == datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
    again = rita.post(reverse("entrance:duty:take_leave"), sent)
    assert again.status_code == 422
    assert "2026-11-18 08:00 至 2026-11-19 18:00" in _text(again)
    assert 'value="2026-11-18T08:00"' in _text(again)
    for wrong in ({"ends": ""}, {"kind": "ill"}, {"substitute": _id(crew, "hans")}):
        assert rita.post(reverse("entrance:duty:take_leave"), {**sent, **wrong}).status_code == 422
    end = reverse("entrance:duty:end_leave", args=[leave.id])
    assert signed_in("ruth").post(end).status_code == 404
    assert rita.post(end)["Location"] == mine
    leave.refresh_from_db()
    assert leave.starts == leave.ends
    assert rita.post(end).status_code == 409


# --- administration ------------------------------------------------------------------------------


def test_the_units_page_names_heads_enters_leave_and_shows_who_is_on_duty(
    crew: House, signed_in: SignIn
) -> None:
    tom, thea, unit = signed_in("tom"), signed_in("thea"), crew.units[CENTRE].id
    page, post = reverse("people:unit", args=[unit]), Post.objects.get(account__login="rita")
    head = reverse("people:name_head", args=[post.id])
    assert tom.post(head, {"is_head": "yes"}).status_code == 404
    assert head in _text(thea.get(page))
    assert head not in _text(tom.get(page))
    assert thea.post(head, {"is_head": "yes"})["Location"] == page
    post.refresh_from_db()
    assert post.is_head
    assert "任丽" in _text(tom.get(reverse("people:units")))
    assert signed_in("rita").post(head, {"is_head": "no"}).status_code == 404
    sent = {
        "account": _id(crew, "rita"),
        "starts": "2026-11-16T08:00",
        "ends": "2026-11-16T18:00",
        "kind": "other",
        "substitute": _id(crew, "rita"),
    }
    own = tom.post(reverse("people:add_leave", args=[unit]), sent)
    assert own.status_code == 422
    assert "替班人必须是同一机构" in _text(own)
    sent["substitute"] = _id(crew, "ruth")
    assert tom.post(reverse("people:add_leave", args=[unit]), sent)["Location"] == page
    shown = _text(tom.get(page))
    assert "替 任丽" in shown
    assert "请假中" in shown
    end = reverse("entrance:duty:end_leave", args=[Leave.objects.get().id])
    assert tom.post(end, {"unit": str(unit)})["Location"] == page
    assert signed_in("rita").post(reverse("people:add_leave", args=[unit]), sent).status_code == 404


def test_a_post_is_given_as_that_of_the_head(crew: House, signed_in: SignIn) -> None:
    hans = crew.accounts["hans"].id
    sent = {"unit": "dept-water", "role": "leader", "is_head": "on"}
    assert signed_in("sven").post(reverse("people:give_post", args=[hans]), sent).status_code == 302
    assert Post.objects.get(account=hans, role="leader").is_head
    page = _text(signed_in("ada").get(reverse("people:account", args=[hans])))
    assert page.count("负责人</span>") == 1
