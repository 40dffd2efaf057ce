from django.db import migrations, models

_NAME = "deadlines_deadline_one_stage"
_INDEX = (
    f'CREATE UNIQUE INDEX CONCURRENTLY "{_NAME}" ON "deadlines_deadline" ("case_id", "stage")'
    " WHERE \"kind\" = 'stage' AND \"met_at\" IS NULL AND \"dropped_at\" IS NULL"
)


class Migration(migrations.Migration):
    """Each stage is promised once at a time. Built while others write; begun anew if broken off."""

    atomic = False

    dependencies = [("deadlines", "0005_grace")]

    operations = [
        migrations.RunSQL(
            [f'DROP INDEX CONCURRENTLY IF EXISTS "{_NAME}"', _INDEX],
            f'DROP INDEX CONCURRENTLY IF EXISTS "{_NAME}"',
            state_operations=[
                migrations.AddConstraint(
                    "deadline",
                    models.UniqueConstraint(
                        fields=["case", "stage"],
                        condition=models.Q(
                            met_at__isnull=True, dropped_at__isnull=True, kind="stage"
                        ),
                        name=_NAME,
                    ),
                ),
            ],
        ),
    ]
