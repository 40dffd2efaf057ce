"""Retention through its doors: preview, rules, holds, removal in slices, what stays whole."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.test import Client
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.refusal import NotFound
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Attachment, Case, HistoryLine, Report
from gezhi.notices.models import AddressCheck, Choice
from gezhi.people import actions as people
from gezhi.people.models import Account
from gezhi.places import actions as places
from gezhi.places.models import Area
from gezhi.record import reads as record_reads
from gezhi.record.models import AuditLine, KeptAnswer
from gezhi.record.rules import Book
from gezhi.record.tests.test_followers import read_everything
from gezhi.retention import actions, jobs, reads, rules
from gezhi.retention.errors import DaysWrong
from gezhi.retention.models import Removal, Rule
from tests.cast import COUNTY, SETTING_UP, VILLAGE, County, report_leak, voice_of

ADDRESS = "/desk/admin/retention/"
SYSTEM = system("retention")


@pytest.fixture
def an(login: Any) -> Client:
    """The security administrator's browser."""
    client: Client = login("an")
    return client


@pytest.fixture
def ended(county: County, settings: Any, tmp_path: Any) -> list[Case]:
    """Two cases that were withdrawn, with a file each; a third that is still open."""
    settings.FILES_DIR = tmp_path
    found = []
    for _ in range(3):
        reported = report_leak()
        upload = cases.Upload("a.pdf", b"%PDF-1.7", kind="document")
        cases.attach(reported.case.id, upload=upload, actor=county.actor("cun"))
        cases.note(reported.case.id, words="李秀兰说晚上在家", actor=county.actor("cun"))
        found.append(reported)
    for reported in found[:2]:
        cases.withdraw(reported.case.id, actor=voice_of(reported))
    return [Case.objects.get(pk=reported.case.id) for reported in found]


def save(client: Client, kind: str, days: int, reason: str = "个人信息保护法") -> Any:
    return client.post(f"{ADDRESS}rules/{kind}/", {"days": days, "reason": reason})


def later(days: int) -> Any:
    return clock.standing_at(clock.now() + timedelta(days=days))


def remove() -> None:
    """What the worker does within some hours."""
    actions.look_after()
    for removal in reads.open_removals():
        jobs.remove(str(removal.id))


def chains_are_whole() -> bool:
    found = [*case_reads.faults_in_chains(county=COUNTY)]
    found += [fault for book in Book for fault in record_reads.faults_in_book(book)]
    return not found


def test_looking_changes_nothing_and_nothing_goes_until_a_rule_was_saved(an, ended):
    with later(4000):
        before = list(Report.objects.values_list("phone_index", flat=True))
        page = an.get(ADDRESS).content.decode()
        assert "诉求人的联系方式" in page
        assert "建议，未启用" in page
        kept = {each.kind.code: each.due.count for each in reads.preview(clock.now())}
        assert kept["contacts"] == kept["words"] == kept["files"] == 2, "not of the open case"
        remove()
        assert list(Report.objects.values_list("phone_index", flat=True)) == before


def test_contacts_go_when_their_time_is_up_and_not_a_day_before(an, ended):
    assert save(an, "contacts", 365).status_code == 302
    with later(364):
        remove()
        assert all(report.phone for report in Report.objects.all())
    with later(366):
        remove()
        phones = {report.case_id: report.phone for report in Report.objects.all()}
        assert [phones[case.id] for case in ended] == ["", "", "13812345678"]
        assert Report.objects.filter(phone_index__isnull=False).count() == 1
        removal = Removal.objects.get(kind="contacts")
        assert (removal.removed, removal.total) == (2, 2)
        assert removal.hash == rules.certificate(actions.certified(removal))
        line = AuditLine.objects.get(kind="retention", about=f"removal:{removal.id}")
        assert line.data["hash"] == removal.hash
        page = an.get(f"{ADDRESS}removals/{removal.id}/").content.decode()
        assert removal.hash in page
        assert chains_are_whole()


def test_words_and_files_go_and_the_stub_is_still_counted(an, ended):
    save(an, "words", 400)
    save(an, "files", 400)
    with later(401):
        before = Case.objects.get(pk=ended[0].pk)
        remove()
        case = Case.objects.get(pk=ended[0].pk)
    assert (case.what, case.place, case.lon, case.h3) == ("", "", None, "")
    for name in ("state", "path", "category", "proposed_category", "opened_at", "closed_at",
                 "holder_id", "lines", "head"):  # fmt: skip
        assert getattr(case, name) == getattr(before, name), name
    lines = HistoryLine.objects.filter(case=case)
    assert not lines.exclude(words="", salt="").exists()
    assert lines.exclude(words_digest="").exists(), "the chain keeps its digests"
    assert Case.objects.get(pk=ended[2].pk).what, "the open case stays"
    assert Attachment.objects.count() == 1
    assert chains_are_whole()


def test_the_files_leave_the_disk(committed, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    reported = report_leak()
    upload = cases.Upload("a.pdf", b"%PDF-1.7", kind="document")
    cases.attach(reported.case.id, upload=upload, actor=committed.actor("cun"))
    assert list(tmp_path.glob(f"{COUNTY}/*/*"))
    cases.anonymise_report(reported.report.id, reason="本人要求删除", actor=SYSTEM)
    attached = Attachment.objects.get()  # the office's own proof, not the reporter's
    assert attached.report_id is None
    cases.withdraw(reported.case.id, actor=voice_of(reported))
    actions.set_days("files", days=365, reason="清理", actor=SYSTEM)
    with later(366):
        remove()
    assert list(tmp_path.glob(f"{COUNTY}/*/*")), "a worker killed here leaves the file"
    read_everything()
    assert not list(tmp_path.glob(f"{COUNTY}/*/*"))
    assert chains_are_whole(), "sealed as they are"


def test_a_hold_on_a_case_or_an_area_stops_it_and_can_be_lifted(an, ended):
    save(an, "contacts", 365)
    assert (
        an.post(f"{ADDRESS}holds/", {"about": ended[0].number, "reason": "诉讼"}).status_code == 302
    )
    with later(366):
        remove()
    phones = {report.case_id: report.phone for report in Report.objects.all()}
    assert phones[ended[0].id] == "13812345678"
    assert phones[ended[1].id] == ""
    hold = reads.holds_now().get()
    an.post(f"{ADDRESS}holds/", {"about": VILLAGE, "reason": "审计"})
    an.post(f"{ADDRESS}holds/{hold.id}/lift/", {"reason": "结案"})
    with later(366):
        remove()
    assert Report.objects.get(case=ended[0]).phone, "the area is held"
    an.post(f"{ADDRESS}holds/{reads.holds_now().get().id}/lift/", {"reason": "结案"})
    with later(366):
        remove()
    assert Report.objects.get(case=ended[0]).phone == ""
    refused = an.post(f"{ADDRESS}holds/", {"about": "990199", "reason": "诉讼"})
    assert refused.status_code == 422
    assert "990199" in refused.content.decode()


def test_an_area_stays_held_when_its_code_changes(an, ended):
    save(an, "contacts", 365)
    town, now = VILLAGE[:9], f"{COUNTY}777"
    an.post(f"{ADDRESS}holds/", {"about": town, "reason": "诉讼"})
    name = Area.objects.get(path=town, valid_to=None).name
    table = (
        f"county,code,before,after,what\n{COUNTY},{now},,{name},new\n{COUNTY},{town},{name},,gone\n"
    )
    places.change_divisions(table, on=timezone.localdate(), actor=SYSTEM)
    assert Case.objects.get(pk=ended[0].pk).path.startswith(now)
    with later(366):
        remove()
    assert Report.objects.get(case=ended[0]).phone, "the area is held"
    assert f"{town} → {now}" in an.get(ADDRESS).content.decode()
    hold = reads.holds_now().get()
    an.post(f"{ADDRESS}holds/{hold.id}/lift/", {"reason": "判决生效"})
    with later(366):
        remove()
    assert Report.objects.get(case=ended[0]).phone == ""


def test_lifting_a_hold_takes_a_reason_and_the_lists_say_who_decided(an, ended):
    save(an, "contacts", 365)
    an.post(f"{ADDRESS}holds/", {"about": ended[0].number, "reason": "诉讼"})
    hold = reads.holds_now().get()
    address = f"{ADDRESS}holds/{hold.id}/lift/"
    for reason in ("", "无"):
        refused = an.post(address, {"reason": reason})
        assert refused.status_code == 422
        assert 'role="alert"' in refused.content.decode()
    assert reads.holds_now().exists()
    page = an.get(ADDRESS).content.decode()
    assert page.count("安小全 今天") == 2, "who set the hold, who saved the rule"
    assert an.post(address, {"reason": "判决生效"})["Location"].endswith("#holds")
    assert AuditLine.objects.get(about=f"hold:{hold.id}", data__held=False).reason == "判决生效"
    assert an.post(address, {"reason": "再来一次"}).status_code == 404


def test_what_is_too_short_is_refused_and_what_was_typed_stays(an, ended):
    refused = save(an, "contacts", 10, "试试看")
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "至少保留 180 天" in page
    assert "试试看" in page
    assert not Rule.objects.exists()
    with pytest.raises(DaysWrong):
        actions.set_days("contacts", days=10, reason="试试看", actor=SYSTEM)
    assert save(an, "nosuch", 400).status_code == 404


def test_a_removal_that_was_killed_goes_on_where_it_was(an, ended, monkeypatch):
    monkeypatch.setattr(rules, "SLICE", 1)
    save(an, "contacts", 365)
    with later(366):
        made = actions.ask_removal(actor=SYSTEM)
        assert actions.remove_next(made[0].id)
        removal = Removal.objects.get(pk=made[0].id)
        assert (removal.removed, removal.finished_at) == (1, None)
        assert an.post(f"{ADDRESS}now/").status_code == 409, "one at a time"
        remove()
        removal.refresh_from_db()
        assert removal.removed == 2
        assert removal.finished_at is not None
        assert Removal.objects.filter(kind="contacts").count() == 1


def test_one_person_is_taken_out_of_a_case_and_the_others_stay(county, ended):
    first = Report.objects.get(case=ended[2])
    cases.anonymise_report(first.id, reason="本人要求删除", actor=SYSTEM)
    first.refresh_from_db()
    case = Case.objects.get(pk=ended[2].pk)
    assert (first.name, first.phone, first.address, first.words) == ("", "", "", "")
    assert (case.what, case.lon, case.is_reachable) == ("", None, False)
    assert Report.objects.get(case=ended[0]).phone, "another's report stays"
    assert HistoryLine.objects.get(case=case, seq=1).words == ""
    line = AuditLine.objects.get(kind="retention")
    assert (line.about, line.reason) == (f"report:{first.id}", "本人要求删除")
    assert chains_are_whole()
    with pytest.raises(NotFound):
        cases.anonymise_report(case.id, reason="没有", actor=SYSTEM)


def test_answers_to_repeated_requests_go_by_themselves(county):
    KeptAnswer.objects.create(actor="a", key="k", request="r", at=clock.now())
    remove()
    assert KeptAnswer.objects.count() == 1
    with later(31):
        remove()
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("name", ["guan", "cun", "du", "ling"])
def test_nobody_else_decides_how_long_data_is_kept(login, name):
    client = login(name)
    assert client.get(ADDRESS).status_code == 403
    assert save(client, "contacts", 400).status_code == 403
    assert client.post(f"{ADDRESS}now/").status_code == 403
    assert not Rule.objects.exists()


def test_the_page_asks_little_however_many_cases_there_are(
    an, ended, django_assert_max_num_queries
):
    with django_assert_max_num_queries(45):
        an.get(ADDRESS)


# --- before and after a rule is set --------------------------------------------------------------


def test_what_a_shorter_rule_takes_is_shown_before_it_is_saved(an, ended):
    with later(400):
        oldest = f"{timezone.localtime(ended[0].opened_at):%Y-%m-%d}"
        first = save(an, "contacts", 365)
        page = first.content.decode()
        assert first.status_code == 409
        assert f"会清除 2 件，最早的是 {oldest}" in page
        assert 'name="seen" value="365"' in page
        assert 'value="个人信息保护法"' in page, "nothing typed is lost"
        assert not Rule.objects.exists()
        other = an.post(f"{ADDRESS}rules/contacts/", {"days": 300, "reason": "又改了", "seen": 365})
        assert other.status_code == 409, "another number was not looked at yet"
        seen = an.post(
            f"{ADDRESS}rules/contacts/", {"days": 365, "reason": "个人信息保护法", "seen": 365}
        )
        assert seen.status_code == 302
        assert save(an, "contacts", 3650).status_code == 302, "nothing more goes by a longer one"


def test_a_mistake_in_a_rule_is_stopped_and_the_certificate_tells_what_it_did(
    an, ended, monkeypatch
):
    monkeypatch.setattr(rules, "SLICE", 1)
    save(an, "contacts", 365)
    with later(400):
        [made] = [each for each in actions.ask_removal(actor=SYSTEM) if each.kind == "contacts"]
        assert actions.remove_next(made.id)
        save(an, "contacts", 3650, "少写了一个零")
        remove()
        made.refresh_from_db()
        assert (made.removed, made.days) == (1, 365)
        assert made.finished_at is not None
        assert sum(bool(each.phone) for each in Report.objects.filter(case__in=ended[:2])) == 1
        remove()
        assert not reads.open_removals()


def test_a_removal_of_a_kind_nobody_keeps_any_more_ends_and_stops_no_other(an, ended):
    now = clock.now()
    gone = Removal.objects.create(
        county=COUNTY, kind="nosuch", days=30, before=now, actor="system:retention",
        began_at=now, touched_at=now,
    )  # fmt: skip
    save(an, "contacts", 365)
    with later(366):
        remove()
        gone.refresh_from_db()
        assert (gone.removed, bool(gone.hash)) == (0, True)
        remove()
        assert Removal.objects.get(kind="contacts").removed == 2
        assert an.get(f"{ADDRESS}removals/{gone.id}/").status_code == 200


def test_where_staff_signed_in_from_is_not_kept_for_ever(county):
    AccessLog.objects.create(username="cun", ip_address="10.1.2.3")
    AccessAttempt.objects.create(username="cun", ip_address="10.1.2.3", failures_since_start=5)
    with later(29):
        remove()
        assert AccessLog.objects.count() == AccessAttempt.objects.count() == 1
    with later(31):
        remove()
        remove()
    assert not AccessLog.objects.exists()
    assert not AccessAttempt.objects.exists()


def test_a_closed_account_leaves_no_address_behind(county):
    person = Account.objects.get(login="cun")
    now = clock.now()
    Choice.objects.create(account=person, mail="cun@example.org", changed_at=now)
    AddressCheck.objects.create(
        account=person, channel="mail", address="cun@example.org", address_key=b"1", asked_at=now
    )
    people.change_account(person.id, name="村里", actor=SETTING_UP)
    assert Choice.objects.exists()
    people.change_account(person.id, is_active=False, actor=SETTING_UP)
    assert not Choice.objects.exists()
    assert not AddressCheck.objects.exists()
