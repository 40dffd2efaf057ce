"""Indexes of large tables are built while others write, and again where that was broken off."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BUILT = {
    "0016_newest_of_the_public": "cases_case_public",
    "0017_reports_by_channel": "cases_report_channel",
    "0018_what_happened_in_order": "cases_history_public",
}


def is_valid(index: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [index])
        [(valid,)] = cursor.fetchall()
    return bool(valid)


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_broken_off_is_built_anew() -> None:
    loader = MigrationExecutor(connection).loader
    state = loader.project_state(("cases", "0015_answers_to_questions"))
    for name, index in BUILT.items():
        migration = loader.get_migration("cases", name)
        assert not import_module(f"gezhi.cases.migrations.{name}").Migration.atomic
        with connection.cursor() as cursor:  # as a build leaves it that was stopped
            cursor.execute(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [index]
            )
        assert not is_valid(index)
        with connection.schema_editor(atomic=migration.atomic) as editor:
            state = migration.apply(state, editor)
        assert is_valid(index)
