"""What anybody may know of cases is found in the order it happened, without sorting all of it.

Built while others write; begun anew where it was broken off.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_NAME = "cases_history_public"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0017_reports_by_channel")]

    operations = [
        migrations.RunSQL(
            f'DROP INDEX CONCURRENTLY IF EXISTS "{_NAME}"', migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            "historyline",
            models.Index(
                fields=["county", "at", "id"],
                condition=models.Q(("is_public", True)),
                name=_NAME,
            ),
        ),
    ]
