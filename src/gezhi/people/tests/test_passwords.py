"""Passwords: what a new one must be like, and how long one is good."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gezhi.base import clock
from gezhi.people import actions, errors, reads, rules
from gezhi.people.models import Account, PasswordBefore
from gezhi.people.tests.county import COUNTY, PASSWORD, House, SignIn
from gezhi.record.models import AuditLine
from gezhi.record.rules import AuditKind

SIGN_IN = "/desk/sign-in/"
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
DAY = timedelta(1)


@pytest.mark.parametrize(
    ("roles", "length"),
    [((), 10), (("handler", "leader"), 10), (("auditor",), 12), (("handler", "administrator"), 12)],
)
def test_an_administrators_password_is_longer(roles: tuple[str, ...], length: int) -> None:
    assert rules.password_length(roles, least=10, of_administrators=12) == length
    assert rules.password_length(roles, least=14, of_administrators=12) == 14


@pytest.mark.parametrize(
    ("age", "lapsed"), [(None, False), (7 * DAY, True), (7 * DAY - timedelta(seconds=1), False)]
)
def test_a_password_lapses_on_the_minute(age: timedelta | None, lapsed: bool) -> None:
    set_at = NOW - age if age else None
    assert rules.has_lapsed(set_at, NOW, after=7 * DAY) is lapsed
    assert rules.is_due_for_change(set_at, NOW, after=7 * DAY) is (lapsed or age is None)
    assert not rules.is_due_for_change(set_at, NOW, after=timedelta(0)), "nobody asks for it"


def change(house: House, login: str, old: str, new: str) -> None:
    actions.change_own_password(old=old, new=new, actor=house.actor(login))


def test_none_of_the_last_five_comes_back_and_the_sixth_may(house: House) -> None:
    words = [PASSWORD, *(f"brand new word {at}" for at in range(5))]
    for old, new in zip(words, words[1:], strict=False):
        change(house, "rita", old, new)
    for used in words[1:]:
        with pytest.raises(errors.PasswordSame):
            change(house, "rita", words[-1], used)
    change(house, "rita", words[-1], words[0])
    digests = PasswordBefore.objects.values_list("digest", flat=True)
    assert len(digests) == 5
    assert not any(word in digest for digest in digests for word in words)


def test_a_reset_does_not_bring_the_old_password_back(house: House) -> None:
    once = actions.reset_password(house.accounts["rita"].id, actor=house.actor("tom"))
    again = actions.reset_password(house.accounts["rita"].id, actor=house.actor("tom"))
    assert once != again
    with pytest.raises(errors.PasswordSame):
        change(house, "rita", again, PASSWORD)
    with pytest.raises(errors.PasswordSame):
        change(house, "rita", again, again)
    change(house, "rita", again, "brand new word")
    kept = PasswordBefore.objects.filter(account=house.accounts["rita"]).count()
    assert kept == 1, "what the house made for one sign-in is not kept"


def test_an_administrator_is_asked_for_twelve_signs_and_told_so_beforehand(
    house: House, signed_in: SignIn
) -> None:
    with pytest.raises(errors.PasswordShort):
        change(house, "ada", PASSWORD, "elevensigns")
    change(house, "rita", PASSWORD, "elevensigns")
    assert "至少 12 个字符" in signed_in("ada").get("/desk/password/").text
    page = signed_in("rita").get("/desk/password/").text
    assert "至少 10 个字符" in page
    assert "最近 5 次" in page
    sent = {"old": "elevensigns", "new": "short", "again": "short"}
    assert "现在有 5 个" in signed_in("rita").post("/desk/password/", sent).text


def test_a_one_time_password_lapses_and_says_what_to_do(client: Client, house: House) -> None:
    rita = house.accounts["rita"].id
    sent = {"login": "rita", "password": actions.reset_password(rita, actor=house.actor("tom"))}
    with clock.standing_at(clock.now() + 7 * DAY):
        refused = client.post(SIGN_IN, sent)
        assert refused.status_code == 422
        assert "请系统管理员再重置一次密码" in refused.text
        assert client.get("/desk/password/").status_code == 302
        sent["password"] = actions.reset_password(rita, actor=house.actor("tom"))
        assert client.post(SIGN_IN, sent).status_code == 302


def test_a_password_is_good_for_ever_unless_the_deployment_says_otherwise(
    client: Client, house: House, settings: Any
) -> None:
    sent = {"login": "rita", "password": PASSWORD}
    Account.objects.update(password_set_at=clock.now() - 400 * DAY)
    assert client.post(SIGN_IN, sent)["Location"] == "/desk/"
    settings.PASSWORD_DAYS = 90
    again = Client()
    assert again.post(SIGN_IN, sent)["Location"] == "/desk/password/"
    assert reads.actor_for(Account.objects.get(login="rita")).posts == ()
    new = {"old": PASSWORD, "new": "brand new word", "again": "brand new word"}
    assert again.post("/desk/password/", new).status_code == 302
    assert Client().post(SIGN_IN, {**sent, "password": "brand new word"})["Location"] == "/desk/"


def test_a_password_that_is_due_stays_good_for_changing_it(
    client: Client, house: House, settings: Any
) -> None:
    """Whoever puts it off comes back to the same page; it was never made for one sign-in."""
    settings.PASSWORD_DAYS = 90
    Account.objects.update(password_set_at=clock.now() - 91 * DAY)
    sent = {"login": "rita", "password": PASSWORD}
    for _again in range(2):
        assert Client().post(SIGN_IN, sent)["Location"] == "/desk/password/"
    assert client.post(SIGN_IN, sent)["Location"] == "/desk/password/"
    page = client.get("/desk/password/").text
    assert "到了该换的日子" in page
    assert "一次性密码" not in page
    assert AuditLine.objects.filter(data__fact="password_due").count() == 1
    change(house, "rita", PASSWORD, "brand new word")
    with pytest.raises(errors.PasswordSame):
        change(house, "rita", "brand new word", PASSWORD)


def test_wrong_old_passwords_count_as_at_the_entrance(house: House, signed_in: SignIn) -> None:
    rita = signed_in("rita")
    sent = {"new": "brand new word", "again": "brand new word"}
    for _time in range(4):
        assert rita.post("/desk/password/", {"old": "no", **sent}).status_code == 422
    assert rita.post("/desk/password/", {"old": "no", **sent}).status_code == 429
    assert rita.post("/desk/password/", {"old": PASSWORD, **sent}).status_code == 429
    assert AuditLine.objects.filter(kind="sign_in_failed").count() >= 5
    assert Account.objects.get(login="rita").check_password(PASSWORD)


def test_nobody_waits_for_the_hashing_of_a_new_password(
    house: House,
) -> None:
    """The row is asked for with a lock once, after the last digest was compared or made."""
    with (
        CaptureQueriesContext(connection) as asked,
        patch("gezhi.people.actions.passwords.make_password", wraps=make_password) as hashing,
    ):
        hashing.side_effect = lambda word: (
            pytest.fail("the row is held")
            if any("FOR UPDATE" in each["sql"] for each in asked.captured_queries)
            else make_password(word)
        )
        change(house, "rita", PASSWORD, "brand new word")
    assert hashing.called
    assert any("FOR UPDATE" in each["sql"] for each in asked.captured_queries)


def test_who_changed_rights_and_passwords_stands_in_the_audit(
    house: House, signed_in: SignIn
) -> None:
    rita = house.accounts["rita"].id
    signed_in("tom").post(reverse("people:reset_password", args=[rita]))
    made = actions.add_account(
        county=COUNTY, path=COUNTY, login="neu", name="新来的", actor=house.actor("ada")
    )
    post = actions.give_post(
        account=made.account.id, unit=house.units["dept-water"].id, role="handler",
        is_head=True, actor=house.actor("sven"),
    )  # fmt: skip
    key = actions.make_key(account=made.account.id, name="x", actor=house.actor("sven")).key
    actions.revoke_key(key.id, actor=house.actor("sven"))
    actions.end_post(post.id, actor=house.actor("sven"))
    actions.change_account(made.account.id, is_active=False, actor=house.actor("ada"))
    lines = AuditLine.objects.order_by("id")
    told = [(line.kind, line.data["fact"], line.actor) for line in lines if "fact" in line.data]
    who = {login: f"account:{house.accounts[login].id}" for login in ("tom", "ada", "sven")}
    rights = AuditKind.RIGHTS.value
    assert told[-8:] == [
        (AuditKind.SECURITY.value, "password_reset", who["tom"]),
        (rights, "account_added", who["ada"]),
        (rights, "post_given", who["sven"]),
        (rights, "head_named", who["sven"]),
        (rights, "key_made", who["sven"]),
        (rights, "key_revoked", who["sven"]),
        (rights, "post_ended", who["sven"]),
        (rights, "account_changed", who["ada"]),
    ]
    assert "新来的" not in str([line.data for line in lines])
