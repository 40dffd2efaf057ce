"""The newest public cases are found without reading those that are not.

Built while others write; begun anew where it was broken off.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_NAME = "cases_case_public"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0015_answers_to_questions")]

    operations = [
        migrations.RunSQL(
            f'DROP INDEX CONCURRENTLY IF EXISTS "{_NAME}"', migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            "case",
            models.Index(
                fields=["county", "-opened_at", "-id"],
                condition=models.Q(("is_public", True)),
                name=_NAME,
            ),
        ),
    ]
