"""Residents who are signed in, with what is theirs alone: reports, requests, copies, sessions.

`res` reported what lies with the centre, `nei` what lies in the area, `oth` what lies away. `nei`
never knocks: of somebody's things in the same area there have to be some.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from gezhi.base import clock
from gezhi.cases.models import Report
from gezhi.people import actions as people
from gezhi.people.actions import LetIn
from gezhi.people.models import ResidentSession
from gezhi.portal.pages import keeping
from gezhi.residents import actions, reads
from gezhi.residents.reads import Signed
from gezhi.residents.rules import Wish
from tests.cast import COUNTY

PHONES = {"res": "13812345678", "nei": "13712345678", "oth": "13912345678"}
REPORTER_OF = {"centre": "res", "away": "oth"}  # of every other stand: nei
_OWNER = {"own": "res", "area": "nei", "away": "oth"}
# What is asked about whose reports: which state's report doesn't matter.
_ASKED = {"erasure": Wish.ERASE, "correction": Wish.CORRECT}


def phone_of(stand: str) -> str:
    """The phone that the reporter of a stand's cases left."""
    return PHONES[REPORTER_OF.get(stand, "nei")]


@dataclass(frozen=True)
class Door:
    """Somebody let in: their token opens pages as a cookie and operations as a key."""

    let_in: LetIn

    def client(self) -> Client:
        client = Client(headers={"authorization": f"Bearer {self.let_in.token}"})
        client.cookies.update(keeping.remember_session(HttpResponse(), self.let_in).cookies)
        return client

    @property
    def signed(self) -> Signed:
        found = reads.signed_in(self.let_in.token)
        assert found is not None
        return found


def let_everybody_in() -> dict[str, Door]:
    """A session each; that their phone gave back a code stays fresh for as long as tests take."""
    doors = {
        who: Door(people.let_in(phone=phone, is_app=False, county=COUNTY, address="127.0.0.1"))
        for who, phone in PHONES.items()
    }
    ResidentSession.objects.update(proven_at=clock.now() + timedelta(hours=2))
    return doors


def things_of(doors: dict[str, Door], stands: dict[str, Any]) -> dict[str, dict[str, UUID]]:
    """A request of each sort and a copy of each resident, by what stands for it in an address."""
    found: dict[str, dict[str, UUID]] = {"erasure": {}, "correction": {}, "copy": {}}
    for situation, who in _OWNER.items():
        stand, signed = stands["centre" if situation == "own" else situation], doors[who].signed
        report: Report = stand.reported["paused"].report
        for name, wish in _ASKED.items():
            found[name][situation] = actions.ask_about_data(
                report.id, wish=wish, wanted="水管破了，请快来修", signed=signed
            ).id
        copy = actions.ask_copy(address="127.0.0.1", signed=signed)
        assert actions.make_copy(copy.id)
        found["copy"][situation] = copy.id
    return found
