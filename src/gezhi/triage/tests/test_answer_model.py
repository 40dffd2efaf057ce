"""The model is a real server that speaks the protocol and writes down what it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base import outgoing
from gezhi.base.actor import NOBODY
from gezhi.base.masking import mask_text
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.record.models import AuditLine
from gezhi.triage import adapters, checks
from gezhi.triage.rules.answers_model import (
    Model,
    Wish,
    hide,
    restore,
    said_in,
    tells_of,
    usable,
)
from tests.cast import COUNTY, GRID, County, point_in
from tests.serving import running

Login = Callable[[str], Client]
Key = Callable[[str], str]
PLAIN = "我们今天换好了水管。现在能用水了。"
SILENT = "模型现在帮不上忙，您写的内容没有变"
PRIVATE = ("李秀兰", "13812345678", "柳树村三社12号", "620102199001011234")


@dataclass
class Server:
    """What it answers, and what it was asked."""

    url: str = ""
    says: Callable[[str], Any] = lambda _asked: PLAIN
    status: int = 200
    raw: bytes | None = None
    waits: threading.Event | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def told(self) -> str:
        return json.dumps(self.asked, ensure_ascii=False)


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Server]:
    """Set up as the model of this house."""
    said = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said.asked.append({"path": self.path, **body})
            said.headers.append(dict(self.headers.items()))
            if said.waits:
                said.waits.wait(10)
            content = said.says(body["messages"][-1]["content"])
            answer = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
            data = said.raw if said.raw is not None else json.dumps(answer).encode()
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with running(server):
        said.url = f"http://127.0.0.1:{server.server_port}/v1"
        settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_KEY = said.url, "small", "sk-secret"
        yield said


def reword(client: Client, case: Case, answer: str) -> str:
    shown = client.post(f"/desk/answers/{case.number}/reword/", {"answer": answer})
    assert shown.status_code == 200
    return shown.content.decode()


def test_without_a_model_there_is_no_button(login: Login, handled: Case) -> None:
    shown = login("shui").get(f"/desk/answers/{handled.number}/help/").content.decode()
    assert "reword" not in shown
    refused = login("shui").post(
        f"/desk/answers/{handled.number}/reword/", {"answer": "水管修好了"}
    )
    assert refused.status_code == 409


def test_a_plainer_wording_is_shown_beside_and_taken_by_a_press(
    login: Login, handled: Case, server: Server
) -> None:
    shui = login("shui")
    assert "reword" in shui.get(f"/desk/answers/{handled.number}/help/").content.decode()
    shown = reword(shui, handled, "经查，我单位已对水管予以更换。")
    assert f'data-replace="{PLAIN}"' in shown
    assert "由模型改写" in shown
    assert server.asked[0]["path"] == "/v1/chat/completions"
    assert server.asked[0]["model"] == "small"
    assert server.asked[0]["stream"] is False
    assert server.headers[0]["Authorization"] == "Bearer sk-secret"
    handled.refresh_from_db()
    assert (handled.state, handled.answer) == ("handling", "")


def test_what_it_says_is_checked_like_any_draft(
    login: Login, handled: Case, server: Server
) -> None:
    server.says = lambda _asked: "{日期}修好了水管，请打13900001111问。"
    shown = reword(login("shui"), handled, "水管已经更换完毕。")
    assert "还有没填的地方" in shown
    assert "像是一个手机号" in shown


def test_every_call_is_on_the_audit_without_words(
    county: County, login: Login, handled: Case, server: Server
) -> None:
    reword(login("shui"), handled, "经查，我单位已对水管予以更换。")
    line = AuditLine.objects.get(about=f"case:{handled.id}", kind="export")
    assert line.actor == county.actor("shui").label
    assert line.data == {"model": "plainer", "signs": len("经查，我单位已对水管予以更换。")}
    shown = login("shen").get("/desk/audit/").content.decode()
    assert "请模型改写答复" in shown


def test_nothing_personal_goes_out(login: Login, county: County, server: Server) -> None:
    """Canaries in the report, the contact and the draft: what is sent is read back whole."""
    lon, lat = point_in(GRID)
    what = (
        "我叫李秀兰，住柳树村三社12号，电话13812345678，身份证620102199001011234。"
        + "水管漏水。" * 40
    )
    found = cases.report(
        county=COUNTY, what=what, where=cases.Where(lon=lon, lat=lat, place="柳树村三社12号"),
        channel="portal", actor=NOBODY,
        contact=cases.Contact(name=PRIVATE[0], phone=PRIVATE[1], address=PRIVATE[2]),
    ).case  # fmt: skip
    cases.accept(found.id, category="utility.water.pipe", actor=county.actor("cun"))
    cases.assign(found.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(found.id, actor=county.actor("shui"))
    shui = login("shui")
    drafts = [
        "李秀兰您好，水管换好了。",
        "水管换好了，我们给13812345678打过电话。",
        "水管换好了，就在柳树村三社12号门口。",
        "水管换好了，身份证620102199001011234已经登记。",
        "水管换好了，李女士（1 3 8 1 2 3 4 5 6 7 8）在场，微信号lixiulan88。",
        "水管换好了，给 lixiulan@example.org 写了信。",
        "水管换好了，住６号楼２单元３０１室的住户都通水了。",
    ]
    for draft in drafts:
        reword(shui, found, draft)
    assert shui.post(f"/desk/answers/{found.number}/summary/").status_code == 200
    for canary in (
        *PRIVATE,
        "秀兰",
        "lixiulan",
        "138123",
        "5678",
        "三社12",
        "３０１",
        "301",
        "李女士",
    ):
        assert canary not in server.told, canary
    assert server.asked  # some of it was sent, without them


def test_what_cannot_be_hidden_is_not_sent(login: Login, handled: Case, server: Server) -> None:
    shown = reword(login("shui"), handled, "李 秀 兰您好，水管换好了。")
    assert "没有送给模型" in shown
    assert server.asked == []
    assert not AuditLine.objects.filter(kind="export").exists()


def test_hidden_words_come_back_in_their_places(
    login: Login, handled: Case, server: Server
) -> None:
    server.says = lambda asked: asked.replace("予以更换", "换好了")
    shown = reword(login("shui"), handled, "6号楼水管已予以更换，问0930-1234567。")
    assert 'data-replace="6号楼水管已换好了，问0930-1234567。"' in shown
    assert "0930" not in server.told


@pytest.mark.parametrize(
    ("status", "raw", "says"),
    [
        (500, None, PLAIN),
        (429, None, PLAIN),
        (302, None, PLAIN),
        (200, b"<html>", PLAIN),
        (200, b"[]", PLAIN),
        (200, b'{"choices": []}', PLAIN),
        (200, b'{"choices": [{"message": {"content": null}}]}', PLAIN),
        (200, b'{"choices": [{"message": {"content": "x"}, "finish_reason": "length"}]}', PLAIN),
        (200, b"x" * 300_000, PLAIN),
        (200, None, "抱歉，我无法协助处理这个请求。"),
        (200, None, "I'm sorry, I can't help with that."),
        (200, None, ""),
        (200, None, "长" * 5000),
        (200, None, "〔7〕修好了"),
    ],
)
def test_a_failure_is_a_calm_sentence(
    login: Login, handled: Case, server: Server, status: int, raw: bytes | None, says: str
) -> None:
    server.status, server.raw, server.says = status, raw, lambda _asked: says
    shown = reword(login("shui"), handled, "经查，我单位已对水管予以更换。")
    assert SILENT in shown
    assert "data-replace" not in shown


def test_one_that_does_not_answer_in_time_is_left(
    login: Login, handled: Case, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.waits = threading.Event()
    monkeypatch.setattr(outgoing, "SECONDS_IN_ALL", 0.5)
    assert SILENT in reword(login("shui"), handled, "经查，我单位已对水管予以更换。")
    server.waits.set()


def test_a_host_inside_must_be_listed(
    login: Login, handled: Case, server: Server, settings: LazySettings
) -> None:
    settings.INSIDE = []
    assert SILENT in reword(login("shui"), handled, "经查，我单位已对水管予以更换。")
    assert server.asked == []


def test_what_was_said_in_secrecy_goes_nowhere(
    login: Login, county: County, server: Server
) -> None:
    lon, lat = point_in(GRID)
    secret = cases.report(
        county=COUNTY, what="村口自来水管破裂，路上全是水", where=cases.Where(lon=lon, lat=lat),
        channel="portal", contact=cases.Contact(name="周国强", phone="13700001111", is_secret=True),
        actor=NOBODY,
    ).case  # fmt: skip
    cases.accept(secret.id, category=secret.proposed_category, actor=county.actor("cun"))
    cases.assign(secret.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(secret.id, actor=county.actor("shui"))
    shui = login("shui")
    assert "reword" not in shui.get(f"/desk/answers/{secret.number}/help/").content.decode()
    refused = shui.post(f"/desk/answers/{secret.number}/reword/", {"answer": "水管换好了。"})
    assert refused.status_code == 409
    assert server.asked == []


def test_a_long_report_in_one_line(login: Login, county: County, server: Server) -> None:
    lon, lat = point_in(GRID)
    found = cases.report(
        county=COUNTY, what="村口自来水管破裂，路上全是水，已经半天没人管。" * 12,
        where=cases.Where(lon=lon, lat=lat), channel="portal", actor=NOBODY,
    ).case  # fmt: skip
    server.says = lambda _asked: "<think>想一想</think>村口水管破裂，要求抢修。\n第二行"
    zhen = login("zhen")
    page = zhen.get(f"/desk/cases/{found.number}/").content.decode()
    assert f"/desk/answers/{found.number}/summary/" in page
    shown = zhen.post(f"/desk/answers/{found.number}/summary/").content.decode()
    assert "村口水管破裂，要求抢修。" in shown
    assert "由模型概括" in shown
    assert "第二行" not in shown


def test_programs_ask_too(client: Client, key: Key, handled: Case, server: Server) -> None:
    shui: dict[str, Any] = {"headers": {"authorization": f"Bearer {key('shui')}"}}
    address = f"/api/v1/cases/{handled.number}/answer-wording"
    said = client.post(address, {"answer": "水管予以更换。"}, "application/json", **shui)
    assert said.json()["answer"] == PLAIN
    server.status = 500
    failed = client.post(address, {"answer": "水管予以更换。"}, "application/json", **shui)
    assert (failed.status_code, failed.json()["code"]) == (409, "triage_model_silent")


@pytest.mark.parametrize(
    ("url", "name", "key", "is_fine"),
    [
        ("", "", "", True),
        ("https://model.example/v1", "small", "", True),
        ("https://model.example/v1/", "org/small:7b", "sk-1", True),
        ("http://10.1.2.3:8000/v1", "small", "", True),
        ("http://[::1]:8000/v1", "small", "", True),
        ("http://model.example/v1", "small", "", False),
        ("ftp://model.example", "small", "", False),
        ("https://me:pw@model.example/v1", "small", "", False),
        ("https://model.example/v1?key=1", "small", "", False),
        ("https://model.example/v1", "", "", False),
        ("https://model.example/v1", "two words", "", False),
        ("https://model.example/v1", "small", "a b", False),
        ("https://[model", "small", "", False),
        ("", "small", "", False),
        ("", "", "sk-1", False),
    ],
)
def test_a_setting_that_means_nothing_stops_the_start(
    settings: LazySettings, url: str, name: str, key: str, is_fine: bool
) -> None:
    settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_KEY = url, name, key
    assert [one.id for one in checks.model_makes_sense()] == (
        [] if is_fine else ["gezhi.triage.E001"]
    )


# --- rules ----------------------------------------------------------------------------------------

_SIGNS = st.text(st.sampled_from("0123456789-０１〔〕号楼单元室王先生您好修好了，。@a.我叫李 {}"))


@given(_SIGNS | st.text(max_size=120))
def test_what_is_hidden_comes_back_and_nothing_is_left_to_mask(text: str) -> None:
    hidden = hide(text)
    assert restore(hidden.text, hidden.kept) == text
    assert mask_text(hidden.text) == hidden.text


@pytest.mark.parametrize("part", ["1", "1-", "a1#", "１"])
def test_a_long_number_is_read_once(part: str) -> None:
    start = time.perf_counter()
    assert hide(part * 400 + "6号楼漏水").text == "〔1〕漏水"
    hide(part * 1000)
    assert time.perf_counter() - start < 2


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_whatever_comes_back_is_read_or_left(body: bytes) -> None:
    assert isinstance(said_in(body), str)
    hidden = hide("6号楼修好了")
    assert isinstance(usable(Wish.PLAINER, said_in(body), hidden), str)


@pytest.mark.parametrize(
    ("text", "persons", "is_told"),
    [
        ("水管换好了", ("李秀兰", "13812345678", ""), False),
        ("李 秀 兰的水管", ("李秀兰",), True),
        ("李女士的水管", ("李秀兰",), True),
        ("河湾镇柳树村三组北头", ("河湾镇柳树村三组17号",), True),
        ("河湾镇柳树村的水管", ("河湾镇柳树村三组17号",), False),
        ("打13912345678", (), True),
    ],
)
def test_what_still_tells_of_somebody(text: str, persons: tuple[str, ...], is_told: bool) -> None:
    assert tells_of(text, persons) is is_told


@pytest.mark.parametrize(
    "text",
    [
        "我叫张建国住在柳树村",
        "我是柳树村的张建国，请管管",
        "本人张建国系残疾人",
        "我的名字是张建国。",
        "张建国打人了，家住柳树村",
        "我老公叫张建国，车停在门口",
    ],
)
def test_a_name_is_hidden_however_it_is_told(text: str) -> None:
    hidden = hide(text)
    assert "建国" not in hidden.text
    assert restore(hidden.text, hidden.kept) == text


def test_no_more_ask_at_once_than_leave_threads_to_others(server: Server) -> None:
    """A slow model must not hold all threads of a web process."""
    server.waits = threading.Event()
    asked = Model(server.url, "small", "")
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(adapters.ask, asked, Wish.SUMMARY, "水管漏水") for _ in range(2)]
        while len(server.asked) < 2:
            time.sleep(0.01)
        with pytest.raises(adapters.ModelFailed):
            adapters.ask(asked, Wish.SUMMARY, "水管漏水")
        server.waits.set()
        assert [one.result() for one in slow] == [PLAIN] * 2
    assert adapters.ask(asked, Wish.SUMMARY, "水管漏水") == PLAIN
