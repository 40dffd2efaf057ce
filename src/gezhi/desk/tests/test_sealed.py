"""Who reported: masked, opened one thing at a time with a reason; for whom secrecy was asked."""

import importlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from python_calamine import CalamineWorkbook

from gezhi.base.actor import NOBODY
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.models import Attachment, Case
from gezhi.cases.rules import index_words
from gezhi.cases.rules.sealed import Field, Looker, may_open
from gezhi.record import reads as record
from gezhi.record.models import AuditLine
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, County, plain_reason, point_in, report_leak

Login = Callable[[str], Client]
NAME, PHONE, HOME = "李秀兰", "13812345678", "柳树村三社12号"
SPOT = "三社老磨坊后院"


def _sensitive() -> str:
    known = rulebook.current(COUNTY).categories.values()
    return next(each.key for each in known if each.sensitive)


def _secret(category: str = "") -> cases.Reported:
    lon, lat = point_in(GRID)
    return cases.report(
        county=COUNTY,
        what=f"后院夜里有人倒化工废料，打我电话 {PHONE}",
        where=cases.Where(lon=lon, lat=lat, place=SPOT),
        channel="portal",
        category=category,
        contact=cases.Contact(NAME, PHONE, HOME, is_secret=True),
        actor=NOBODY,
    )


@pytest.fixture
def secret(county: County) -> cases.Reported:
    """A sensitive matter, told in secrecy, with the water department now."""
    reported = _secret(_sensitive())
    case = reported.case
    cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    cases.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(case.id, actor=county.actor("shui"))
    return reported


def _address(reported: cases.Reported, field: str) -> str:
    return f"/desk/cases/{reported.case.number}/contact/{reported.report.id}/{field}/"


def _open(client: Client, reported: cases.Reported, field: str, **typed: str) -> Any:
    return client.post(_address(reported, field), {"why": "ask", "words": "", **typed})


def _openings(reported: cases.Reported) -> list[tuple[str, str]]:
    found = record.openings_about(f"report:{reported.report.id}", county=COUNTY)
    return [(each.field, each.reason) for each in found]


def test_one_thing_is_opened_at_a_time_with_a_reason_on_record(
    login: Login, reported: cases.Reported
) -> None:
    client = login("cun")
    panel = client.get(f"/desk/cases/{reported.case.number}/panel/").content.decode()
    assert "李*" in panel
    assert "138****5678" in panel
    assert not any(value in panel for value in (NAME, PHONE, HOME))
    asked = client.get(_address(reported, "phone"))
    assert asked.status_code == 200
    assert _openings(reported) == []
    shown = _open(client, reported, "phone", words="约时间").content.decode()
    assert PHONE in shown
    assert NAME not in shown
    assert HOME not in shown
    assert _openings(reported) == [("phone", "向诉求人了解情况：约时间")]
    assert "delay:60s" in shown, "it is hidden again after a while"
    closed = client.get(_address(reported, "phone") + "masked/").content.decode()
    assert "138****5678" in closed
    assert PHONE not in closed


@pytest.mark.parametrize("words", ["", "  ", "。。", "x"])
def test_a_reason_of_ones_own_says_something(
    login: Login, reported: cases.Reported, words: str
) -> None:
    answer = _open(login("cun"), reported, "phone", why="other", words=words)
    assert answer.status_code == 422
    assert PHONE not in answer.content.decode()
    assert _openings(reported) == []


def test_no_reason_is_given_that_nobody_chose(login: Login, reported: cases.Reported) -> None:
    client = login("cun")
    asked = client.get(_address(reported, "phone")).content.decode()
    assert '<option value="" selected>请选择' in asked
    answer = _open(client, reported, "phone", why="")
    assert answer.status_code == 422
    assert "请选择“为什么要看”" in answer.content.decode()
    assert _openings(reported) == []


def test_what_somebody_types_as_reason_is_masked_on_record(
    login: Login, reported: cases.Reported
) -> None:
    _open(login("cun"), reported, "name", why="other", words=f"回电{PHONE}")
    assert _openings(reported) == [("name", "回电138****5678")]


def test_the_api_opens_one_thing_and_masks_the_rest(
    client: Client, key: Callable[[str], str], reported: cases.Reported
) -> None:
    headers = {"Authorization": f"Bearer {key('cun')}"}
    base = f"/api/v1/cases/{reported.case.number}"
    whole = client.get(base, headers=headers).content.decode()
    assert not any(value in whole for value in (NAME, PHONE, HOME))
    where = f"{base}/reports/{reported.report.id}/open"
    body = {"field": "name", "reason": "核实身份"}
    opened = client.post(where, body, "application/json", headers=headers)
    assert opened.json() == {"field": "name", "value": NAME}
    assert opened["Cache-Control"] == "no-store"
    assert _openings(reported) == [("name", "核实身份")]
    dots = {"field": "name", "reason": "。。"}
    assert client.post(where, dots, "application/json", headers=headers).status_code == 422
    assert _openings(reported) == [("name", "核实身份")]


def test_whoever_may_not_open_is_refused_and_written_down(
    login: Login, county: County, handled: Case, reported: cases.Reported
) -> None:
    answer = _open(login("ling"), reported, "phone")
    assert answer.status_code == 403
    assert PHONE not in answer.content.decode()
    line = AuditLine.objects.get(kind="refused")
    assert line.actor == county.actor("ling").label
    assert line.data["page"] == "cases:contact"
    assert (line.data["report"], line.data["field"]) == (str(reported.report.id), "phone")
    assert _open(login("bie"), reported, "phone").status_code == 404


_NAMED = {"cun"}  # of the centre in charge; the cast has no supervisor in that village
_ALL = [*Field]


@pytest.mark.parametrize("who", ["cun", "shui", "fang", "xian", "du", "ling", "wang"])
@pytest.mark.parametrize("field", _ALL)
def test_in_secrecy_only_the_centre_in_charge_opens(
    county: County, secret: cases.Reported, who: str, field: Field
) -> None:
    def look() -> str:
        return cases.open_field(
            secret.case.id, report=secret.report.id, field=field, reason="核实", actor=actor
        )

    actor = county.actor(who)
    if who in _NAMED:
        assert look()
        assert _openings(secret) == [(field.value, "核实")]
    else:
        with pytest.raises((NotAllowed, NotFound)):
            look()
        assert _openings(secret) == []


def test_the_return_visitor_sees_the_number_alone_once_it_is_done(
    county: County, secret: cases.Reported, login: Login
) -> None:
    cases.finish(
        secret.case.id, outcome="cannot", reason=plain_reason("cannot"),
        answer="查过了，没有发现。", actor=county.actor("shui"),
    )  # fmt: skip
    fang = login("fang")
    page = fang.get("/desk/visits/").content.decode().replace("打我电话 138****5678", "")
    assert "举报人要求保密" in page
    assert not any(value in page for value in (NAME, PHONE, HOME, "李*", "5678"))
    assert PHONE in _open(fang, secret, "phone", why="call_back").content.decode()
    for field in ("name", "address"):
        assert _open(fang, secret, field).status_code == 403
    assert _openings(secret) == [("phone", "回访")]


def test_a_unit_whose_part_is_over_reads_on_and_opens_nothing(
    login: Login, county: County, handled: Case, reported: cases.Reported
) -> None:
    """The department's post reaches over the whole county; the case is its own no more."""
    shui = login("shui")
    assert PHONE in _open(shui, reported, "phone").content.decode()
    cases.send_back(handled.id, reason=plain_reason("send_back"), actor=county.actor("shui"))
    panel = shui.get(f"/desk/cases/{handled.number}/panel/").content.decode()
    assert "138****5678" in panel
    assert "/contact/" not in panel, "nothing is offered that is refused"
    for field in ("name", "phone", "address", "words"):
        assert _open(shui, reported, field).status_code == 403
    assert PHONE in _open(login("cun"), reported, "phone").content.decode()
    assert PHONE in _open(login("xian"), reported, "phone").content.decode()


def test_whoever_is_called_to_help_opens_until_their_part_is_done(
    login: Login, county: County, handled: Case, reported: cases.Reported
) -> None:
    road = login("lu")
    assert _open(road, reported, "phone").status_code == 404
    cases.whistle(
        handled.id,
        units=[county.unit("dept-transport")],
        words="来帮忙",
        actor=county.actor("shui"),
    )
    assert PHONE in _open(road, reported, "phone").content.decode()
    cases.arrive(handled.id, actor=county.actor("lu"))
    cases.finish_leg(handled.id, words="封路了", actor=county.actor("lu"))
    assert _open(road, reported, "phone").status_code == 403


def _told_to_the_handler(login: Login, key: Callable[[str], str], number: str) -> dict[str, str]:
    """Every page, answer and file that may speak of the case to its handler."""
    desk, api = login("shui"), Client(headers={"Authorization": f"Bearer {key('shui')}"})
    pages = [
        f"/desk/cases/{number}/", f"/desk/cases/{number}/panel/", "/desk/", "/desk/points.geojson",
        f"/desk/?q={number}", f"/desk/cases/{number}/moves/finish/",
        f"/desk/cases/{number}/moves/note/",
    ]  # fmt: skip
    parts = ("", "/history", "/legs", "/attachments")
    answers = [f"/api/v1/cases/{number}{part}" for part in parts]
    answers += ["/api/v1/cases", "/api/v1/visits"]
    told = {page: desk.get(page).content.decode() for page in pages}
    told |= {answer: api.get(answer).content.decode() for answer in answers}
    for sheet, client in (("/desk/export.xlsx", desk), ("/api/v1/cases/export", api)):
        answer = client.get(sheet)
        assert answer.status_code == 200, sheet
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
        told[sheet] = str(book.get_sheet_by_index(0).to_python())
        assert number in told[sheet]
    assert number in told["/desk/"]
    return told


def test_nothing_tells_the_handler_who_asked_for_secrecy(
    login: Login, key: Callable[[str], str], secret: cases.Reported
) -> None:
    lon, lat = point_in(GRID)
    told = _told_to_the_handler(login, key, secret.case.number)
    assert "举报人要求保密" in told[f"/desk/cases/{secret.case.number}/"]
    for where, said in told.items():
        for value in (NAME, "李*", PHONE, "5678", HOME, SPOT, "老磨坊", f"{lon:.4f}", f"{lat:.4f}"):
            # A phone inside somebody's words keeps its mask there, as everywhere.
            clean = said.replace("138****5678", "")
            assert value not in clean, f"{where} tells {value}"


def test_nothing_tells_what_somebody_in_secrecy_left(
    login: Login, county: County, secret: cases.Reported
) -> None:
    """Not which rows there are, nor by another refusal, nor by a word that nothing was left."""
    lon, lat = point_in(GRID)
    bare = cases.report(
        county=COUNTY, what="路灯不亮", where=cases.Where(lon=lon, lat=lat), channel="portal",
        contact=cases.Contact("", "", "", is_secret=True), actor=NOBODY,
    )  # fmt: skip
    for who in ("du", "ling", "fang"):
        client = login(who)
        for one in (secret, bare):
            panel = client.get(f"/desk/cases/{one.case.number}/panel/").content.decode()
            assert "举报人要求保密" in panel
            assert "gz-sealed" not in panel
            assert "没有留联系方式" not in panel
            for field in Field:
                where = _address(one, field.value)
                answers = [client.get(where), client.post(where), client.get(f"{where}masked/")]
                assert [each.status_code for each in answers] == [403] * 3
    named = login("cun").get(f"/desk/cases/{bare.case.number}/panel/").content.decode()
    assert "没有留联系方式" in named


def test_a_search_for_a_secret_place_or_number_finds_nothing(
    login: Login, county: County, secret: cases.Reported
) -> None:
    seen = reads.visible_to(county.actor("shui"))
    assert reads.search(seen, "化工废料").exists()
    for typed in ("老磨坊", SPOT, PHONE, NAME):
        assert not reads.search(seen, typed).exists(), typed


def test_secret_cases_from_before_are_found_by_their_words_and_not_by_their_place(
    county: County, secret: cases.Reported, reported: cases.Reported
) -> None:
    """As they were before the house knew of secrecy; then its migration, then its job."""
    migration = importlib.import_module("gezhi.cases.migrations.0013_secret_cases_from_before")
    seen, id = reads.visible_to(county.actor("shui")), secret.case.id
    old = index_words(secret.case.what, SPOT)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET words = to_tsvector('simple', %s), is_public = TRUE"
            " WHERE id = %s", [old, id],
        )  # fmt: skip
        assert reads.search(seen, "老磨坊").exists()
        cursor.execute(migration.NOT_FOUND_BY_PLACE)
    assert not reads.search(seen, "化工废料").exists()
    assert cases.index_again() is False
    assert reads.search(seen, "化工废料").exists()
    for typed in ("老磨坊", SPOT, PHONE):
        assert not reads.search(seen, typed).exists(), typed
    assert not Case.objects.get(pk=id).is_public
    others = reads.visible_to(county.actor("cun"))
    assert reads.search(others, "柳树村").get() == reported.case, "others keep theirs"


def test_a_secret_voice_is_heard_by_the_named_alone(county: County, secret: cases.Reported) -> None:
    voice = Attachment.objects.create(
        county=COUNTY, case=secret.case, report=secret.report, kind="voice", name="张三家.webm",
        media_type="audio/webm", size=1, digest="0" * 64, at=secret.case.opened_at, actor="x",
    )  # fmt: skip
    assert reads.attachment_for(county.actor("cun"), voice.id) == voice
    for who in ("shui", "fang", "du"):
        with pytest.raises(NotFound):
            reads.attachment_for(county.actor(who), voice.id)


def test_what_was_told_in_secrecy_is_never_public(
    login: Login, county: County, secret: cases.Reported, rita: Client
) -> None:
    with pytest.raises(Exception, match="不能公开"):
        cases.publish(secret.case.id, is_public=True, actor=county.actor("du"))
    Case.objects.filter(pk=secret.case.id).update(is_public=True)
    assert rita.get(f"/track/{secret.case.number}/").status_code == 302
    assert secret.case.number not in rita.get("/cases/").content.decode()


def test_who_asked_for_nothing_is_told_as_before(
    login: Login, key: Callable[[str], str], county: County, handled: Case
) -> None:
    told = _told_to_the_handler(login, key, handled.number)
    panel = told[f"/desk/cases/{handled.number}/panel/"]
    assert "柳树村村口" in panel
    assert "李*" in panel
    assert "举报人要求保密" not in panel


@pytest.mark.parametrize("field", _ALL)
@pytest.mark.parametrize("is_secret", [True, False])
def test_nobody_opens_without_a_right(field: Field, is_secret: bool) -> None:
    nobody = Looker(opens=False, is_named=False, calls_back=False)
    assert not may_open(field, nobody, is_secret=is_secret, state="done")


def test_a_plain_report_has_no_place_to_open(reported: cases.Reported, login: Login) -> None:
    assert login("cun").get(_address(reported, "place")).status_code == 404
    assert report_leak().case.is_secret is False
