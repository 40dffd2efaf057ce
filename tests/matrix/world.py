"""Whom the matrix lets knock, and the things they knock for.

Everybody of `WHO` stands in the same town, so that "own", "area" and "away" mean the same for
all: their own unit's; in the area of their post, but somebody else's; in the other town. The
case of "own" lies with their own unit where its state allows (a grid and a station only hold
what was sent to them). One county in one transaction, for all cells of a process.
"""

import copy
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from PIL import Image

from gezhi.backup.models import Run
from gezhi.backup.rules import Kind, file_name
from gezhi.base import clock
from gezhi.base.actor import NOBODY, Actor, Post
from gezhi.base.ids import new_id
from gezhi.cases import actions as cases
from gezhi.cases.models import Approval, Case, Leg
from gezhi.deadlines.actions import rehearsing
from gezhi.desk import actions as desk
from gezhi.exchange import actions as exchange
from gezhi.exchange.models import Delivery as Dead
from gezhi.exchange.models import Handover
from gezhi.hotline import actions as hotline
from gezhi.intake import actions as intake
from gezhi.notices.models import Delivery, Notice
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.people.models import Account, Session
from gezhi.people.rules import Role
from gezhi.places import actions as place_actions
from gezhi.places import reads as place_reads
from gezhi.places.rules import NewName
from gezhi.retention import actions as retention
from gezhi.retention.models import Removal
from gezhi.rulebook import reads as rulebook
from gezhi.triage.actions import answers, owning
from gezhi.triage.models import LearnedModel, RootCause, Topic, TopicCase, TopicRun
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    OTHER,
    SETTING_UP,
    SINCE,
    TOWN,
    VILLAGE,
    County,
    build_county,
    point_in,
)
from tests.emptying import empty
from tests.matrix import residents

STATION = f"station-{TOWN}-enforcement"
# Short name → (role, unit). Who has none knocks without an account.
WHO: dict[str, tuple[str, str] | None] = {
    "nob": None,
    "cod": None,
    "res": None,
    "oth": None,
    "grd": ("grid_worker", f"grid-{GRID}"),
    "rec": ("receptionist", f"centre-{TOWN}"),
    "han": ("handler", STATION),
    "sup": ("supervisor", f"centre-{TOWN}"),
    "vis": ("return_visitor", f"centre-{TOWN}"),
    "med": ("mediator", f"centre-{TOWN}"),
    "lea": ("leader", f"centre-{TOWN}"),
    "adm": ("administrator", f"centre-{TOWN}"),
    "top": ("administrator", f"centre-{COUNTY}"),
    "sec": ("security_administrator", f"centre-{COUNTY}"),
    "aud": ("auditor", f"centre-{COUNTY}"),
    "int": ("integrator", f"centre-{TOWN}"),
    "key": ("integrator", f"centre-{TOWN}"),  # the same program, by its key
}
SITUATIONS = ("own", "area", "away")
NO_ROLE_YET = {who for who, post in WHO.items() if post and post[0] not in set(Role)}
# Whose unit a thing of "area" and "away" belongs to.
_UNITS = {"area": f"centre-{VILLAGE}", "away": f"centre-{OTHER}"}
_THEIRS = {"area": "cun", "away": "bie"}
_FAR_GRID = f"{FAR_VILLAGE}001"


@dataclass
class Stand:
    """Cases of one place in every state, by the state's name, and what hangs on them."""

    of: dict[str, Any] = field(default_factory=dict)
    reported: dict[str, Any] = field(default_factory=dict)
    file: UUID | None = None
    approval: UUID | None = None
    leg: UUID | None = None


T = TypeVar("T", bound="World")


@contextmanager
def thrown_away(kind: type[T], django_db_blocker: Any) -> Iterator[T]:
    """One county for all tests of a file, gone after them; each asks in a transaction of its own.

    The county itself is committed: a transaction as long as the file would hold back the
    followers in every other test on this server.
    """
    # What templates were given is kept by Django's client for tests that ask: none here does.
    quick = patch("django.test.client.store_rendered_templates", lambda *_args, **_more: None)
    with (
        TemporaryDirectory() as folder,
        override_settings(BACKUP_TO=folder),
        django_db_blocker.unblock(),
        quick,
    ):
        place_reads.forget(COUNTY)
        people_reads.forget_units()
        try:
            with transaction.atomic():
                made = kind()
            yield made
        finally:
            empty()
    people_reads.forget_units()
    people_reads.forget_keys()
    place_reads.forget(COUNTY)


class World:
    """The county, everybody's way in, and every thing by name, situation and person."""

    def __init__(self) -> None:
        self.county: County = build_county()
        self.book = rulebook.current(COUNTY)
        self.accounts = self._everybody()
        self.stands = self._stands()
        self.doors = residents.let_everybody_in()
        self.token = str(self._key_of("int").token)
        self._clients = {who: self._client(who) for who in WHO if who not in NO_ROLE_YET}
        self._cookies = {
            who: copy.deepcopy(client.cookies) for who, client in self._clients.items()
        }
        self.things = self._things()
        # What was answered of things that don't exist, by request and person.
        self.absent: dict[tuple[str, str, str], Any] = {}

    # --- people --------------------------------------------------------------------------------

    def _everybody(self) -> dict[str, Account]:
        posts = {who: post for who, post in WHO.items() if post and who not in NO_ROLE_YET}
        people.add_accounts_with_posts(
            [
                people.NewPerson(f"m-{who}", f"测试{who}", (people.NewPost(unit, role),))
                for who, (role, unit) in posts.items()
                if who != "key"
            ],
            county=COUNTY,
            password_hash="!",
            must_change_password=False,
            valid_from=SINCE,
            actor=SETTING_UP,
        )
        found = {
            who: Account.objects.get(login=f"m-{'int' if who == 'key' else who}") for who in posts
        }
        return found

    def actor(self, who: str) -> Actor:
        return people_reads.actor_for(self.accounts[who])

    def _key_of(self, who: str) -> Any:
        return people.make_key(account=self.accounts[who].id, name="matrix", actor=SETTING_UP)

    def _client(self, who: str) -> Client:
        client = Client()
        if who == "cod":
            for reported in self.stands["centre"].reported.values():
                given = {"number": reported.case.number, "code": reported.code}
                assert client.post("/track/", given).status_code == 302
        elif who in self.doors:
            client = self.doors[who].client()
        elif who == "key":
            client = Client(headers={"authorization": f"Bearer {self.token}"})
        elif who in self.accounts:
            client.force_login(self.accounts[who], backend="gezhi.site.sessions.AccountBackend")
        return client

    def client(self, who: str) -> Client:
        """A browser as it was when it came in, whatever it was answered since."""
        client = self._clients[who]
        client.cookies = copy.deepcopy(self._cookies[who])
        return client

    # --- cases ---------------------------------------------------------------------------------

    def _stands(self) -> dict[str, Stand]:
        water, road = self.county.unit("dept-water"), self.county.unit("dept-transport")
        town = cases.Where(place="河湾镇街上", path=TOWN)
        near, far = (
            cases.Where(lon=point_in(grid)[0], lat=point_in(grid)[1], place="村口")
            for grid in (GRID, _FAR_GRID)
        )
        return {
            "centre": self._stand("centre", town, lead=self.county.unit(STATION), help=road),
            "grid": self._stand("grid", near, lead=self.county.unit(f"grid-{GRID}"), help=road),
            "area": self._stand("area", near, lead=water, help=road),
            "away": self._stand("away", far, lead=water, help=road),
            # Called to help is each one's own unit, which leads nothing of it.
            "helping": self._helping(town, [self.county.unit(STATION)], lead=water),
            "helping-grid": self._helping(near, [self.county.unit(f"grid-{GRID}")], lead=water),
        }

    def _report(self, where: Any, stand: str = "") -> Any:
        return cases.report(
            county=COUNTY,
            what="自来水管破裂，路上全是水，已经半天没人管",
            where=where,
            channel="portal",
            contact=cases.Contact(
                name="李秀兰", phone=residents.phone_of(stand), address="三社12号"
            ),
            actor=NOBODY,
        )

    def _stand(self, name: str, where: Any, *, lead: UUID, help: UUID) -> Stand:
        stand = Stand()
        for state in _WAYS:
            made = self._report(where, name)
            stand.reported[state] = made
            self._bring(made.case, state, lead=lead, help=help, stand=stand)
            stand.of[state] = made.case.number
        return stand

    def _helping(self, where: Any, helpers: list[UUID], *, lead: UUID) -> Stand:
        stand = Stand()
        made = self._report(where)
        stand.reported["helped"] = made
        self._bring(made.case, "handling", lead=lead, help=lead, stand=Stand())
        cases.whistle(made.case.id, units=helpers, words="来帮忙", actor=SETTING_UP)
        stand.of["helped"] = made.case.number
        return stand

    def _bring(self, case: Any, state: str, *, lead: UUID, help: UUID, stand: Stand) -> None:
        """Through the acts, to a state; what hangs on it is noted on the stand."""
        by, id, later = SETTING_UP, case.id, clock.now() + timedelta(days=1)
        steps: dict[str, Callable[[], Any]] = {
            "merge": lambda: cases.merge(id, main=stand.of["reported"], actor=by),
            "accept": lambda: cases.accept(id, category=case.proposed_category, actor=by),
            "assign": lambda: cases.assign(id, unit=lead, actor=by),
            "sign": lambda: cases.sign(id, actor=by),
            "file": lambda: self._add_file(case, stand),
            "whistle": lambda: self._whistle(case, [help], stand),
            "pause": lambda: cases.pause(
                id, reason=self.reason("pause"), until=later, words="等材料", actor=by
            ),
            "leave": lambda: self._ask_leave(case, lead, stand),
            "demand": lambda: cases.supervise(id, words="今天办完", actor=by),
            "ask": lambda: cases.ask(id, words="在哪个门口？", actor=by),
            "finish": lambda: cases.finish(
                id,
                outcome="cannot",
                reason=self.reason("cannot"),
                answer="管道属于小区物业，已经告知。",
                actor=by,
            ),
            "close": lambda: cases.close(id, actor=by),
        }
        for step in _WAYS[state].split():
            steps[step]()

    def _add_file(self, case: Any, stand: Stand) -> None:
        upload = cases.Upload("p.jpg", picture(), "photo")
        stand.file = cases.attach(case.id, upload=upload, actor=SETTING_UP).id

    def _whistle(self, case: Any, helpers: list[UUID], stand: Stand) -> None:
        cases.whistle(case.id, units=helpers, words="来帮忙", actor=SETTING_UP)
        stand.leg = Leg.objects.get(case=case.id, role="joint").id

    def _ask_leave(self, case: Any, lead: UUID, stand: Stand) -> None:
        """Somebody of the lead unit asks to pause; no supervisor, so it waits for one."""
        rights = frozenset({"case.read", "case.pause"})
        asker = Actor(
            label=f"account:{new_id()}", kind="staff", posts=(Post(lead, "handler", "", rights),)
        )
        until = clock.now() + timedelta(days=2)
        cases.pause(case.id, reason=self.reason("pause"), until=until, words="等材料", actor=asker)
        stand.approval = Approval.objects.get(case=case.id, decided_at__isnull=True).id

    def reason(self, kind: str) -> str:
        known = self.book.reasons(kind).items()
        return next(code for code, reason in known if not reason.needs_words)

    # --- things --------------------------------------------------------------------------------

    def stand_of(self, who: str, situation: str, state: str = "") -> Stand:
        if situation != "own":
            return self.stands[situation]
        is_grid = who == "grd"
        if state == "helped" and who in ("grd", "han"):
            return self.stands["helping-grid" if is_grid else "helping"]
        # What a grid was never sent lies with the village.
        return self.stands["grid" if is_grid else "centre"]

    def value(self, name: str, who: str, situation: str) -> str:
        """What stands for `{name}` in an address."""
        if name in _WAYS:
            return str(self.stand_of(who, situation, name).of[name])
        if name == "report":
            return str(self.stand_of(who, situation).reported["handling"].report.id)
        if name == "file":
            return str(self.stand_of(who, situation).file)
        if name == "nothing":
            return str(uuid4())
        if name == "day":
            return str(clock.now().date() + timedelta(days=3))
        found = self.things[name]
        if situation == "-" or "-" in found:
            return str(found["-"])
        return str(found.get((who, situation)) or found.get(situation))

    def nothing_like(self, name: str) -> str:
        """A value of the same form that nothing has."""
        if name in _WAYS:
            return "200101-999999"
        if name == "day":
            return "2027-01-05"
        backup = file_name(Kind.BACKUP, COUNTY, datetime(2020, 1, 1, tzinfo=UTC))
        odd = {"area": "990101199", "version": "999999", "backup": backup}
        if name in odd:
            return odd[name]
        return str(uuid4())

    def _things(self) -> dict[str, dict[Any, Any]]:
        found: dict[str, dict[Any, Any]] = {
            name: {} for name in (
                "unit", "account", "post", "shift", "duty", "other", "leave", "key", "rehearsal",
                "import", "notice", "delivery", "bulk", "filter", "area",
                "session",
            )
        }  # fmt: skip
        for situation, login in _THEIRS.items():
            unit = self.county.unit(_UNITS[situation])
            account = self.county.accounts[login]
            self._fill(found, situation, account, unit, self.county.actor(login), situation)
        for who, post in WHO.items():
            if who in self.accounts and post and who != "key":  # the key's things are its account's
                unit = self.county.unit(post[1])
                account = self.accounts[who]
                place = "grid" if who == "grd" else "centre"
                self._fill(found, (who, "own"), account, unit, self.actor(who), place)
        for values in found.values():
            values["key", "own"] = values.get(("int", "own"))
        found["area"] |= {"own": TOWN, "area": VILLAGE, "away": OTHER}
        found["place_name"] = self._place_names()
        self._fill_webhooks(found)
        self._fill_sources(found)
        self._fill_hotline(found)
        anybody = next(key for key in found["unit"] if isinstance(key, tuple))
        for values in found.values():  # for those who have nothing of their own
            values.setdefault("own", values.get(anybody, next(iter(values.values()), None)))
        self._fill_county(found)
        return found

    def _fill_webhooks(self, found: dict[str, dict[Any, Any]]) -> None:
        """Of the program itself, and of another; each with an event that did not arrive."""
        found |= {"webhook": {}, "event": {}}
        for situation, actor in (("own", self.actor("int")), ("away", self.county.actor("dui"))):
            made = exchange.subscribe(
                name="别的系统", address="https://hooks.example.org/", actor=actor
            ).subscription
            dead = Dead.objects.create(
                county=COUNTY, subscription=made, xid=1, line=1, kind="case_closed", number="1",
                at=clock.now(), stage="dead",
            )  # fmt: skip
            found["webhook"][situation], found["event"][situation] = made.id, dead.id

    def _fill_sources(self, found: dict[str, dict[Any, Any]]) -> None:
        """One of the county, with a message that could not be read."""
        wanted = intake.Wanted(name="别的平台", field_map='number = "id"\nwhat = "text"')
        source, _secret = intake.add_source("webhook", wanted, actor=SETTING_UP)
        raw = intake.Brought("1", b'{"id": "1"}')
        found["source"] = {"-": source.id}
        found["received"] = {"-": intake.receive(source, raw).id}

    def _peers(self) -> dict[str, dict[Any, Any]]:
        """Another city, with a case that could not be sent to it."""
        made = exchange.make_peer(
            name="邻县", unit=self.county.unit("dept-cityadmin"),
            address="https://city.example.org/open311/v2", actor=self.actor("top"),
        )  # fmt: skip
        case = Case.objects.order_by("opened_at").first()
        assert case is not None
        dead = Handover.objects.create(
            county=COUNTY, peer=made, case=case, number=case.number, reach="dead", why="failed",
            asked_at=clock.now(),
        )  # fmt: skip
        return {"peer": {"-": made.id}, "handover": {"-": dead.id}}

    def _fill_hotline(self, found: dict[str, dict[Any, Any]]) -> None:
        """A call of the town's agent and program, one of the other town's, and an article."""
        found |= {"call": {}, "call_id": {}, "article": {}}
        for situation, agent, program in (
            ("own", "m-rec", self.actor("int")), ("away", "bie", self.county.actor("dui")),
        ):  # fmt: skip
            call = hotline.begin_call(f"c-{situation}", agent=agent, actor=program).call
            found["call"][situation], found["call_id"][situation] = call.id, call.call_id
        made = hotline.make_article(
            title="高龄津贴", answer="到村委会填表。", actor=self.county.actor("du")
        )
        found["article"]["-"] = made.id

    def _place_names(self) -> dict[Any, Any]:
        """A name in the grid worker's grid, in the one beside it, and in the other town."""
        grids = {"own": GRID, "area": f"{VILLAGE}002", "away": _FAR_GRID}
        return {
            situation: place_actions.add_name(
                NewName("老磨坊", "other", grid), county=COUNTY, actor=SETTING_UP
            ).id
            for situation, grid in grids.items()
        }

    def _fill(
        self, found: Any, at: Any, account: Account, unit: UUID, actor: Actor, place: str
    ) -> None:
        now = clock.now()
        day = (now + timedelta(days=2)).date()
        found["unit"][at] = unit
        found["account"][at] = account.id
        post = account.posts.first()
        found["post"][at] = post.id
        shift = people.add_shift(
            unit=unit, name=f"班{uuid4().hex[:8]}", starts=time(8), ends=time(16), actor=SETTING_UP
        )
        found["shift"][at] = shift.id
        for name, on in (("duty", day), ("other", day + timedelta(days=7))):
            duty = people.set_duty(shift.id, day=on, people=[account.id], actor=SETTING_UP)
            found[name][at] = duty[0].id
        leave = people.take_leave(
            account=account.id,
            starts=now + timedelta(days=9),
            ends=now + timedelta(days=10),
            kind="leave",
            actor=SETTING_UP,
        )
        found["leave"][at] = leave.id
        found["key"][at] = people.make_key(account=account.id, name="k", actor=SETTING_UP).key.id
        case = self.stands[place].reported["handling"].case
        notice = Notice.objects.create(
            county=COUNTY, account=account, case=case, number=case.number, event="assigned",
            audience="holder", cause=f"line:{new_id()}", words="有一件新工单", is_on_desk=True,
            at=now, made_at=now,
        )  # fmt: skip
        found["notice"][at] = notice.id
        found["delivery"][at] = Delivery.objects.create(
            county=COUNTY, notice=notice, channel="mail", address="a@example.org", words="有",
            state="failed", due=now, made_at=now,
        ).id  # fmt: skip
        wanted = [desk.Wanted(case.id, case.number, None)]
        found["bulk"][at] = desk.start_bulk(
            "supervise", wanted, arguments={"words": "办完"}, key=uuid4().hex, digest="d",
            county=COUNTY, actor=actor,
        ).id  # fmt: skip
        found["session"][at] = self._session_of(account)
        found["filter"][at] = desk.save_filter(name="我的", query="tab=area", actor=actor)[0].id

    def _session_of(self, account: Account) -> UUID:
        """Where somebody is signed in; who never was signs in for it."""
        if not Session.objects.filter(account=account).exists():
            Client().force_login(account, backend="gezhi.site.sessions.AccountBackend")
        return Session.objects.filter(account=account)[:1].get().ref

    def _fill_county(self, found: dict[str, dict[Any, Any]]) -> None:
        files = rulebook.default_files()
        today = clock.now().date()
        for who in ("adm", "top"):
            found["rehearsal"][who, "own"] = rehearsing.start_rehearsal(
                files, since=today - timedelta(days=2), until=today, key=uuid4().hex,
                county=COUNTY, actor=self.actor(who),
            ).id  # fmt: skip
        found["rehearsal"]["own"] = found["rehearsal"]["adm", "own"]
        found["rehearsal"]["away"] = found["rehearsal"]["top", "own"]  # of the whole county
        table = "留言编号,留言主题,留言时间,留言详情\n1,灯,2019/1/3 12:00:00,灯不亮\n".encode()
        for at, actor in ((("rec", "own"), self.actor("rec")), ("away", self.county.actor("bie"))):
            found["import"][at] = intake.receive_file(
                table, name="m.csv", county=COUNTY, actor=actor
            ).id
        found["import"]["own"] = found["import"]["rec", "own"]
        found |= residents.things_of(self.doors, self.stands)
        found["delegation"] = {"own": self._delegation()}
        found |= self._of_the_house()
        found |= self._topics()
        found |= self._peers()
        found["version"] = {"-": self.book.version}
        found["category"] = {"-": next(iter(self.book.categories))}
        found["kind"] = {"-": "contacts"}

    def _delegation(self) -> UUID:
        """The receptionist lets a colleague, who has no column, hold the post too."""
        mine, colleague = self.accounts["rec"], self.county.accounts["zhendu"]
        until = clock.now().date() + timedelta(days=3)
        post = mine.posts.get().id
        actor = self.actor("rec")
        return people.delegate_post(post, to=colleague.id, until=until, actor=actor).id

    def _of_the_house(self) -> dict[str, dict[Any, Any]]:
        """What there is once for the whole county: a hold, a removal that is done, a backup."""
        now = clock.now()
        held = self.stands["helping"].of["helped"]
        hold = retention.hold(held, reason="等法院的判决", actor=self.actor("sec"))
        removal = Removal.objects.create(
            county=COUNTY, kind="contacts", days=365, before=now, actor="system:tests",
            began_at=now, touched_at=now, finished_at=now, hash="0" * 64,
        )  # fmt: skip
        run = Run.objects.create(
            county=COUNTY, work="write", actor="system:tests", began_at=now, touched_at=now,
            finished_at=now, is_fine=True, name=self.backup,
        )  # fmt: skip
        (Path(settings.BACKUP_TO) / self.backup).touch()
        return {
            "hold": {"-": hold.id}, "removal": {"-": removal.id}, "run": {"-": run.id},
            "backup": {"-": self.backup}, "reply": {"-": self._reply()},
            "owner": {"-": self._owner()}, "model": {"-": self._model()},
            "ground": {"-": self._ground()},
        }  # fmt: skip

    def _owner(self) -> UUID:
        """What is laid down for a kind of thing in the town."""
        laid_down = {"ground": TOWN, "unit": "dept-water", "asset": "sport", "reason": "2024 合同"}
        return owning.lay_down(**laid_down, actor=self.actor("top")).id

    def _ground(self) -> UUID:
        """A named ground in the town."""
        ground = {"name": "河湾集市", "kind": "market", "path": TOWN}
        return owning.add_ground(**ground, actor=self.actor("top")).id

    def _model(self) -> int:
        """A version of what was learned that is kept, out of force."""
        LearnedModel.objects.create(
            county=COUNTY, version=1, made_at=clock.now(), made_by=SETTING_UP.label, cases=300,
            classes=2, until=clock.now(), margin=0.5, scores={}, body=b"",
        )  # fmt: skip
        return 1

    def _reply(self) -> UUID:
        """A standard reply that is in use."""
        words = {"title": "修好了", "text": "{日期}已经修好。"}
        return answers.add_reply(**words, actor=self.actor("top")).id

    def _topics(self) -> dict[str, dict[Any, Any]]:
        """A topic and a root-cause case here and in the other town, and a search for topics."""
        now, water = clock.now(), self.county.unit("dept-water")
        found: dict[str, dict[Any, Any]] = {"topic": {}, "root": {}, "search": {}}
        for situation, path in (("area", VILLAGE), ("away", FAR_VILLAGE)):
            case = self.stands[situation].reported["handling"].case
            topic = Topic.objects.create(
                county=COUNTY, path=path, category=case.proposed_category, first_at=now,
                last_at=now, cases=1, reports=3, likes=0, heat=3, week=1, found_at=now,
            )  # fmt: skip
            TopicCase.objects.create(county=COUNTY, topic=topic, case_id=case.id, rank=0)
            root = RootCause.objects.create(
                county=COUNTY, path=path, category=case.proposed_category, owner_id=water,
                case_id=case.id, opened_at=now, opened_by="system:tests", target=now.date(),
            )  # fmt: skip
            found["topic"][situation], found["root"][situation] = topic.id, root.id
        search = TopicRun.objects.create(
            county=COUNTY, state="done", actor="system:tests", asked_at=now, touched_at=now,
            finished_at=now,
        )  # fmt: skip
        found["search"]["-"] = search.id
        return found

    @property
    def backup(self) -> str:
        """The name of a file that lies where backups lie."""
        return file_name(Kind.BACKUP, COUNTY, datetime(2026, 1, 1, tzinfo=UTC))


_AT_WORK = "accept assign sign"
# How a case comes to each state.
_WAYS = {
    "reported": "",
    "accepted": "accept",
    "assigned": "accept assign",
    "handling": f"{_AT_WORK} file",
    "helped": f"{_AT_WORK} whistle",
    "paused": f"{_AT_WORK} pause",
    "asking": f"{_AT_WORK} leave",
    "demanded": f"{_AT_WORK} demand",
    "questioned": f"{_AT_WORK} ask",
    "done": f"{_AT_WORK} finish",
    "closed": f"{_AT_WORK} finish close",
    "merged": "merge",
}


@cache
def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "gray").save(out, "JPEG")
    return out.getvalue()
