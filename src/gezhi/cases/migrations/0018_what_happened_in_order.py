"""What anybody may know of cases is found in the order it happened, without sorting all of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_reports_by_channel")]

    operations = [
        migrations.AddIndex(
            "historyline",
            models.Index(
                fields=["county", "at", "id"],
                condition=models.Q(("is_public", True)),
                name="cases_history_public",
            ),
        )
    ]
