"""What a test committed is taken away again."""

from django.db import connection

# Nothing that came by a migration is in other tables than those kept. Little is deleted, which
# takes a hundredth of what TRUNCATE does; past triggers, since what is only added to refuses.
_EMPTY = """DO $$
DECLARE one record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN
        SELECT oid::regclass AS name, pg_relation_size(oid) > 1000000 AS is_large FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        IF one.is_large THEN EXECUTE format('TRUNCATE %s CASCADE', one.name);
        ELSE EXECUTE format('DELETE FROM %s', one.name);
        END IF;
    END LOOP;
END $$"""


def empty() -> None:
    """The database is as migrated."""
    connection.close()  # it may be in a state of the test's own
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
