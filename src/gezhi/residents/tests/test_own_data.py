"""What is kept about somebody: seen by them alone, put right, asked about, taken home."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case, Report
from gezhi.cases.rules.sealed import Field
from gezhi.notices import actions as notices
from gezhi.notices.models import Delivery, Notice
from gezhi.record.models import AuditLine, Line
from gezhi.residents import jobs, reads
from gezhi.residents.models import DataRequest
from gezhi.residents.tests.mine import Login, ask, text, without_token
from gezhi.residents.tests.signing import OTHER_PHONE, PHONE, Phone, sign_in
from tests.cast import SETTING_UP, County, report_leak

# --- seen ----------------------------------------------------------------------------------------


def test_all_that_is_kept_stands_on_my_page_and_on_nobody_elses(
    own: str, county: County, rita: Client, phone: Phone, case: Case, reported: cases.Reported
) -> None:
    cases.open_field(
        case.id,
        report=reported.report.id,
        field=Field.PHONE,
        reason="电话核实",
        actor=county.actor("cun"),
    )
    notices.note(list(Line.objects.order_by("id")), now=clock.now())
    page = text(rita, f"/me/reports/{own}/")
    for shown in ("李秀兰", PHONE, "柳树村三社12号", "受理员", "电话核实"):
        assert shown in page
    assert "村小慧" not in page, "the post that looked, not the officer's name"
    assert "被看过 1 次" in text(rita, "/me/")
    other = Client()
    sign_in(other, phone, number=OTHER_PHONE)
    other.get("/mine/")  # where it is said that she is signed in
    absent = other.get("/me/reports/999999-000001/")
    not_theirs = other.get(f"/me/reports/{own}/")
    assert not_theirs.status_code == absent.status_code == 404
    assert without_token(not_theirs) == without_token(absent)
    assert Client().get(f"/me/reports/{own}/")["Location"].startswith("/me/sign-in/")


def test_who_has_the_code_alone_is_shown_the_way_to_their_data(
    county: County, rita: Client, reported: cases.Reported
) -> None:
    rita.post("/track/", {"number": reported.case.number, "code": reported.code})
    assert "登录后更正、删除我的信息" in text(rita, f"/track/{reported.case.number}/")


def test_a_tracking_code_alone_shows_the_contact_masked(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    sign_in(rita, phone, number=OTHER_PHONE)
    rita.post("/mine/", {"number": reported.case.number, "code": reported.code})
    page = text(rita, f"/me/reports/{reported.case.number}/")
    assert "138****5678" in page
    assert PHONE not in page
    assert "李秀兰" not in page
    assert ask(rita, reported.case.number, address="新庄村一社") == 302
    report = Report.objects.get()
    assert (report.phone, report.address) == (PHONE, "新庄村一社"), "what is left empty stays"


def test_another_phone_left_by_code_alone_opens_nothing_that_was_there(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    number = reported.case.number
    sign_in(rita, phone, number=OTHER_PHONE)
    rita.post("/mine/", {"number": number, "code": reported.code})
    assert ask(rita, number, phone=OTHER_PHONE, address="新庄村一社") == 302
    report = Report.objects.get()
    assert (report.phone, report.name, report.address) == (OTHER_PHONE, "", "新庄村一社")
    page = text(rita, f"/me/reports/{number}/")
    assert OTHER_PHONE in page
    for left in ("李秀兰", PHONE, "柳树村三社12号"):
        assert left not in page


def test_the_phone_that_was_left_is_told_what_somebody_does_with_the_code_alone(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    number = reported.case.number
    sign_in(rita, phone, number=OTHER_PHONE)
    rita.post("/mine/", {"number": number, "code": reported.code})
    assert ask(rita, number, wish="erase", why="") == 302
    asked = Delivery.objects.get(notice__event="data_requested")
    assert asked.address == PHONE
    assert "凭查询码" in asked.words
    for third in (OTHER_PHONE, "13700000001", "13700000002"):
        assert ask(rita, number, phone=third) == 302
    replaced = Delivery.objects.get(notice__event="phone_replaced")
    assert replaced.address == PHONE, "once, and nobody who was written in since"
    assert number in replaced.words


def test_who_has_the_phone_is_not_told_what_they_do_themselves(own: str, rita: Client) -> None:
    assert ask(rita, own, wish="erase", why="") == 302
    assert ask(rita, own, phone=OTHER_PHONE) == 302
    assert not Delivery.objects.filter(notice__event__in=("data_requested", "phone_replaced"))


def test_each_of_two_reports_in_one_case_is_seen_and_put_right_by_itself(
    own: str, rita: Client, reported: cases.Reported
) -> None:
    follow = cases.follow(
        reported.case.id, county=reported.case.county, words="还在漏",
        contact=cases.Contact(name="李秀兰", phone=PHONE, address="县城东街"),
        channel="portal", actor=SETTING_UP,
    )  # fmt: skip
    pages = [f"/me/reports/{own}/?report={each.report.id}" for each in (reported, follow)]
    listed = text(rita, "/me/")
    assert all(page in listed for page in pages)
    first, second = (text(rita, page) for page in pages)
    assert "柳树村三社12号" in first
    assert "县城东街" not in first
    assert "县城东街" in second
    saved = rita.post(pages[0], {"name": "李秀兰", "phone": PHONE, "address": "柳树村三社13号"})
    assert saved["Location"] == pages[0]
    rows = {each.id: each.address for each in Report.objects.all()}
    assert rows == {reported.report.id: "柳树村三社13号", follow.report.id: "县城东街"}
    assert text(rita, f"/me/reports/{own}/?report=x", 404)
    assert text(rita, f"/me/reports/{own}/?report={reported.case.id}", 404)


def test_my_page_asks_as_much_for_thirty_reports_as_for_one(
    own: str, rita: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(16):
        rita.get("/me/")
    for _time in range(8):
        report_leak()
    with django_assert_max_num_queries(16):
        assert len(set(text(rita, "/me/").split("/me/reports/"))) == 10


# --- put right -----------------------------------------------------------------------------------


def test_the_contact_is_corrected_at_once_and_the_line_says_only_which(
    own: str, county: County, rita: Client, login: Login, case: Case
) -> None:
    status = ask(rita, own, name="李秀兰", phone="13700001111", address="柳树村三社12号")
    assert status == 302
    report = Report.objects.get()
    assert report.phone == "13700001111"
    line = case_reads.history_of(Case.objects.get(pk=case.pk)).order_by("-seq")[0]
    assert (line.act, line.data["fields"], line.words) == ("correct", ["phone"], "")
    assert "13700001111" not in str(line.data)
    assert line.actor == f"report:{report.id}"
    assert "您更正了联系方式" in text(rita, f"/track/{own}/"), "still theirs by the account"
    assert "诉求人更正信息" in text(login("cun"), f"/desk/cases/{own}/")
    assert "更正" not in text(Client(), f"/track/{own}/", 302)


def test_a_corrected_phone_is_the_one_that_is_told(
    own: str, county: County, rita: Client, case: Case
) -> None:
    ask(rita, own, name="李秀兰", phone="13700001111", address="")
    cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    notices.note(list(Line.objects.order_by("id")), now=clock.now())
    assert Delivery.objects.get(notice__event="accepted").address == "13700001111"


def test_nothing_changed_and_a_wrong_phone_are_refused_and_keep_what_was_typed(
    own: str, rita: Client
) -> None:
    same = {"name": "李秀兰", "phone": PHONE, "address": "柳树村三社12号"}
    assert ask(rita, own, **same) == 422
    answer = rita.post(f"/me/reports/{own}/", {**same, "phone": "12"})
    assert answer.status_code == 422
    assert 'value="12"' in answer.content.decode()
    assert Report.objects.get().phone == PHONE


# --- asked about ---------------------------------------------------------------------------------


def test_corrected_words_are_asked_for_granted_and_told(
    own: str, county: County, rita: Client, login: Login, case: Case
) -> None:
    assert ask(rita, own, wish="correct", wanted="村口自来水管漏水", why="写错了") == 302
    assert ask(rita, own, wish="correct", wanted="再改") == 409, "one at a time"
    assert Notice.objects.get(event="data_requested").account == county.accounts["cun"]
    page = text(login("cun"), "/desk/data-requests/")
    assert "村口自来水管漏水" in page
    assert own in page
    request = DataRequest.objects.get()
    asked = login("cun").post(f"/desk/data-requests/{request.id}/", {"is_granted": "yes"})
    assert asked.status_code == 302
    assert Case.objects.get().what == "村口自来水管漏水"
    assert case_reads.search(Case.objects.all(), "漏水").exists()
    assert not case_reads.search(Case.objects.all(), "路上").exists()
    told = Delivery.objects.get(notice__event="data_answered")
    assert told.address == PHONE
    assert "已同意" in told.words
    assert "已同意" in text(rita, f"/me/reports/{own}/")
    assert [line.act for line in request.lines.order_by("at")] == ["asked", "granted"]
    assert AuditLine.objects.get(kind="retention").data["granted"] is True
    assert list(case_reads.faults_in_chain(
        Case.objects.get(), case_reads.history_of(Case.objects.get())
    )) == []  # fmt: skip


def test_words_that_stay_what_they_are_are_no_correction(own: str, rita: Client) -> None:
    words = Case.objects.get().what
    assert ask(rita, own, wish="correct", wanted=f" {words} ", why="") == 422
    assert not DataRequest.objects.exists()


def test_who_left_no_phone_can_not_be_called(
    own: str, county: County, rita: Client, login: Login
) -> None:
    assert ask(rita, own, wish="erase", why="") == 302
    DataRequest.objects.update(is_by_code=True)
    assert "请先核实是不是本人" in text(login("cun"), "/desk/data-requests/")
    Report.objects.update(phone="", phone_index=None)
    assert "没有留电话" in text(login("cun"), "/desk/data-requests/")


def test_a_denial_says_why_and_changes_nothing(
    own: str, county: County, rita: Client, login: Login
) -> None:
    ask(rita, own, wish="erase", why="不想留")
    request = DataRequest.objects.get()
    cun = login("cun")
    silent = cun.post(f"/desk/data-requests/{request.id}/", {"is_granted": "no"})
    assert silent.status_code == 422
    cun.post(f"/desk/data-requests/{request.id}/", {"is_granted": "no", "answer": "还在办"})
    assert Report.objects.get().phone == PHONE
    assert "还在办" in text(rita, f"/me/reports/{own}/")
    assert "还在办" not in Delivery.objects.get(notice__event="data_answered").words


def grant_erasure(client: Client, login: Login, number: str) -> int:
    ask(client, number, wish="erase", why="")
    request = DataRequest.objects.get()
    return (
        login("cun").post(f"/desk/data-requests/{request.id}/", {"is_granted": "yes"}).status_code
    )


def test_a_granted_erasure_takes_the_contact_at_once_and_the_words_when_nobody_works_by_them(
    own: str, county: County, rita: Client, login: Login
) -> None:
    grant_erasure(rita, login, own)
    report, what = Report.objects.get(), Case.objects.get().what
    assert (report.name, report.phone, report.address, report.phone_index) == ("", "", "", None)
    assert what, "the centre still has to know what is wrong"
    told = Delivery.objects.get(notice__event="data_answered")
    assert told.address == PHONE, "told before the phone went"
    assert "等办结后删除" in told.words
    jobs.erase_what_has_ended(0)
    assert Case.objects.get().what == what
    cases.withdraw(own, actor=reads.voice_of(report.id))
    Delivery.objects.update(settled_at=clock.now(), state="sent")
    jobs.erase_what_has_ended(0)
    assert Case.objects.get().what == ""
    assert DataRequest.objects.get().done_at is not None
    assert not Delivery.objects.filter(settled_at__isnull=False).exclude(words="").exists()
    on_record = AuditLine.objects.filter(kind="retention", about=f"report:{report.id}")
    assert on_record.count() == 1
    jobs.erase_what_has_ended(0)
    assert on_record.count() == 1, "once"


def test_nothing_is_erased_under_a_legal_hold(
    own: str, county: County, rita: Client, login: Login
) -> None:
    login("an").post("/desk/admin/retention/holds/", {"about": own, "reason": "纪委调阅"})
    assert "正依法保留" in text(rita, f"/me/reports/{own}/"), "told before it is asked for"
    assert grant_erasure(rita, login, own) == 409
    assert Report.objects.get().phone == PHONE
    assert DataRequest.objects.get().state == "open"


@pytest.mark.parametrize(("who", "status"), [("zhen", 404), ("bie", 404), ("shui", 403)])
def test_only_the_centre_that_has_the_case_decides(
    own: str, rita: Client, login: Login, who: str, status: int
) -> None:
    ask(rita, own, wish="erase", why="")
    request = DataRequest.objects.get()
    client = login(who)
    decided = client.post(f"/desk/data-requests/{request.id}/", {"is_granted": "yes"})
    assert decided.status_code == status
    assert own not in client.get("/desk/data-requests/").content.decode()
    assert DataRequest.objects.get().state == "open"


def test_a_request_is_taken_back_by_who_made_it_alone(
    own: str, rita: Client, phone: Phone, login: Login
) -> None:
    ask(rita, own, wish="erase", why="")
    request = DataRequest.objects.get()
    other = Client()
    sign_in(other, phone, number=OTHER_PHONE)
    thief = other.post(f"/me/reports/{own}/take-back/", {"request": str(request.id)})
    assert thief.status_code == 404
    rita.post(f"/me/reports/{own}/take-back/", {"request": str(request.id)})
    assert DataRequest.objects.get().state == "withdrawn"
    late = login("cun").post(f"/desk/data-requests/{request.id}/", {"is_granted": "yes"})
    assert late.status_code == 404
    assert Report.objects.get().phone == PHONE


def test_words_may_not_be_reported_longer_by_a_correction(
    own: str, rita: Client, login: Login, case: Case
) -> None:
    assert ask(rita, own, wish="correct", wanted="长" * 2001) == 422
    assert not DataRequest.objects.exists()
