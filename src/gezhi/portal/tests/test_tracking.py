"""Following a case: the reporter's view, the public's, and nobody else's."""

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from PIL import Image

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case, Report
from gezhi.cases.rules.sealed import Field
from gezhi.deadlines import reads as deadlines
from gezhi.portal.pages.words import distance_words, duration_words, moment_words
from tests.cast import TUESDAY, VILLAGE, County, report_leak, voice_of

ANSWER = "水管已换新，路面已冲洗"


def prove(rita: Client, reported: cases.Reported) -> None:
    answer = rita.post("/track/", {"number": reported.case.number, "code": reported.code})
    assert answer.status_code == 302


def page_of(rita: Client, case: Case) -> str:
    answer = rita.get(f"/track/{case.number}/")
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def picture(colour: str = "olive") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def finish(county: County, case: Case) -> None:
    shui = county.actor("shui")
    for kind, colour in (("before", "red"), ("after", "green")):
        upload = cases.Upload(f"{kind}.jpg", picture(colour), kind)
        cases.attach(case.id, upload=upload, actor=shui)
    cases.finish(case.id, outcome="solved", answer=ANSWER, actor=shui)


@pytest.mark.parametrize(
    ("number", "code"),
    [("{number}", "AAAA2222"), ("261122-999999", "{code}"), ("{number}x", "{codE}2"), ("0", "0")],
)
def test_every_wrong_pair_meets_the_same_words(
    reported: cases.Reported, rita: Client, number: str, code: str
) -> None:
    typed = {
        "number": number.replace("{number}", reported.case.number),
        "code": code.replace("{code}", reported.code),
    }
    refused = rita.post("/track/", typed)
    assert refused.status_code == 404
    assert "编号或查询码不对，请核对截图或纸条后再试" in refused.content.decode()
    assert not rita.cookies.get("gz_mine")


def test_number_and_code_are_read_as_people_write_them(
    reported: cases.Reported, rita: Client
) -> None:
    number = reported.case.number.replace("-", " ")
    code = f" {reported.code[:4].lower()}-{reported.code[4:].lower()} "
    assert rita.post("/track/", {"number": number, "code": code}).status_code == 302
    page_of(rita, reported.case)


def test_a_link_with_the_code_becomes_a_clean_address(
    reported: cases.Reported, rita: Client
) -> None:
    address = f"/track/{reported.case.number}/"
    assert rita.get(address, {"code": reported.code})["Location"] == address
    assert page_of(rita, reported.case)
    assert Client().get(address, {"code": "WRONG234"}).status_code == 404


def test_absent_and_not_yours_look_alike(reported: cases.Reported, rita: Client) -> None:
    theirs = rita.get(f"/track/{reported.case.number}/")
    absent = rita.get("/track/261122-999999/")
    assert theirs.status_code == absent.status_code == 302
    assert theirs["Location"].split("=")[0] == absent["Location"].split("=")[0] == "/track/?number"


def test_the_reporter_sees_each_step_in_plain_words(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    cases.note(handled.id, words="内部：注意态度", actor=county.actor("shui"))
    page = page_of(rita, handled)
    for words in ("您反映的事已收到", "柳树村综治中心已受理", "已派给水务局办理", "还剩"):
        assert words in page
    assert 'href="tel:0930-1234567"' in page
    assert "水务局已签收，正在办理" in page
    for hidden in ("内部", "李秀兰", "13812345678", "account:"):
        assert hidden not in page


def test_the_question_is_answered_and_the_clock_runs_on(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    cases.ask(handled.id, words="水表在哪个屋？", actor=county.actor("shui"))
    page = page_of(rita, handled)
    assert "水表在哪个屋？" in page
    assert "等待您的答复" in page
    empty = rita.post(f"/track/{handled.number}/answer/", {"words": " "})
    assert empty.status_code == 422
    done = rita.post(f"/track/{handled.number}/answer/", {"words": "在厨房"}, follow=True)
    assert "在厨房" in done.content.decode()
    handled.refresh_from_db()
    assert handled.paused_until is None
    again = rita.post(f"/track/{handled.number}/answer/", {"words": "还有一句"})
    assert again.status_code == 409
    assert "目前没有需要答复的问题" in again.content.decode()


def test_answer_pictures_and_the_last_word(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    finish(county, handled)
    page = page_of(rita, handled)
    for words in (ANSWER, "处理前", "处理后", "按时办结", "您说了算"):
        assert words in page
    refused = rita.post(
        f"/track/{handled.number}/rate/", {"is_solved": "no", "rating": "2", "rate_words": ""}
    )
    assert refused.status_code == 422
    assert "请说一说哪里没有解决" in refused.content.decode()
    back = rita.post(
        f"/track/{handled.number}/rate/",
        {"is_solved": "no", "rating": "2", "rate_words": "又漏了"},
        follow=True,
    )
    handled.refresh_from_db()
    assert handled.state == "handling"
    assert "没有解决，继续办理" in back.content.decode()
    assert "又漏了" in back.content.decode()


def test_solved_is_rated_once(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    finish(county, handled)
    vote = {"is_solved": "yes", "rating": "5", "rate_words": "快"}
    rita.post(f"/track/{handled.number}/rate/", vote)
    report = Report.objects.get(id=reported.report.id)
    assert (report.is_solved, report.rating) == (True, 5)
    again = rita.post(f"/track/{handled.number}/rate/", vote)
    assert again.status_code == 409
    assert "您已经评价过了" in again.content.decode()
    assert rita.post(f"/track/{handled.number}/rate/", {"rating": "9"}).status_code == 422


def test_a_closed_case_is_reopened_within_its_window_and_not_after(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    finish(county, handled)
    rita.post(f"/track/{handled.number}/rate/", {"is_solved": "yes", "rating": "4"})
    cases.visit_back(handled.id, is_reached=True, is_solved=True, actor=county.actor("fang"))
    assert "又出问题了" in page_of(rita, handled)
    with clock.standing_at(clock.now() + timedelta(days=16)):
        assert "又出问题了" not in page_of(rita, handled)
        asked = {"reason": "came_back", "reopen_words": "又漏了"}
        late = rita.post(f"/track/{handled.number}/reopen/", asked)
        assert late.status_code == 409
        assert "已经过了期限" in late.content.decode()
    rita.post(f"/track/{handled.number}/reopen/", asked)
    handled.refresh_from_db()
    assert handled.state == "accepted"


def test_withdrawing_while_nobody_was_sent(reported: cases.Reported, rita: Client) -> None:
    prove(rita, reported)
    assert "确定撤回" in page_of(rita, reported.case)
    rita.post(f"/track/{reported.case.number}/withdraw/")
    case = Case.objects.get()
    assert case.state == "withdrawn"
    assert "您撤回了这件事" in page_of(rita, case)


def test_withdrawing_too_late_is_refused_in_words(
    reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    assert "确定撤回" not in page_of(rita, handled)
    refused = rita.post(f"/track/{handled.number}/withdraw/")
    assert refused.status_code == 409
    assert "不能“撤回”" in refused.content.decode()


def test_acts_need_the_proof(handled: Case, rita: Client) -> None:
    for act in ("answer", "rate", "reopen", "withdraw"):
        assert rita.post(f"/track/{handled.number}/{act}/", {}).status_code == 404
        assert rita.get(f"/track/{handled.number}/{act}/").status_code == 302


def test_who_looked_at_my_contact_is_told(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    assert "还没有人打开过" in page_of(rita, handled)
    cases.open_field(
        handled.id, report=reported.report.id, field=Field.PHONE, reason="核对地址",
        actor=county.actor("shui"),
    )  # fmt: skip
    page = page_of(rita, handled)
    assert "水务局 · 承办人" in page
    assert "看了电话" in page
    assert "核对地址" in page
    assert "水小青" not in page, "unit and role, not the officer's name"
    with override_settings(NAMES_LOOKERS=True):
        assert "水务局 · 承办人 · 水小青" in page_of(rita, handled)
    assert "谁看过" not in Client().get(f"/track/{handled.number}/").content.decode()


def test_late_is_said(reported: cases.Reported, rita: Client) -> None:
    prove(rita, reported)
    target = deadlines.target(reported.case)
    assert target is not None
    with clock.standing_at(target.due + timedelta(hours=2, minutes=1)):
        assert "已超时 2 小时" in page_of(rita, reported.case)


@pytest.mark.parametrize("is_solved", [True, False])
def test_what_a_check_saw_is_read_by_the_reporter_alone(
    county: County, reported: cases.Reported, handled: Case, rita: Client, is_solved: bool
) -> None:
    """The form of the check promises it, whatever was found."""
    prove(rita, reported)
    cases.publish(handled.id, is_public=True, actor=county.actor("du"))
    finish(county, handled)
    seen = cases.Upload("seen.jpg", picture("navy"), "check")
    cases.attach(handled.id, upload=seen, actor=county.actor("du"))
    words = "我去看过了，路面是干的"
    cases.verify(handled.id, is_solved=is_solved, words=words, actor=county.actor("du"))
    assert f"<blockquote>{words}</blockquote>" in page_of(rita, handled)
    assert words not in page_of(Client(), handled)


def test_the_own_list_says_late(reported: cases.Reported, rita: Client) -> None:
    prove(rita, reported)
    target = deadlines.target(reported.case)
    assert target is not None
    for after, is_late in ((timedelta(), False), (timedelta(minutes=1), True)):
        with clock.standing_at(target.due + after):
            assert ("超时" in rita.get("/mine/").content.decode()) == is_late


def test_merged_shows_the_mains_progress_and_keeps_the_own_number(
    county: County, reported: cases.Reported, rita: Client
) -> None:
    main = report_leak()
    cun = county.actor("cun")
    cases.accept(main.case.id, category=main.case.proposed_category, actor=cun)
    cases.merge(reported.case.id, main=main.case.id, actor=cun)
    cases.assign(main.case.id, unit=county.unit("dept-water"), actor=cun)
    cases.sign(main.case.id, actor=county.actor("shui"))
    prove(rita, reported)
    page = page_of(rita, reported.case)
    for words in ("合并办理", reported.case.number, "水务局已签收，正在办理", "水务局"):
        assert words in page
    assert main.case.number not in page
    finish(county, main.case)
    page = page_of(rita, reported.case)
    assert ANSWER in page
    assert "您说了算" in page
    after = Attachment.objects.get(kind="after")
    assert rita.get(f"/files/{after.id}/").status_code == 200
    rita.post(f"/track/{reported.case.number}/rate/", {"is_solved": "yes", "rating": "5"})
    assert Report.objects.get(id=reported.report.id).rating == 5


@pytest.fixture
def public(county: County, reported: cases.Reported, handled: Case) -> Case:
    cases.publish(handled.id, is_public=True, actor=county.actor("zhendu"))
    handled.refresh_from_db()
    return handled


def test_the_public_sees_a_reviewed_case_masked(county: County, public: Case, rita: Client) -> None:
    Case.objects.filter(id=public.id).update(what="水管漏水，电话13812345678")
    cases.ask(public.id, words="您贵姓？", actor=county.actor("shui"))
    page = page_of(rita, public)
    for words in ("有居民反映了这件事", "水务局", "向诉求人了解情况", "这是公开页面"):
        assert words in page
    for hidden in ("13812345678", "李秀兰", "您贵姓", "谁看过我的信息", "您说了算", "撤回"):
        assert hidden not in page
    assert public.number in rita.get("/").content.decode()
    assert "13812345678" not in rita.get("/cases/").content.decode()
    near = {"lon": str(public.lon), "lat": str(public.lat)}
    assert public.number in rita.get("/cases/", near).content.decode()
    assert public.number not in rita.get("/cases/", {"lon": 100, "lat": 30}).content.decode()
    assert rita.get("/cases/", {"lon": "nan", "lat": "x", "page": "x"}).status_code == 200


def test_files_are_for_reporters_or_public_and_run_nothing(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    finish(county, handled)
    after = Attachment.objects.get(kind="after")
    assert rita.get(f"/files/{after.id}/").status_code == 404
    prove(rita, reported)
    shown = rita.get(f"/files/{after.id}/")
    assert shown.status_code == 200
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["Content-Disposition"].startswith("inline")
    cases.publish(handled.id, is_public=True, actor=county.actor("zhendu"))
    assert Client().get(f"/files/{after.id}/").status_code == 200
    assert Client().get(f"/files/{uuid4()}/").status_code == 404


def test_another_reporters_photo_stays_theirs(county: County, rita: Client) -> None:
    from gezhi.base.actor import NOBODY

    first = cases.report(
        county="990101",
        what="水管漏水",
        where=cases.Where(path=VILLAGE),
        channel="portal",
        uploads=(cases.Upload("a.jpg", picture()),),
        actor=NOBODY,
    )
    second = cases.follow(
        first.case.id, channel="portal", county="990101", words="我家也是", actor=NOBODY
    )
    prove(rita, second)
    page = page_of(rita, first.case)
    assert "我家也是" in page
    photo = Attachment.objects.get()
    assert str(photo.id) not in page
    assert rita.get(f"/files/{photo.id}/").status_code == 404
    owner = Client()
    prove(owner, first)
    assert owner.get(f"/files/{photo.id}/").status_code == 200


def test_mine_lists_what_was_proven_here_and_can_be_forgotten(
    reported: cases.Reported, rita: Client
) -> None:
    assert rita.post("/mine/", {"number": reported.case.number, "code": "x"}).status_code == 404
    rita.post("/mine/", {"number": reported.case.number, "code": reported.code})
    assert reported.case.number in rita.get("/mine/").content.decode()
    assert reported.case.number in rita.get("/").content.decode()
    rita.post("/mine/forget/")
    assert reported.case.number not in rita.get("/mine/").content.decode()


def test_a_forged_cookie_proves_nothing(reported: cases.Reported, rita: Client) -> None:
    rita.cookies["gz_mine"] = reported.report.id.hex
    assert rita.get(f"/track/{reported.case.number}/").status_code == 302


def test_a_signed_in_officer_gets_no_more_here_than_anybody(
    reported: cases.Reported, login: Callable[[str], Client]
) -> None:
    assert login("cun").get(f"/track/{reported.case.number}/").status_code == 302


def test_moments_durations_and_distances_are_said_as_people_say_them() -> None:
    assert moment_words(TUESDAY + timedelta(hours=5, minutes=20), TUESDAY) == "今天 14:20"
    assert moment_words(TUESDAY + timedelta(days=1), TUESDAY) == "明天 09:00"
    assert moment_words(TUESDAY + timedelta(days=4), TUESDAY) == "11月21日 09:00"
    assert moment_words(TUESDAY - timedelta(days=365), TUESDAY) == "2025年11月17日 09:00"
    assert duration_words(timedelta(days=1, hours=3, minutes=5)) == "1 天 3 小时"
    assert duration_words(timedelta(hours=2)) == "2 小时"
    assert duration_words(timedelta(seconds=5)) == "1 分钟"
    assert distance_words(3) == "就在这里"
    assert distance_words(63) == "离这里约 60 米"


def test_the_page_costs_the_same_for_a_short_and_a_long_history(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    prove(rita, reported)
    page_of(rita, handled)
    with CaptureQueriesContext(connection) as short:
        page_of(rita, handled)
    for number in range(10):
        cases.ask(handled.id, words=f"问题 {number}", actor=county.actor("shui"))
        cases.answer(handled.id, words=f"答复 {number}", actor=voice_of(reported))
    with CaptureQueriesContext(connection) as long:
        page_of(rita, handled)
    assert len(long) == len(short)


def test_what_is_only_proposed_is_no_fact_until_it_is_accepted(
    county: County, reported: cases.Reported, rita: Client
) -> None:
    prove(rita, reported)
    case = reported.case
    assert "（初步判断）" in page_of(rita, case)
    cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    assert "（初步判断）" not in page_of(rita, case)


def test_a_word_on_work_that_is_taken_up_again_is_not_shown_as_todays(
    county: County, reported: cases.Reported, handled: Case, rita: Client
) -> None:
    prove(rita, reported)
    again, own_word = "正在重新办理", "<h2>您的评价</h2>"
    assert again not in page_of(rita, handled)
    finish(county, handled)
    rita.post(f"/track/{handled.number}/rate/", {"is_solved": "yes", "rating": "4"})
    cases.visit_back(handled.id, is_reached=True, is_solved=True, actor=county.actor("fang"))
    page = page_of(rita, handled)
    assert own_word in page
    assert again not in page
    asked = {"reason": "came_back", "reopen_words": "又漏了"}
    rita.post(f"/track/{handled.number}/reopen/", asked)
    page = page_of(rita, handled)
    assert own_word not in page
    assert again in page
    assert "您的评价：解决了，满意" in page, "what was said stays in the story"
