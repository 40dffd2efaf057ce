"""What a second person's check rests on, and what is no proof: words or a picture, a new one."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads
from gezhi.cases.errors import CheckPhotoMissing, PictureKnown
from gezhi.cases.models import Case
from gezhi.cases.tests.test_waiting_files import DONE, Login, file_of, photo, picture, send
from gezhi.people import actions as people
from gezhi.people.actions import NewUnit
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, SETTING_UP, TOWN, VILLAGE, County, plain_reason, report_leak

SOLVED = {"is_solved": "yes", "has_chosen": "True"}


def finished(county: County, *wanted: str) -> Case:
    """Finished by the water department, with every proof, in a category that asks for `wanted`."""
    book = rulebook.current(COUNTY)
    category = next(
        key
        for key, one in book.categories.items()
        if "second_check" in one.proof and ("photo_after" in one.proof) == ("photo_after" in wanted)
    )
    case, shui = report_leak().case, county.actor("shui")
    actions.accept(case.id, category=category, actor=county.actor("cun"))
    actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    actions.sign(case.id, actor=shui)
    if "photo_after" in wanted:
        upload = actions.Upload("after.jpg", picture("green"), "after")
        actions.attach(case.id, upload=upload, actor=shui)
    return actions.finish(case.id, **DONE, actor=shui)


def test_a_check_says_or_shows_what_was_seen(
    login: Login, county: County, key: Callable[[str], str]
) -> None:
    case, client = finished(county), login("du")
    form = client.get(f"/desk/cases/{case.number}/moves/verify/").content.decode()
    assert 'class="form-label required" for="verify_words"' in form
    assert "提交以后会给诉求人看" in form
    refused = send(client, case, "verify", **SOLVED, words=" ")
    assert refused.status_code == 422
    assert 'id="verify_words_error">请写明看到了什么' in refused.content.decode()
    api = Client(headers={"Authorization": f"Bearer {key('du')}"})
    told = api.post(
        f"/api/v1/cases/{case.number}/moves/verify", {"is_solved": True}, "application/json"
    )
    assert (told.status_code, told.json()["code"]) == (422, "case_check_says_nothing")
    assert send(client, case, "verify", **SOLVED, words="去看过，水不漏了").status_code == 200
    case.refresh_from_db()
    assert case.is_verified


def test_where_pictures_prove_a_check_has_one(
    login: Login, county: County, rita: Client, key: Callable[[str], str]
) -> None:
    case, client = finished(county, "photo_after"), login("du")
    form = client.get(f"/desk/cases/{case.number}/moves/verify/").content.decode()
    assert 'class="form-label required" for="verify_check"' in form
    refused = send(client, case, "verify", **SOLVED, words="去看过")
    assert refused.status_code == 422
    assert 'id="verify_check_error">这类事项核查要有照片' in refused.content.decode()
    api = Client(headers={"Authorization": f"Bearer {key('du')}"})
    body = {"is_solved": True, "words": "去看过"}
    told = api.post(f"/api/v1/cases/{case.number}/moves/verify", body, "application/json")
    assert (told.status_code, told.json()["code"]) == (422, "case_check_photo_missing")
    own = actions.Upload("own.jpg", picture("yellow"), "check")
    actions.attach(case.id, upload=own, actor=county.actor("shui"))
    with pytest.raises(CheckPhotoMissing):  # whoever finished it doesn't check it, by a file either
        actions.verify(case.id, is_solved=True, words="好", actor=county.actor("du"))
    actions.publish(case.id, is_public=True, actor=county.actor("du"))
    seen = photo("seen.jpg", "red")
    assert send(client, case, "verify", **SOLVED, words="好", check=seen).status_code == 200
    assert file_of(case, "seen.jpg").kind == "check"
    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert 'alt="核查照片"' in page
    assert "<h3>核查照片</h3>" in rita.get(f"/track/{case.number}/").content.decode()


def test_work_is_sent_back_with_words_by_whatever_door(
    login: Login, county: County, key: Callable[[str], str]
) -> None:
    case = finished(county)
    seen = {"is_solved": "no", "has_chosen": "True", "check": photo("seen.jpg", "red")}
    refused = send(login("du"), case, "verify", **seen, words=" ")
    assert refused.status_code == 422
    assert 'id="verify_words_error">请写明哪里没有办好' in refused.content.decode()
    token = key("du")
    for words in ("", " ", "\u200b"):
        told = by_key(token, case, "verify", is_solved=False, words=words)
        assert told == (422, "case_return_says_nothing")
    case.refresh_from_db()
    assert case.state == "done"
    assert by_key(token, case, "verify", is_solved=False, words="还在漏") == (200, "")


# --- a second person, by whatever door ------------------------------------------------------------


def by_key(token: str, case: Case, act: str, **body: object) -> tuple[int, str]:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    told = client.post(f"/api/v1/cases/{case.number}/moves/{act}", body, "application/json")
    return told.status_code, told.json().get("code", "")


@pytest.fixture
def at_the_grid(county: County, case: Case) -> Case:
    """Signed by a grid worker, who may check work as well as do it."""
    cun, wang = county.actor("cun"), county.actor("wang")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    actions.assign(case.id, unit=county.unit(f"grid-{GRID}"), actor=cun)
    signed = actions.sign(case.id, actor=wang)
    for kind, colour in (("before", "red"), ("after", "green")):
        upload = actions.Upload(f"{kind}.jpg", picture(colour), kind)
        actions.attach(case.id, upload=upload, actor=wang)
    return signed


def test_who_finished_by_a_key_does_not_check_in_the_browser(
    login: Login, county: County, at_the_grid: Case, key: Callable[[str], str]
) -> None:
    token = key("wang")
    assert by_key(token, at_the_grid, "finish", **DONE) == (200, "")
    line = reads.history_of(at_the_grid).get(act="finish")
    assert line.actor.startswith("key:"), "the line says by which door"
    check = {**SOLVED, "words": "看过了", "check": photo("own.jpg", "navy")}
    refused = send(login("wang"), at_the_grid, "verify", **check)
    assert refused.status_code == 409
    assert "不能核查自己办结的工单" in refused.content.decode()
    # Rows from before name the key.
    Case.objects.filter(pk=at_the_grid.pk).update(finished_by=line.actor)
    not_done = {"is_solved": "no", "words": "还没修好"}
    assert send(login("wang"), at_the_grid, "verify", **not_done).status_code == 409
    assert by_key(token, at_the_grid, "verify", is_solved=False, words="不行")[0] == 409
    check["check"] = photo("seen.jpg", "teal")
    assert send(login("du"), at_the_grid, "verify", **check).status_code == 200


def test_who_finished_in_the_browser_does_not_check_by_a_key(
    login: Login, at_the_grid: Case, key: Callable[[str], str]
) -> None:
    assert send(login("wang"), at_the_grid, "finish", **DONE).status_code == 200
    told = by_key(key("wang"), at_the_grid, "verify", is_solved=True, words="看过了")
    assert told == (409, "case_own_work")


def test_a_picture_that_the_finishers_key_brought_is_no_second_persons(
    county: County, key: Callable[[str], str]
) -> None:
    case = finished(county, "photo_after")
    client = Client(headers={"Authorization": f"Bearer {key('shui')}"})
    sent = {"file": photo("own.jpg", "navy"), "kind": "check"}
    assert client.post(f"/api/v1/cases/{case.number}/attachments", sent).status_code == 201
    told = by_key(key("du"), case, "verify", is_solved=True, words="看过了")
    assert told == (422, "case_check_photo_missing")


def test_who_asked_by_a_key_does_not_grant_in_the_browser(
    login: Login, county: County, handled: Case, key: Callable[[str], str]
) -> None:
    until = clock.now() + timedelta(days=2)
    body = {"reason": plain_reason("pause"), "until": until.isoformat()}
    assert by_key(key("shui"), handled, "pause", **body) == (200, "")
    people.give_post(
        account=county.accounts["shui"].id, unit=county.unit(f"centre-{COUNTY}"),
        role="supervisor", actor=SETTING_UP,
    )  # fmt: skip
    asked, client = reads.approvals_of(handled).get(), login("shui")
    assert handled.number not in client.get("/desk/approvals/").content.decode()
    panel = client.get(f"/desk/cases/{handled.number}/panel/").content.decode()
    assert 'data-move="decide"' not in panel
    grant = {"approval": str(asked.id), "is_granted": "yes", "words": ""}
    assert send(client, handled, "decide", **grant).status_code == 403
    assert by_key(key("shui"), handled, "decide", approval=str(asked.id), is_granted=True)[0] == 403
    listed = login("du").get("/desk/approvals/").content.decode()
    assert "水小青" in listed, "whoever decides reads which person asks"
    assert send(login("du"), handled, "decide", **grant).status_code == 200


# --- what is no proof -----------------------------------------------------------------------------


def _same(client: Client, case: Case, body: bytes, field: str = "after") -> str:
    again = SimpleUploadedFile("again.jpg", body, "image/jpeg")
    answer = send(client, case, "finish", **DONE, **{field: again})
    assert answer.status_code == 422
    return str(answer.content.decode())


def test_a_picture_that_is_there_is_no_proof(
    login: Login, county: County, handled: Case, key: Callable[[str], str]
) -> None:
    client, shui = login("shui"), county.actor("shui")
    theirs = picture("navy")
    kept = actions.attach(handled.id, upload=actions.Upload("r.jpg", theirs), actor=shui)
    assert 'id="finish_after_error">“again.jpg”和工单里已有的照片（现场照片）是同一张' in _same(
        client, handled, theirs
    )
    shown = client.get(f"/desk/cases/files/{kept.id}/")
    assert shown.status_code == 200
    copy = shown.content
    assert copy != theirs, "stored without EXIF, re-encoded"
    assert "是同一张" in _same(client, handled, copy), "the copy that the page gives out"
    api = Client(headers={"Authorization": f"Bearer {key('shui')}"})
    sent = {"file": SimpleUploadedFile("a.jpg", theirs, "image/jpeg"), "kind": "after"}
    told = api.post(f"/api/v1/cases/{handled.number}/attachments", sent)
    assert (told.status_code, told.json()["code"]) == (422, "case_picture_known")
    # How it was before may be told by the reporter's own picture.
    before = actions.Upload("b.jpg", theirs, "before")
    assert actions.attach(handled.id, upload=before, actor=shui).kind == "before"
    with pytest.raises(PictureKnown):
        actions.attach(handled.id, upload=actions.Upload("c.jpg", theirs, "after"), actor=shui)


def test_one_that_waits_already_is_to_be_ticked(login: Login, handled: Case) -> None:
    client = login("shui")
    send(client, handled, "finish", answer="", outcome="solved", after=photo("first.jpg", "teal"))
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    assert "先前已经收到，不用再传" in _same(client, handled, out.getvalue())
    assert [file.name for file in reads.attachments_of(handled)] == ["first.jpg"]


def test_who_wrote_it_down_reads_on_and_does_nothing(login: Login, county: County) -> None:
    lu = county.actor("lu")
    case = actions.report(
        county=COUNTY, what="路边水管漏水", where=actions.Where(path="990101101201"),
        channel="patrol", actor=lu,
    ).case  # fmt: skip
    assert case.centre_id not in lu.units
    page = login("lu").get(f"/desk/cases/{case.number}/")
    assert page.status_code == 200
    assert "登记以后交给别的单位办" in page.content.decode()
    assert case.number in login("lu").get("/desk/?tab=area").content.decode()
    assert login("shui").get(f"/desk/cases/{case.number}/").status_code == 404
    moves = {str(act) for act in reads.moves_for(lu, case)}
    assert moves <= {"note", "attach", "report", "follow"}
    # Whoever sees the place anyway has no need of it.
    seen = actions.report(
        county=COUNTY, what="路灯不亮", where=actions.Where(path="990101101201"),
        channel="desk", actor=county.actor("xian"),
    ).case  # fmt: skip
    assert [leg.role for leg in reads.legs_of(seen)] == ["lead"]


def test_a_refusal_names_only_what_the_actor_can_do(
    login: Login, county: County, case: Case, key: Callable[[str], str]
) -> None:
    refused = send(login("cun"), case, "sign")
    words = refused.content.decode()
    assert "现在可以：" in words
    assert "受理" in words
    assert "撤回" not in words
    api = Client(headers={"Authorization": f"Bearer {key('cun')}"})
    told = api.post(f"/api/v1/cases/{case.number}/moves/sign", {}, "application/json").json()
    assert "accept" in told["allowed"]
    assert not {"withdraw", "answer", "supervise"} & set(told["allowed"])


def test_a_dispute_goes_to_the_committee_of_the_place() -> None:
    book = rulebook.read_files(rulebook.default_files())
    for level in ("village", "town", "county"):
        route = book.route("dispute.neighbour", area_kind="village", level=level)
        assert route.bodies[:2] == ("committee-{town}", "station-{town}-justice")
    urgent = book.route("dispute.violence", area_kind="village", level="village")
    assert urgent.bodies[0] == "dept-police"


def test_the_mediators_get_the_dispute(login: Login, county: County) -> None:
    case = actions.report(
        county=COUNTY, what="和邻居因为滴水吵架", where=actions.Where(path=VILLAGE),
        channel="portal", actor=NOBODY,
    ).case  # fmt: skip
    actions.accept(case.id, category="dispute.neighbour", actor=county.actor("cun"))
    client = login("cun")
    without = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert "规则册指定的单位不在系统里" in without, "neither committee nor station is there"
    new = [
        NewUnit(f"station-{TOWN}-justice", "station", "河湾镇司法所", TOWN),
        NewUnit(f"committee-{TOWN}", "committee", "河湾镇人民调解委员会", TOWN),
    ]
    units = people.add_units(new, county=COUNTY, actor=SETTING_UP)
    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert "河湾镇人民调解委员会</strong>" in page
    assert "民间纠纷先由当地人民调解委员会调解" in page
    committee = units[f"committee-{TOWN}"]
    typed = {"category": "dispute.neighbour", "unit": str(committee.id)}
    assert client.post(f"/desk/cases/{case.number}/take/", typed).status_code == 200
    case.refresh_from_db()
    assert case.holder_id == committee.id
