"""Two clicks make one check of all that is on record."""

from django.db import migrations, models
from django.db.models import Q

# Of several that were begun at once the newest goes on; the others have said nothing yet.
ONE_IS_OPEN = """
DELETE FROM desk_verification v USING desk_verification newer
WHERE v.finished_at IS NULL AND newer.finished_at IS NULL AND newer.county = v.county
AND (newer.asked_at, newer.id) > (v.asked_at, v.id)
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0004_verifications")]

    operations = [
        migrations.RunSQL(ONE_IS_OPEN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.UniqueConstraint(
                fields=["county"],
                condition=Q(finished_at__isnull=True),
                name="desk_verification_one_open",
            ),
        ),
    ]
