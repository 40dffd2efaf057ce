"""What erasing leaves alone, what it tells the book, and who else is at the case meanwhile."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases import adapters
from gezhi.cases.actions import erasing
from gezhi.cases.models import Attachment, Case, HistoryLine, Report
from gezhi.people.models import Resident
from gezhi.record.models import Line
from gezhi.record.tests.test_followers import run_until_heard
from gezhi.retention import actions, jobs, reads
from gezhi.retention.errors import RemovalRuns
from gezhi.retention.models import Removal
from tests.cast import COUNTY, VILLAGE, County, report_leak, voice_of

_GOES = "files that went"  # which reads what is older than every open transaction of the server

SYSTEM = system("retention")


def later(days: int) -> Any:
    return clock.standing_at(clock.now() + timedelta(days=days))


def remove() -> None:
    """What the worker does within some hours."""
    actions.look_after()
    for removal in reads.open_removals():
        jobs.remove(str(removal.id))


def merged_into(county: County, main: Case) -> Case:
    reported = report_leak()
    cases.merge(reported.case.id, main=main.id, actor=county.actor("cun"))
    return Case.objects.get(pk=reported.case.id)


def phone_of(case: Case) -> str:
    return Report.objects.get(case=case).phone


def test_a_merged_case_has_not_ended_while_its_main_case_is_open(county):
    """Also when the main case was merged itself: who is told and called hangs on the last one."""
    top, under = report_leak(), report_leak().case
    middle, small = merged_into(county, under), merged_into(county, under)
    cases.merge(under.id, main=top.case.id, actor=county.actor("cun"))
    actions.set_days("contacts", days=180, reason="个人信息保护法", actor=SYSTEM)
    with later(400):
        remove()
        assert phone_of(small) == "13812345678"
        cases.withdraw(top.case.id, actor=voice_of(top))
    with later(400 + 179):
        remove()
        assert phone_of(small) == "13812345678", "its time is counted from the end of the main case"
    with later(400 + 181):
        remove()
        assert [phone_of(each) for each in (small, middle, under, top.case)] == [""] * 4


def test_a_hold_on_the_main_case_holds_what_was_merged_into_it(county):
    top = report_leak()
    small = merged_into(county, top.case)
    cases.withdraw(top.case.id, actor=voice_of(top))
    for kind in ("contacts", "words", "files"):
        actions.set_days(kind, days=400, reason="个人信息保护法", actor=SYSTEM)
    hold = actions.hold(top.case.number, reason="诉讼", actor=SYSTEM)
    with later(401):
        remove()
        assert phone_of(small) == "13812345678"
        assert Case.objects.get(pk=small.pk).what
        actions.lift(hold.id, reason="结案", actor=SYSTEM)
        remove()
        assert phone_of(small) == ""


def test_the_book_names_each_case_and_line_that_lost_its_words(county, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    reported = report_leak()
    upload = cases.Upload("a.pdf", b"%PDF-1.7", kind="document")
    cases.attach(reported.case.id, upload=upload, actor=county.actor("cun"))
    cases.note(reported.case.id, words="李秀兰说晚上在家", actor=county.actor("cun"))
    cases.withdraw(reported.case.id, actor=voice_of(reported))
    worded = HistoryLine.objects.filter(case=reported.case).exclude(words_digest="")
    seqs = sorted(worded.values_list("seq", flat=True))
    file = str(Attachment.objects.get().id)
    for kind in ("contacts", "words", "files"):
        actions.set_days(kind, days=400, reason="个人信息保护法", actor=SYSTEM)
    with later(401):
        remove()
    told = Line.objects.filter(county=COUNTY, about=f"erased:{reported.case.id}")
    found = {line.data["what"]: line.data for line in told}
    causes = {each.kind: f"removal:{each.id}" for each in Removal.objects.all()}
    assert {what: data["cause"] for what, data in found.items()} == causes
    assert {what: data["lines"] for what, data in found.items()} == {
        "contacts": [], "words": seqs, "files": [],
    }  # fmt: skip
    assert found["files"]["files"] == [file]
    assert not HistoryLine.objects.filter(case=reported.case).exclude(words="").exists()


def test_what_one_person_asked_for_is_told_with_its_lines(county):
    reported = report_leak()
    cases.note(reported.case.id, words="李秀兰说晚上在家", actor=county.actor("cun"))
    cases.withdraw(reported.case.id, words="自己修好了", actor=voice_of(reported))
    cases.anonymise_report(reported.report.id, reason="本人要求删除", actor=SYSTEM)
    told = Line.objects.get(about=f"erased:{reported.case.id}").data
    assert (told["what"], told["lines"], told["cause"]) == ("report", [3], "")


def test_a_report_without_contact_leaves_its_account_and_nobody_is_called(county):
    reported = report_leak()
    cases.withdraw(reported.case.id, actor=voice_of(reported))
    resident = county_resident()
    Report.objects.update(name="", phone="", address="", phone_index=None, resident=resident)
    assert Case.objects.get(pk=reported.case.pk).is_reachable
    actions.set_days("contacts", days=180, reason="个人信息保护法", actor=SYSTEM)
    with later(181):
        remove()
    assert Report.objects.get().resident_id is None
    assert Case.objects.get(pk=reported.case.pk).is_reachable is False


def county_resident() -> Any:
    return Resident.objects.create(
        county=COUNTY, phone="13900001111", phone_index=b"1" * 32, made_at=clock.now()
    )


# --- in the same moment --------------------------------------------------------------------------


def beside(do: Callable[[], Any], seen: list[str], name: str) -> threading.Thread:
    def run() -> None:
        try:
            do()
            seen.append(name)
        finally:
            connection.close()

    thread = threading.Thread(target=copy_context().run, args=(run,))  # at the same moment too
    thread.start()
    return thread


@pytest.fixture
def small(committed: County) -> Case:
    """A case merged into one that has ended; it may be taken out again."""
    top = report_leak()
    found = merged_into(committed, top.case)
    cases.withdraw(top.case.id, actor=voice_of(top))
    actions.set_days("contacts", days=180, reason="个人信息保护法", actor=SYSTEM)
    return found


def test_a_case_that_is_opened_while_it_is_chosen_keeps_its_contact(committed, small, monkeypatch):
    held = erasing._held

    def after_somebody_else(ids: Any) -> Any:
        ids = list(ids)
        monkeypatch.setattr(erasing, "_held", held)
        cun = committed.actor("cun")
        beside(lambda: cases.unmerge(small.id, actor=cun), [], "").join(timeout=20)
        return held(ids)

    monkeypatch.setattr(erasing, "_held", after_somebody_else)
    with later(181):
        remove()
    assert Case.objects.get(pk=small.pk).state == "reported"
    assert phone_of(small) == "13812345678"


@pytest.fixture
def order_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], list[str]]:
    """What happens when somebody else begins this once a slice is held: who was done when."""

    def found(do: Callable[[], Any]) -> list[str]:
        seen: list[str] = []
        others: list[threading.Thread] = []
        held = erasing._held

        def before_somebody_else(ids: Any) -> Any:
            found = held(ids)
            monkeypatch.setattr(erasing, "_held", held)
            others.append(beside(do, seen, "theirs"))
            others[-1].join(timeout=0.5)
            seen.append("slice")
            return found

        monkeypatch.setattr(erasing, "_held", before_somebody_else)
        with later(181):
            actions.ask_removal(actor=SYSTEM)
            actions.remove_next(reads.open_removals()[0].id)
            for other in others:
                other.join(timeout=20)
        return seen

    return found


def test_whoever_opens_a_case_waits_until_its_slice_is_done(committed, small, order_with):
    cun = committed.actor("cun")
    assert order_with(lambda: cases.unmerge(small.id, actor=cun)) == ["slice", "theirs"]


def test_a_hold_waits_for_the_slice_and_then_nothing_more_goes(committed, small, order_with):
    """Whoever is told that a case is held can rely on it, and two never begin the same removal."""
    hold = partial(actions.hold, VILLAGE, reason="审计", actor=SYSTEM)
    assert order_with(hold) == ["slice", "theirs"]


def test_two_who_ask_at_once_begin_one_removal(committed, small):
    said: list[str] = []
    together = threading.Barrier(2)

    def ask() -> None:
        together.wait(timeout=20)
        try:
            actions.ask_removal(actor=SYSTEM)
            said.append("begun")
        except RemovalRuns:
            said.append("runs already")

    with later(181):
        threads = [beside(ask, [], ""), beside(ask, [], "")]
        for thread in threads:
            thread.join(timeout=60)
    assert sorted(said) == ["begun", "runs already"]


# --- files ---------------------------------------------------------------------------------------


def test_a_worker_killed_before_the_files_were_gone_leaves_none_behind(
    committed, settings, tmp_path, monkeypatch
):
    settings.FILES_DIR = tmp_path
    reported = report_leak()
    for name in ("a.pdf", "b.pdf"):
        upload = cases.Upload(name, b"%PDF-1.7" + name.encode(), kind="document")
        cases.attach(reported.case.id, upload=upload, actor=committed.actor("cun"))
    cases.withdraw(reported.case.id, actor=voice_of(reported))
    actions.set_days("files", days=365, reason="清理", actor=SYSTEM)
    with later(366):
        remove()
    assert not Attachment.objects.exists()
    drop = adapters.drop_file
    with monkeypatch.context() as broken:
        broken.setattr(adapters, "drop_file", _breaks_once(drop))
        with pytest.raises(ExceptionGroup):
            run_until_heard(_GOES)
    assert len(list(tmp_path.glob(f"{COUNTY}/*/*"))) == 1, "the others go whatever one does"
    while run_until_heard(_GOES):
        pass
    assert not list(tmp_path.glob(f"{COUNTY}/*/*"))


def _breaks_once(drop: Callable[..., None]) -> Callable[..., None]:
    calls: list[Any] = []

    def breaking(county: str, id: Any) -> None:
        calls.append(id)
        if len(calls) == 1:
            raise OSError("the disk is away")
        drop(county, id)

    return breaking
