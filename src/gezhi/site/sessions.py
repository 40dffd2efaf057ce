"""Who is signed in: asked before every page, so around the ORM's compiler (docs/decisions/0008)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.http import HttpRequest

from gezhi.base import clock, rows
from gezhi.base.http import address_of
from gezhi.people import reads as people
from gezhi.people.models import Account, Session
from gezhi.people.rules import device_name, is_use_due, session_ends

# Sent by pages that ask by themselves: nobody is at the desk because a number was refreshed.
QUIET = "X-Gezhi-Quiet"


class SessionStore(db.SessionStore):
    """Sessions in the database, where signing out of one process counts for all.

    Of staff they end after some time without use, and some hours after the sign-in at the latest.
    A use is written down once a minute; only what a browser asks for counts as one, so the live
    process and `seen` keep no session open.
    """

    request: HttpRequest | None = None
    _row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:  # type: ignore[override]  # ours has no base of Django's
        return Session

    def of(self, request: HttpRequest) -> None:
        """This request is what the session is used by."""
        self.request = request

    @property
    def seconds_left(self) -> int:
        """How long the session lasts if nobody uses it any more."""
        row = self._row
        return max(0, int((row.expire_date - clock.now()).total_seconds())) if row else 0

    @property
    def _is_used(self) -> bool:
        return self.request is not None and QUIET not in self.request.headers

    def _get_session_from_db(self) -> Session | None:
        key, now, found = self.session_key or "", clock.now(), []
        if key.isalnum():  # a cookie may hold anything, a zero byte too
            found = rows.fetch(Session, "session_key = %s AND expire_date > %s", [key, now])
        if not found:
            self._session_key = None
            return None
        self._row = row = found[0]
        if row.account_id and self._is_used and is_use_due(row.last_used, now):
            row.last_used, row.expire_date = now, _ends(row.began or now, now)
            rows.write(changed=[row])
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Session:  # type: ignore[override]  # as above
        """The row to save. A session begins with the sign-in; a new key for who is in goes on."""
        key, now, before = self._own_key(), clock.now(), self._row
        row = before if before and before.session_key == key else Session(session_key=key)
        row.session_data = self.encode(data)
        account = UUID(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        if account != row.account_id:
            row.account_id, row.began, row.last_used = account, now, now
            row.device, row.address = self._where() if account else ("", "")
            if account and before and before.account_id == account:
                row.began, row.device, row.address = before.began, before.device, before.address
        if account:
            row.expire_date = _ends(row.began or now, row.last_used or now)
        else:
            row.expire_date = self.get_expiry_date(modification=now)
        self._row = row
        return row

    def _own_key(self) -> str:
        if self.session_key is None:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # of Django's base
        return self.session_key or ""

    def _where(self) -> tuple[str, str]:
        if self.request is None:
            return "", ""
        return device_name(self.request.headers.get("User-Agent", "")), address_of(self.request)


def _ends(began: Any, last_used: Any) -> Any:
    idle, longest = settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS
    return session_ends(
        began, last_used, idle=timedelta(minutes=idle), longest=timedelta(hours=longest)
    )


class AccountBackend(ModelBackend):
    """Passwords as Django checks them."""

    def get_user(self, user_id: Any) -> Account | None:
        return people.signed_in(user_id)
