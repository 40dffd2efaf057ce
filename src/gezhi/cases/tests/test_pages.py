"""Every move through its form: what it asks, what it keeps, what it refuses and how it says so."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import actions, reads
from gezhi.cases.forms import FORMS
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.people import reads as people
from gezhi.people.models import Account
from tests.cast import County, report_leak

Login = Callable[[str], Client]


def address(case: Case, act: str) -> str:
    return f"/desk/cases/{case.number}/moves/{act}/"


def send(client: Client, case: Case, act: str, **typed: object) -> Any:
    case.refresh_from_db()
    typed.setdefault("revision", case.lines)
    return client.post(address(case, act), typed)


def later(**span: float) -> str:
    return f"{timezone.localtime(clock.now() + timedelta(**span)):%Y-%m-%dT%H:%M}"


def photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "gray").save(out, "JPEG")
    out.seek(0)
    out.name = "after.jpg"
    return out


def test_there_is_a_form_for_every_act_of_staff() -> None:
    others = {
        Act.REPORT, Act.FOLLOW, Act.ANSWER, Act.RATE, Act.CLOSE, Act.WITHDRAW, Act.LAPSE,
        Act.CORRECT, Act.REWORD,
    }  # fmt: skip
    assert set(FORMS) == set(Act) - others


@pytest.mark.parametrize("act", sorted(act.value for act in FORMS))
def test_every_form_opens(login: Login, handled: Case, act: str) -> None:
    answer = login("zhen").get(address(handled, act))
    assert answer.status_code == 200
    assert f'id="move-{act}"' in answer.content.decode()


@pytest.mark.parametrize("act", ["rate", "close", "nonsense"])
def test_an_act_that_is_not_for_staff_is_not_found(login: Login, case: Case, act: str) -> None:
    assert login("cun").get(address(case, act)).status_code == 404


def test_from_report_to_closed_with_nothing_but_forms(login: Login, county: County) -> None:
    case = report_leak().case
    cun, shui, fang = login("cun"), login("shui"), login("fang")
    steps: list[tuple[Client, str, dict[str, object]]] = [
        (cun, "accept", {"category": case.proposed_category}),
        (cun, "assign", {"unit": county.unit("dept-water"), "words": "今天办"}),
        (shui, "sign", {}),
        (shui, "note", {"words": "已到现场"}),
        (shui, "whistle", {"units": [county.unit("dept-transport")], "words": "来围挡"}),
        (login("lu"), "arrive", {}),
        (login("lu"), "finish_leg", {"words": "已围挡"}),
        (shui, "finish", {"outcome": "solved", "answer": "水管已经修好", "after": photo()}),
        (fang, "visit_back", {"is_reached": "yes", "is_solved": "yes", "rating": "5"}),
    ]
    for client, act, typed in steps:
        answer = send(client, case, act, **typed)
        assert answer.status_code == 200, (act, answer.content.decode())
        assert "gz-moved" in answer["HX-Trigger"]
    case.refresh_from_db()
    assert case.state == "closed"
    assert list(reads.faults_in_chain(case, reads.history_of(case))) == []


def test_a_bad_form_comes_back_with_what_was_typed(login: Login, handled: Case) -> None:
    answer = send(login("shui"), handled, "finish", outcome="", answer="写了很长一段答复")
    assert answer.status_code == 422
    assert "写了很长一段答复" in answer.content.decode()


def test_a_refusal_of_the_act_stands_beside_its_field(login: Login, handled: Case) -> None:
    answer = send(
        login("shui"), handled, "pause", reason="weather", until=later(days=400), words="下雪了"
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'id="pause_until_error"' in text
    assert "下雪了" in text


def test_a_refused_act_says_what_would_be_allowed(login: Login, handled: Case) -> None:
    answer = send(login("shui"), handled, "sign")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "现在可以" in text
    assert "办结" in text


def test_an_act_of_somebody_else_is_refused(login: Login, handled: Case) -> None:
    answer = send(login("zhen"), handled, "finish", outcome="withdrawn", answer="已经和诉求人说好")
    assert answer.status_code == 403
    handled.refresh_from_db()
    assert handled.state == "handling"


def test_who_read_an_old_state_is_told_and_keeps_the_words(login: Login, handled: Case) -> None:
    seen = handled.lines
    actions.note(handled.id, words="别人先写的", actor=login_actor(login, "shuiba"))
    stale = send(login("shui"), handled, "note", words="我写的备注", revision=seen)
    assert stale.status_code == 412
    text = stale.content.decode()
    assert "我写的备注" in text
    assert f'name="revision" value="{seen + 1}"' in text


def login_actor(login: Login, name: str) -> Actor:
    return people.actor_for(Account.objects.get(login=name))


def test_pressing_twice_acts_once(login: Login, handled: Case) -> None:
    client = login("shui")
    seen = handled.lines
    for _press in range(2):
        answer = client.post(
            address(handled, "note"), {"words": "写一次", "revision": seen, "once": "k1"}
        )
        assert answer.status_code == 200
    assert reads.history_of(handled).filter(act="note").count() == 1


def test_a_reason_that_needs_words_asks_for_them(login: Login, handled: Case) -> None:
    answer = send(login("shui"), handled, "send_back", reason="not_ours")
    assert answer.status_code == 422
    assert "需要写明情况" in answer.content.decode()
    assert send(login("shui"), handled, "send_back", reason="not_here").status_code == 200


def test_times_are_the_citys(login: Login, handled: Case) -> None:
    moment = timezone.localtime(clock.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    typed = {"words": "请答复", "answer_by": f"{moment:%Y-%m-%dT%H:%M}"}
    assert send(login("du"), handled, "supervise", **typed).status_code == 200
    assert [each.answer_by for each in reads.questions_of(handled)] == [moment]


def test_photos_stay_when_finishing_is_refused(login: Login, handled: Case) -> None:
    actions.whistle(
        handled.id, units=[other(login)], words="来帮忙", actor=login_actor(login, "shui")
    )
    answer = send(
        login("shui"), handled, "finish", outcome="solved", answer="水管已经修好", after=photo()
    )
    assert answer.status_code == 409
    kept = reads.attachments_of(handled).get()
    assert kept.kind == "after"
    shown = login("shui").get(f"/desk/cases/files/{kept.id}/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert login("bie").get(f"/desk/cases/files/{kept.id}/").status_code == 404


def test_photos_of_a_form_that_is_not_whole_show_the_reporter_nothing(
    login: Login, handled: Case
) -> None:
    answer = send(login("shui"), handled, "finish", outcome="solved", answer="", after=photo())
    assert answer.status_code == 422
    assert reads.attachments_of(handled).get().is_public is False


def other(login: Login) -> UUID:
    return login_actor(login, "lu").posts[0].unit


def test_a_file_that_is_no_photo_is_refused_by_name(login: Login, handled: Case) -> None:
    file = io.BytesIO(b"not a picture")
    file.name = "photo.jpg"
    answer = send(login("shui"), handled, "attach", photo=file, is_public="yes")
    assert answer.status_code == 422
    assert "photo.jpg" in answer.content.decode()
    assert not reads.attachments_of(handled).exists()


def test_a_file_that_is_too_large_is_refused(login: Login, handled: Case) -> None:
    file = io.BytesIO(b"\xff\xd8" + b"0" * (21 * 1024 * 1024))
    file.name = "huge.jpg"
    answer = send(login("shui"), handled, "attach", photo=file, is_public="yes")
    assert answer.status_code == 422
    assert "huge.jpg" in answer.content.decode()


def test_units_to_choose_cover_the_place_and_the_proposal_comes_first(
    login: Login, county: County
) -> None:
    case = report_leak().case
    actions.accept(case.id, category="build.illegal", actor=county.actor("cun"))
    form = login("cun").get(address(case, "assign")).context["form"]
    groups = dict(form.fields["unit"].choices)
    assert next(iter(groups)) == "建议"
    names = {name for rows in groups.values() for _id, name in rows}
    assert "水务局" in names
    assert not any("综治中心" in name for name in names)
    assert form.initial["unit"] == str(county.unit("station-990101101-enforcement"))
