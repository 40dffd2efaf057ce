"""Message boards that are asked every minute: over real HTTP, with votes, and what goes wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from gezhi.cases.models import Case
from gezhi.intake import actions
from gezhi.intake.actions import Brought, Wanted
from gezhi.intake.errors import SourceWrong
from gezhi.intake.jobs import ask_source, ask_sources
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.tests.files import HEADER, message, xlsx
from gezhi.triage.models import Liking
from gezhi.triage.tests.printing import print_all
from tests.serving import running

MAP = """
items = "list"
number = "tid"
what = ["subject", "content"]
when = "time"
likes = "up"
dislikes = "down"
label = "domain"
"""


@dataclass
class Board:
    """What it shows, how it answers, and what it was asked."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    body: bytes = b""
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    port: int = 0

    def show(self, tid: int, content: str, **more: Any) -> None:
        said = {"tid": tid, "subject": "", "content": content, "time": "2026-11-02 08:30"}
        self.shown.append(said | {"up": 0, "down": 0, "domain": "交通"} | more)


@contextmanager
def open_board() -> Iterator[Board]:
    board = Board()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            board.asked.append(self.path)
            board.tokens.append(self.headers.get("Authorization", ""))
            body = board.body or json.dumps({"list": board.shown}).encode()
            self.send_response(board.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    board.port = server.server_port
    with running(server):
        yield board


@pytest.fixture
def board(settings: Any) -> Iterator[Board]:
    settings.INSIDE = [ip_network("127.0.0.1")]
    with open_board() as board:
        yield board


@pytest.fixture
def source(county: Any, board: Board) -> Source:
    """Switched on, its map tried on what the board would show."""
    guan = county.actor("guan")
    url = f"http://127.0.0.1:{board.port}/threads?after={{since}}"
    wanted = Wanted(name="领导留言板", url=url, field_map=MAP, secret="board-token")
    made, shown = actions.add_source("board", wanted, actor=guan)
    assert shown == "", "nobody signs: it is asked"
    one = {"tid": 1, "content": "试", "time": "2026-11-02 08:30"}
    actions.try_map(made.id, json.dumps({"list": [one]}), actor=guan)
    return actions.switch_source(made.id, is_active=True, actor=guan)


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://board.example.org/?after={since}", True),
        ("http://10.1.2.3/threads", True),
        ("http://board.example.org/", False),
        ("http://8.8.8.8/", False),
        ("ftp://board.example.org/", False),
        ("https:///x", False),
        ("https://[", False),
    ],
)
def test_a_token_goes_unencrypted_to_nobody_outside(county, url, is_good):
    wanted = Wanted(name="留言板", url=url, secret="token")
    if is_good:
        actions.add_source("board", wanted, actor=county.actor("guan"))
    else:
        with pytest.raises(SourceWrong):
            actions.add_source("board", wanted, actor=county.actor("guan"))


def test_what_a_board_shows_comes_in_with_its_votes_and_once(source, board):
    board.show(7, "学校门口的红绿灯坏了，孩子过马路很危险", up=12, down=3)
    board.show(8, "广场舞的音箱声音太大，晚上十点还在放", up=1)
    assert actions.ask_source(source.id) == 2
    first = Case.objects.order_by("opened_at", "id")[0]
    assert (first.channel, first.label) == ("board", "交通")
    assert sorted(Liking.objects.values_list("likes", "dislikes")) == [(1, 0), (12, 3)]
    board.shown[0]["up"] = 40
    board.show(9, "菜市场旁边的下水道堵了，污水流到街上")
    actions.ask_source(source.id)
    assert (Case.objects.count(), Received.objects.count()) == (3, 3)
    assert sorted(Liking.objects.values_list("likes", "dislikes"))[-1] == (40, 3)
    assert set(board.tokens) == {"Bearer board-token"}


def test_a_board_is_asked_for_what_is_newer_with_an_hour_to_spare(source, board):
    board.show(7, "学校门口的红绿灯坏了，孩子过马路很危险")
    actions.ask_source(source.id)
    actions.ask_source(source.id)
    first, second = (parse_qs(urlsplit(each).query).get("after") for each in board.asked)
    assert first is None
    assert second == ["2026-11-01T23:30:00+00:00"], "an hour before what was said in our zone"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b"", "login"),
        (500, b"", "answer"),
        (302, b"", "answer"),
        (200, b"<html>", "answer"),
        (200, b'{"list": 1}', "answer"),
        (200, b'{"list": [' + b",".join([b"{}"] * 1001) + b"]}", "answer"),
    ],
)
def test_a_board_that_answers_nonsense_is_counted_and_asked_again(
    login, source, board, status, body, code
):
    board.status, board.body = status, body
    assert actions.ask_source(source.id) == 0
    assert Fault.objects.get().code == code
    assert "有差错" in login("guan").get("/desk/admin/sources/").content.decode()
    assert not Received.objects.exists()
    board.status, board.body = 200, b""
    board.show(7, "学校门口的红绿灯坏了，孩子过马路很危险")
    assert actions.ask_source(source.id) == 1
    assert "有差错" not in login("guan").get("/desk/admin/sources/").content.decode()


def test_a_board_that_begins_to_send_does_not_sign_with_the_token_it_was_asked_with(
    county, source, board
):
    wanted = Wanted(name="领导留言板", field_map=MAP)
    changed = actions.change_source(source.id, wanted, actor=county.actor("guan"))
    assert changed.secret.startswith("whsec_")
    assert not changed.is_active
    back = Wanted(name="领导留言板", field_map=MAP, url="https://board.example.org/")
    assert actions.change_source(source.id, back, actor=county.actor("guan")).secret == ""


def test_what_a_file_brought_under_the_same_number_is_not_brought_again(
    county, source, board, bring
):
    words = "学校门口的红绿灯坏了，孩子过马路很危险"
    bring(xlsx([HEADER, message(1, text=words)]), channel="board")
    key = Case.objects.get().source_key
    board.show(int(key.removeprefix("board:")), words, up=5)
    actions.ask_source(source.id)
    assert Case.objects.count() == 1
    row = Received.objects.get()
    assert (row.fate, row.case, row.report) == ("joined", Case.objects.get(), None)
    assert Liking.objects.get().likes == 5


def test_the_numbers_of_two_boards_are_not_mixed_up(county, source, board):
    guan = county.actor("guan")
    other, _secret = actions.add_source("board", Wanted(name="另一个", field_map=MAP), actor=guan)
    board.show(71234, "学校门口的红绿灯坏了，孩子过马路很危险")
    actions.ask_source(source.id)
    said = {"tid": 71234, "content": "菜市场旁边的下水道堵了，污水流到街上", "time": "2026-11-02"}
    row = actions.receive(other, Brought("71234", json.dumps(said).encode()))
    assert (row.fate, Case.objects.count()) == ("taken", 2)


def test_what_one_message_lacks_keeps_no_other_out(source, board):
    board.show(7, "")
    board.show(8, "广场舞的音箱声音太大，晚上十点还在放", time="昨天")
    board.show(9, "菜市场旁边的下水道堵了，污水流到街上")
    actions.ask_source(source.id)
    told = sorted(Received.objects.values_list("external", "fate", "reason"))
    assert told == [
        ("7", "refused", "text_missing"), ("8", "refused", "time_unreadable"), ("9", "taken", ""),
    ]  # fmt: skip


def test_sources_that_are_asked_from_here_are_asked_by_the_workers(source, board, monkeypatch):
    """The clock asks for each once; who is switched off, and who sends, is not asked."""
    asked: list[str] = []
    monkeypatch.setattr(
        "gezhi.intake.actions.arriving.queue_once",
        lambda name, *, lock, **given: asked.append(given["source_id"]),
    )
    ask_sources(0)
    assert asked == [str(source.id)]
    board.show(7, "学校门口的红绿灯坏了，孩子过马路很危险")
    ask_source(asked[0])
    assert Case.objects.count() == 1
    Source.objects.update(is_active=False)
    asked.clear()
    ask_sources(0)
    assert asked == []
    ask_source(str(source.id))
    assert len(board.asked) == 1


def test_another_address_is_not_told_the_token(county, source, board):
    """Who may change a source must not learn by it what it is asked with."""
    guan = county.actor("guan")
    with open_board() as other:
        wanted = Wanted(name="留言板", url=f"http://127.0.0.1:{other.port}/", field_map=MAP)
        changed = actions.change_source(source.id, wanted, actor=guan)
        assert (changed.is_active, changed.secret) == (False, "")
        actions.switch_source(source.id, is_active=True, actor=guan)
        actions.ask_source(source.id)
        assert other.tokens == [""]


def test_what_is_refused_every_minute_stops_nothing(source, board):
    """A month of minutes is more than a small number in a row holds."""
    board.show(1, "时间在将来的一条", time="2999-01-01 00:00")
    actions.ask_source(source.id)
    Received.objects.update(tries=32767)
    board.show(2, "柳树村的桥断了，过不去")
    actions.ask_source(source.id)
    assert Received.objects.get(external="2").fate == "taken"


def test_what_a_board_shows_just_as_it_was_is_counted_and_not_settled_anew(
    source, board, monkeypatch
):
    board.show(1, "")
    board.show(2, "柳树村的桥断了，过不去")
    actions.ask_source(source.id)
    before = Received.objects.get(external="1")
    monkeypatch.setattr("gezhi.intake.actions.taking.read_ahead", None)
    assert actions.ask_source(source.id) == 0
    monkeypatch.undo()
    row = Received.objects.get(external="1")
    assert (row.times, row.tries, row.reason) == (2, before.tries, "text_missing")
    assert Fault.objects.get().count == 1
    assert Received.objects.get(external="2").times == 2
    board.shown[0]["content"] = "学校门口的红绿灯坏了三天"
    actions.ask_source(source.id)
    assert Received.objects.get(external="1").fate == "taken", "mended, it goes in"


def test_by_another_map_what_was_refused_is_read_again(source, board):
    board.show(1, "", title="学校门口的红绿灯坏了三天")
    actions.ask_source(source.id)
    Source.objects.update(field_map=MAP.replace("subject", "title"))
    actions.ask_source(source.id)
    assert Received.objects.get().fate == "taken"


def test_the_table_of_the_month_does_not_bring_what_was_joined(county, source, board, bring):
    guan = county.actor("guan")
    other, _secret = actions.add_source("webhook", Wanted(name="别的", field_map=MAP), actor=guan)
    words = "柳树村村口自来水管破裂，路上全是水，已经半天没有人来管，老人小孩都不敢走"
    moment = timezone.localtime().strftime("%Y-%m-%d %H:%M:%S")
    said = {"tid": "W1", "content": words, "time": moment}
    assert actions.receive(other, Brought("W1", json.dumps(said).encode())).fate == "taken"
    print_all()
    board.show(7, words, time=moment)
    actions.ask_source(source.id)
    assert Received.objects.get(external="7").fate == "joined"
    found = bring(xlsx([HEADER, message(7, text=words)]), channel="board")
    assert (found.added, found.known, Case.objects.count()) == (0, 1, 1)
