"""Who is signed in: asked before every page, so around the ORM's compiler (docs/decisions/0008)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from gezhi.base import rows
from gezhi.people import reads as people
from gezhi.people.models import Account


class SessionStore(db.SessionStore):
    """Sessions in the database, where signing out of one process counts for all."""

    def _get_session_from_db(self) -> Session | None:
        key, found = self.session_key or "", []
        if key.isalnum():  # a cookie may hold anything, a zero byte too
            asked = [key, timezone.now()]
            found = rows.fetch(Session, "session_key = %s AND expire_date > %s", asked)
        if not found:
            self._session_key = None
            return None
        return found[0]


class AccountBackend(ModelBackend):
    """Passwords as Django checks them."""

    def get_user(self, user_id: Any) -> Account | None:
        return people.signed_in(user_id)
