"""The three administrators: what each does, and that none can do another's part."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from gezhi.base import clock
from gezhi.base.refusal import NotAllowed, NotFound, Refusal
from gezhi.people import actions, errors, reads, rules
from gezhi.people.actions import NewPerson, NewPost
from gezhi.people.models import Account, Factor, Identity, Post, Session
from gezhi.people.tests.county import COUNTY, HOUSE, House, SignIn
from gezhi.people.tests.county import sign_in as browser_of
from tests.cast import SETTING_UP, County

CENTRE = "centre-990101"
THREE = ("ada", "sven", "odin")


def give(house: House, login: str, role: str, *, actor: str = "sven", **days: Any) -> Post:
    unit = house.units[CENTRE if role != "handler" else "dept-water"].id
    account = house.accounts[login].id
    return actions.give_post(
        account=account, unit=unit, role=role, actor=house.actor(actor), **days
    )


def give_new(house: House, role: str, **days: Any) -> Post:
    """The post, to somebody who has none."""
    made = actions.add_account(county=COUNTY, path=COUNTY, login="neu", name="新人", actor=HOUSE)
    return give(house._replace(accounts={"neu": made.account}), "neu", role, **days)


@pytest.mark.parametrize("login", ["ada", "odin"])
@pytest.mark.parametrize("role", [role for role in rules.Role if role != "grid_worker"])
def test_an_administrator_gets_no_other_role(house: House, login: str, role: str) -> None:
    held = Post.objects.get(account=house.accounts[login]).role
    with pytest.raises(errors.AdministratorsApart if role != held else errors.PostTaken):
        give(house, login, role)


@pytest.mark.parametrize("role", rules.ADMINISTRATORS)
def test_nobody_with_other_work_becomes_an_administrator(house: House, role: str) -> None:
    with pytest.raises(errors.AdministratorsApart) as refused:
        give(house, "hans", role)
    assert "承办人" in str(refused.value)
    assert "韩山" in str(refused.value)


def test_days_that_meet_are_refused_and_days_that_do_not_are_fine(house: House) -> None:
    day = reads.today()
    give(house, "hans", "leader", valid_from=day + timedelta(10), valid_to=day + timedelta(20))
    Post.objects.filter(account=house.accounts["hans"], role="handler").update(valid_to=day)
    with pytest.raises(errors.AdministratorsApart):
        give(house, "hans", "auditor")
    with pytest.raises(errors.AdministratorsApart):
        give(house, "hans", "auditor", valid_from=day + timedelta(19))
    give(house, "hans", "auditor", valid_to=day + timedelta(10))
    with pytest.raises(errors.AdministratorsApart):
        give(house, "hans", "security_administrator", valid_from=day + timedelta(9))
    give(house, "hans", "security_administrator", valid_from=day + timedelta(20))


def test_a_post_does_not_end_later_than_it_would_by_itself(house: House, signed_in: SignIn) -> None:
    """Its days more would be looked at by nobody: two of the three in one hand."""
    day = reads.today()
    Post.objects.filter(account=house.accounts["hans"]).update(valid_to=day)
    made = give(house, "hans", "auditor", valid_to=day + timedelta(10))
    give(house, "hans", "handler", valid_from=day + timedelta(10))
    end = f"/api/v1/posts/{made.id}/end"
    later, sooner = ({"on": (day + timedelta(days)).isoformat()} for days in (11, 9))
    answer = signed_in("sven").post(end, later, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "post_ends_before")
    assert str(made.valid_to) in answer.json()["detail"]
    assert signed_in("sven").post(end, sooner, "application/json").status_code == 200
    with clock.standing_at(clock.now() + timedelta(10)):
        assert [post.role for post in house.actor("hans").posts] == ["handler"]


def test_many_at_once_are_kept_apart_too(house: House) -> None:
    posts = (NewPost(CENTRE, "leader"), NewPost(CENTRE, "auditor"))
    with pytest.raises(errors.AdministratorsApart):
        actions.add_accounts_with_posts(
            [NewPerson("both", "两样", posts)], county=COUNTY, password_hash="!", actor=HOUSE
        )


def test_two_posts_given_in_one_moment_are_not_of_two_administrators(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made to stand between looking at the posts there are and giving the new one."""
    between, beside = threading.Barrier(2), reads.posts_beside

    def stand_between(post: Post) -> list[Post]:
        found = beside(post)
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return found

    monkeypatch.setattr(reads, "posts_beside", stand_between)
    account = Account.objects.create(county=COUNTY, path=COUNTY, login="neu", name="新人")
    unit = committed.unit(CENTRE)

    def start(role: str) -> str:
        try:
            actions.give_post(account=account.id, unit=unit, role=role, actor=SETTING_UP)
        except errors.AdministratorsApart as refusal:
            return refusal.code
        finally:
            connection.close()
        return "given"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(start, ("auditor", "security_administrator")))
    assert told == ["given", "post_administrators_apart"]
    assert Post.objects.filter(account=account).count() == 1


def test_of_two_last_administrators_that_end_in_one_moment_one_stays(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = actions.add_staff(
        unit=committed.unit(CENTRE), role="auditor", login="shen2", name="沈二", actor=SETTING_UP
    )
    between, others = threading.Barrier(2), reads.others_administer

    def stand_between(post: Post) -> bool:
        found = others(post)
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return found

    monkeypatch.setattr(reads, "others_administer", stand_between)
    one = Post.objects.get(account=committed.accounts["shen"]).id

    def end(which: int) -> str:
        try:
            if which:
                actions.end_post(one, actor=SETTING_UP)
            else:
                actions.change_account(second.account.id, is_active=False, actor=SETTING_UP)
        except errors.LastAdministrator as refusal:
            return refusal.code
        finally:
            connection.close()
        return "ended"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(end, range(2)))
    assert told == ["account_last_administrator", "ended"]
    assert "auditor" in reads.administrators_over(COUNTY)


def test_the_last_one_is_not_ended_beside_one_whose_days_end_sooner(house: House) -> None:
    day, posts = reads.today(), Post.objects.filter(role="auditor")
    post, post2 = posts.get(), give_new(house, "auditor", valid_to=day + timedelta(5))
    for act in (
        lambda: actions.end_post(post.id, actor=house.actor("sven")),
        lambda: actions.change_account(post.account_id, is_active=False, actor=house.actor("ada")),
    ):
        with pytest.raises(errors.LastAdministrator):
            act()
    posts.filter(id=post.id).update(valid_to=post2.valid_to)
    actions.end_post(post.id, actor=house.actor("sven"))


def test_none_of_the_three_does_what_another_does(house: House) -> None:
    hans, unit = house.accounts["hans"].id, house.units[CENTRE].id
    post = Post.objects.get(account=hans).id
    parts: dict[str, list[Any]] = {
        "ada": [
            lambda actor: actions.change_account(hans, name="韩三", actor=actor),
            lambda actor: actions.reset_password(hans, actor=actor),
            lambda actor: actions.add_account(
                county=COUNTY, path=COUNTY, login="neu", name="新人", actor=actor
            ),
            lambda actor: actions.change_unit(unit, phone="110", actor=actor),
        ],
        "sven": [
            lambda actor: actions.give_post(account=hans, unit=unit, role="leader", actor=actor),
            lambda actor: actions.name_head(post, actor=actor),
            lambda actor: actions.make_key(account=hans, name="x", actor=actor),
            lambda actor: actions.end_post(post, actor=actor),
        ],
    }
    for whose, acts in parts.items():
        for act in acts:
            for other in set(THREE) - {whose}:
                with pytest.raises((NotAllowed, NotFound)):
                    act(house.actor(other))
            act(house.actor(whose))


def test_an_administrator_does_not_get_into_the_account_of_another(house: House) -> None:
    for login in ("sven", "thea", "odin"):
        account = house.accounts[login]
        with pytest.raises(errors.OtherAdministrator) as refused:
            actions.reset_password(account.id, actor=house.actor("ada"))
        assert f"gezhi password {login}" in str(refused.value)
        account.refresh_from_db()
        assert not account.must_change_password
    actions.reset_password(house.accounts["tom"].id, actor=house.actor("ada"))
    Account.objects.filter(login="odin").update(has_factor=True)
    actions.reset_password(house.accounts["odin"].id, actor=house.actor("ada"))
    for login in THREE:
        if login != "sven":
            with pytest.raises(errors.KeyForAdministrator):
                actions.make_key(
                    account=house.accounts[login].id, name="x", actor=house.actor("sven")
                )


def test_whoever_holds_a_key_of_an_account_does_not_become_its_administrator(house: House) -> None:
    hans = house.accounts["hans"].id
    actions.end_post(Post.objects.get(account=hans).id, actor=house.actor("sven"))
    key = actions.make_key(account=hans, name="x", actor=house.actor("sven")).key
    with pytest.raises(errors.KeyForAdministrator):
        give(house, "hans", "auditor")
    actions.revoke_key(key.id, actor=house.actor("sven"))
    give(house, "hans", "auditor")


def test_nobody_comes_in_as_another_administrator_by_an_identity_of_their_own(house: House) -> None:
    for login in ("ada", "odin"):
        with pytest.raises(NotAllowed):
            actions.bind_identity(
                house.accounts[login].id, subject="sven-at-home", actor=house.actor("sven")
            )


def test_whoever_added_the_account_does_not_become_the_administrator(
    house: House, signed_in: SignIn
) -> None:
    """All they could know or hold of it is gone: password, factors, identity, sessions."""
    made = actions.add_account(
        county=COUNTY, path=COUNTY, login="neu", name="新来的", actor=house.actor("ada")
    )
    signed_in("neu")
    new = made.account
    Factor.objects.create(account=new, kind="passkey", name="x", handle=b"x", made_at=clock.now())
    Identity.objects.create(account=new, issuer="i", subject="s", confirmed_at=clock.now())
    Account.objects.filter(id=new.id).update(has_factor=True)
    sent = {"unit": CENTRE, "role": "auditor"}
    told = signed_in("sven").post(reverse("people:give_post", args=[new.id]), sent, follow=True)
    assert "gezhi password neu" in told.text
    new = Account.objects.get(id=new.id)
    assert (new.has_factor, new.has_usable_password()) == (False, False)
    for rows in (Factor, Identity, Session):
        assert not rows.objects.filter(account=new).exists(), rows
    with pytest.raises(errors.OtherAdministrator):
        actions.reset_password(new.id, actor=house.actor("ada"))
    Account.objects.filter(id=new.id).update(password=house.accounts["rita"].password)
    again = signed_in("neu")
    town = house.units["centre-990101101"].id
    actions.give_post(account=new.id, unit=town, role="auditor", actor=house.actor("sven"))
    assert Account.objects.get(id=new.id).has_usable_password(), "an administrator already"
    assert again.get("/desk/sessions/").status_code == 200


def test_a_future_administrator_is_guarded_already(house: House) -> None:
    actions.end_post(Post.objects.get(account=house.accounts["hans"]).id, actor=house.actor("sven"))
    give(house, "hans", "auditor", valid_from=reads.today() + timedelta(3))
    with pytest.raises(Refusal) as refused:
        actions.reset_password(house.accounts["hans"].id, actor=house.actor("ada"))
    assert refused.value.code == "account_of_other_administrator"


def test_each_sees_the_pages_and_buttons_of_the_own_part(house: House, signed_in: SignIn) -> None:
    hans = house.accounts["hans"].id
    page = reverse("people:account", args=[hans])
    words, posts = (
        reverse("people:reset_password", args=[hans]),
        reverse("people:give_post", args=[hans]),
    )
    ada, sven = (signed_in(login).get(page).text for login in ("ada", "sven"))
    assert (words in ada, posts in ada) == (True, False)
    assert (words in sven, posts in sven) == (False, True)
    assert signed_in("odin").get(page).status_code == 404
    for name in ("accounts", "units"):
        listed = reverse(f"people:{name}")
        assert "new/" in signed_in("ada").get(listed).text
        assert "new/" not in signed_in("sven").get(listed).text
        assert signed_in("odin").get(listed).status_code == 403
    unit = reverse("people:unit", args=[house.units["dept-water"].id])
    assert "水务局" in signed_in("sven").get(unit).text
    assert 'name="phone"' in signed_in("ada").get(unit).text
    assert 'name="phone"' not in signed_in("sven").get(unit).text


def test_whoever_has_no_post_yet_is_found_at_once(house: House, signed_in: SignIn) -> None:
    made = actions.add_account(
        county=COUNTY, path=COUNTY, login="neu", name="新来的", actor=house.actor("ada")
    )
    sven = signed_in("sven")
    listed = sven.get(reverse("people:accounts"), {"no_post": "on"}).text
    assert "新来的" in listed
    assert "韩山" not in listed
    sent = {"unit": "dept-water", "role": "handler"}
    sven.post(reverse("people:give_post", args=[made.account.id]), sent)
    assert "新来的" not in sven.get(reverse("people:accounts"), {"no_post": "on"}).text


@pytest.mark.parametrize("login", THREE)
def test_an_administrator_opens_no_case_list(house: House, login: str) -> None:
    client = browser_of(login)
    answer = client.get("/desk/?tab=area")
    assert answer.status_code == 302 or "还没有岗位" in answer.text
    assert not reads.actor_for(Account.objects.get(login=login)).may("case.read")
