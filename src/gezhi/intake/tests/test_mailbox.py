"""Mail that comes in: real servers on loopback, real mails, what becomes of each."""

import base64
import io
from email.message import EmailMessage
from email.utils import make_msgid
from ipaddress import ip_network
from typing import Any

import pytest
from PIL import Image

from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case, HistoryLine, Question, Report
from gezhi.intake import actions
from gezhi.intake.actions import Wanted
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.tests.post_office import ADDRESS, PASSWORD, USER, PostOffice, post_office
from gezhi.triage.tests.printing import print_all
from tests.cast import SETTING_UP

WORDS = "柳树村村口自来水管破裂，路上全是水，已经半天没有人来管，老人小孩都不敢走"
LI = "李秀兰 <li@example.org>"


def letter(
    words: str = WORDS, *, subject: str = "水管破裂", sender: str = LI, **heads: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ADDRESS, subject
    mail["Message-ID"] = heads.pop("message_id", "") or make_msgid(domain="example.org")
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail


def picture() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.effect_noise((120, 90), 60).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def mailbox(county: Any, office: PostOffice, **more: Any) -> Source:
    guan = county.actor("guan")
    settings: dict[str, Any] = {
        "name": "书记信箱", "host": "127.0.0.1", "port": office.port, "line": "plain",
        "user": USER, "secret": PASSWORD, "done_folder": "",
    }  # fmt: skip
    made, _secret = actions.add_source("mailbox", Wanted(**(settings | more)), actor=guan)
    return actions.switch_source(made.id, is_active=True, actor=guan)


def ask(box: Source) -> list[str]:
    """Read the mailbox once; what became of each mail, the newest last."""
    seen = set(Received.objects.values_list("id", flat=True))
    actions.ask_source(box.id)
    return [row.fate for row in Received.objects.exclude(id__in=seen).order_by("received_at")]


def test_a_mail_becomes_a_case_with_what_came_along(box, office):
    mail = letter()
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="水管.jpg")
    mail.add_attachment(b"MZ\x90\x00", maintype="application", subtype="pdf", filename="x.pdf.exe")
    office.send(mail)
    assert ask(box) == ["taken"]
    case, report, row = Case.objects.get(), Report.objects.get(), Received.objects.get()
    assert case.what == f"水管破裂\n{WORDS}"
    assert (case.channel, report.name, row.sender) == ("mailbox", "李秀兰", "li@example.org")
    kept = Attachment.objects.get()
    assert kept.media_type == "image/jpeg"
    from gezhi.cases import reads as case_reads

    assert b"taken at home" not in case_reads.file_bytes(kept), "kept as the portal keeps it"
    note = HistoryLine.objects.get(act="note").words
    assert note == "来信所附文件有 1 个没有收下", "what files are called may say whose they are"
    assert not row.has_file, "what is in a case is kept once"
    assert office.flags() == [{"\\Seen"}]
    assert ask(box) == [], "and not fetched again"
    assert Received.objects.get().times == 1


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "big5", "utf-8", "iso-8859-1", ""])
def test_words_are_read_whatever_they_are_coded_in(box, office, charset):
    """What says it is Latin, or nothing, is Chinese all the same: the bytes tell."""
    coded = charset if charset not in ("", "iso-8859-1") else "gb18030"
    words = (
        "路燈壞了" if charset == "big5" else "路灯坏了，㐂家巷" if "18030" in coded else "路灯坏了"
    )
    head = base64.b64encode(words.encode(coded)).decode()
    told = f'; charset="{charset}"' if charset else ""
    raw = (
        f"From: =?{charset or 'gbk'}?B?{base64.b64encode('王'.encode(coded)).decode()}?= "
        f"<wang@example.org>\r\nTo: {ADDRESS}\r\n"
        f"Subject: =?{charset or 'gbk'}?B?{head}?=\r\n"
        f"Content-Type: text/plain{told}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + f"{words}，三天了。".encode(coded)
    office.send(raw)
    assert ask(box) == ["taken"]
    assert Case.objects.get().what == f"{words}，三天了。", "the subject says no more"
    assert Report.objects.get().name == "王"


def test_headers_cut_in_the_middle_of_a_letter_and_raw_bytes_are_read(box, office):
    coded = "村里的路灯坏了很久".encode("gb2312")
    cut = [base64.b64encode(part).decode() for part in (coded[:7], coded[7:])]
    office.send(
        f"From: a@example.org\r\nSubject: =?gb2312?B?{cut[0]}?=\r\n =?gb2312?B?{cut[1]}?=\r\n\r\n"
        .encode() + "没有人管".encode("gbk")
    )  # fmt: skip
    office.put("Subject: 垃圾没有人收\r\n".encode("gbk") + b"From: b@example.org\r\n\r\n")
    assert ask(box) == ["taken", "taken"]
    assert [case.what for case in Case.objects.order_by("id")] == [
        "村里的路灯坏了很久\n没有人管", "垃圾没有人收",
    ]  # fmt: skip


def test_of_html_is_taken_what_a_reader_sees(box, office):
    mail = letter(subject="噪音")
    mail.set_content(
        "<html><head><title>x</title><style>p{color:red}</style></head><body><p>工地<b>半夜</b>施工"
        "</p><div>吵得睡不着&nbsp;觉</div><script>alert(1)</script><table><tr><td>第一</td>"
        "<td>第二</td></tr></table><img src='http://tracker.example.org/x.gif'></body></html>",
        subtype="html",
    )
    office.send(mail)
    assert ask(box) == ["taken"]
    assert Case.objects.get().what == "噪音\n工地半夜施工\n吵得睡不着 觉\n第一 第二"


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Id": "<news.example.org>"}, "list"),
        ({"Return_Path": "<>"}, "automatic"),
        ({"sender": "MAILER-DAEMON@example.org"}, "automatic"),
        ({"sender": "格治 <notice@county.example.org>"}, "own"),
    ],
)
def test_what_no_person_wrote_is_no_case(county, office, settings, heads, reason):
    settings.MAIL_FROM = "格治 <notice@county.example.org>"
    box = mailbox(county, office)
    office.send(letter("自动回复：我在休假", **heads))
    assert ask(box) == ["ignored"]
    row = Received.objects.get()
    assert (row.reason, row.has_file) == (reason, False)
    assert not Case.objects.exists()
    assert office.flags() == [{"\\Seen"}]


def test_a_person_who_says_that_no_robot_wrote_is_heard(box, office):
    office.send(letter(Auto_Submitted="no", Return_Path="<li@example.org>"))
    assert ask(box) == ["taken"]


def test_a_mail_goes_in_once_whatever_the_mailbox_does(box, office):
    """Sent twice by a server, or numbered anew after a move of the mailbox."""
    mail = letter()
    office.send(mail)
    assert ask(box) == ["taken"]
    office.send(mail)
    assert ask(box) == []
    assert Received.objects.get().times == 2
    Source.objects.update(uid_validity=1, last_uid=9000)  # as if the server had begun anew
    assert ask(box) == []
    assert Received.objects.get().times == 4, "both were looked at, neither went in"
    assert Case.objects.count() == 1


def test_what_went_in_is_moved_where_the_settings_say_and_the_rest_stays(county, office):
    box = mailbox(county, office, done_folder="已收")
    office.send(letter())
    office.send(letter("", subject=""))
    assert ask(box) == ["taken", "refused"]
    with office.opened() as line:
        assert any(b"&XfJlNg-" in each for each in line.list()[1]), "in IMAP's own letters"
    assert office.flags('"&XfJlNg-"') == [{"\\Seen"}]
    assert [flags for flags in office.flags() if "\\Deleted" not in flags] == [{"\\Flagged"}]
    assert Received.objects.get(fate="refused").reason == "text_missing"


def answer_to(case: Case, words: str, **more: Any) -> EmailMessage:
    quoted = f"{words}\n\n在 2026年11月2日，书记信箱 写道：\n> 您的来信已收到\n> 谢谢"
    return letter(quoted, subject=f"回复：[{case.number}] 水管破裂", **more)


def test_a_reply_with_the_number_is_added_to_the_case_in_the_reporters_name(box, office):
    office.send(letter())
    ask(box)
    case, report = Case.objects.get(), Report.objects.get()
    mail = answer_to(case, "水还在流，已经到门口了", sender="LI@Example.org")
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="p.jpg")
    office.send(mail)
    assert ask(box) == ["added"]
    line = HistoryLine.objects.get(act="note")
    assert line.words == "诉求人来信补充：水还在流，已经到门口了", "without what it quotes"
    assert line.actor == f"report:{report.id}"
    assert Attachment.objects.get().report_id == report.id
    assert Case.objects.count() == Report.objects.count() == 1
    cases.anonymise_report(report.id, reason="asked", actor=SETTING_UP)
    assert not HistoryLine.objects.get(act="note").words
    assert not Attachment.objects.exists()


def test_a_reply_is_known_by_what_it_answers(box, office):
    first = letter()
    office.send(first)
    ask(box)
    office.send(letter("忘了说：在三号楼前面", subject="补充", In_Reply_To=first["Message-ID"]))
    office.send(letter("还有一处", subject="又", References=f"<x@y.example> {first['Message-ID']}"))
    assert ask(box) == ["added", "added"]
    assert HistoryLine.objects.filter(act="note").count() == 2


def test_a_reply_answers_what_the_case_asked(county, box, office):
    office.send(letter())
    ask(box)
    case = Case.objects.get()
    cases.ask(case.id, words="在几号楼前面？", actor=SETTING_UP)
    office.send(answer_to(case, "三号楼"))
    assert ask(box) == ["added"]
    assert Question.objects.get().answer == "三号楼"


def test_anothers_mail_with_the_number_waits_for_a_person(county, login, box, office):
    """Anybody can write a number into a subject: the address must be the reporter's."""
    office.send(letter())
    ask(box)
    case = Case.objects.get()
    office.send(answer_to(case, "我们这里也停水了，电话13912345678", sender="other@example.org"))
    assert ask(box) == ["waiting"]
    assert not HistoryLine.objects.filter(act="note").exists()
    row = Received.objects.get(fate="waiting")
    assert (row.reason, row.case, row.has_file) == ("sender_unknown", case, True)
    page = login("xian").get(f"/desk/admin/sources/received/{row.id}/").content.decode()
    assert case.number in page
    assert "13912345678" not in page
    login("xian").post(f"/desk/admin/sources/received/{row.id}/take/")
    row.refresh_from_db()
    assert (row.fate, Case.objects.count()) == ("taken", 2)


def test_a_mailbox_that_lets_nobody_in_says_so(county, office, login):
    box = mailbox(county, office, secret="wrong")
    assert ask(box) == []
    assert "登录不上" in login("guan").get("/desk/admin/sources/").content.decode()
    Source.objects.update(secret=PASSWORD, folder="NoSuch")
    actions.ask_source(box.id)
    Source.objects.update(port=1)
    actions.ask_source(box.id)
    assert set(Fault.objects.values_list("code", flat=True)) == {"login", "answer", "unreachable"}


def test_a_password_goes_unencrypted_to_nobody_outside(box, office, monkeypatch):
    from gezhi.intake.adapters import asking

    monkeypatch.setattr(asking, "is_inside", lambda host: host != "127.0.0.1")
    assert ask(box) == []
    assert "unencrypted" in Fault.objects.get().detail


def test_an_inner_address_is_not_called_unless_it_is_listed(box, settings):
    settings.INSIDE = []
    assert ask(box) == []
    assert "GEZHI_INSIDE" in Fault.objects.get().detail


def test_a_restored_copy_leaves_the_mailbox_alone(box, office, settings, login):
    settings.ASK_SOURCES = False
    office.send(letter())
    assert ask(box) == []
    assert office.flags() == [set()]
    assert "GEZHI_ASK_SOURCES" in login("guan").get("/desk/admin/sources/").content.decode()


def test_two_workers_do_not_read_at_once(box, office):
    from datetime import timedelta

    from gezhi.base import clock

    office.send(letter())
    Source.objects.update(busy_until=clock.now() + timedelta(minutes=1))
    assert ask(box) == []
    Source.objects.update(busy_until=clock.now() - timedelta(minutes=1))
    assert ask(box) == ["taken"], "one that was killed holds nobody up for long"


def test_nothing_is_lost_when_the_worker_dies_between_fetching_and_settling(
    box, office, monkeypatch
):
    from gezhi.intake.actions import fetching

    office.send(letter())

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(fetching, "receive", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.ask_source(box.id)
    assert Source.objects.get().last_uid == 0
    assert ask(box) == ["taken"]


def test_the_same_by_mail_and_by_another_way_is_one_case(county, box, office):
    office.send(letter())
    ask(box)
    print_all()
    other = letter(f"您好：\n{WORDS}。谢谢", subject="水管破裂", sender="wang@example.org")
    office.send(other)
    assert ask(box) == ["joined"]
    assert Case.objects.count() == 1
    assert Report.objects.count() == 2


def test_a_mailbox_behind_starttls_is_read_if_its_certificate_is_trusted(
    county, settings, tmp_path
):
    from gezhi.notices.tests.telling import make_certificate

    settings.INSIDE = [ip_network("127.0.0.1")]
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with post_office(certificate) as office:
        box = mailbox(county, office, line="starttls")
        office.send(letter())
        assert ask(box) == []
        assert Fault.objects.get().code == "unreachable"
        settings.MAIL_CA = str(certificate.file)
        assert ask(box) == ["taken"]


@pytest.mark.parametrize(
    "head",
    [
        "From: " + "(" * 7000,
        "From: =?unicode_escape?Q?a=5Cud800=40b.c?=",
        "From: a@example.org\r\nContent-Type: text/plain; charset=unicode_escape",
    ],
)
def test_a_mail_that_is_made_to_trip_us_stops_no_other(box, office, head):
    office.put(f"{head}\r\nSubject: trap\r\n\r\nhello \\ud800\r\n".encode())
    office.send(letter())
    assert ask(box) == ["taken", "taken"]
    assert not Fault.objects.exists()


def test_a_fault_of_ours_in_a_head_holds_up_no_other(box, office, login, monkeypatch):
    from gezhi.intake.actions import fetching, taking

    def trip(*_args: Any, **_more: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(fetching, "read_header", trip)
    with monkeypatch.context() as patched:
        patched.setattr(taking, "read_mail", trip)
        office.send(letter())
        assert ask(box) == ["waiting"]
        row = Received.objects.get()
        assert (row.reason, row.has_file) == ("accident", True)
        assert login("xian").get(f"/desk/admin/sources/received/{row.id}/").status_code == 200
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯"))
    assert ask(box) == ["taken"]
    assert actions.try_again(row.id, actor=SETTING_UP).fate == "taken"


def test_a_fault_of_ours_in_asking_is_seen_with_the_source(box, office, login, monkeypatch):
    from gezhi.intake.actions import fetching

    def trip(*_args: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(fetching, "name_of", trip)
    office.send(letter())
    assert ask(box) == []
    assert Fault.objects.get().code == "accident"
    assert "系统差错" in login("guan").get("/desk/admin/sources/").content.decode()


def test_a_mail_is_read_before_others_wait_for_it(box, office, monkeypatch):
    """What its reading costs must not keep the county's other sources waiting."""
    from gezhi.intake.actions import taking

    done: list[str] = []

    def watch(name: str) -> None:
        as_it_is = getattr(taking, name)

        def noted(*args: Any, **more: Any) -> Any:
            done.append(name)
            return as_it_is(*args, **more)

        monkeypatch.setattr(taking, name, noted)

    watch("read_mail")
    watch("lock_county")
    office.send(letter())
    assert ask(box) == ["taken"]
    assert done == ["read_mail", "lock_county"]


def test_a_password_that_imap_has_no_letters_for_is_a_fault_that_is_seen(county, office):
    box = mailbox(county, office, secret="密码密码密码")
    assert ask(box) == []
    assert Fault.objects.get().code == "login"


def test_another_letter_under_the_same_name_waits_for_a_person(box, office):
    """Scanners and web forms send every letter with one Message-ID."""
    office.send(letter(message_id="<1@scanner>"))
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯", message_id="<1@scanner>"))
    assert ask(box) == ["taken", "waiting"]
    other = Received.objects.get(fate="waiting")
    assert (other.reason, other.has_file, other.case) == ("changed", True, None)
    assert actions.try_again(other.id, by_person=True, actor=SETTING_UP).fate == "taken"
    assert Case.objects.count() == 2
