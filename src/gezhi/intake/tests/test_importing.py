"""Rows going in through the acts: once, whole, and the good ones whatever the others are."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads as case_reads
from gezhi.cases.actions import step
from gezhi.cases.models import Case, HistoryLine
from gezhi.deadlines.models import Deadline
from gezhi.intake import actions, adapters, jobs, reads, rules
from gezhi.intake.errors import ColumnsWrong, ImportNotReady
from gezhi.intake.models import Import, ImportRow
from gezhi.intake.tests.files import HEADER, csv_file, message, xlsx
from gezhi.people import actions as people
from gezhi.triage.models import Liking
from tests.cast import COUNTY, FAR_VILLAGE

EVERYTHING = system("tests")
ZONE = ZoneInfo("Asia/Shanghai")


def counts(found: Import) -> tuple[int, int, int]:
    return found.added, found.known, found.failed


def test_a_message_becomes_a_case_like_any_other(bring, county):
    found = bring(xlsx([[*HEADER, "一级分类"], [*message(188006, likes=7), "城乡建设"]]))
    assert (found.state, counts(found)) == ("done", (1, 0, 0))
    case = Case.objects.get()
    assert (case.source_key, case.label, case.channel) == ("board:188006", "城乡建设", "board")
    assert case.opened_at == datetime(2019, 1, 3, 12, tzinfo=ZONE)
    assert case.centre_id == county.unit(f"centre-{COUNTY}"), "a board's messages start at the top"
    assert case.reports.get().name == "A0001"
    assert Deadline.objects.filter(case=case.id).exists()
    assert HistoryLine.objects.get(case=case).actor == county.actor("xian").label
    assert not list(case_reads.faults_in_chains(county=COUNTY))
    row = ImportRow.objects.get()
    assert (row.case_id, row.likes, row.dislikes) == (case.id, 7, 0)
    liking = Liking.objects.get()
    assert (liking.case_id, liking.likes, liking.dislikes) == (case.id, 7, 0)


def test_a_second_run_adds_nothing(bring):
    data = xlsx([HEADER, message(1), message(2), message("", title="没有编号")])
    assert counts(bring(data)) == (3, 0, 0)
    assert counts(bring(data)) == (0, 3, 0)
    assert counts(bring(csv_file([HEADER, message(2), message(3)]))) == (1, 1, 0)
    assert Case.objects.count() == 4


def test_a_number_that_means_two_things_is_reported_and_not_dropped(bring):
    rows = [HEADER, message(1), message(1), message(1, text="另一件事，水管爆了")]
    found = bring(xlsx(rows))
    assert counts(found) == (1, 1, 1)
    assert ImportRow.objects.get(outcome="failed").reason == "number_taken"
    assert counts(bring(xlsx([HEADER, message(1, text="又一件事")]))) == (0, 0, 1)


def test_wrong_rows_are_mended_in_their_file_and_sent_again(bring):
    rows = [
        [*HEADER, "备注"],
        [*message(1), "好的"],
        [*message(2, time="2019/2/30 8:00"), "日期错"],
        [*message(3, title="", text=" \n\t"), "没有字"],
        [*message(4, time="3/4/2019"), ""],
        [*message(5, time="2031-01-01"), 12.5],
    ]
    found = bring(xlsx(rows))
    assert counts(found) == (1, 0, 4)
    table = rules.read_table(reads.error_sheet(found))
    assert table.header == (*HEADER, "备注", "错误原因")
    assert [row.at(0) for row in table.rows] == [2, 3, 4, 5]
    assert table.rows[3].at(7) == 12.5
    assert all(row.at(8) for row in table.rows)
    mended = [list(table.header)] + [
        [*row.cells[:2], "改好了", "2019-02-28 08:00", "路灯不亮", *row.cells[5:]]
        for row in table.rows
    ]
    again = bring(xlsx(mended))
    assert counts(again) == (4, 0, 0)
    assert counts(bring(xlsx(mended))) == (0, 4, 0)
    kept = ImportRow.objects.filter(import_of=again, values__isnull=False)
    assert not any("错误原因" in row.values for row in kept), "our own column comes back unasked"


def test_an_order_of_the_hotline_without_its_number_is_refused_in_words(bring):
    rows = [HEADER, message("RX1"), message(" "), message("9" * 80)]
    found = bring(xlsx(rows), channel="hotline")
    assert counts(found) == (1, 0, 2)
    told = [row.cells[-1] for row in rules.read_table(reads.error_sheet(found)).rows]
    assert told == ["没有编号", "编号太长"]
    assert counts(bring(xlsx(rows))) == (3, 0, 0), "a board's may have none"
    plain = bring(xlsx([HEADER[2:], message(1)[2:]]), channel="hotline")
    assert counts(plain) == (1, 0, 0), "a table that has no column of numbers"


def test_odd_times_may_be_taken_as_of_now_and_stay_in_the_words(bring):
    found = bring(xlsx([HEADER, message(1, time="二月三十"), message(2)]), odd_dates="now")
    assert counts(found) == (2, 0, 0)
    case = Case.objects.get(source_key="board:1")
    assert "二月三十" in case.what
    assert clock.now() - case.opened_at < timedelta(minutes=1)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_long_words_are_kept_whole_in_pieces(bring, language):
    """The notes between the pieces are in the deployment's language, whatever the reader's is."""
    text = "".join(f"第{n}段：路灯不亮，已经报过。" for n in range(400))
    assert len(text) > 5000
    with translation.override(language):
        bring(xlsx([HEADER, message(1, title="路灯", text=text)]))
    case = Case.objects.get()
    notes = HistoryLine.objects.filter(case=case, act="note").order_by("seq")
    assert len(case.what) <= 2000
    whole = case.what.partition("\n")[2].partition("……（全文")[0]
    whole += "".join(note.words.partition("）")[2] for note in notes)
    assert whole == text
    assert not any(note.is_public for note in notes)


def test_emoji_zero_bytes_and_formulas_go_in(bring):
    rows = csv_file([HEADER, message(1, text="水管\0爆了😀"), message(2, text="=1+1 路灯不亮")])
    assert counts(bring(rows)) == (2, 0, 0)
    assert Case.objects.get(source_key="board:1").what.endswith("水管爆了😀")
    formulas = xlsx([HEADER, message('=CONCATENATE("7","7")'), message(3, text='=A1&"x"')])
    found = bring(formulas)
    assert found.added + found.failed == 2, "a formula is its value, an empty one is reported"


def test_a_place_that_is_known_is_found_and_another_stays_as_words(bring):
    header = ["编号", "正文", "地点"]
    bring(
        xlsx(
            [
                header,
                [1, "路灯不亮", "石坪镇高塬村三社"],
                [2, "路灯不亮", "某市某区"],
                [3, "水管爆了", None],
            ]
        )
    )
    found = {case.source_key: (case.path, case.place) for case in Case.objects.all()}
    assert found == {
        "board:1": (FAR_VILLAGE, "石坪镇高塬村三社"),
        "board:2": (COUNTY, "某市某区"),
        "board:3": (COUNTY, ""),
    }


def test_a_bad_row_does_not_keep_the_good_ones_out(bring, monkeypatch):
    """Whatever breaks inside: the row is reported, its half-done work is undone."""
    real = step.end

    def breaks_on_two(now, *fact, **values):
        real(now, *fact, **values)
        if now.case.source_key == "board:2":
            raise RuntimeError("broken on purpose")

    monkeypatch.setattr("gezhi.cases.actions.opening.end", breaks_on_two)
    found = bring(xlsx([HEADER, message(1), message(2), message(3)]))
    assert counts(found) == (2, 0, 1)
    assert ImportRow.objects.get(outcome="failed").reason == "row_accident"
    # All of it had been written when it broke, so it must have been undone.
    assert set(Case.objects.values_list("source_key", flat=True)) == {"board:1", "board:3"}


def test_columns_may_be_named_otherwise_than_guessed(bring):
    data = csv_file([["a", "b"], ["路灯不亮", "2019-01-03"]])
    found = bring(data, columns={"text": 0, "time": 1})
    assert counts(found) == (1, 0, 0)
    with pytest.raises(ColumnsWrong):
        bring(data, columns={"text": 0, "title": 0})


def test_importing_needs_the_right_and_others_imports_look_absent(county, bring):
    found = bring(xlsx([HEADER, message(1)]))
    with pytest.raises(NotAllowed):
        actions.receive_file(
            xlsx([HEADER, message(1)]), name="x", county=COUNTY, actor=county.actor("shui")
        )
    for login in ("shui", "cun"):
        with pytest.raises(NotFound):
            reads.import_for(county.actor(login), found.id)
    assert reads.import_for(county.actor("xian"), found.id) == found


# --- the worker's part ------------------------------------------------------------------------


@pytest.fixture
def received(county):
    data = xlsx([HEADER, *(message(n) for n in range(1, 8))])
    return actions.receive_file(
        data, name="C:\\tmp\\七件.xlsx", county=COUNTY, actor=county.actor("xian")
    )


def queued() -> int:
    return ProcrastinateJob.objects.filter(
        task_name="gezhi.intake.jobs.run_import", status="todo"
    ).count()


def test_the_worker_is_asked_in_the_same_transaction(county, received):
    assert received.name == "七件.xlsx"
    assert queued() == 0
    actions.start_import(received.id, actor=county.actor("xian"))
    assert queued() == 1
    with pytest.raises(ImportNotReady):
        actions.start_import(received.id, actor=county.actor("xian"))
    jobs.run_import(str(received.id))
    received.refresh_from_db()
    assert (received.state, counts(received)) == ("done", (7, 0, 0))
    assert Case.objects.count() == 7
    assert HistoryLine.objects.filter(actor=county.actor("xian").label).count() == 7


def test_a_killed_import_goes_on_where_it_stopped(county, received, monkeypatch):
    """Killed in the middle of the third batch: two are in, the third leaves nothing behind."""
    actor = county.actor("xian")
    actions.start_import(received.id, actor=actor)
    ProcrastinateJob.objects.all().delete()
    table = reads.table_of(received)
    for _ in range(2):
        actions.take_batch(received.id, table=table, size=2, actor=actor)

    class Killed(BaseException):
        pass

    def die(*_rows):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ImportRow.objects, "bulk_create", die)
        with pytest.raises(Killed):
            actions.take_batch(received.id, table=table, size=2, actor=actor)
    received.refresh_from_db()
    assert (received.state, received.done, Case.objects.count()) == ("running", 4, 4)

    assert actions.sweep(actor=EVERYTHING) == 0, "not silent for long enough"
    with clock.standing_at(clock.now() + timedelta(minutes=3)):
        assert actions.sweep(actor=EVERYTHING) == 1
        assert actions.sweep(actor=EVERYTHING) == 1
    assert queued() == 1, "one that waits already is not queued twice"
    reads.forget_tables()
    jobs.run_import(str(received.id))
    received.refresh_from_db()
    assert (received.state, counts(received)) == ("done", (7, 0, 0))
    assert Case.objects.count() == 7
    assert [row.line for row in reads.rows_of(received, rules.Outcome.ADDED)] == list(range(2, 9))


def test_a_slice_that_is_over_waits_in_the_queue_again(county, received, monkeypatch):
    actions.start_import(received.id, actor=county.actor("xian"))
    ProcrastinateJob.objects.all().delete()
    assert actions.work_on(received.id, seconds=0.0)
    monkeypatch.setattr(actions, "work_on", lambda _id: True)
    jobs.run_import(str(received.id))
    assert queued() == 1


def test_stopped_and_gone_on_with(county, received):
    actor = county.actor("xian")
    actions.start_import(received.id, actor=actor)
    actions.take_batch(received.id, table=reads.table_of(received), size=3, actor=actor)
    actions.stop_import(received.id, actor=actor)
    assert not actions.work_on(received.id)
    stopped = actions.take_batch(received.id, table=reads.table_of(received), actor=actor)
    assert (stopped.state, stopped.done) == ("stopped", 3)
    actions.go_on(received.id, actor=actor)
    actions.work_on(received.id)
    received.refresh_from_db()
    assert (received.state, counts(received)) == ("done", (7, 0, 0))


def test_who_lost_the_right_meanwhile_imports_no_further(county, received):
    actor = county.actor("xian")
    actions.start_import(received.id, actor=actor)
    post = county.accounts["xian"].posts.get()
    people.end_post(post.id, on=clock.now().date(), actor=county.actor("an"))
    assert not actions.work_on(received.id)
    received.refresh_from_db()
    assert (received.state, received.stop_reason) == ("stopped", "right_lost")
    assert not Case.objects.exists()


def test_a_file_that_is_gone_stops_the_import(county, received):
    actions.start_import(received.id, actor=county.actor("xian"))
    adapters.drop_file(COUNTY, received.id)
    reads.forget_tables()
    assert not actions.work_on(received.id)
    received.refresh_from_db()
    assert (received.state, received.stop_reason) == ("stopped", "file_gone")


@pytest.mark.django_db(transaction=True)
def test_the_file_lies_sealed_and_goes_when_all_is_in(county):
    data = csv_file([HEADER, message(1)])
    found = actions.receive_file(data, name="x.csv", county=COUNTY, actor=county.actor("xian"))
    path = adapters._path(COUNTY, found.id)
    assert "路灯".encode() not in path.read_bytes()
    assert adapters.read_file(COUNTY, found.id) == data
    actions.start_import(found.id, in_worker=False, actor=county.actor("xian"))
    actions.work_on(found.id)
    assert not path.exists()


@pytest.mark.django_db(transaction=True)
def test_old_drafts_are_swept_away(county):
    data = csv_file([HEADER, message(1)])
    found = actions.receive_file(data, name="x.csv", county=COUNTY, actor=county.actor("xian"))
    with clock.standing_at(clock.now() + timedelta(days=8)):
        actions.sweep(actor=EVERYTHING)
    assert not Import.objects.exists()
    assert not adapters._path(COUNTY, found.id).exists()


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_messages_at_once_add_each_once(county, monkeypatch):
    """Both are made to stand before the lock of the county with the same keys in hand."""
    there = threading.Barrier(2)
    lock = reads.lock_county

    def meet(county: str) -> None:
        there.wait(timeout=600)
        lock(county)

    monkeypatch.setattr(reads, "lock_county", meet)
    rows = [message(n) for n in range(6)]

    def run(order: list[list[object]]) -> tuple[int, int, int]:
        try:
            found = actions.import_messages(
                csv_file([HEADER, *order]), name="x.csv", county=COUNTY, actor=EVERYTHING
            )
            return counts(found)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(run, [rows, rows[::-1]]))
    assert done == [(0, 6, 0), (6, 0, 0)]
    assert Case.objects.count() == 6
    connection.close()
