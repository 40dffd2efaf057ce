"""What one person may see is nothing to another: every reference of A is as good as none for B.

A's pages, lists and answers are read for all they name: ids of every sort, numbers, tracking
codes, cursors, names of files. Between each two of `PAIRS` (staff of two towns and of one, the
three administrators, residents with and without a sign-in) every address of the matrix, every
question and every field is then asked with them by B: with what it asks for, where A knows one,
and with every other kind where it takes words. Hypothesis swaps more beside that, at random.

The answer must be the same as for a reference that nothing has, and may name nothing else that is
A's alone. Only what is made anew for each answer is left out of that: tokens, and ids that no row
had before.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import Signer
from django.db import models, transaction
from django.test import Client
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment
from gezhi.intake.models import Import
from gezhi.notices import actions as notices
from gezhi.people.models import Factor
from gezhi.people.reads import FRESH_AT
from gezhi.residents import actions as residents
from gezhi.site.live import News, may_hear
from tests import sheets
from tests.cast import COUNTY, OTHER, SETTING_UP, TOWN
from tests.matrix import sending, table
from tests.matrix.residents import PHONES, REPORTER_OF
from tests.matrix.world import WHO, World, picture, thrown_away

# --- who, and where ----------------------------------------------------------------------------

PAIRS = (
    ("rec", "bie"), ("sup", "bie"), ("cod", "nob"), ("cod", "bie"), ("rec", "han"),
    ("rec", "grd"), ("rec", "med"), ("bie", "rec"), ("bie", "han"), ("bie", "nob"), ("rec", "cod"),
    ("res", "oth"), ("oth", "res"), ("res", "nob"), ("res", "bie"), ("rec", "adm"), ("rec", "aud"),
    ("cod", "sec"), ("adm", "rec"), ("sec", "rec"), ("top", "adm"),
    ("top", "rec"), ("int", "bie"),
)  # fmt: skip
_NO_STAFF = ("cod", "nob", "oth", "res")
_PEOPLE = sorted({who for pair in PAIRS for who in pair})

# Pages and lists A reads; what they name is A's to know.
_READ = (
    "/desk/?tab=area", "/desk/rows/?tab=area", "/desk/points.geojson?tab=area", "/desk/saved/",
    "/desk/bulk/", "/desk/import/", "/desk/notices/", "/desk/duty/", "/desk/visits/",
    "/desk/approvals/", "/desk/supervision/", "/desk/sessions/", "/desk/factors/",
    "/desk/account/", "/desk/delegations/", "/desk/data-requests/", "/desk/outbox/",
    "/desk/admin/accounts/", "/desk/admin/backups/", "/desk/admin/retention/",
    "/desk/admin/rulebook/rehearsals/", "/api/v1/me/keys", "/api/v1/cases?limit=2",
    "/api/v1/cases?limit=200", "/api/v1/approvals", "/api/v1/visits", "/api/v1/notices?limit=1",
    "/api/v1/imports?limit=1", "/mine/", "/cases/", "/me/", "/api/v1/residents/reports",
    "/report/",
)  # fmt: skip
# Of these cases, one of each state that has something of its own: a file, a leg, an approval.
_STATES = ("handling", "helped", "asking", "closed")
_OF_CASE = (
    "/desk/cases/{}/", "/api/v1/cases/{}", "/track/{}/", "/me/reports/{}/",
    "/api/v1/residents/reports/{}",
) + tuple(
    f"/api/v1/cases/{{}}/{part}"
    for part in ("moves", "history", "legs", "clock", "attachments", "deadlines")
)  # fmt: skip
_OF_UNIT = ("/api/v1/units/{}/shifts", "/desk/duty/units/{}/")
_OF_ACCOUNT = tuple(f"/api/v1/accounts/{{}}/{part}" for part in ("posts", "keys", "leaves"))

# {} is A's reference; {own} and {code} a case of B's own and its tracking code.
# What stands beside it and is nothing's.
_NO_NUMBER, _NO_CODE, _NO_ID = "200101-777777", "22222222", str(uuid4())
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
    "/api/v1/imports?cursor={}", f"/track/{{}}/?code={_NO_CODE}", "/track/{own}/?code={}",
    "/cases/?q={}", "/cases/?after={}", "/?q={}", "/report/files/{}/",
)  # fmt: skip
# What takes references in its body: address and fields.
_TRACKED = {"number": "{own}", "code": "{}"}
_SENT: tuple[tuple[str, dict[str, str]], ...] = (
    ("/desk/rows/now/?tab=area", {"number": "{}"}), ("/desk/rows/now/?tab=area", {"case": "{}"}),
    ("/desk/bulk/supervise/", {"number": "{}"}), ("/desk/bulk/take/", {"number": "{}"}),
    ("/desk/bulk/assign/do/", {"number": "{}"}), ("/report/same/", {"same": "{}"}),
    ("/track/", {"number": "{}", "code": _NO_CODE}), ("/mine/", {"number": "{}", "code": _NO_CODE}),
    ("/track/", _TRACKED), ("/mine/", _TRACKED), ("/api/v1/track", _TRACKED),
    ("/api/v1/track", {"number": "{}", "code": "{code}"}),
    ("/api/v1/track/openings", _TRACKED),
    ("/api/v1/track/attachment", {"number": "{own}", "code": "{code}", "attachment": "{}"}),
    ("/desk/cases/{own}/moves/merge/", {"main": "{}"}),
    ("/api/v1/cases/{own}/moves/merge", {"main": "{}"}),
    ("/api/v1/cases/{own}/moves/decide", {"approval": "{}", "is_granted": "yes"}),
    ("/api/v1/cases/{own}/moves/excuse_leg", {"leg": "{}", "words": "不用来了"}),
    ("/report/files/{}/drop/", {}),
)  # fmt: skip


def _addresses() -> dict[tuple[str, str], table.Line]:
    """Every address of the tables that names something, by its method, with a line of it.

    But those that the tables open to nobody in particular for what is away: a public case may be
    joined by whoever names it.
    """
    public = ("{unit}", "{area}", "{category}", "{version}", "{day}")
    lines = table.read_tables()
    open_to_all = {
        (line.method, line.address)
        for line in lines
        if line.situation == "away" and line.signs["nob"] == "+"
    }
    found = {
        (line.method, line.address): line
        for line in lines
        if line.names and not any(name in line.address for name in public)
    }
    return {key: found[key] for key in sorted(found.keys() - open_to_all)}


ADDRESSES = _addresses()
# What an address or a field asks for, where a row's sort is called otherwise.
_SORTS = {
    "file": "attachment", "attachment": "attachment", "key": "apikey", "filter": "savedfilter",
    "erasure": "datarequest", "correction": "datarequest", "delegation": "post", "other": "duty",
    "nothing": "factor", "backup": "name", "holder": "account", "main": "number",
}  # fmt: skip
_NO_WORDS = ("after", "cursor", "page", "holder", "centre")  # questions for one sort of thing
# A person's own, which a page of theirs may show only after more than one click.
_OWN = ("account", "post", "bulk", "filter", "import", "notice", "session", "rehearsal")
_RESIDENTS = {"res": "own", "oth": "away"}  # whose things the matrix calls so
_OF_RESIDENTS = ("copy", "erasure", "correction")


# --- what A can name ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """Something that names a thing, as A found it."""

    kind: str  # number, code, name (of a file), cursor, or the sort of row an id is of
    text: str


@dataclass(frozen=True)
class Said:
    """An answer: status, where it sends on, words; and what it names besides what was asked."""

    bare: tuple[int, str, str]
    named: frozenset[str]


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBERS = re.compile(r"\b\d{6}-\d{6}\b")
_CODES = re.compile(r"\b[2-9A-Z]{8}\b")
_CURSORS = re.compile(r'(?:after=|cursor=|"next":")([\w-]{16,})')
_DRAFT = re.compile(r"/report/files/([\w.-]+)/")
_TOKENS = re.compile(r"[A-Za-z0-9]{64}|nonce[-=]\"?[\w+/=-]+|\b[0-9a-f]{32}\b")


class Two(World):
    """The world of the matrix, with what each person can name."""

    def __init__(self) -> None:
        super().__init__()
        self._add_names()
        self.now = clock.now()
        self.nothing = str(uuid4())
        self.rows = _rows()
        self.files = {*Attachment.objects.values_list("name", flat=True), self.backup}
        self.files |= set(Import.objects.values_list("name", flat=True))
        self.codes = {
            who: {
                one.code: one.case.number
                for stand, reporter in REPORTER_OF.items()
                for one in self.stands[stand].reported.values()
                if who == reporter or (who == "cod" and stand == "centre")
            }
            for who in _PEOPLE
        }
        self.all_codes = {code for codes in self.codes.values() for code in codes}
        self.states = {
            number: state for stand in self.stands.values() for state, number in stand.of.items()
        }
        self.seen = {who: self._known_to(who) for who in _PEOPLE}
        self.files |= {
            one.text for seen in self.seen.values() for one in seen if one.kind == "name"
        }
        # What every signed-in person may know: units, areas, the rulebook.
        self.common = {Reference("unit", str(unit.id)) for unit in self.county.units.values()}
        self.common |= self._named_by("bie", "/api/v1/units?limit=200")
        # By person and request: what it was answered. Nothing changes, and the clock stands.
        self.said: dict[tuple[str, ...], Said] = {}
        self.chosen: dict[tuple[str, str], list[Reference]] = {}

    def _add_names(self) -> None:
        """Files with names of their own, a draft with a picture, and second factors."""
        for place in ("centre", "grid", "area", "away"):
            upload = cases.Upload(f"contract-{place}.pdf", b"%PDF-1.7", "document")
            case = self.stands[place].reported["handling"].case
            cases.attach(case.id, upload=upload, actor=SETTING_UP)
        for who in ("rec", "adm"):
            Factor.objects.create(
                account=self.accounts[who], kind="passkey", name="k", made_at=clock.now()
            )
        self._clients["bie"] = Client()
        self._clients["bie"].force_login(
            self.county.accounts["bie"], backend="gezhi.site.sessions.AccountBackend"
        )
        for who in _PEOPLE:
            if who not in _NO_STAFF:  # the password was just given: nothing else is in the way
                session = self._clients[who].session
                session[FRESH_AT] = clock.now().timestamp()
                session.save()
        for who in ("res", "cod"):
            photo = SimpleUploadedFile("p.jpg", picture(), "image/jpeg")
            assert self._clients[who].post("/report/files/", {"photos": photo}).status_code == 200
        self._cookies = {who: client.cookies for who, client in self._clients.items()}

    def _known_to(self, who: str) -> set[Reference]:
        found = set[Reference]().union(*(self._named_by(who, address) for address in _READ))
        for one in sorted(found, key=str):
            if one.kind == "number" and self.states.get(one.text) in _STATES:
                found |= self._all_named_by(who, _OF_CASE, one.text)
            elif one.kind == "account":
                found |= self._all_named_by(who, _OF_ACCOUNT, one.text)
        if who in WHO and (post := WHO[who]):
            found |= self._all_named_by(who, _OF_UNIT, str(self.county.unit(post[1])))
        own = {str(self.things[name].get((who, "own"), "")) for name in _OWN}
        if who in _RESIDENTS:
            own = {str(self.things[name][_RESIDENTS[who]]) for name in _OF_RESIDENTS}
        found |= {Reference(self.rows[id], id) for id in own if id in self.rows}
        return found | {Reference("code", code) for code in self.codes[who]}

    def _all_named_by(self, who: str, addresses: tuple[str, ...], text: str) -> set[Reference]:
        return set[Reference]().union(
            *(self._named_by(who, address.format(text)) for address in addresses)
        )

    def _named_by(self, who: str, address: str) -> set[Reference]:
        answer = self.client(who).get(address)
        if answer.status_code != 200 or answer.streaming:
            return set()
        text = answer.content.decode(errors="replace")
        cursors = {Reference("cursor", one) for one in _CURSORS.findall(text)}
        drafts = {Reference("name", one) for one in _DRAFT.findall(text)}
        return self.named(text) | cursors | drafts

    def named(self, text: str) -> set[Reference]:
        """What is there and a text names, but cursors and drafts."""
        found = {Reference(self.rows[id], id) for id in _ID.findall(text) if id in self.rows}
        found |= {Reference("number", one) for one in _NUMBERS.findall(text)}
        found |= {Reference("name", one) for one in self.files if one in text}
        return found | {
            Reference("code", one) for one in _CODES.findall(text) if one in self.all_codes
        }

    def without_noise(self, text: str) -> str:
        """Without tokens and without ids that nothing had before this answer."""
        text = _ID.sub(lambda id: id[0] if id[0] in self.rows else "", text)
        return _TOKENS.sub("", text)

    def foreign(self, a: str, b: str) -> "Foreign":
        """What A can name and B can't. A cursor names a place in an order; see its own test."""
        found = self.seen[a] - self.seen[b] - self.common
        return Foreign(self, b, sorted((one for one in found if one.kind != "cursor"), key=str))

    def unlike(self, reference: Reference) -> Reference:
        """Of the same form, and nothing's."""
        if reference.kind == "number":
            return Reference("number", "200101-999999")
        if reference.kind not in ("code", "name"):
            return Reference(reference.kind, self.nothing)
        # Sign by sign, for some places look at the form of what they are given.
        stem, dot, ending = reference.text.partition(".")
        for sign, signs in (("7", r"\d"), ("A", "[A-Fa-f]"), ("X", "[G-Zg-z]")):
            stem = re.sub(signs, sign, stem)
        return Reference(reference.kind, stem + dot + ending)

    @cached_property
    def bodies(self) -> dict[tuple[str, str], tuple[Any, str]]:
        """What goes along with each address that is tried; the same for everybody.

        A form comes back to who has to sign in first, so what it names is nothing's.
        """
        found = {}
        for (method, address), line in ADDRESSES.items():
            if method == "GET":
                continue
            body, kind = sending.beside(self, line, "rec")
            if not address.startswith("/api/"):
                text = _NUMBERS.sub(_NO_NUMBER, json.dumps(body, default=str))
                body = json.loads(
                    _ID.sub(lambda id: id[0] if self._is_unit(id[0]) else _NO_ID, text)
                )
            found[method, address] = body, kind
        return found

    def _is_unit(self, id: str) -> bool:
        return self.rows.get(id) == "unit"

    def own_of(self, who: str) -> tuple[str, str]:
        """A case of somebody's own and its code, or what nothing has."""
        if self.codes[who]:
            code = min(self.codes[who])
            return self.codes[who][code], code
        numbers = {one.text for one in self.seen[who] if self.states.get(one.text) == "reported"}
        return min(numbers, default=_NO_NUMBER), _NO_CODE


def _rows() -> dict[str, str]:
    """Every id of ours that there is, with the sort of row it is of."""
    return {
        str(id): model._meta.model_name or ""
        for model in apps.get_models()
        if model.__module__.startswith("gezhi.")
        for field in model._meta.fields
        if isinstance(field, models.UUIDField) and field.name in ("id", "ref")
        for id in model._default_manager.values_list(field.name, flat=True)
    }


class Foreign:
    """What A can name and B can't, by what an address asks for."""

    def __init__(self, two: Two, b: str, known: list[Reference]) -> None:
        self.two, self.b, self.known = two, b, known
        self.texts = frozenset(one.text for one in known)
        self.by_kind: dict[str, list[Reference]] = {}
        for one in known:
            self.by_kind.setdefault(one.kind, []).append(one)

    def fitting(self, name: str, turn: int, *, is_read: bool = True) -> list[Reference]:
        """What stands for this name in an address; something else of A's where A knows none.

        For a case its number; where it is only read its id too, which is looked up the same way.
        """
        if name in self.two.stands["centre"].of:
            numbers = self.by_kind.get("number", [])
            in_state = [one for one in numbers if self.two.states.get(one.text) == name]
            found = [in_state or numbers, self.by_kind.get("case", []) if is_read else []]
        else:
            found = [self.by_kind.get(_SORTS.get(name, name), [])]
        if not any(found):
            found = [self.known[turn % len(self.known) :]]
        return [self._one_of(each, name) for each in found if each]

    def of_each_sort(self, name: str, turn: int) -> list[Reference]:
        """What fits, and another one; for what takes any words every form of reference."""
        forms = () if name in _NO_WORDS else ("number", "case", "name", "code")
        found = [self._one_of(self.by_kind[kind], kind) for kind in forms if kind in self.by_kind]
        other = self.known[turn % len(self.known)]
        return list(dict.fromkeys([*found, *self.fitting(name, turn), other]))

    def _one_of(self, candidates: list[Reference], name: str) -> Reference:
        """One that B was asked with before, where A knows it too: its answers are kept."""
        before = self.two.chosen.setdefault((self.b, name), [])
        for one in before:
            if one in candidates:
                return one
        before.append(candidates[0])
        return candidates[0]


@pytest.fixture(scope="module")
def two(django_db_setup: None, django_db_blocker: Any) -> Iterator[Two]:
    with thrown_away(Two, django_db_blocker) as made:
        yield made


# --- nothing of it is anything to B --------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_what_a_may_see_is_nothing_to_b(a: str, b: str, two: Two) -> None:
    """Everywhere, with what it asks for."""
    foreign = two.foreign(a, b)
    assert foreign.known, f"{a} sees nothing that {b} does not: the test shows nothing"
    asked = [*_on_addresses(foreign), *_in_questions(foreign), *_in_bodies(foreign)]
    wrong = [fault for swap in asked if (fault := _fault(two, b, swap, foreign))]
    assert not wrong, f"{len(wrong)} of {len(asked)}:\n" + "\n".join(wrong[:12])


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_swapped_at_random_it_is_nothing_either(a: str, b: str, two: Two) -> None:
    """Any reference anywhere, whether it fits or not."""
    foreign = two.foreign(a, b)

    @settings_of(max_examples=20, derandomize=True, deadline=None, database=None)
    @given(one=st.sampled_from(foreign.known), other=st.sampled_from(foreign.known), at=st.data())
    def is_nothing(one: Reference, other: Reference, at: Any) -> None:
        places = [Swap(*key, (one, other)) for key in ADDRESSES]
        places += [Swap("GET", address, (one, one)) for address in _ASKED]
        places += [Swap("POST", address, (one, one), each) for address, each in _SENT]
        assert not (fault := _fault(two, b, at.draw(st.sampled_from(places)), foreign)), fault

    is_nothing()


@dataclass(frozen=True)
class Swap:
    """One request with references of A's in its address or its fields."""

    method: str
    address: str
    values: tuple[Reference, ...]
    fields: dict[str, str] | None = None


def _on_addresses(foreign: Foreign) -> Iterator[Swap]:
    for turn, ((method, address), line) in enumerate(ADDRESSES.items()):
        is_read = method == "GET"
        first, *more = (foreign.fitting(name, turn, is_read=is_read) for name in line.names)
        for one in first:
            yield Swap(method, address, (one, *(each[0] for each in more)))


def _in_questions(foreign: Foreign) -> Iterator[Swap]:
    for turn, address in enumerate(_ASKED):
        name = re.search(r"(\w+)={}$", address)
        for one in foreign.of_each_sort(name[1] if name else "", turn):
            yield Swap("GET", address, (one,))


def _in_bodies(foreign: Foreign) -> Iterator[Swap]:
    for turn, (address, fields) in enumerate(_SENT):
        name = next((name for name, value in fields.items() if value == "{}"), "")
        for one in foreign.of_each_sort(name, turn):
            yield Swap("POST", address, (one,), fields)


def _fault(two: Two, who: str, swap: Swap, foreign: Foreign) -> str:
    """What B's answer gives away; "" for nothing."""
    none = Swap(swap.method, swap.address, tuple(map(two.unlike, swap.values)), swap.fields)
    real, absent = _said(two, who, swap), _said(two, who, none)
    asked = f"{who}: {swap.method} {swap.address} {[one.text for one in swap.values]}"
    if real.bare != absent.bare:
        return f"{asked} is known: {_differing(real.bare, absent.bare)}"
    told = (real.named | absent.named) & foreign.texts
    return f"{asked} tells of {sorted(told)}" if told else ""


def _differing(one: tuple[int, str, str], other: tuple[int, str, str]) -> str:
    """Where two answers part."""
    if one[:2] != other[:2]:
        return f"{one[:2]} and not {other[:2]}"
    at = next((at for at, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b), 0)
    return f"{one[2][max(0, at - 60) : at + 60]!r} and not {other[2][max(0, at - 60) : at + 60]!r}"


def _said(two: Two, who: str, swap: Swap) -> Said:
    values = tuple(one.text for one in swap.values)
    key = (who, swap.method, swap.address, repr(swap.fields), *values)
    if key not in two.said:
        with clock.standing_at(two.now), transaction.atomic():
            answer, sent = _asked(two, who, swap, values)
            two.said[key] = _read(two, answer, values, sent)
            transaction.set_rollback(True)
    return two.said[key]


def _asked(two: Two, who: str, swap: Swap, values: tuple[str, ...]) -> tuple[Any, str]:
    """The answer, and what was sent for it besides A's references."""
    own, code = two.own_of(who)

    def filled(text: str) -> str:
        return text.replace("{own}", own).replace("{code}", code).replace("{}", values[0])

    path, client = filled(swap.address), two.client(who)
    for name, value in zip(re.findall(r"{\w+}", path), values, strict=False):
        path = path.replace(name, value, 1)
    if swap.method == "GET":
        return client.get(path), path
    body, kind = two.bodies.get((swap.method, swap.address), ({}, ""))
    if path.startswith("/desk/") and who in _NO_STAFF:
        body = {}  # stopped at the door, where a form is only handed back
    if swap.fields is not None:
        body = {name: filled(value) for name, value in swap.fields.items()}
        kind = "application/json" if path.startswith("/api/") else "multipart/form-data"
    sent = json.dumps(body, default=str)
    if kind == "application/json":
        return client.generic(swap.method, path, sent, content_type=kind), path + sent
    _wind_back(body)
    return client.post(path, body), path + sent


def _wind_back(body: dict[str, Any]) -> None:
    """Files that were sent before are read from their beginning again."""
    for value in body.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, SimpleUploadedFile):
                each.seek(0)


def _read(two: Two, answer: Any, values: tuple[str, ...], sent: str) -> Said:
    """Without the references themselves and what is made anew for each answer."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.get("Content-Type", "").startswith("application/vnd.openxml"):
        content = repr(sheets.texts(content)).encode()
    text, goal = content.decode(errors="replace"), answer.get("Location", "")
    sent_along = {one.text for one in two.named(sent)} | set(values)
    named = {one.text for one in two.named(text + goal)} - sent_along
    for value in sorted(values, key=len, reverse=True):
        echo = re.compile(f"{re.escape(value)}|{re.escape(value[:24])}(?![0-9a-f])")  # whole or cut
        text, goal = echo.sub("*", text), echo.sub("*", goal)
        goal = goal.replace(f"?number={_numbered(value)}", "?number=*")
    bare = (answer.status_code, two.without_noise(goal), two.without_noise(text))
    return Said(bare, frozenset(named))


def _numbered(value: str) -> str:
    """What of it comes back where the number of a case is asked for."""
    return "".join(sign for sign in value[:24] if sign.isdigit() or sign == "-")


# --- what is no address ------------------------------------------------------------------------


def test_a_key_of_idempotency_is_its_owners_alone(two: Two) -> None:
    """The same key with the same request from somebody else is a request of its own."""
    body = json.dumps({"what": "路灯不亮，晚上看不清路", "where": {"path": TOWN, "place": "村口"}})
    with transaction.atomic():
        answers = [
            two.client(who).generic(
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
    answer = two.client("bie").get(f"/api/v1/cases?cursor={cursor}")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    ("a", "b"), [("rec", "bie"), ("bie", "rec"), ("sup", "bie"), ("rec", "han")]
)
def test_a_cursor_of_another_still_gives_only_ones_own(a: str, b: str, two: Two) -> None:
    """It names a place in an order, and no row of anybody."""
    foreign = two.foreign(a, b)
    cursors = sorted((one for one in two.seen[a] if one.kind == "cursor"), key=str)[:4]
    lists = [address for address in _ASKED if re.search("(after|cursor)={}", address)]
    said = [
        (address, _said(two, b, Swap("GET", address, (one,))))
        for address in lists
        for one in cursors
    ]
    assert [address for address, answer in said if answer.bare[0] == 200]
    assert not [(address, told) for address, each in said if (told := each.named & foreign.texts)]


@pytest.mark.parametrize("who", ["nob", "oth", "bie", "rec"])
def test_a_tracking_code_opens_its_own_number_alone(who: str, two: Two) -> None:
    """A's code with the number of another case is as wrong as any, whoever is signed in."""
    foreign, made = two.foreign("cod", who), list(two.stands["centre"].reported.values())
    doors = ("/track/", "/mine/", "/api/v1/track", "/api/v1/track/withdraw")
    for mine, theirs in zip(made[:3], made[1:], strict=False):
        code = (Reference("code", mine.code),)
        swaps = [
            Swap("POST", door, code, {"number": theirs.case.number, "code": "{}"}) for door in doors
        ]
        swaps.append(Swap("GET", f"/track/{theirs.case.number}/?code={{}}", code))
        assert not [fault for swap in swaps if (fault := _fault(two, who, swap, foreign))]
        assert {_said(two, who, swap).bare[0] for swap in swaps} == {404}


def test_an_entry_code_lets_in_whose_phone_it_went_to(two: Two, settings: Any) -> None:
    """A's code with what was asked for B's phone is as wrong as any; B, signed in, can't use it."""
    settings.DEMO = True  # where whoever asks for a code is shown it
    with transaction.atomic():
        made = []
        for who in ("res", "oth"):
            check = str(residents.ask_entry(PHONES[who], address="127.0.0.1").id)
            made.append((check, notices.send_code(UUID(check))))
        (mine, code), (theirs, right) = made
        assert code != right
        assert code
        wrong = next(each for each in ("111111", "222222", "333333") if each not in (code, right))

        def said(who: str, method: str, address: str, check: str, code: str) -> tuple[int, bytes]:
            sent = json.dumps({"check": check, "code": code})
            with transaction.atomic():  # or a try would be counted for the next
                answer = two.client(who).generic(
                    method, address, sent, content_type="application/json"
                )
                transaction.set_rollback(True)
            return answer.status_code, answer.content

        enter = ("POST", "/api/v1/residents/sessions")
        for who in ("nob", "oth", "bie"):
            assert said(who, *enter, theirs, code) == said(who, *enter, theirs, wrong)
            assert said(who, *enter, theirs, code)[0] == 422
        own = "/api/v1/residents/me/"
        for method, address in (("POST", f"{own}proofs"), ("PUT", f"{own}phone")):
            none = said("oth", method, address, str(uuid4()), code)
            assert said("oth", method, address, mine, code) == none
            assert none[0] == 422
        assert said("nob", *enter, mine, code)[0] == 201
        transaction.set_rollback(True)


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
