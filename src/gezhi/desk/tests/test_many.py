"""One act on many cases: a second of it at once, the rest by the worker, found again afterwards."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.desk import actions, jobs, rules
from gezhi.desk.actions.taking import take_as_shown
from gezhi.desk.models import Bulk, BulkCase
from gezhi.desk.pages import running
from gezhi.desk.tests.test_taking import asked, report
from gezhi.people import actions as people
from gezhi.people.models import Post
from tests.cast import County

_WHAT = "隔壁私搭乱建，把路都占了"


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks has no second to wait: all is left to the worker."""
    monkeypatch.setattr(running, "AT_ONCE", 0.0)


def begun(client: Client, *chosen: Case) -> Bulk:
    answer = client.post("/desk/bulk/take/do/", asked(client, *chosen))
    assert answer.status_code == 200
    found: Bulk = answer.context["found"]
    return found


def waiting_jobs() -> list[str]:
    found = ProcrastinateJob.objects.filter(task_name="gezhi.desk.jobs.run_bulk", status="todo")
    return [job.args["bulk_id"] for job in found]


def test_what_takes_no_second_is_answered_at_once(login, county: County) -> None:
    found = begun(login("cun"), report(_WHAT), report(_WHAT))
    assert (found.state, found.done, found.refused) == ("done", 2, 0)
    assert waiting_jobs() == []


def test_what_takes_longer_is_left_to_the_worker_and_found_again(
    login, county: County, no_time: None
) -> None:
    client, chosen = login("cun"), [report(_WHAT) for _at in range(3)]
    cases.note(chosen[0].id, words="看过了", actor=county.actor("cun"))
    sent = asked(client, *chosen)
    cases.note(chosen[1].id, words="有人先写了一句", actor=county.actor("cun"))
    answer = client.post("/desk/bulk/take/do/", sent)
    found, text = answer.context["found"], answer.content.decode()
    assert "0 / 3" in text
    assert "可以离开这一页" in text
    assert "HX-Trigger" not in answer.headers
    part = f"/desk/bulk/runs/{found.id}/progress/"
    assert f'hx-get="{part}"' in text
    assert waiting_jobs() == [str(found.id)]
    jobs.run_bulk(str(found.id))
    over = client.get(part)
    assert "办成 2 件，被拒绝 1 件" in over.content.decode()
    assert "hx-trigger" not in over.content.decode(), "it asks no more"
    assert chosen[2].number in over["HX-Trigger"]
    page = client.get(f"/desk/bulk/runs/{found.id}/").content.decode()
    assert "刚被别人改动过" in page
    assert "待签收" in page
    assert f"/desk/bulk/runs/{found.id}/" in client.get("/desk/bulk/").content.decode()
    assert "/desk/bulk/" in client.get("/desk/saved/").content.decode()


def test_an_impatient_second_press_begins_nothing_anew(login, county, no_time: None) -> None:
    client, case = login("cun"), report(_WHAT)
    sent = asked(client, case)
    first = client.post("/desk/bulk/take/do/", sent).context["found"]
    assert client.post("/desk/bulk/take/do/", sent).context["found"] == first
    jobs.run_bulk(str(first.id))
    assert client.post("/desk/bulk/take/do/", sent).context["found"].done == 1
    assert [line.act for line in case_reads.history_of(case)] == ["report", "accept", "assign"]
    other = client.post("/desk/bulk/take/do/", {**sent, "number": [report(_WHAT).number]})
    assert other.status_code == 422
    assert Bulk.objects.count() == 1


def test_what_is_the_same_for_all_is_kept_sealed_and_done(
    login, county: County, no_time: None
) -> None:
    chosen = [report(_WHAT) for _at in range(2)]
    until = timezone.localtime(clock.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    typed = {
        "number": [case.number for case in chosen], "once": "press",
        "words": "今天办完，不要再拖", "answer_by": f"{until:%Y-%m-%dT%H:%M}",
        **{f"revision-{case.number}": case.lines for case in chosen},
    }  # fmt: skip
    answer = login("du").post("/desk/bulk/supervise/do/", typed)
    found = answer.context["found"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT arguments FROM desk_bulk")
        assert "今天办完".encode() not in bytes(cursor.fetchone()[0])
    jobs.run_bulk(str(found.id))
    assert [row.refusal for row in BulkCase.objects.all()] == ["", ""]
    for case in chosen:
        demand = list(case_reads.questions_of(case))[0]
        assert demand.words == "今天办完，不要再拖"
        assert demand.answer_by == until


def test_a_killed_worker_leaves_none_done_twice_and_none_forgotten(
    login, county: County, no_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [report(_WHAT) for _at in range(3)]
    found = begun(login("cun"), *chosen)
    actions.act_on_next(found.id)

    def killed(*_values: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("gezhi.desk.actions.many.clock.now", killed)  # after the act itself
        with pytest.raises(KeyboardInterrupt):
            actions.act_on_next(found.id)
    assert [case.state for case in Case.objects.order_by("number")] == [
        "assigned", "reported", "reported",
    ]  # fmt: skip
    ProcrastinateJob.objects.all().delete()
    assert actions.sweep() == 0
    Bulk.objects.update(touched_at=clock.now() - 2 * rules.SILENCE)
    assert actions.sweep() == 1
    assert waiting_jobs() == [str(found.id)]
    jobs.run_bulk(str(found.id))
    assert {case.state for case in Case.objects.all()} == {"assigned"}


def test_a_case_the_database_always_breaks_off_is_refused_behind_the_others(
    login, county: County, no_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [report(_WHAT) for _at in range(3)]
    found = begun(login("cun"), *chosen)
    slow, tried = chosen[0].id, []

    def take(case: Case, **values: Any) -> None:
        tried.append(case.id)
        if case.id == slow:
            with connection.cursor() as cursor:  # a real timeout: it leaves the savepoint broken
                cursor.execute("SET LOCAL statement_timeout = 20")
                cursor.execute("SELECT pg_sleep(5)")
        take_as_shown(case, **values)

    monkeypatch.setattr("gezhi.desk.actions.many.take_as_shown", take)
    jobs.run_bulk(str(found.id))
    found.refresh_from_db()
    assert (found.state, found.done, found.refused) == ("done", 3, 1)
    assert tried == [slow, chosen[1].id, chosen[2].id, slow, slow]
    told = BulkCase.objects.get(fate="refused")
    assert (told.case_id, "系统出了差错" in told.refusal) == (slow, True)
    assert Case.objects.get(pk=slow).state == "reported"


def test_a_lost_connection_is_no_fault_of_the_case(
    login, county: County, no_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = begun(login("cun"), report(_WHAT))

    def lost(_case: Case, **_values: Any) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("gezhi.desk.actions.many.take_as_shown", lost)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    with pytest.raises(OperationalError):
        actions.act_on_next(found.id)
    assert [(row.fate, row.tries) for row in BulkCase.objects.all()] == [("waiting", 0)]


def test_two_workers_share_the_cases(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the row that the first holds, and goes on behind it."""
    from django.db import connections

    from tests.cast import build_county

    county = build_county()
    chosen = [report(_WHAT) for _at in range(2)]
    unit = county.unit("station-990101101-enforcement")
    wanted = [
        actions.Wanted(case.id, case.number, case.lines, category="build.illegal", unit=unit)
        for case in chosen
    ]
    found = actions.start_bulk(
        rules.TAKE, wanted, arguments={}, key="k", digest="d", county=county.code,
        actor=county.actor("cun"),
    )  # fmt: skip
    together = threading.Barrier(2)

    def work(id: UUID) -> None:
        together.wait()
        actions.act_on_next(id)
        connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(work, found.id) for _at in range(2)]:
            each.result()
    found.refresh_from_db()
    assert (found.state, found.done, found.refused) == ("done", 2, 0)
    assert {row.fate for row in BulkCase.objects.all()} == {"done"}


def test_a_case_nobody_foresaw_does_not_hold_up_the_others(
    login, county: County, no_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = report(_WHAT), report(_WHAT)
    found = begun(login("cun"), first, second)
    real = actions.take_as_shown

    def broken(case: Case, **named: Any) -> Case:
        if case.id == first.id:
            raise ZeroDivisionError
        return real(case, **named)

    monkeypatch.setattr(actions.many, "take_as_shown", broken)
    jobs.run_bulk(str(found.id))
    text = login("cun").get(f"/desk/bulk/runs/{found.id}/").content.decode()
    assert "系统出了差错，这件没有办" in text
    assert {case.number: case.state for case in Case.objects.all()} == {
        first.number: "reported", second.number: "assigned",
    }  # fmt: skip


def test_who_has_lost_the_post_meanwhile_is_refused(login, county, no_time: None) -> None:
    case = report(_WHAT)
    found = begun(login("cun"), case)
    for post in Post.objects.filter(account=county.accounts["cun"]):
        people.end_post(post.id, on=clock.now().date(), actor=county.actor("an"))
    jobs.run_bulk(str(found.id))
    found.refresh_from_db()
    assert (found.done, found.refused) == (1, 1)
    case.refresh_from_db()
    assert case.state == "reported"


def test_stopping_leaves_the_rest_as_it_is(login, county: County, no_time: None) -> None:
    client, chosen = login("cun"), [report(_WHAT) for _at in range(2)]
    found = begun(client, *chosen)
    actions.act_on_next(found.id)
    assert client.post(f"/desk/bulk/runs/{found.id}/stop/").status_code == 302
    jobs.run_bulk(str(found.id))
    text = client.get(f"/desk/bulk/runs/{found.id}/").content.decode()
    assert "停止时还没有办的有 1 件" in text
    assert sorted(case.state for case in Case.objects.all()) == ["assigned", "reported"]


def test_what_others_have_asked_for_is_nobodys(login, county: County, no_time: None) -> None:
    found = begun(login("cun"), report(_WHAT))
    for address in ("", "progress/"):
        assert login("zhen").get(f"/desk/bulk/runs/{found.id}/{address}").status_code == 404
    assert login("zhen").post(f"/desk/bulk/runs/{found.id}/stop/").status_code == 404
    assert str(found.id) not in login("zhen").get("/desk/bulk/").content.decode()


def test_what_is_old_is_forgotten(login, county: County) -> None:
    begun(login("cun"), report(_WHAT))
    Bulk.objects.update(asked_at=clock.now() - rules.KEPT_FOR - timedelta(hours=1))
    actions.sweep()
    assert not Bulk.objects.exists()
    assert not BulkCase.objects.exists()
