"""Delegation: who may, to whom, for how long; who sees it; what ends it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from gezhi.base import clock
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.people import actions, errors, reads, rules
from gezhi.people.models import Account, Post
from gezhi.people.tests.county import COUNTY, HOUSE, TOWN, House, SignIn
from gezhi.record.models import AuditLine
from tests.cast import SETTING_UP, County

CENTRE = "centre-990101101"
PAGE = "/desk/delegations/"


@pytest.fixture
def crew(house: House) -> House:
    """Rita is receptionist of the town, Sue its supervisor, Lee its leader."""
    people = [
        actions.NewPerson(login, name, (actions.NewPost(CENTRE, role),))
        for login, name, role in (("sue", "苏月", "supervisor"), ("lee", "李正", "leader"))
    ]
    made = actions.add_accounts_with_posts(
        people, county=COUNTY, password_hash="!", must_change_password=False, actor=HOUSE
    )
    return House(house.units, {**house.accounts, **made})


def post_of(login: str) -> Post:
    return Post.objects.get(account__login=login, delegated_from=None)


def delegate(crew: House, whose: str, to: str, *, days: int = 3, actor: str = "") -> Post:
    return actions.delegate_post(
        post_of(whose).id,
        to=crew.accounts[to].id,
        until=reads.today() + timedelta(days),
        actor=crew.actor(actor or whose),
    )


@pytest.mark.parametrize("role", list(rules.Role))
def test_work_with_cases_is_delegated_and_nothing_twice(role: rules.Role) -> None:
    is_work = role not in (*rules.ADMINISTRATORS, rules.Role.INTEGRATOR)
    assert rules.may_be_delegated(role, is_delegated=False) is is_work
    assert not rules.may_be_delegated(role, is_delegated=True)


def test_a_colleague_has_the_rights_to_the_last_day_and_not_a_day_longer(crew: House) -> None:
    assert not crew.actor("lee").may("case.approve", path=TOWN)
    made = delegate(crew, "sue", "lee")
    assert crew.actor("lee").may("case.approve", path=TOWN)
    assert crew.actor("sue").may("case.approve", path=TOWN)
    with clock.standing_at(clock.now() + timedelta(3)):
        assert crew.actor("lee").may("case.approve", path=TOWN)
    with clock.standing_at(clock.now() + timedelta(4)):
        assert not crew.actor("lee").may("case.approve", path=TOWN)
    line = AuditLine.objects.get(data__fact="post_delegated")
    assert line.data["on_behalf_of"] == str(crew.accounts["sue"].id)
    assert line.data["post"] == str(made.id)


@pytest.mark.parametrize(
    ("whose", "to", "days"),
    [
        ("sue", "hans", 3),  # of another unit
        ("sue", "sue", 3),
        ("sue", "lee", 30),
        ("sue", "lee", -1),
        ("tom", "lee", 3),  # an administrator's part
        ("sue", "tom", 3),  # to an administrator
    ],
)
def test_a_delegation_is_refused(crew: House, whose: str, to: str, days: int) -> None:
    with pytest.raises(errors.NotDelegable):
        delegate(crew, whose, to, days=days)
    assert not Post.objects.filter(delegated_from__isnull=False).exists()


def test_what_is_delegated_goes_no_further_and_nobody_delegates_for_others(crew: House) -> None:
    made = delegate(crew, "sue", "lee")
    with pytest.raises(errors.NotDelegable):
        actions.delegate_post(
            made.id, to=crew.accounts["rita"].id, until=reads.today(), actor=crew.actor("lee")
        )
    with pytest.raises(errors.PostTaken):
        delegate(crew, "sue", "lee")
    for stranger in ("rita", "hans", "tom"):
        with pytest.raises(NotFound):
            delegate(crew, "sue", "rita", actor=stranger)
        with pytest.raises(NotFound):
            actions.end_delegation(made.id, actor=crew.actor(stranger))
    delegate(crew, "sue", "rita", actor="thea")


@pytest.mark.parametrize("who", ["sue", "lee", "thea"])
def test_either_side_and_who_gives_posts_ends_it(crew: House, who: str) -> None:
    made = delegate(crew, "sue", "lee")
    actions.end_delegation(made.id, actor=crew.actor(who))
    assert not crew.actor("lee").may("case.approve", path=TOWN)
    assert crew.actor("lee").may("case.supervise", path=TOWN), "the own post stays"
    with pytest.raises(errors.PostEndedAlready):
        actions.end_delegation(made.id, actor=crew.actor(who))
    assert AuditLine.objects.filter(data__fact="delegation_ended").count() == 1


def test_it_ends_with_the_post_and_with_the_account_it_comes_from(crew: House) -> None:
    delegate(crew, "sue", "lee")
    delegate(crew, "rita", "lee")
    actions.end_post(post_of("sue").id, actor=crew.actor("thea"))
    assert not crew.actor("lee").may("case.approve", path=TOWN)
    assert crew.actor("lee").may("case.accept", path=TOWN)
    actions.change_account(crew.accounts["rita"].id, is_active=False, actor=crew.actor("tom"))
    assert not crew.actor("lee").may("case.accept", path=TOWN)


def test_closing_an_account_ends_what_it_delegated_for_good(crew: House) -> None:
    """Nobody counts as staff by a post that gives no right, and reopening wakes nothing."""
    made = delegate(crew, "sue", "lee")
    unit, sue = crew.units[CENTRE], crew.accounts["sue"].id
    assert made in reads.staff_of(unit)
    actions.change_account(sue, is_active=False, actor=crew.actor("tom"))
    assert made not in reads.staff_of(unit)
    actions.change_account(sue, is_active=True, actor=crew.actor("tom"))
    assert not crew.actor("lee").may("case.approve", path=TOWN)
    assert made not in reads.staff_of(unit)
    assert AuditLine.objects.filter(data__fact="delegation_ended").count() == 1


def test_nothing_is_delegated_of_an_account_that_is_closed(crew: House) -> None:
    actions.change_account(crew.accounts["sue"].id, is_active=False, actor=crew.actor("tom"))
    with pytest.raises(errors.AccountClosed):
        delegate(crew, "sue", "lee", actor="thea")


def test_what_is_delegated_in_the_moment_in_which_the_account_closes_ends_too(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made to stand: looked at and not yet delegated, looked for and not yet closed."""
    whose, to = committed.accounts["du"].id, committed.accounts["xian"].id
    between = threading.Barrier(2)

    def standing(seen: Callable[..., Any]) -> Callable[..., Any]:
        def stand_between(asked: Any) -> Any:
            found = seen(asked)
            len(found)
            with suppress(threading.BrokenBarrierError):
                between.wait(timeout=0.5)
            return found

        return stand_between

    for name in ("delegates", "delegated_by"):
        monkeypatch.setattr(reads, name, standing(getattr(reads, name)))

    def start(is_closing: bool) -> None:
        try:
            if is_closing:
                actions.change_account(whose, is_active=False, actor=SETTING_UP)
            else:
                until = reads.today() + timedelta(3)
                actions.delegate_post(post_of("du").id, to=to, until=until, actor=SETTING_UP)
        except errors.AccountClosed:
            assert not is_closing
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(start, (False, True)))
    assert not Account.objects.get(id=whose).is_active
    assert not list(reads.delegations(whose))


def test_only_those_are_offered_who_may_hold_it(crew: House, signed_in: SignIn) -> None:
    """None who is here by a delegation alone, and none of the three administrators."""
    hans, unit = crew.accounts["hans"], crew.units[CENTRE]
    Post.objects.create(
        account=hans, unit=unit, role="leader", path=TOWN, valid_from=reads.today(),
        valid_to=reads.today() + timedelta(3), delegated_from=post_of("lee"),
        delegated_by=crew.accounts["lee"],
    )  # fmt: skip
    offered = signed_in("sue").get(PAGE).context["form"].fields["to"].choices
    assert {name for _id, name in offered if name} >= {"李正", "任丽"}
    assert not {"韩山", "唐明", "陶雅"} & {name for _id, name in offered}


def test_posts_of_a_unit_above_are_left_to_who_gives_posts_there(
    crew: House, signed_in: SignIn
) -> None:
    """However small their path: such a post reaches all the unit holds."""
    above = [
        actions.NewPerson("cora", "柯若", (actions.NewPost("centre-990101", "supervisor", TOWN),)),
        actions.NewPerson("cleo", "柯丽", (actions.NewPost("centre-990101", "leader"),)),
    ]
    made = actions.add_accounts_with_posts(
        above, county=COUNTY, password_hash="!", must_change_password=False, actor=HOUSE
    )
    both, post = House(crew.units, {**crew.accounts, **made}), post_of("cora")
    with pytest.raises(NotFound):
        delegate(both, "cora", "cleo", actor="thea")
    lent = delegate(both, "cora", "cleo", actor="sven")
    thea = both.actor("thea")
    acts: list[Callable[[], object]] = [
        lambda: actions.end_delegation(lent.id, actor=thea),
        lambda: actions.end_post(post.id, actor=thea),
        lambda: actions.name_head(post.id, actor=thea),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        actions.end_sessions(made["cora"].id, actor=thea)
    page = reverse("people:account", args=[made["cora"].id])
    end, to = (
        reverse("people:end_post", args=[post.id]),
        reverse("people:delegate_post", args=[made["cora"].id]),
    )
    for login, is_there in (("thea", False), ("sven", True)):
        text = signed_in(login).get(page).text
        assert (end in text, to in text) == (is_there, is_there)


def test_who_gives_posts_delegates_for_somebody_who_can_not(crew: House, signed_in: SignIn) -> None:
    sue, lee = crew.accounts["sue"].id, crew.accounts["lee"].id
    page, to = (reverse(f"people:{name}", args=[sue]) for name in ("account", "delegate_post"))
    thea = signed_in("thea")
    assert to in thea.get(page).text
    assert to not in signed_in("tom").get(page).text
    sent = {"post": str(post_of("sue").id), "to": str(lee)}
    far = thea.post(to, {**sent, "until": (reads.today() + timedelta(90)).isoformat()})
    assert far.status_code == 422
    assert "最多 30 天" in far.text
    sent["until"] = (reads.today() + timedelta(3)).isoformat()
    assert signed_in("tom").post(to, sent).status_code == 403
    assert not Post.objects.filter(delegated_by=sue).exists()
    assert thea.post(to, sent)["Location"] == page
    assert crew.actor("lee").may("case.approve", path=TOWN)
    line = AuditLine.objects.get(data__fact="post_delegated")
    assert line.actor == f"account:{crew.accounts['thea'].id}"
    elsewhere = crew.accounts["hans"].id
    assert thea.post(reverse("people:delegate_post", args=[elsewhere]), sent).status_code == 404


def test_it_ends_on_the_day_on_which_the_post_will_end(crew: House) -> None:
    made = delegate(crew, "sue", "lee")
    day = reads.today() + timedelta(1)
    assert made.valid_to is not None
    assert made.valid_to > day
    actions.end_post(post_of("sue").id, on=day, actor=crew.actor("thea"))
    made.refresh_from_db()
    assert made.valid_to == day
    assert crew.actor("lee").may("case.approve", path=TOWN)


def test_ending_it_later_does_not_lengthen_it(crew: House) -> None:
    made = delegate(crew, "sue", "lee")
    assert made.valid_to is not None
    with pytest.raises(errors.PostEndsBefore):
        actions.end_post(made.id, on=made.valid_to + timedelta(1), actor=crew.actor("thea"))


def test_both_sides_see_it_and_it_says_on_whose_behalf(crew: House, signed_in: SignIn) -> None:
    sue, lee = signed_in("sue"), signed_in("lee")
    until = reads.today() + timedelta(3)
    sent: dict[str, Any] = {"post": str(post_of("sue").id), "to": str(crew.accounts["lee"].id)}
    far = sue.post(PAGE, {**sent, "until": (until + timedelta(90)).isoformat()})
    assert far.status_code == 422
    assert "最多 30 天" in far.text
    assert sue.post(PAGE, {**sent, "until": until.isoformat()})["Location"] == PAGE
    assert "李正" in sue.get(PAGE).text
    page = lee.get(PAGE).text
    assert "柳林镇综治中心 · 督办员 · 代 苏月" in " ".join(page.split())
    account = reverse("people:account", args=[crew.accounts["lee"].id])
    assert "代 苏月" in signed_in("thea").get(account).text
    unit = reverse("people:unit", args=[crew.units[CENTRE].id])
    assert "代 苏月" in signed_in("tom").get(unit).text
    end = reverse("entrance:delegations:end", args=[Post.objects.get(delegated_by__login="sue").id])
    assert signed_in("rita").post(end).status_code == 404
    assert lee.post(end)["Location"] == PAGE
    assert "代 苏月" not in lee.get(PAGE).text
