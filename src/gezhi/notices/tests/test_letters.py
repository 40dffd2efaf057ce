"""Whoever wrote to a mailbox is answered by mail: real letters in, real mails out."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string
from email.header import decode_header, make_header
from email.message import Message
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case, HistoryLine, Report
from gezhi.intake import actions as intake
from gezhi.intake.actions import Wanted
from gezhi.intake.models import Received, Source
from gezhi.intake.tests.post_office import PASSWORD, PostOffice, post_office
from gezhi.intake.tests.test_mailbox import WORDS, letter
from gezhi.notices import actions as notices
from gezhi.notices import jobs
from gezhi.notices.models import Delivery
from gezhi.notices.reads import preview
from gezhi.notices.rules import AUDIENCE_NAMES, Audience
from gezhi.notices.tests.sending import tell
from gezhi.notices.tests.telling import MailServer, mail_server
from gezhi.triage.tests.printing import print_all
from tests.cast import SETTING_UP

MAILBOX = "letters"


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    settings.INSIDE = [ip_network("127.0.0.1")]
    with post_office() as opened:
        yield opened


@pytest.fixture
def out(settings: Any) -> Iterator[MailServer]:
    """The server that takes our mails."""
    settings.ADDRESS = "https://gezhi.example"
    with mail_server() as server:
        settings.MAIL = f"smtp+plain://127.0.0.1:{server.port}"
        settings.MAIL_FROM = "格治 <gezhi@county.example.org>"
        yield server


@pytest.fixture
def box(county: Any, office: PostOffice) -> Source:
    guan = county.actor("guan")
    wanted = Wanted(
        name="书记信箱", host="127.0.0.1", port=office.port, line="plain", user=MAILBOX,
        secret=PASSWORD,
    )  # fmt: skip
    made, _secret = intake.add_source("mailbox", wanted, actor=guan)
    return intake.switch_source(made.id, is_active=True, actor=guan)


def ask(box: Source) -> None:
    intake.ask_source(box.id)


def told(out: MailServer) -> list[Message]:
    """What the worker has sent by now, all of it."""
    tell()
    for row in Delivery.objects.filter(state="waiting").order_by("due", "id"):
        with clock.standing_at(max(row.due, clock.now())):
            jobs.send(str(row.bundle))
    return [message_from_string(each) for each in out.mails]


def code_in(mail: Message) -> str:
    return str(mail.get_payload()).partition("查询码 ")[2].partition("。")[0]


def test_who_wrote_is_told_number_and_code_once_and_nothing_keeps_the_code_for_long(
    box, office, out
):
    mail = letter()
    office.send(mail)
    ask(box)
    (sent,) = told(out)
    case, row = Case.objects.get(), Received.objects.get()
    assert out.recipients == ["li@example.org"]
    assert str(make_header(decode_header(sent["Subject"]))) == f"已收到您的来信：{case.number}"
    assert (sent["In-Reply-To"], sent["Auto-Submitted"]) == (mail["Message-ID"], "auto-replied")
    assert sent["Message-ID"] == row.told_as
    followed = Client().post("/track/", {"number": case.number, "code": code_in(sent)})
    assert followed.status_code == 302
    assert code_in(sent) not in Delivery.objects.get().words
    assert len(told(out)) == 1, "once"
    jobs.forget_told_codes(0)
    assert Received.objects.get().code_due, "it may come back yet"
    with clock.standing_at(clock.now() + timedelta(days=6, minutes=1)):
        jobs.forget_told_codes(0)
    assert Received.objects.get().code_due == ""


def test_what_becomes_of_it_is_told_by_mail_too_in_the_same_thread(box, office, out):
    mail = letter()
    office.send(mail)
    ask(box)
    (first,) = told(out)
    case = Case.objects.get()
    with clock.standing_at(clock.now() + timedelta(minutes=5)):
        cases.refuse(case.id, reason="court", words="法院已经立案。", actor=SETTING_UP)
        *_before, last = told(out)
    assert case.number in str(make_header(decode_header(last["Subject"])))
    assert last["References"].split() == [mail["Message-ID"], first["Message-ID"]]
    assert last["Auto-Submitted"] == "auto-generated"


def test_an_answer_to_our_mail_is_known_by_its_name(box, office, out):
    office.send(letter())
    ask(box)
    (sent,) = told(out)
    office.send(letter("忘了说：在三号楼前面", subject="Re", In_Reply_To=sent["Message-ID"]))
    ask(box)
    assert HistoryLine.objects.get(act="note").words == "诉求人来信补充：忘了说：在三号楼前面"
    assert Case.objects.count() == 1
    assert len(told(out)) == 1, "what is added to a case is not answered"


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
        {"sender": "no-reply@example.org"},
        {"sender": "bounce+12=a@example.org"},
        {"sender": "owner-news@example.org"},
        {"sender": "a@b@example.org"},
        {"X_Auto_Response_Suppress": "All"},
        {"Authentication_Results": "mx.county.example.org; spf=fail; dmarc=fail (p=reject)"},
        {"Authentication_Results": "mx.county.example.org; spf=fail smtp.mailfrom=li@example.org"},
    ],
)
def test_nobody_is_answered_who_did_not_write_or_reads_nothing(box, office, out, heads):
    office.send(letter(**heads))
    ask(box)
    assert told(out) == []
    assert not Received.objects.exclude(code_due=b"").exists()


def test_one_address_is_answered_once_an_hour_and_so_often_a_day(box, office, out):
    for at in range(7):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次", subject=f"{at}"))
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯", sender="wang@example.org"))
    ask(box)
    tell()
    rows = Delivery.objects.all()
    due = sorted({row.due for row in rows if row.address == "li@example.org"})
    assert [round((each - due[0]) / timedelta(hours=1)) for each in due] == [0, 1, 2, 3, 4, 24]
    assert [row.due < due[1] for row in rows if row.address == "wang@example.org"] == [True]
    mails = told(out)
    assert out.recipients.count("li@example.org") == 6
    listed = mails[-1]
    assert str(make_header(decode_header(listed["Subject"]))) == "已收到您的 2 封来信"
    assert listed["In-Reply-To"] is None
    words = str(listed.get_payload())
    rest = Received.objects.filter(sender_index__isnull=False, told_as="")
    assert len(rest) == 2
    for row in rest:
        assert row.case
        code = words.partition(f"编号 {row.case.number}，查询码 ")[2].partition("，")[0]
        followed = Client().post("/track/", {"number": row.case.number, "code": code})
        assert followed.status_code == 302


def test_a_list_of_one_speaks_of_one(box, office, out):
    for at in range(6):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次", subject=f"{at}"))
    ask(box)
    listed = told(out)[-1]
    case = Received.objects.get(told_as="").case
    assert case
    assert str(make_header(decode_header(listed["Subject"]))) == f"已收到您的来信：{case.number}"
    words = str(listed.get_payload())
    assert words.startswith("您的来信已收到。")
    assert words.count("查询码") == 1


def test_what_stands_in_a_list_is_told_once_and_forgotten_one_by_one(box, office, out):
    for at in range(8):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次", subject=f"{at}"))
    ask(box)
    tell()
    first, second, third = Received.objects.filter(told_as="").order_by("received_at", "id")
    assert first.case
    assert third.case
    assert len({each.told_at for each in (first, second, third)}) == 1
    cases.anonymise_report(Report.objects.get(case=first.case).id, reason="asked", actor=SETTING_UP)
    count = len(told(out))
    words = str(message_from_string(out.mails[-1]).get_payload())
    assert words.count("查询码") == 2
    assert (first.case.number in words, third.case.number in words) == (False, True)
    assert "在主题里写上编号" in words
    with clock.standing_at(clock.now() + timedelta(hours=30)):
        refused(third.case)
        assert len(told(out)) == count, "of each of a flood nobody is told again and again"


def test_a_list_that_goes_sooner_takes_no_more_along(box, office, out):
    """The next one then waits for its own hour."""
    for at in range(6):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次", subject=f"{at}"))
    ask(box)
    tell()
    listed = Received.objects.get(told_as="")
    Delivery.objects.filter(notice__report=listed.report).update(state="sent")
    office.send(letter("第9件事：9号楼的门禁坏了9次", subject="九"))
    ask(box)
    tell()
    assert Received.objects.filter(told_as="", told_at__gt=listed.told_at).count() == 1


def test_what_says_of_itself_to_be_forged_adds_nothing_to_a_case(box, office):
    office.send(letter())
    ask(box)
    number = Case.objects.get().number
    forged = {"Authentication_Results": "mx.county.example.org; dmarc=fail header.from=example.org"}
    office.send(letter("不用修了", subject=f"回复：{number}", **forged))
    ask(box)
    assert Received.objects.get(fate="waiting").reason == "sender_forged"
    assert not HistoryLine.objects.filter(act="note").exists()


def test_who_is_forgotten_hears_no_more(box, office, out):
    office.send(letter())
    ask(box)
    told(out)
    cases.anonymise_report(Report.objects.get().id, reason="asked", actor=SETTING_UP)
    row = Received.objects.get()
    assert (row.sender, row.letter_id, row.code_due) == ("", "", "")
    with clock.standing_at(clock.now() + timedelta(minutes=5)):
        cases.refuse(
            Case.objects.get().id, reason="court", words="法院已经立案。", actor=SETTING_UP
        )
        assert len(told(out)) == 1


def test_without_a_server_nothing_leaves_and_no_code_is_kept(box, office):
    office.send(letter(WORDS))
    ask(box)
    tell()
    assert Delivery.objects.get(channel="mail").state == "kept"
    assert Received.objects.get().code_due == ""


def test_who_is_forgotten_before_the_answer_goes_out_gets_none(box, office, out):
    office.send(letter())
    ask(box)
    tell()
    cases.anonymise_report(Report.objects.get().id, reason="asked", actor=SETTING_UP)
    assert told(out) == []
    assert Delivery.objects.get().state == "failed"


def test_whoever_works_on_it_sees_that_a_mail_goes_and_not_where(county, box, office, out):
    office.send(letter())
    ask(box)
    told(out)
    case = Case.objects.get()
    foretold = preview(case, "refuse", {"reason": "court", "words": "已立案。"}, actor=SETTING_UP)
    (one,) = [each for each in foretold if each.audience == AUDIENCE_NAMES[Audience.REPORTER]]
    assert (one.to, str(one.channel)) == ("李*", "邮件")


def from_two(box, office):
    """Li and Wang write the same: one case, two reports."""
    for sender in ("li@example.org", "wang@example.org"):
        office.send(letter(sender=sender))
        ask(box)
        print_all()
    assert sorted(Received.objects.values_list("fate", flat=True)) == ["joined", "taken"]
    return Received.objects.get(fate="taken")


def test_who_is_forgotten_takes_nothing_from_the_others(box, office, out):
    li = from_two(box, office)
    told(out)
    cases.anonymise_report(li.report, reason="asked", actor=SETTING_UP)
    out.recipients.clear()
    with clock.standing_at(clock.now() + timedelta(minutes=5)):
        cases.refuse(li.case_id, reason="court", words="法院已经立案。", actor=SETTING_UP)
        told(out)
    assert out.recipients == ["wang@example.org"]


def refused(case: Case) -> None:
    cases.refuse(case.id, reason="court", words="法院已经立案。", actor=SETTING_UP)


def test_who_sends_the_same_again_is_answered_once(box, office, out):
    """Mail programs, and people who think that it was lost, do so under another name."""
    office.send(letter())
    office.send(letter())
    ask(box)
    again = Received.objects.get(fate="ignored")
    assert (again.reason, again.case, Report.objects.count()) == ("again", Case.objects.get(), 1)
    assert len(told(out)) == 1


def test_who_wrote_of_one_matter_twice_is_told_once_what_becomes_of_it(box, office, out):
    office.send(letter())
    ask(box)
    print_all()
    office.send(letter(WORDS + "。"))
    ask(box)
    assert (Case.objects.count(), Report.objects.count()) == (1, 2)
    answers = len(told(out))
    with clock.standing_at(clock.now() + timedelta(hours=2)):
        refused(Case.objects.get())
        assert len(told(out)) == answers + 1


def test_that_it_came_is_told_before_what_became_of_it(box, office, out):
    office.send(letter("第1件事：1号楼的门禁坏了", subject="一"))
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯"))
    ask(box)
    tell()
    answer = Delivery.objects.latest("due")
    case = answer.notice.case
    assert case
    with clock.standing_at(clock.now() + timedelta(minutes=5)):
        assert answer.due > clock.now()
        refused(case)
        tell()
        answer.refresh_from_db()
        assert answer.due <= clock.now()
    number = case.number
    about = [str(make_header(decode_header(mail["Subject"]))) for mail in told(out)]
    assert [subject for subject in about if number in subject][0] == f"已收到您的来信：{number}"


def test_of_days_ago_nobody_is_told_that_it_came(box, office, out):
    """The follower stood still meanwhile."""
    office.send(letter())
    ask(box)
    with clock.standing_at(clock.now() + timedelta(days=4)):
        assert told(out) == []
    assert Received.objects.get().code_due == ""


@pytest.mark.parametrize(("user", "is_read"), [("post@example.org", True), ("letters", False)])
def test_to_reply_is_proposed_where_somebody_reads_it(box, office, out, user, is_read):
    office.send(letter())
    ask(box)
    Source.objects.update(user=user)
    tell()
    assert ("直接回复这封邮件" in Delivery.objects.get().words) == is_read
    assert ("请不要直接回复" in Delivery.objects.get().words) != is_read


def test_who_wrote_is_told_by_mail_what_becomes_of_a_question_about_their_data(box, office, out):
    office.send(letter())
    ask(box)
    told(out)
    report = Report.objects.get()
    notices.tell_reporter(
        report, event="data_answered", cause="answer:1", case=report.case,
        words="%(number)s", values={"number": "已同意"},
    )  # fmt: skip
    row = Delivery.objects.get(notice__event="data_answered")
    assert (row.channel, row.address) == ("mail", "li@example.org")
    assert (row.subject, row.words) == (report.case.number, "已同意")
