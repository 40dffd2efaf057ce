"""Open311: a program reports for somebody (M3, M4 of docs/open311.md)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from gezhi.api.tests.calling import KeyOf
from gezhi.api.tests.open311 import KINDS, LAMP, LAT, LON, said, told, words_of
from gezhi.api.tests.telling import a_photo
from gezhi.base.pace import shared
from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case, Report
from gezhi.people import actions as people
from gezhi.rulebook import actions as rulebook_actions
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, SETTING_UP, VILLAGE, County

Tell = Callable[..., Any]
every_form = pytest.mark.parametrize("form", list(KINDS))


@pytest.fixture
def tell(county: County, key: KeyOf, rita: Client) -> Tell:
    """Report by Open311 with the integrator's key: `tell(description="…")`; None leaves one out."""
    own = key("dui")

    def send(*, form: str = "json", status: int = 200, headers: Any = None, **fields: Any) -> Any:
        sent = {"api_key": own, **LAMP, **fields}
        sent = {name: value for name, value in sent.items() if value is not None}
        return told(rita, sent, form=form, status=status, headers=headers)

    return send


@every_form
def test_a_report_becomes_a_case_and_its_number_is_the_id(tell: Tell, form: str) -> None:
    [answer] = tell(form=form, first_name="秀兰", last_name="李", phone="13812345678",
                    email="li@example.org", account_id="a-7", device_id="d")  # fmt: skip
    case, first = Case.objects.get(), Report.objects.get()
    assert answer["service_request_id"] == case.number
    assert "token" not in answer
    assert answer["account_id"] == "a-7"
    assert case.number in answer["service_notice"]
    assert (case.channel, case.proposed_category, case.what) == (
        "open311", "utility.lamp", "路灯坏了三天",
    )  # fmt: skip
    assert case.path == GRID
    assert (first.name, first.phone, first.address) == ("李秀兰", "13812345678", "li@example.org")


def test_a_mail_address_is_called_one_and_shows_its_first_sign(
    tell: Tell, login: Callable[[str], Client]
) -> None:
    tell(email="zhangsan@example.org")
    page = login("cun").get(f"/desk/cases/{Case.objects.get().number}/").content.decode()
    assert "z***@example.org" in page
    assert "邮箱" in page
    assert "住址" not in page


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Mary", "Li", "Mary Li"), ("秀兰", "李", "李秀兰"), ("", "李", "李"), ("Mary", "", "Mary")],
)
def test_a_name_is_put_together_as_it_is_said(tell: Tell, first: str, last: str, name: str) -> None:
    tell(first_name=first, last_name=last)
    assert Report.objects.get().name == name


@every_form
@pytest.mark.parametrize("wrong", [None, "", "gz_nothing", "\x00", "密钥" * 500])
def test_without_a_key_that_works_nothing_else_is_looked_at(
    tell: Tell, form: str, wrong: str | None
) -> None:
    found = tell(form=form, status=403, api_key=wrong, service_code="x", lat="y",
                 jurisdiction_id="z")  # fmt: skip
    assert "api_key" in words_of(found)
    assert len(found) == 1
    assert not Case.objects.exists()


def test_a_key_may_also_stand_in_the_header(tell: Tell, key: KeyOf) -> None:
    tell(api_key=None, headers={"Authorization": f"Bearer {key('dui')}"})
    assert Case.objects.count() == 1


@every_form
@pytest.mark.parametrize(
    ("change", "status", "names"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "no.such"}, 404, "service_code"),
        ({"jurisdiction_id": "x"}, 404, "jurisdiction_id"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"long": None}, 400, "long"),
        ({"long": ""}, 400, "long"),
        ({"lat": None}, 400, "lat"),
        ({"long": None, "address_string": "村口"}, 400, "long"),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"lat": "inf"}, 400, "lat"),
        ({"lat": 91}, 400, "lat"),
        ({"lat": 0, "long": 0}, 400, "lat"),
        ({"lat": None, "long": None, "address_id": "990101999"}, 400, "address_id"),
        ({"lat": None, "long": None, "address_string": "村" * 201}, 400, "address_string"),
        ({"description": "灯" * 4001}, 400, "description"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"phone": "1" * 41}, 400, "phone"),
        ({"phone": "abc"}, 400, "phone"),
        ({"phone": "n/a 12"}, 400, "phone"),
        ({"email": "zzz"}, 400, "email"),
    ],
)
def test_what_is_wrong_is_named(
    tell: Tell, form: str, change: dict[str, Any], status: int, names: str
) -> None:
    found = tell(form=form, status=status, **change)
    assert str(found[0]["code"]) == str(status)
    assert names in words_of(found)
    assert not Case.objects.exists()


@every_form
def test_all_that_is_wrong_is_told_at_once(tell: Tell, form: str) -> None:
    def named(**fields: Any) -> list[tuple[str, str]]:
        found = tell(form=form, status=400, **fields)
        return [(str(each["code"]), each["description"].partition("：")[0]) for each in found]

    assert named(service_code=None, lat=None, long=None) == [
        ("400", "service_code"), ("400", "lat+long、address_string 或者 address_id"),
    ]  # fmt: skip
    assert named(service_code="nix", lat=99, long="abc", phone="1" * 41, media_url="x") == [
        ("404", "service_code"), ("400", "lat"), ("400", "long"), ("400", "phone"),
        ("400", "media_url"),
    ]  # fmt: skip
    assert [name for _code, name in named(service_code="env.noise", lat="north")][0] == "lat"
    assert "when" in words_of(tell(form=form, status=400, service_code="env.noise", lat="north"))
    assert not Case.objects.exists()


@pytest.mark.parametrize("path", ["requests", "servicerequestupdates"])
def test_a_body_that_is_no_form_is_told_to_be_one(rita: Client, key: KeyOf, path: str) -> None:
    sent = {"api_key": key("dui"), **LAMP}
    answer = rita.post(f"/open311/v2/{path}.json", sent, content_type="application/json")
    assert answer.status_code == 400
    [error] = answer.json()
    assert "multipart/form-data" in error["description"]


@pytest.mark.parametrize("phone", ["(0930) 123-4567 转 8", "+1 555.123.4567", "12345"])
def test_a_phone_is_taken_as_it_is_written(tell: Tell, phone: str) -> None:
    tell(phone=phone)
    assert Report.objects.get().phone == phone


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({"lat": LAT, "long": LON}, GRID),
        ({"address_string": "柳树村村口"}, ""),
        ({"address_id": VILLAGE}, VILLAGE),
        ({"lat": LAT, "long": LON, "address_string": "大槐树下"}, GRID),
    ],
)
def test_a_place_is_told_in_three_ways(tell: Tell, where: dict[str, Any], path: str) -> None:
    tell(**{"lat": None, "long": None, **where})
    case = Case.objects.get()
    assert case.path.startswith(path or COUNTY)
    assert case.place == where.get("address_string", "")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("灯" * 4000, "灯" * 4000),
        ("<p>灯<br/>不亮</p> 3 < 4 & 5 > 2", "灯不亮 3 < 4 & 5 > 2"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("第一行\r\n第二行", "第一行\n第二行"),
        ("😀𠮷 灯", "😀𠮷 灯"),
        ("坏\x00了\x1b", "坏了"),
        ("", "路灯照明"),
    ],
)
def test_words_are_kept_as_they_are_without_marks(tell: Tell, sent: str, kept: str) -> None:
    tell(description=sent)
    assert Case.objects.get().what == kept


def test_answers_to_the_questions_are_kept_by_their_codes(
    tell: Tell, login: Callable[[str], Client], rita: Client
) -> None:
    tell(**{"attribute[pole]": "A-3", "attribute[fault][]": ["off", "day"],
            "attribute[easting]": "1", "media_url": ["https://example.org/a.jpg",
                                                     "http://example.org/b.jpg"]})  # fmt: skip
    case = Case.objects.get()
    assert case.answers == {
        "pole": "A-3", "fault": ["off", "day"],
        "media_url": "https://example.org/a.jpg\nhttp://example.org/b.jpg",
    }  # fmt: skip
    page = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
    assert "灯杆编号" in page
    assert "不亮、白天也亮" in page
    assert "https://example.org/a.jpg" in page


@every_form
@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({}, "when"),
        ({"attribute[when][]": ""}, "when"),
        ({"attribute[when][]": ["night", "dusk"]}, "when"),
        ({"attribute[when]": "dusk"}, "when"),
        ({"attribute[when]": "night", "attribute[source]": ["a", "b"]}, "source"),
        ({"attribute[when]": "night", "attribute[source]": "声" * 201}, "source"),
    ],
)
def test_an_answer_that_is_missing_or_will_not_do_is_named(
    tell: Tell, form: str, answers: dict[str, Any], names: str
) -> None:
    found = tell(form=form, status=400, service_code="env.noise", **answers)
    assert [names in each["description"] for each in found] == [True]
    assert not Case.objects.exists()


@every_form
def test_a_missing_answer_is_called_required(tell: Tell, form: str) -> None:
    [error] = tell(form=form, status=400, service_code="env.noise")
    assert error["description"].startswith("when ")
    assert error["description"].endswith("必填（required）")
    english = {"Accept-Language": "en"}
    [error] = tell(form=form, status=400, service_code="env.noise", headers=english)
    assert error["description"].endswith("): required")
    [error] = tell(form=form, status=400, lat=0, long=0, headers=english)
    assert error["description"].isascii()


@every_form
@pytest.mark.parametrize(
    ("answer", "status"),
    [("12", 200), ("-1.5", 200), ("", 200), ("a dozen", 400), ("nan", 400), ("1" * 41, 400)],
)
def test_a_number_is_one(county: County, tell: Tell, form: str, answer: str, status: int) -> None:
    files = rulebook.default_files()
    question = '[[category.question]]\ncode = "count"\nname = "几盏"\nname_en = "How many"\n'
    files["categories.toml"] = files["categories.toml"].replace(
        '[[category.question]]\ncode = "pole"', f'{question}datatype = "number"\n\n'
        '[[category.question]]\ncode = "pole"', 1,
    )  # fmt: skip
    rulebook_actions.apply_book(files, county=COUNTY, actor=SETTING_UP)
    found = tell(form=form, status=status, **{"attribute[count]": answer})
    assert status == 200 or words_of(found).startswith("count ")


@pytest.mark.parametrize("chosen", [["night"], ["day", "evening", "night"]])
def test_of_a_list_one_or_several_are_taken(tell: Tell, chosen: list[str]) -> None:
    tell(**{"service_code": "env.noise", "attribute[when][]": chosen})
    assert Case.objects.get().answers == {"when": chosen}


@pytest.mark.parametrize(
    ("since", "status"),
    [("2026-11-22T09:00:00+08:00", 200), ("2026-11-22T01:00:00Z", 200), ("yesterday", 400),
     ("2026-11-22T09:00:00", 400), ("2026-13-22T09:00:00Z", 400)],
)  # fmt: skip
def test_a_moment_is_asked_for_with_its_zone(tell: Tell, since: str, status: int) -> None:
    tell(status=status, **{"service_code": "utility.water.cut", "attribute[since]": since})


def test_a_photo_comes_along_in_a_multipart_form(tell: Tell) -> None:
    tell(media=a_photo(), photo1=a_photo("red"))
    assert Attachment.objects.filter(media_type="image/jpeg", is_public=True).count() == 2


def test_what_is_no_picture_is_refused_with_the_whole_report(tell: Tell) -> None:
    photo = a_photo()
    photo.seek(0)
    photo.write(b"no picture at all")
    tell(media=photo, status=400)
    assert not Case.objects.exists()


def test_a_form_without_a_charset_is_read_as_utf_8(
    county: County, key: KeyOf, rita: Client
) -> None:
    sent = urlencode({"api_key": key("dui"), **{name: str(one) for name, one in LAMP.items()}})
    for kind in ("application/x-www-form-urlencoded",
                 "application/x-www-form-urlencoded; charset=utf-8"):  # fmt: skip
        answer = rita.post("/open311/v2/requests.json", sent, content_type=kind)
        assert answer.status_code == 200, answer.content
    assert set(Case.objects.values_list("what", flat=True)) == {"路灯坏了三天"}


def test_the_same_idempotency_key_gives_the_first_answer_again(tell: Tell) -> None:
    headers = {"Idempotency-Key": "5b0d7a0e-1f4e-4a4e"}
    first, again, spread = (
        tell(headers=headers, **more) for more in ({}, {}, {"lat": f"{LAT}00", "email": " "})
    )
    assert first == again == spread
    tell(headers=headers, description="别的事", status=400)
    tell()
    assert Case.objects.count() == 2


def test_a_report_sent_again_by_the_next_key_is_one(tell: Tell, key: KeyOf) -> None:
    headers = {"Idempotency-Key": "5b0d7a0e-1f4e-4a4e"}
    first = tell(headers=headers)
    assert tell(headers=headers, api_key=key("dui")) == first
    assert Case.objects.count() == 1


def test_of_a_black_box_comes_no_id_back(tell: Tell, rita: Client) -> None:
    hidden = next(k for k, one in rulebook.current(COUNTY).categories.items() if one.sensitive)
    [answer] = tell(service_code=hidden, description="家里的事")
    assert set(answer) == {"service_notice"}
    assert Case.objects.get().proposed_category == hidden


@pytest.fixture
def batch(county: County) -> None:
    """Street lamps answer with a token until the centre has taken the report up."""
    files = rulebook.default_files()
    name = "categories.toml"
    files[name] = files[name].replace(
        'key = "utility.lamp"\n', 'key = "utility.lamp"\nopen311 = "batch"\n', 1
    )
    rulebook_actions.apply_book(files, county=COUNTY, actor=SETTING_UP)


def test_a_token_becomes_a_number_once_the_centre_has_taken_it_up(
    batch: None, tell: Tell, county: County, rita: Client
) -> None:
    [answer] = tell()
    token = answer["token"]
    assert "service_request_id" not in answer
    assert said(rita, f"tokens/{token}") == [{"service_request_id": None, "token": token}]
    case = Case.objects.get()
    cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
    assert said(rita, f"tokens/{token}") == [{"service_request_id": case.number, "token": token}]


@pytest.mark.parametrize("token", ["x", "a.b", "0" * 32, "0" * 32 + ".sig", "%01x"])
def test_a_token_that_is_none_is_absent(county: County, rita: Client, token: str) -> None:
    assert "token" in words_of(said(rita, f"tokens/{token}", status=404))


def test_a_key_has_so_many_requests_a_minute_and_is_told_when_to_come_again(
    tell: Tell, rita: Client, key: KeyOf, settings: Any
) -> None:
    settings.LIMIT_KEY = 2
    shared.forget()
    tell()
    tell()
    answer = rita.post("/open311/v2/requests.xml", {"api_key": key("dui"), **LAMP})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert b"<errors><error><code>429</code>" in answer.content
    shared.forget()


def test_a_key_may_have_a_quota_of_its_own_at_every_door(county: County, rita: Client) -> None:
    account = county.accounts["dui"].id
    token = people.make_key(account=account, name="少", most=2, actor=SETTING_UP).token
    shared.forget()
    told(rita, {"api_key": token, **LAMP})
    header = {"Authorization": f"Bearer {token}"}
    assert rita.get("/api/v1/me", headers=header).status_code == 200
    told(rita, {"api_key": token, **LAMP}, status=429)
    assert rita.get("/api/v1/me", headers=header).status_code == 429
    shared.forget()


def test_wrong_keys_are_tried_a_few_times_and_no_more(
    county: County, rita: Client, key: KeyOf, settings: Any
) -> None:
    settings.LIMIT_KEY, settings.LIMIT_WRITING = 1000, 2
    shared.forget()
    statuses = [
        rita.post("/open311/v2/requests.json", {"api_key": f"gz_{at}", **LAMP}).status_code
        for at in range(4)
    ]
    assert statuses == [403, 403, 429, 429]
    shared.forget()


def test_reading_too_often_is_refused_in_the_form_that_was_asked_for(
    county: County, rita: Client, settings: Any
) -> None:
    settings.LIMIT_READING = 2
    shared.forget()
    said(rita, "services/utility.lamp")
    [error] = said_once(rita, "services.json")
    assert error["code"] == 429
    shared.forget()


def said_once(client: Client, path: str) -> Any:
    answer = client.get(f"/open311/v2/{path}")
    assert answer.status_code == 429
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Retry-After"]
    return answer.json()
