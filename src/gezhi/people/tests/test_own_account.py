"""One's own account: keys are collected there, and it says who changed what."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from gezhi.base.refusal import NotFound
from gezhi.people import actions, reads
from gezhi.people.models import Account, ApiKey, Post
from gezhi.people.tests.county import PASSWORD, TOWN, House, SignIn
from gezhi.record.models import AuditLine

MINE = "/desk/account/"
TOKEN = re.compile(r"gz_[0-9a-f]{8}_[0-9a-f]{48}")


def collect(key: ApiKey) -> str:
    return f"{MINE}keys/{key.id}/collect/"


def test_a_persons_key_is_seen_by_them_alone_and_once(house: House, signed_in: SignIn) -> None:
    thea, rita, account = signed_in("thea"), signed_in("rita"), house.accounts["rita"]
    make, page = (reverse(f"people:{name}", args=[account.id]) for name in ("make_key", "account"))
    answer = thea.post(make, {"name": "热线平台"}, follow=True)
    assert not TOKEN.search(answer.text)
    assert "等任丽本人登录" in answer.text
    assert "待本人领取" in thea.get(page).text
    key = ApiKey.objects.get()
    assert key.waits
    for stranger in (thea, signed_in("hans")):
        assert stranger.post(collect(key)).status_code == 404
    assert "热线平台" in rita.get(MINE).text
    shown = TOKEN.findall(rita.post(collect(key)).text)
    actor = reads.actor_for_key(shown[0])
    assert actor is not None
    assert (actor.account, actor.may("case.accept", path=TOWN)) == (account.id, True)
    assert rita.post(collect(key)).status_code == 404
    assert shown[0] not in rita.get(MINE).text
    thea.post(reverse("people:revoke_key", args=[key.id]))
    assert reads.actor_for_key(shown[0]) is None
    lines = AuditLine.objects.filter(data__key=str(key.id)).order_by("id")
    assert [line.data["fact"] for line in lines] == ["key_made", "key_collected", "key_revoked"]


def test_nothing_fits_a_key_that_waits(house: House) -> None:
    key = actions.make_key(
        account=house.accounts["rita"].id, name="x", actor=house.actor("thea")
    ).key
    for secret in ("0" * 48, ""):
        assert reads.actor_for_key(f"gz_{key.prefix}_{secret}") is None
    actions.revoke_key(key.id, actor=house.actor("thea"))
    with pytest.raises(NotFound):
        actions.collect_key(key.id, actor=house.actor("rita"))


def test_the_same_by_the_api(house: House, signed_in: SignIn) -> None:
    thea, rita, account = signed_in("thea"), signed_in("rita"), house.accounts["rita"].id
    kind = "application/json"
    made = thea.post(f"/api/v1/accounts/{account}/keys", {"name": "x"}, kind)
    assert made.status_code == 201
    key = made.json()["key"]
    assert (made.json()["token"], key["waits"]) == (None, True)
    listed = rita.get("/api/v1/me/keys").json()["items"]
    assert [each["id"] for each in listed] == [key["id"]]
    address = f"/api/v1/me/keys/{key['id']}/collect"
    assert thea.post(address).status_code == 404
    token = rita.post(address).json()["token"]
    who = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/me").json()
    assert who["posts"][0]["role"] == "receptionist"
    assert rita.post(address).status_code == 404


def test_a_programs_key_is_shown_to_who_makes_it_and_never_does_a_persons_work(
    house: House, signed_in: SignIn
) -> None:
    hans, sven = house.accounts["hans"], house.actor("sven")
    actions.end_post(Post.objects.get(account=hans).id, actor=sven)
    unit = house.units["dept-water"].id
    actions.give_post(account=hans.id, unit=unit, role="integrator", actor=sven)
    address = reverse("people:make_key", args=[hans.id])
    token = TOKEN.findall(signed_in("sven").post(address, {"name": "x"}).text)[0]
    actor = reads.actor_for_key(token)
    assert actor is not None
    assert actor.may("case.report")
    for role in ("handler", "leader"):
        actions.give_post(account=hans.id, unit=unit, role=role, actor=sven)
    after = reads.actor_for_key(token)
    assert after is not None
    assert {post.role for post in after.posts} == {"integrator"}
    assert reads.actor_for(hans).may("case.open_sealed"), "the person has them"


def test_whoever_has_not_shown_their_factor_collects_nothing(
    house: House, signed_in: SignIn
) -> None:
    account = house.accounts["rita"]
    key = actions.make_key(account=account.id, name="x", actor=house.actor("thea")).key
    type(account).objects.filter(id=account.id).update(has_factor=True)
    rita = signed_in("rita")
    assert rita.post(collect(key)).status_code == 401
    assert rita.post(f"/api/v1/me/keys/{key.id}/collect").status_code == 401
    assert ApiKey.objects.get().waits


def test_everybody_reads_who_changed_their_account_and_no_value(
    house: House, signed_in: SignIn
) -> None:
    account = house.accounts["rita"].id
    actions.change_account(account, name="任小丽", actor=house.actor("tom"))
    actions.give_post(
        account=account, unit=house.units["centre-990101101"].id, role="supervisor",
        valid_to=reads.today() + timedelta(77), actor=house.actor("thea"),
    )  # fmt: skip
    rows = re.findall(r"<tr>(.*?)</tr>", signed_in("rita").get(MINE).text)
    told = [re.sub(r"<.*?>", " ", row) for row in rows]
    assert any("任命岗位" in row and "陶雅 · 柳林镇综治中心" in row for row in told)
    assert any("修改姓名" in row and "唐明 · 柳林镇综治中心" in row for row in told)
    assert not any("任小丽" in row or "督办员" in row for row in told)
    own = signed_in("rita")
    sent = {"old": "correct horse 9", "new": "brand new word", "again": "brand new word"}
    own.post("/desk/password/", sent)
    page = " ".join(re.sub(r"<.*?>", " ", own.get(MINE).text).split())
    assert "修改密码 本人" in page
    assert "任命岗位" not in signed_in("gina").get(MINE).text


def test_the_language_somebody_chooses_is_spoken_wherever_they_sign_in(
    house: House, signed_in: SignIn
) -> None:
    rita = signed_in("rita")
    assert rita.post("/language/", {"language": "en", "next": "/desk/"}).status_code == 302
    rita.post("/language/", {"language": "xx", "next": "/desk/"})
    assert Account.objects.get(login="rita").language == "en"
    elsewhere = Client()
    given = {"login": "rita", "password": PASSWORD, "next": MINE}
    page = elsewhere.post("/desk/sign-in/", given, follow=True)
    assert '<html lang="en"' in page.content.decode()
    assert Client().post("/language/", {"language": "en", "next": "/"}).status_code == 302
