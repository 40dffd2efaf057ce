"""Sessions: how long they last, where one is signed in, and what ends them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessLog
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gezhi.people import actions, rules
from gezhi.people.jobs import forget_ended_sessions
from gezhi.people.models import Account, Post, Session
from gezhi.people.tests.county import HOUSE, PASSWORD, House, SignIn
from gezhi.record.models import AuditLine, Line
from gezhi.site import live

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0 Safari/537.36 Edg/131.0"
)
MINE = "/desk/sessions/"
STAY = "/desk/sessions/stay/"
QUIET = {"X-Gezhi-Quiet": "1"}


def test_a_session_ends_after_its_last_use_and_never_later_than_its_longest() -> None:
    def ends(began: timedelta, used: timedelta) -> datetime:
        return rules.session_ends(NOW - began, NOW - used, idle=30 * MINUTE, longest=12 * HOUR)

    assert ends(HOUR, 0 * HOUR) == NOW + 30 * MINUTE
    assert ends(HOUR, 29 * MINUTE) == NOW + MINUTE
    assert ends(12 * HOUR - MINUTE, 0 * HOUR) == NOW + MINUTE
    assert ends(13 * HOUR, 0 * HOUR) < NOW


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (WINDOWS, "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/131 MicroMessenger/8.0", "WeChat · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_called_what_its_person_calls_it(agent: str, name: str) -> None:
    assert rules.device_name(agent) == name


def enter(login: str = "rita", **values: Any) -> Client:
    """Sign in by the page, as a browser does."""
    client = Client(headers={"User-Agent": WINDOWS}, **values)
    assert client.post("/desk/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def age(by: timedelta, **which: Any) -> None:
    """Let sessions be so much older than they are."""
    for session in Session.objects.filter(**which):
        assert session.began is not None
        assert session.last_used is not None
        session.began -= by
        session.last_used -= by
        session.expire_date -= by
        session.save()


def is_in(client: Client) -> bool:
    return client.get(MINE).status_code == 200


def test_half_an_hour_without_use_signs_out_and_use_keeps_it_open(house: House) -> None:
    client = enter()
    for _time in range(5):
        age(29 * MINUTE)
        assert is_in(client)
    age(30 * MINUTE)
    assert not is_in(client)


def test_twelve_hours_after_the_sign_in_it_ends_however_busy(house: House) -> None:
    client = enter()
    for _quarter in range(47):
        age(15 * MINUTE)
        assert is_in(client)
    age(15 * MINUTE)
    assert not is_in(client)


def test_a_password_asked_again_is_a_new_key_and_no_new_sign_in(house: House) -> None:
    """By the password alone nobody stays in for days, with the factor of the first."""
    client = enter(REMOTE_ADDR="203.0.113.7")
    began = timezone.now() - 11 * HOUR - 59 * MINUTE
    Session.objects.update(began=began)
    before = Session.objects.get()
    for path, sent in (
        ("/desk/sign-in/second/", {"password": PASSWORD}),
        ("/desk/password/", {"old": PASSWORD, "new": "brand new word", "again": "brand new word"}),
    ):
        assert client.post(path, sent).status_code == 302
        after = Session.objects.get()
        assert after.session_key != before.session_key
        assert (after.began, after.device, after.address) == (began, before.device, "203.0.113.7")
        assert after.expire_date == began + 12 * HOUR
        before = after


def test_what_a_page_asks_by_itself_is_no_use(house: House) -> None:
    client = enter()
    age(20 * MINUTE)
    left = client.get(STAY, headers=QUIET).json()["left"]
    assert 9 * 60 < left <= 10 * 60
    assert client.get(MINE, headers=QUIET).status_code == 200
    assert client.get(STAY, headers=QUIET).json()["left"] <= left
    assert client.get(STAY).json()["left"] > 29 * 60
    age(31 * MINUTE)
    assert client.get(STAY, headers=QUIET).json() == {"left": 0}


def test_a_use_is_written_down_once_a_minute(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = enter()
    client.get(STAY)
    with django_assert_num_queries(2):  # the session; the account with its posts
        client.get(STAY)
    age(MINUTE)
    with django_assert_num_queries(3):
        client.get(STAY)
    with django_assert_num_queries(2):
        client.get(STAY)


def test_signing_in_takes_a_new_key_and_the_old_one_opens_nothing(house: House) -> None:
    client = Client()
    client.get("/desk/sign-in/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    client.post("/desk/sign-in/", {"login": "rita", "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert not is_in(stranger)


def test_everybody_sees_the_own_sign_ins_and_ends_them(house: House) -> None:
    here, there, other = enter(), enter(REMOTE_ADDR="203.0.113.7"), enter("gina")
    page = here.get(MINE).text
    assert page.count("Edge · Windows") == 2
    assert "203.0.113.7" in page
    assert not any(client.cookies["sessionid"].value in page for client in (here, there))
    found = Session.objects.get(address="203.0.113.7")
    end = reverse("entrance:sessions:end", args=[found.ref])
    assert other.post(end).status_code == 404
    assert here.post(end).status_code == 302
    assert not is_in(there)
    again = enter()
    assert here.post("/desk/sessions/others/end/").status_code == 302
    assert [is_in(client) for client in (here, again, other)] == [True, False, True]
    own = Session.objects.get(account=house.accounts["rita"]).ref
    answer = here.post(reverse("entrance:sessions:end", args=[own]))
    assert answer["Location"] == "/desk/sign-in/"
    assert not is_in(here)


def test_the_security_administrator_ends_all_of_an_account(house: House, signed_in: SignIn) -> None:
    one, two = enter(), enter()
    rita = house.accounts["rita"].id
    end, page = (reverse(f"people:{name}", args=[rita]) for name in ("end_sessions", "account"))
    assert signed_in("tom").post(end).status_code == 403
    assert end not in signed_in("tom").get(page).text
    thea = signed_in("thea")
    assert "正在登录的地方：2 个" in thea.get(page).text
    assert thea.post(end)["Location"] == page
    assert not is_in(one)
    assert not is_in(two)
    line = AuditLine.objects.get(kind="security", data__fact="sessions_ended")
    assert (line.actor, line.data["count"]) == (f"account:{house.accounts['thea'].id}", 2)


def _password(house: House, client: Client) -> None:
    sent = {"old": PASSWORD, "new": "brand new word", "again": "brand new word"}
    assert client.post("/desk/password/", sent).status_code == 302


def _reset(house: House, client: Client) -> None:
    actions.reset_password(house.accounts["rita"].id, actor=house.actor("tom"))


def _close(house: House, client: Client) -> None:
    actions.change_account(house.accounts["rita"].id, is_active=False, actor=house.actor("tom"))


def _last_post(house: House, client: Client) -> None:
    post = Post.objects.get(account=house.accounts["rita"])
    actions.end_post(post.id, actor=house.actor("thea"))


def _factor(house: House, client: Client) -> None:
    actions.reset_factors(house.accounts["rita"].id, actor=house.actor("thea"))


@pytest.mark.parametrize("happens", [_password, _reset, _close, _last_post, _factor])
def test_what_happens_to_an_account_ends_its_other_sessions(house: House, happens: Any) -> None:
    here, there, other = enter(), enter(), enter("gina")
    happens(house, here)
    assert is_in(here) is (happens is _password)
    assert not is_in(there)
    assert is_in(other)
    left = Session.objects.filter(account=house.accounts["rita"]).count()
    assert left == (1 if happens is _password else 0)
    assert Line.objects.filter(kind="sessions_ended").exists()


def test_a_post_of_several_that_ends_leaves_the_person_signed_in(house: House) -> None:
    actions.give_post(
        account=house.accounts["rita"].id, unit=house.units["centre-990101101"].id,
        role="supervisor", actor=house.actor("thea"),
    )  # fmt: skip
    client = enter()
    _last = Post.objects.get(account=house.accounts["rita"], role="receptionist")
    actions.end_post(_last.id, actor=house.actor("thea"))
    assert is_in(client)


def test_listening_keeps_no_session_open_and_ends_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "close_old_connections", lambda: None)  # the test's own
    client = enter()
    key = client.cookies["sessionid"].value
    before = Session.objects.get(session_key=key)
    age(5 * MINUTE)
    assert live.staff_of(key) is not None
    after = Session.objects.get(session_key=key)
    assert after.last_used == (before.last_used or NOW) - 5 * MINUTE
    actions.end_sessions(house.accounts["rita"].id, actor=house.actor("thea"))
    assert live.staff_of(key) is None


def test_a_form_sent_after_the_time_out_comes_back_with_what_was_typed(house: House) -> None:
    client = enter()
    age(31 * MINUTE)
    words = "下周一去县里培训"
    answer = client.post("/desk/duty/leaves/", {"kind": "training", "note": words})
    assert answer.status_code == 401
    assert words in answer.text


def test_pages_of_who_works_here_know_when_they_end_and_others_do_not(house: House) -> None:
    assert 'data-idle="1800"' in enter().get(MINE).text
    assert "data-idle" not in Client().get("/desk/sign-in/").text
    assert Account.objects.get(login="rita").last_login is not None


def test_where_somebody_was_signed_in_is_forgotten_overnight(house: House) -> None:
    here, over = enter(), enter("gina")
    stranger = Client()
    stranger.post("/desk/sign-in/passkey/challenge/")
    assert Session.objects.filter(account=None).count() == 1
    age(31 * MINUTE, account=house.accounts["gina"])
    Session.objects.filter(account=None).update(expire_date=timezone.now())
    forget_ended_sessions(0)
    assert [each.account_id for each in Session.objects.all()] == [house.accounts["rita"].id]
    assert is_in(here)
    assert not is_in(over)
    assert not AccessLog.objects.exists(), "who signed in stands on the audit alone"


API = "/api/v1/me/sessions"


def test_an_app_lists_and_ends_the_own_sign_ins_and_nobody_elses(house: House) -> None:
    here, there, other = enter(), enter(REMOTE_ADDR="203.0.113.7"), enter("gina")
    items = here.get(API).json()["items"]
    assert {(item["address"], item["is_here"]) for item in items} == {
        ("127.0.0.1", True), ("203.0.113.7", False)
    }  # fmt: skip
    assert "Edge · Windows" in {item["device"] for item in items}
    ref = next(item["ref"] for item in items if not item["is_here"])
    assert other.post(f"{API}/{ref}/end").status_code == 404
    assert here.post(f"{API}/{ref}/end").json() == {"count": 1}
    assert not is_in(there)
    third = enter()
    assert here.post(f"{API}/end-others").json() == {"count": 1}
    assert [is_in(client) for client in (here, third, other)] == [True, False, True]


def test_a_key_has_no_sign_ins_and_ends_none(house: House) -> None:
    here = enter()
    token = actions.make_key(account=house.accounts["rita"].id, name="x", actor=HOUSE).token
    program = Client(headers={"Authorization": f"Bearer {token}"})
    assert program.get(API).json()["items"] == []
    assert program.post(f"{API}/end-others").status_code == 401
    assert program.get("/api/v1/me/keys").json()["items"] == []
    assert is_in(here)
