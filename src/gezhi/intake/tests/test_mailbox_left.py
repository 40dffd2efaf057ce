"""What of a mailbox is left where it is, from when on it is read, and who reads it."""

import time
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.intake import actions
from gezhi.intake.actions import Wanted, fetching, settling, taking
from gezhi.intake.adapters import asking
from gezhi.intake.errors import MessageGone, MessageLarge
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules.mail import read_mail
from gezhi.intake.tests.post_office import PASSWORD, USER
from gezhi.intake.tests.test_mailbox import LI, ask, letter, mailbox
from tests.cast import SETTING_UP


def test_one_sender_brings_no_more_than_so_many_in_an_hour(box, office, monkeypatch):
    """The rest is one row that says how many, and can still be fetched, one after the other."""
    monkeypatch.setattr(reads, "MOST_OF_SENDER", 2)
    for at in range(5):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次"))
    office.send(letter("别人的事：学校门口的红绿灯坏了", sender="other@example.org"))
    assert sorted(ask(box)) == ["refused", "taken", "taken", "taken"]
    left = Received.objects.get(fate="refused")
    assert (left.reason, left.has_file) == ("sender_many", False), "it lies in the mailbox, unread"
    assert left.times == 3
    assert sum("\\Flagged" in flags for flags in office.flags()) == 3
    monkeypatch.setattr(settling, "_MOST_TAKEN", 2)
    assert actions.try_again(left.id, actor=SETTING_UP).fate == "taken"
    left.refresh_from_db()
    assert left.times == 1
    assert actions.try_again(left.id, actor=SETTING_UP).fate == "taken"
    assert not Received.objects.filter(pk=left.pk).exists(), "each has a row of its own by now"
    assert Case.objects.count() == 6


def test_a_flood_is_read_hour_by_hour(box, office, monkeypatch):
    monkeypatch.setattr(reads, "MOST_OF_SOURCE", 2)
    for at in range(3):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次", sender=f"a{at}@example.org"))
    assert len(ask(box)) == 2
    assert ask(box) == []
    assert Fault.objects.get().code == "full"
    monkeypatch.setattr(reads, "MOST_OF_SOURCE", 9)
    assert len(ask(box)) == 1, "nothing is lost"


def test_what_is_too_large_or_too_deep_is_left_where_it_is(box, office, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_MB", 0.01)
    office.send(letter("很大" * 5000))
    assert ask(box) == ["refused"]
    assert Received.objects.get().reason == "mail_large"
    monkeypatch.setattr(fetching, "MOST_MB", 25)
    deep = letter("里面")
    for _level in range(200):
        outer = EmailMessage()
        outer["From"], outer["Subject"] = LI, "很深"
        outer.make_mixed()
        outer.attach(deep)
        deep = outer
    deep["Message-ID"] = "<deep@example.org>"
    office.put(deep.as_bytes())
    assert ask(box) == ["refused"]
    assert Received.objects.latest("received_at").reason == "mail_parts"


def test_what_is_only_left_takes_nobodys_place(box, office, monkeypatch):
    """One sender's flood, or a robot's, must not fill the mailbox's hour."""
    monkeypatch.setattr(reads, "MOST_OF_SENDER", 1)
    monkeypatch.setattr(reads, "MOST_OF_SOURCE", 3)
    for at in range(4):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次"))
        office.send(letter("自动回复", Auto_Submitted="auto-replied"))
    office.send(letter("别人的事：学校门口的红绿灯坏了", sender="other@example.org"))
    fates = ask(box)
    assert (fates.count("taken"), fates.count("refused"), fates.count("ignored")) == (2, 1, 4)


@pytest.mark.parametrize("message_id", ["<left@example.org>", ""])
def test_only_the_mail_that_was_left_is_fetched_again(box, office, monkeypatch, message_id):
    monkeypatch.setattr(fetching, "MOST_MB", 0)
    mail = letter(message_id="<left@example.org>").as_bytes(policy=SMTP)
    name = b"" if message_id else b"Message-ID: <left@example.org>\r\n"
    office.send(mail.replace(name, b"") if name else mail)
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯"))
    assert ask(box) == ["refused", "refused"]
    first, second = Received.objects.order_by("uid")
    with pytest.raises(MessageLarge):
        actions.try_again(first.id, actor=SETTING_UP)
    monkeypatch.setattr(fetching, "MOST_MB", 25)
    Received.objects.filter(pk=second.pk).update(uid=first.uid)  # as in another folder
    with pytest.raises(MessageGone):
        actions.try_again(second.id, actor=SETTING_UP)
    assert actions.try_again(first.id, actor=SETTING_UP).fate == "taken"


def test_what_is_taken_after_all_is_moved_like_the_rest(county, office, monkeypatch):
    box = mailbox(county, office, done_folder="Done")
    monkeypatch.setattr(fetching, "MOST_MB", 0)
    office.send(letter())
    assert ask(box) == ["refused"]
    monkeypatch.setattr(fetching, "MOST_MB", 25)
    with TestCase.captureOnCommitCallbacks(execute=True):
        actions.try_again(Received.objects.get().id, actor=SETTING_UP)
    assert office.flags("Done") == [{"\\Seen"}]


def test_a_folder_that_takes_nothing_is_a_fault_and_stops_no_letter(county, office, monkeypatch):
    box = mailbox(county, office, done_folder="Done")

    def no(*_args: Any) -> None:
        raise asking.NotReached("answer", "MOVE NO")

    monkeypatch.setattr(asking.Mailbox, "_move", no)
    office.send(letter())
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯"))
    assert ask(box) == ["taken", "taken"]
    assert Fault.objects.get().detail == "MOVE NO"


def test_a_new_mailbox_is_read_from_now_on_unless_old_letters_are_wanted(county, office):
    with clock.standing_at(clock.now() + timedelta(hours=3)):
        box = mailbox(county, office)
    office.send(letter())
    assert ask(box) == []
    assert not Received.objects.exists()
    assert office.flags() == [set()], "it is left as it was"
    wanted = Wanted(
        name="信箱", host="127.0.0.1", port=office.port, line="plain", user=USER, takes_old=True
    )
    actions.change_source(box.id, wanted, actor=county.actor("guan"))
    assert ask(box) == ["taken"]


def test_the_page_of_a_mailbox_asks_whether_old_letters_are_wanted(login, county, office):
    guan = login("guan")
    typed = {
        "name": "信箱", "channel": "mailbox", "host": "127.0.0.1", "port": office.port,
        "line": "plain", "user": USER, "folder": "INBOX", "secret": PASSWORD,
    }  # fmt: skip
    guan.post("/desk/admin/sources/new/?kind=mailbox", typed)
    assert Source.objects.get().begins_at is not None
    guan.post(f"/desk/admin/sources/{Source.objects.get().id}/", typed | {"takes_old": "on"})
    assert Source.objects.get().begins_at is None


def test_who_reads_a_folder_that_is_no_longer_wanted_writes_nothing_of_it(
    county, box, office, monkeypatch
):
    """The settings are changed while a letter of the old folder is fetched."""
    office.send(letter())
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯"))
    wanted = Wanted(
        name="信箱", host="127.0.0.1", port=office.port, line="plain", user=USER, folder="Other"
    )
    as_it_is = asking.Mailbox.raw

    def changed(opened: Any, uid: int) -> bytes:
        actions.change_source(box.id, wanted, actor=county.actor("guan"))
        actions.switch_source(box.id, is_active=True, actor=county.actor("guan"))
        return as_it_is(opened, uid)

    monkeypatch.setattr(asking.Mailbox, "raw", changed)
    assert ask(box) == []
    after = Source.objects.get()
    assert (after.uid_validity, after.last_uid, after.folder) == (None, 0, "Other")
    assert not Case.objects.exists(), "nor is it taken in"
    assert not Fault.objects.exists()


def test_a_second_reader_keeps_its_claim_when_the_first_ends(box, office, monkeypatch):
    office.send(letter())
    until = clock.now() + timedelta(minutes=4)
    as_it_is = asking.Mailbox.raw

    def taken_over(opened: Any, uid: int) -> bytes:
        Source.objects.update(busy_until=until)
        return as_it_is(opened, uid)

    monkeypatch.setattr(asking.Mailbox, "raw", taken_over)
    assert ask(box) == []
    after = Source.objects.get()
    assert (after.busy_until, after.last_uid) == (until, 0)


def _listen(client):
    client.readline()  # a server that says nothing, until the line is cut
    client.noop()


def test_a_session_comes_to_its_end_whatever_the_server_does(box):
    began = time.monotonic()
    with (
        pytest.raises(asking.NotReached),
        asking.mailbox(fetching.server_of(box), seconds=0.2) as opened,
    ):
        _listen(opened.client)
    assert time.monotonic() - began < 10


def test_of_a_head_no_more_is_fetched_than_is_read(box, office):
    long = b"X: " + b"x" * 200_000 + b"\r\nSubject:"
    office.put(letter().as_bytes(policy=SMTP).replace(b"Subject:", long))
    with asking.mailbox(fetching.server_of(box)) as opened:
        head = opened.head(opened.after(0, since=None, most=1)[0])
    assert head is not None
    assert len(head.header) == 64 * 1024
    assert head.size > 200_000


def test_a_fault_of_ours_behind_the_case_leaves_no_trace_of_it(box, office, monkeypatch):
    """It is undone whole: nothing names the case, and the letters behind it are read."""

    def broken(*_args: Any) -> None:
        raise ValueError

    monkeypatch.setattr(taking, "_tell", broken)
    office.send(letter())
    assert ask(box) == ["waiting"]
    row = Received.objects.get()
    connection.check_constraints()
    assert (row.reason, row.case_id, row.report) == ("accident", None, None)
    assert (row.code_due, row.letter_id) == ("", "")
    monkeypatch.undo()
    assert actions.try_again(row.id, actor=SETTING_UP).fate == "taken"


def test_a_mailbox_that_moved_loses_nothing_of_what_came_meanwhile(county, box, office):
    office.send(letter())
    with clock.standing_at(clock.now() + timedelta(hours=3)):
        wanted = Wanted(
            name="信箱", host="localhost", port=office.port, line="plain", user=USER,
            secret=PASSWORD,
        )  # fmt: skip
        actions.change_source(box.id, wanted, actor=county.actor("guan"))
        actions.switch_source(box.id, is_active=True, actor=county.actor("guan"))
        assert ask(box) == ["taken"]


def test_a_flood_stays_listed_while_letters_of_it_lie_there(box, office, monkeypatch):
    """Others' letters are flagged there too: what was looked at is not all there is."""
    monkeypatch.setattr(reads, "MOST_OF_SENDER", 1)
    monkeypatch.setattr(settling, "_MOST_LOOKED", 4)
    senders = ("li@example.org", *["wang@example.org"] * 6, *["li@example.org"] * 3)
    for at, sender in enumerate(senders):
        office.send(letter(f"第{at}件事：{at}号楼的门禁坏了{at}次", sender=sender))
    ask(box)
    floods = {row.sender: row for row in Received.objects.filter(reason="sender_many")}
    assert {sender: row.times for sender, row in floods.items()} == {
        "li@example.org": 3,
        "wang@example.org": 5,
    }
    flood = floods["li@example.org"]
    Received.objects.filter(pk=flood.pk).update(uid=1)  # Wang's lie before Li's
    assert actions.try_again(flood.id, actor=SETTING_UP).reason == "sender_many"
    assert actions.try_again(flood.id, actor=SETTING_UP).fate == "taken"
    assert not Received.objects.filter(pk=flood.pk).exists()
    assert [row.sender for row in Received.objects.filter(fate="taken")].count(
        "li@example.org"
    ) == 4


@pytest.mark.parametrize(
    ("told", "is_forged"),
    [
        ("spf=pass smtp.mailfrom=dmarc=pass@evil.example; dmarc=fail (p=reject)", True),
        ('spf=pass smtp.mailfrom="a;dmarc=pass"@evil.example; dmarc=fail', True),
        ("spf=fail smtp.mailfrom=dkim=pass@evil.example; dkim=none", True),
        ("spf=fail (dkim=pass); dkim=none", True),
        ("spf=fail smtp.mailfrom=example.org; dkim=pass header.d=example.org", False),
        ("spf=fail; dkim=none; dmarc=pass header.from=example.org", False),
        ("spf=pass smtp.mailfrom=dmarc=fail@example.org", False),
    ],
)
def test_what_failed_is_read_where_the_server_says_it(told, is_forged):
    raw = letter(Authentication_Results=f"mx.county.example.org; {told}").as_bytes()
    assert read_mail(raw, own=(), most_files=9).is_forged == is_forged


def test_a_letter_that_no_session_is_long_enough_for_holds_up_no_other(box, office, monkeypatch):
    office.send(letter())
    office.send(letter("学校门口的红绿灯坏了三天", subject="灯"))
    monkeypatch.setattr(asking, "SLOW", 0)
    monkeypatch.setattr(fetching, "_LEAST_LEFT", 0)
    as_it_is = asking.Mailbox._fetched

    def cut(opened: Any, uid: int, told: str) -> Any:
        if told == "(BODY.PEEK[])":
            raise OSError
        return as_it_is(opened, uid, told)

    with monkeypatch.context() as slow:
        slow.setattr(asking.Mailbox, "_fetched", cut)
        assert ask(box) == ["refused"]
    left = Received.objects.get()
    assert (left.reason, Fault.objects.get(code="unreachable").count) == ("mail_large", 1)
    assert ask(box) == ["taken"]


def test_of_what_a_program_sent_the_headers_alone_are_fetched(box, office, monkeypatch):
    office.send(letter(Auto_Submitted="auto-replied"))
    monkeypatch.setattr(asking.Mailbox, "raw", None)
    assert ask(box) == ["ignored"]
    assert Received.objects.get().reason == "automatic"
