"""The entrance and the pages of administration, through the test client."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gezhi.people import actions
from gezhi.people.models import Account, Post, Session, Unit
from gezhi.people.tests.county import COUNTY, HOUSE, OTHER_TOWN, PASSWORD, TOWN, House, SignIn
from gezhi.places import reads as places

Answer = Any
SIGN_IN = "/desk/sign-in/"


def _try(client: Client, login: str, password: str, **more: str) -> Answer:
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def test_a_person_signs_in_and_out(client: Client, house: House) -> None:
    assert client.get(SIGN_IN).status_code == 200
    answer = _try(client, " Rita", PASSWORD, next="/desk/cases/?late=1")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/cases/?late=1")
    assert client.get("/desk/password/").status_code == 200
    assert client.get("/desk/sign-out/").status_code == 405
    assert client.post("/desk/sign-out/")["Location"] == SIGN_IN
    assert client.get("/desk/password/")["Location"].startswith(SIGN_IN)


def test_the_way_back_never_leads_to_another_site(client: Client, house: House) -> None:
    answer = _try(client, "rita", PASSWORD, next="https://evil.example/desk/")
    assert answer["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("login", "password"), [("rita", "wrong"), ("nobody", PASSWORD), ("rita", "\x00"), ("", "")]
)
def test_a_wrong_login_and_a_wrong_password_look_alike(
    client: Client, house: House, login: str, password: str
) -> None:
    answer = _try(client, login, password)
    assert answer.status_code == 422
    assert "_auth_user_id" not in client.session


def test_a_closed_account_does_not_get_in_and_is_out_at_once(
    client: Client, house: House, signed_in: SignIn
) -> None:
    rita = signed_in("rita")
    assert rita.get("/desk/password/").status_code == 200
    actions.change_account(house.accounts["rita"].id, is_active=False, actor=HOUSE)
    assert rita.get("/desk/password/").status_code == 302
    assert _try(client, "rita", PASSWORD).status_code == 422


def test_five_wrong_passwords_lock_the_login_and_a_reset_opens_it(
    client: Client, house: House, signed_in: SignIn
) -> None:
    for _time in range(4):
        assert _try(client, "rita", "wrong").status_code == 422
    locked = _try(client, "RITA", "wrong")
    assert locked.status_code == 429
    assert "30 分钟" in locked.content.decode()
    assert _try(client, "rita", PASSWORD).status_code == 429
    # Others at the same counter, behind the same address, are not locked out with her.
    assert _try(client, "gina", PASSWORD).status_code == 302
    client.logout()
    reset = signed_in("tom").post(
        reverse("people:reset_password", args=[house.accounts["rita"].id])
    )
    assert _try(client, "rita", _one_time(reset)).status_code == 302


def test_a_one_time_password_must_be_changed_first(client: Client, house: House) -> None:
    password = actions.reset_password(house.accounts["rita"].id, actor=HOUSE)
    answer = _try(client, "rita", password, next="/desk/admin/")
    assert answer["Location"] == "/desk/password/"
    assert client.get("/desk/admin/")["Location"] == "/desk/password/"
    new = "a new long one"
    wrong = {"old": password, "new": new, "again": "another"}
    assert client.post("/desk/password/", wrong).status_code == 422
    weak = {"old": password, "new": "12345678901", "again": "12345678901"}
    assert "密码" in client.post("/desk/password/", weak).content.decode()
    right = {"old": password, "new": new, "again": new}
    assert client.post("/desk/password/", right)["Location"] == "/desk/"
    # The same session goes on; others of the same person would not.
    assert client.get("/desk/password/").status_code == 200
    assert not Account.objects.get(login="rita").must_change_password


def test_demo_accounts_fill_the_form_only_in_a_demo(
    client: Client, house: House, settings: Any
) -> None:
    settings.DEMO = False
    assert "?login=rita" not in client.get(SIGN_IN).content.decode()
    settings.DEMO, settings.DEMO_PASSWORD = True, PASSWORD
    page = client.get(SIGN_IN + "?login=rita").content.decode()
    assert "?login=gina" in page
    assert f'value="{PASSWORD}"' in page


PAGES = ("units", "add_unit", "accounts", "add_account", "areas", "home")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_asks_for_a_sign_in_and_a_right(
    client: Client, house: House, signed_in: SignIn, name: str
) -> None:
    address = reverse(f"people:{name}")
    assert client.get(address)["Location"].startswith(SIGN_IN)
    assert signed_in("rita").get(address).status_code == 403
    assert signed_in("tom").get(address, follow=True).status_code == 200


def test_absent_and_not_yours_look_alike(house: House, signed_in: SignIn) -> None:
    tom = signed_in("tom")
    absent = "00000000-0000-7000-8000-000000000000"
    for name, id in (
        ("unit", house.units["dept-water"].id),
        ("account", house.accounts["hans"].id),
    ):
        yours = tom.get(reverse(f"people:{name}", args=[id]))
        none = tom.get(reverse(f"people:{name}", args=[absent]))
        assert yours.status_code == none.status_code == 404
        assert _without_tokens(yours) == _without_tokens(none)


def test_posts_to_what_is_not_yours_change_nothing(house: House, signed_in: SignIn) -> None:
    post = Post.objects.get(account=house.accounts["hans"])
    key = actions.make_key(account=house.accounts["hans"].id, name="x", actor=HOUSE).key
    targets = [
        ("close_unit", house.units["dept-water"].id),
        ("reset_password", house.accounts["hans"].id),
        ("give_post", house.accounts["hans"].id),
        ("make_key", house.accounts["hans"].id),
        ("end_post", post.id),
        ("revoke_key", key.id),
    ]
    for login in ("tom", "thea", "rita"):
        for name, id in targets:
            answer = signed_in(login).post(reverse(f"people:{name}", args=[id]), {"name": "y"})
            assert answer.status_code == 404, name
    post.refresh_from_db()
    key.refresh_from_db()
    assert (post.valid_to, key.is_active) == (None, True)
    assert Account.objects.get(login="hans").check_password(PASSWORD)
    assert house.accounts["hans"].keys.count() == 1


def test_a_unit_is_added_and_changed_by_form(house: House, signed_in: SignIn) -> None:
    tom = signed_in("tom")
    form = {"kind": "station", "path": TOWN, "name": "供电所", "code": "station-power"}
    answer = tom.post(reverse("people:add_unit"), {**form, "parent": "centre-990101101"})
    unit = Unit.objects.get(code="station-power")
    assert answer["Location"] == reverse("people:unit", args=[unit.id])
    assert unit.parent_id == house.units["centre-990101101"].id
    tom.post(answer["Location"], {"name": "柳林供电所", "phone": "110"})
    unit = Unit.objects.get(code="station-power")
    assert (unit.name, unit.phone, unit.parent_id) == ("柳林供电所", "110", None)
    centre = reverse("people:unit", args=[house.units["centre-990101101"].id])
    assert "任丽" in tom.get(centre).content.decode()
    page = tom.get(reverse("people:units"), {"words": "供电", "kind": "station"})
    assert "柳林供电所" in page.content.decode()
    assert "柳林派出所" not in page.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"path": OTHER_TOWN},
        {"path": "abc"},
        {"code": "station-990101101-police"},
        {"parent": "no-such-unit"},
        {"kind": "palace"},
        {"name": "字" * 5000},
        {"name": "零\x00字节"},
    ],
)
def test_a_wrong_unit_keeps_what_was_typed_and_says_why(
    house: House, signed_in: SignIn, change: dict[str, Any]
) -> None:
    form = {"kind": "station", "path": TOWN, "name": "供电所😀", "code": "station-power", **change}
    answer = signed_in("tom").post(reverse("people:add_unit"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "invalid-feedback" in page
    assert form["code"] in page
    assert not Unit.objects.filter(code="station-power").exists()


def test_all_that_is_wrong_with_a_new_unit_is_said_at_once(house: House, signed_in: SignIn) -> None:
    form = {
        "kind": "station", "path": "没有的镇", "name": "", "code": "供电所", "phone": "电话",
        "parent": "没有的机构",
    }  # fmt: skip
    page = signed_in("tom").post(reverse("people:add_unit"), form).content.decode()
    assert page.count("invalid-feedback") == 5


def test_an_area_is_found_by_its_name(house: House, signed_in: SignIn) -> None:
    name = places.area_by_path("990101", TOWN).name
    form = {"kind": "station", "path": name, "name": "供电所", "code": "station-power"}
    assert signed_in("tom").post(reverse("people:add_unit"), form).status_code == 302
    assert Unit.objects.get(code="station-power").path == TOWN


@pytest.mark.parametrize(
    ("unit", "role", "is_fine"),
    [
        ("dept-water", "receptionist", False),
        ("dept-water", "grid_worker", False),
        ("dept-water", "mediator", False),
        ("centre-990101102", "grid_worker", False),
        ("dept-water", "leader", True),
        ("centre-990101102", "mediator", True),
    ],
)
def test_a_post_is_given_where_its_work_is(
    house: House, signed_in: SignIn, unit: str, role: str, *, is_fine: bool
) -> None:
    vera = house.accounts["vera"]
    sent = {"unit": unit, "role": role}
    answer = signed_in("sven").post(reverse("people:give_post", args=[vera.id]), sent)
    assert answer.status_code == (302 if is_fine else 422)
    assert ("请换一个机构或者岗位" in answer.content.decode()) != is_fine
    assert Post.objects.filter(account=vera, role=role, unit__code=unit).exists() == is_fine


def test_the_addresses_of_forms_opened_by_hand_lead_to_their_pages(
    house: House, signed_in: SignIn
) -> None:
    ada, vera = signed_in("ada"), house.accounts["vera"]
    unit = house.units["dept-water"]
    for name, shown in (("give_post", "account"), ("make_key", "account"), ("add_leave", "unit")):
        about = unit if shown == "unit" else vera
        answer = ada.get(reverse(f"people:{name}", args=[about.id]))
        assert answer["Location"] == reverse(f"people:{shown}", args=[about.id])


def test_whoever_has_no_post_any_more_is_told_so(house: House, signed_in: SignIn) -> None:
    rita = signed_in("rita")
    for post in Post.objects.filter(account=house.accounts["rita"]):
        actions.end_post(post.id, actor=house.actor("sven"))
    assert rita.get("/desk/").status_code == 302, "signed out with the last post"
    page = signed_in("rita").get("/desk/")
    assert page.status_code == 200
    assert "还没有岗位" in page.content.decode()


def test_a_person_is_added_and_the_password_shown_once(
    client: Client, house: House, signed_in: SignIn
) -> None:
    tom = signed_in("tom")
    form = {
        "name": "苏月",
        "login": "sue",
        "path": TOWN,
        "language": "zh-hans",
    }
    answer = tom.post(reverse("people:add_account"), form)
    password = _one_time(answer)
    sue = Account.objects.get(login="sue")
    assert "no-store" in answer["Cache-Control"]
    assert password not in tom.get(reverse("people:account", args=[sue.id])).content.decode()
    assert _try(client, "sue", password)["Location"] == "/desk/password/"
    again = tom.post(reverse("people:add_account"), form)
    assert again.status_code == 422
    assert "已经有人使用" in again.content.decode()


def test_posts_are_given_and_ended_by_form(house: House, signed_in: SignIn) -> None:
    sven, vera = signed_in("sven"), house.accounts["vera"]
    address = reverse("people:give_post", args=[vera.id])
    form = {"unit": "centre-990101102", "role": "supervisor"}
    assert sven.post(address, form).status_code == 302
    assert house.actor("vera").may("case.approve", path=OTHER_TOWN)
    twice = sven.post(address, form)
    assert twice.status_code == 422
    assert "已经有这个岗位" in twice.content.decode()
    post = Post.objects.get(account=vera, role="supervisor")
    sven.post(reverse("people:end_post", args=[post.id]))
    assert not house.actor("vera").may("case.approve")
    assert "已结束" in sven.get(reverse("people:account", args=[vera.id])).content.decode()


def test_a_unit_with_staff_is_not_closed_and_the_page_says_so(
    house: House, signed_in: SignIn
) -> None:
    grid = house.units["grid-990101101201001"]
    answer = signed_in("tom").post(reverse("people:close_unit", args=[grid.id]))
    assert answer.status_code == 409
    assert "岗位没有结束" in answer.content.decode()


def test_areas_show_their_centre_and_filter(house: House, signed_in: SignIn) -> None:
    page = signed_in("ada").get(reverse("people:areas"), {"level": "town"}).content.decode()
    assert "石桥镇综治中心" in page
    assert "杨家村第一网格" not in page


def test_odd_filters_are_no_accident(house: House, signed_in: SignIn) -> None:
    ada = signed_in("ada")
    for name in ("units", "accounts", "areas"):
        for query in (
            {"page": "999"},
            {"page": "x"},
            {"area": "abc"},
            {"words": "\x00"},
            {"level": "?"},
        ):
            assert ada.get(reverse(f"people:{name}"), query).status_code == 200


def test_a_list_of_accounts_asks_the_same_for_six_and_for_sixty(
    house: House, signed_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [
        actions.NewPerson(f"p{at}", f"某{at}", (actions.NewPost("dept-water", "handler"),))
        for at in range(60)
    ]
    ada = signed_in("ada")
    ada.get(reverse("people:accounts"))
    actions.add_accounts_with_posts(people, county=COUNTY, password_hash="!", actor=HOUSE)
    with django_assert_max_num_queries(8):
        page = ada.get(reverse("people:accounts"))
    assert f"共 {60 + len(house.accounts)} 条" in page.content.decode()


def _without_tokens(answer: Answer) -> str:
    return re.sub(r"[0-9A-Za-z]{64}", "", answer.content.decode())


def _one_time(answer: Answer) -> str:
    return str(re.findall(r"<code>(\w{4}-\w{4}-\w{4})</code>", answer.content.decode())[0])


def test_a_session_ends_and_one_that_nobody_gave_out_is_none(
    signed_in: SignIn, settings: Any
) -> None:
    client = signed_in("rita")
    assert client.get("/desk/password/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/desk/password/").status_code == 302
    for made_up in ("abcdefghij\x00k", "'; --", "%E9%95%BF", ""):
        client.cookies[settings.SESSION_COOKIE_NAME] = made_up
        assert client.get("/desk/password/").status_code == 302


@pytest.mark.parametrize("typed", ["dept-water", "县水务局", " 水务局 "])
def test_a_unit_is_found_by_its_code_and_by_a_name_that_only_it_has(
    house: House, signed_in: SignIn, typed: str
) -> None:
    vera = house.accounts["vera"]
    sent = {"unit": typed, "role": "handler"}
    answer = signed_in("sven").post(reverse("people:give_post", args=[vera.id]), sent)
    assert answer.status_code < 400, answer.content.decode()
    assert Post.objects.filter(account=vera, unit__code="dept-water").exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [("县水利局", "没有这个机构"), ("县水", "没有这个机构"), ("综治", "“综治”不止一个")],
)
def test_a_name_that_no_unit_or_more_than_one_has_finds_none(
    house: House, signed_in: SignIn, typed: str, words: str
) -> None:
    for code in ("centre-990101101", "centre-990101102"):
        actions.change_unit(house.units[code].id, short_name="综治", actor=house.actor("ada"))
    sent = {"unit": typed, "role": "handler"}
    address = reverse("people:give_post", args=[house.accounts["vera"].id])
    answer = signed_in("sven").post(address, sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()


@pytest.mark.parametrize(("typed", "kept"), [("", None), ("600", 600)])
def test_a_key_is_made_with_a_quota_or_without(
    house: House, signed_in: SignIn, typed: str, kept: int | None
) -> None:
    account = house.accounts["hans"]
    sven, words = signed_in("sven"), {"name": "邻县平台", "most": typed}
    made = sven.post(reverse("people:make_key", args=[account.id]), words)
    assert made.status_code in (200, 302)
    assert account.keys.get().most == kept
    page = sven.get(reverse("people:account", args=[account.id])).content.decode()
    assert ("每分钟 600 次" in page) == (kept is not None)


@pytest.mark.parametrize("typed", ["0", "-1", "many", "1000001"])
def test_a_quota_that_is_none_makes_no_key(house: House, signed_in: SignIn, typed: str) -> None:
    account = house.accounts["hans"]
    words = {"name": "邻县平台", "most": typed}
    signed_in("sven").post(reverse("people:make_key", args=[account.id]), words)
    assert not account.keys.exists()
