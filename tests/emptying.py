"""Which tables may have rows, and taking away what a test committed."""

from django.db import connection, transaction

_LARGE = 1_000_000  # bytes

# Nothing that came by a migration is in other tables than those left out.
_WRITTEN = """SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"""


def written() -> dict[str, int]:
    """The tables that have rows or had some, with their sizes in bytes."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return dict(cursor.fetchall())


def empty() -> None:
    """The database is as migrated.

    What is little is deleted, which takes a hundredth of what TRUNCATE does, and past triggers:
    what is only added to refuses.
    """
    connection.close()  # it may be in a state of the test's own
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, size in written().items():
            how = 'TRUNCATE "{}" CASCADE' if size > _LARGE else 'DELETE FROM "{}"'
            cursor.execute(how.format(table))
