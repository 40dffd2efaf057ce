"""The database as who owns its tables: for making them, and for what the application may not do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, this thread's connection is the owner's, where GEZHI_OWNER_DATABASE_URL names one."""
    owner: dict[str, object] = settings.OWNER_DATABASE
    if not owner or connection.in_atomic_block:  # a test's transaction can't change who it is
        yield
        return
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
