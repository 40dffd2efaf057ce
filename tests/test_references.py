"""What one person may see is nothing to another: every reference of A is as good as none for B.

A's pages, lists and answers are read for all they name: ids, numbers, tracking codes, cursors,
names of files. Each is then put into every address and question of somebody else (another town's
receptionist, a handler, a resident without the code), and must be answered in the same bytes as
one that nothing has.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.signing import Signer
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.site.live import News, may_hear
from tests import sheets
from tests.cast import COUNTY, OTHER, TOWN
from tests.matrix import table
from tests.matrix.sending import typed_for
from tests.matrix.world import World, thrown_away

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KINDS = {
    "id": re.compile(_ID),
    "number": re.compile(r"\b\d{6}-\d{6}\b"),
    "cursor": re.compile(r'(?:after=|cursor=|"next":")([\w-]{16,})'),
}
# Pages and lists A reads; what they name is A's to know.
_READ = (
    "/desk/?tab=area", "/desk/rows/?tab=area", "/desk/points.geojson?tab=area", "/desk/saved/",
    "/desk/bulk/", "/desk/import/", "/desk/notices/", "/desk/duty/", "/desk/visits/",
    "/desk/approvals/", "/desk/supervision/", "/api/v1/cases?limit=2", "/api/v1/cases?limit=200",
    "/api/v1/approvals", "/api/v1/visits", "/api/v1/notices?limit=1", "/api/v1/imports?limit=1",
    "/mine/", "/cases/", "/me/", "/api/v1/residents/reports",
)  # fmt: skip
_OF_CASE = (
    "/desk/cases/{}/",
    "/desk/cases/{}/panel/",
    "/api/v1/cases/{}",
    "/track/{}/",
    "/me/reports/{}/",
    "/api/v1/residents/reports/{}",
) + tuple(
    f"/api/v1/cases/{{}}/{part}"
    for part in ("moves", "history", "legs", "clock", "attachments", "deadlines")
)
# Questions that take a reference; each is asked with GET.
_ASKED = (
    "/desk/?q={}", "/desk/?tab=area&q={}", "/desk/?tab=area&holder={}", "/desk/?after={}",
    "/desk/rows/?tab=area&after={}", "/desk/rows/?tab=area&q={}", "/desk/counts/?q={}",
    "/desk/points.geojson?tab=area&q={}", "/desk/export.xlsx?tab=area&q={}",
    "/desk/notices/?number={}", "/desk/notices/rows/?after={}", "/desk/supervision/?q={}",
    "/desk/import/?page={}", "/desk/visits/?after={}", "/desk/approvals/?after={}",
    "/api/v1/cases?q={}", "/api/v1/cases?cursor={}", "/api/v1/cases?holder={}",
    "/api/v1/cases?centre={}", "/api/v1/cases/export?q={}", "/api/v1/cases/export?cursor={}",
    "/api/v1/notices?cursor={}", "/api/v1/approvals?cursor={}", "/api/v1/visits?cursor={}",
    "/api/v1/imports?cursor={}", "/track/{}/?code=22222222",
    "/cases/?q={}", "/cases/?after={}", "/?q={}",
)  # fmt: skip
# Forms that take references in their body: address and the field.
_SENT = (
    ("/desk/rows/now/?tab=area", "number"), ("/desk/rows/now/?tab=area", "case"),
    ("/desk/bulk/supervise/", "number"), ("/desk/bulk/take/", "number"),
    ("/desk/bulk/assign/do/", "number"), ("/track/", "number"), ("/mine/", "number"),
    ("/report/same/", "case"),
)  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """Something that names a thing, as A found it."""

    kind: str
    text: str


class Two(World):
    """The world of the matrix, with what each person can name."""

    def __init__(self) -> None:
        super().__init__()
        self.browsers: dict[str, Client] = {who: self.client(who) for who in _PEOPLE}
        self.browsers["bie"] = Client()
        self.browsers["bie"].force_login(
            self.county.accounts["bie"], backend="gezhi.site.sessions.AccountBackend"
        )
        self.seen = {who: self._harvest(self.browsers[who]) for who in (*_PEOPLE, "bie")}
        # What every signed-in person may know: units, areas, the rulebook.
        self.common = {Reference("id", str(unit.id)) for unit in self.county.units.values()}
        self.common |= self._harvest(self.browsers["bie"], ("/api/v1/units?limit=200",))

    def _harvest(self, client: Client, addresses: tuple[str, ...] = _READ) -> set[Reference]:
        found: set[Reference] = set()
        for address in addresses:
            found |= _named(client.get(address))
        for number in [one.text for one in found if one.kind == "number"]:
            for address in _OF_CASE:
                found |= _named(client.get(address.format(number)))
        return found

    def foreign(self, a: str, b: str) -> list[Reference]:
        """What A can name and B can't. A cursor names a place in an order; see its own test."""
        found = self.seen[a] - self.seen[b] - self.common
        return sorted((one for one in found if one.kind != "cursor"), key=str)


_PEOPLE = (
    "rec", "sup", "han", "grd", "cod", "nob", "med", "res", "oth", "adm", "sec", "aud",
)  # fmt: skip
_PAIRS = (
    ("rec", "bie"), ("sup", "bie"), ("cod", "nob"), ("cod", "bie"), ("rec", "han"),
    ("rec", "grd"), ("rec", "med"), ("bie", "rec"), ("bie", "han"), ("bie", "nob"), ("rec", "cod"),
    ("res", "oth"), ("oth", "res"), ("res", "nob"), ("res", "bie"), ("rec", "adm"), ("rec", "aud"),
    ("cod", "sec"),
)  # fmt: skip


def _named(answer: Any) -> set[Reference]:
    if answer.status_code != 200 or answer.streaming:
        return set()
    text = answer.content.decode(errors="replace")
    return {
        Reference(kind, match[1] if match.groups() else match[0])
        for kind, pattern in _KINDS.items()
        for match in pattern.finditer(text)
    }


@pytest.fixture(scope="module")
def two(django_db_setup: None, django_db_blocker: Any) -> Iterator[Two]:
    with thrown_away(Two, django_db_blocker) as made:
        yield made


def _addresses() -> list[tuple[str, str]]:
    """Every address of the tables that names something, with its method.

    But those that the tables open to nobody in particular for what is away: a public case may be
    joined by whoever names it.
    """
    public = ("{unit}", "{area}", "{category}", "{version}", "{day}")
    open_to_all = {
        (line.method, line.address)
        for line in table.read_tables()
        if line.situation == "away" and line.signs["nob"] == "+"
    }
    return sorted(
        {
            (line.method, line.address)
            for line in table.read_tables()
            if line.names and not any(name in line.address for name in public)
        }
        - open_to_all
    )


ADDRESSES = _addresses()


@pytest.mark.parametrize(("a", "b"), _PAIRS)
def test_what_a_may_see_is_nothing_to_b(a: str, b: str, two: Two) -> None:
    known = two.foreign(a, b)
    assert known, f"{a} sees nothing that {b} does not: the test shows nothing"

    @settings(max_examples=60, derandomize=True, deadline=None, database=None)
    @given(reference=st.sampled_from(known), where=st.data())
    def is_nothing(reference: Reference, where: Any) -> None:
        way = where.draw(st.sampled_from(("path", "query", "body")))
        if way == "path":
            method, address = where.draw(st.sampled_from(ADDRESSES))
            other = where.draw(st.sampled_from(known))
            _same(two, b, method, address, reference, other)
        elif way == "query":
            address = where.draw(st.sampled_from(_ASKED))
            _same(two, b, "GET", address, reference, reference)
        else:
            address, field = where.draw(st.sampled_from(_SENT))
            _same(two, b, "POST", address, reference, reference, field=field)

    is_nothing()


def _same(
    two: Two, who: str, method: str, address: str, one: Reference, other: Reference, field: str = ""
) -> None:
    """With A's reference and with one that nothing has: the same answer."""
    real, none = (one.text, other.text), (_unlike(one), _unlike(other))
    with clock.standing_at(clock.now()):  # or one of them may say that a minute less is left
        answers = [_asked(two.browsers[who], method, address, each, field) for each in (real, none)]
    wrong = f"{who}: {method} {address} knows {real}"
    # Reading only what both sides say: their own names taken out.
    assert _bare(answers[0], real) == _bare(answers[1], none), wrong


def _asked(client: Client, method: str, address: str, values: tuple[str, str], field: str) -> Any:
    names = re.findall(r"{(\w*)}", address)
    path = address
    for at, name in enumerate(names):
        path = path.replace(f"{{{name}}}", values[min(at, 1)], 1)
    with transaction.atomic():
        if method == "GET":
            answer = client.get(path)
        elif path.startswith("/api/"):
            answer = client.generic(method, path, "{}", content_type="application/json")
        else:
            sent = {field: values[0], "code": "22222222"} if field else typed_for(values[0])
            answer = client.post(path, sent)
        transaction.set_rollback(True)
    return answer


def _unlike(reference: Reference) -> str:
    """Of the same form, and nothing's."""
    if reference.kind == "id":
        return str(uuid4())
    return "200101-999999"


_NOISE = re.compile(
    r"[A-Za-z0-9]{64}|nonce[-=]\"?[\w+/=-]+|\b[0-9a-f]{32}\b|" + _ID + r"|\d\d:\d\d(:\d\d)?"
)


def _numbered(value: str) -> str:
    """What of it comes back where the number of a case is asked for."""
    return "".join(sign for sign in value[:24] if sign.isdigit() or sign == "-")


def _bare(answer: Any, values: tuple[str, str]) -> tuple[int, str, str]:
    """Status, where it sends on, and words; without the reference itself and fresh tokens."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.get("Content-Type", "").startswith("application/vnd.openxml"):
        content = repr(sheets.texts(content)).encode()
    text, goal = content.decode(errors="replace"), answer.get("Location", "")
    for value in sorted({*values, *map(_numbered, values)}, key=len, reverse=True):
        text, goal = text.replace(value, "*"), goal.replace(value, "*")
    return answer.status_code, _NOISE.sub("", goal), _NOISE.sub("", text)


# --- what is no address ------------------------------------------------------------------------


def test_a_key_of_idempotency_is_its_owners_alone(two: Two) -> None:
    """The same key with the same request from somebody else is a request of its own."""
    body = json.dumps({"what": "路灯不亮，晚上看不清路", "where": {"path": TOWN, "place": "村口"}})
    with transaction.atomic():
        answers = [
            two.browsers[who].generic(
                "POST", "/api/v1/cases", body, content_type="application/json",
                headers={"Idempotency-Key": "the-same-key-for-both"},
            )
            for who in ("rec", "bie", "nob")
        ]  # fmt: skip
        transaction.set_rollback(True)
    numbers = {answer.json()["number"] for answer in answers}
    assert len(numbers) == 3, [answer.status_code for answer in answers]
    assert not any("Idempotency-Replayed" in answer for answer in answers)


def test_a_cursor_cannot_be_made_by_hand(two: Two) -> None:
    """One that says it follows another's row is refused unless this house signed it."""
    forged = Signer(key="not ours", salt="gezhi.page:-opened_at,-id").sign('["2026","x"]')
    cursor = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")
    answer = two.browsers["bie"].get(f"/api/v1/cases?cursor={cursor}")
    assert answer.status_code in (400, 422)


def test_a_cursor_of_another_still_gives_only_ones_own(two: Two) -> None:
    """It names a place in an order, and no row of anybody."""
    own = {one.text for one in two.seen["bie"] if one.kind == "number"}
    cursors = [one.text for one in two.seen["rec"] if one.kind == "cursor"]
    assert cursors
    for cursor in cursors:
        answer = two.browsers["bie"].get(f"/api/v1/cases?limit=200&cursor={cursor}")
        if answer.status_code == 200:
            assert {row["number"] for row in answer.json()["items"]} <= own


def test_a_tracking_code_opens_its_own_number_alone(two: Two) -> None:
    """A's code with the number of another case is as wrong as any."""
    made = list(two.stands["centre"].reported.values())
    nobody = Client()
    for mine, theirs in zip(made, made[1:], strict=False):
        given_ = {"number": theirs.case.number, "code": mine.code}
        assert nobody.post("/track/", given_).status_code == 404
        sent = json.dumps(given_)
        answer = nobody.generic("POST", "/api/v1/track", sent, content_type="application/json")
        assert answer.status_code == 404


def test_live_news_is_heard_by_those_who_may_see_the_case(two: Two) -> None:
    """Of a case: who reads its area or works in the unit that has it; nobody who only governs."""
    centre = two.county.unit(f"centre-{TOWN}")
    news = News((1, 1), "case.accepted", f"case:{UUID(int=1)}", COUNTY, TOWN, str(centre))
    hear = {who for who in two.accounts if may_hear(two.actor(who), news)}
    may = {who for who in two.accounts if two.actor(who).may("case.read")}
    assert hear == may - {"grd", "han"}, "these work elsewhere and overlook nothing"
    assert not may_hear(two.county.actor("bie"), news)
    elsewhere = News((1, 2), "case.accepted", "case:x", COUNTY, OTHER, "")
    assert not [who for who in two.accounts if may_hear(two.actor(who), elsewhere)]
