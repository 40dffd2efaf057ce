"""How much came in by a channel lately is counted without reading the rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_newest_of_the_public")]

    operations = [
        migrations.AddIndex(
            "report",
            models.Index(fields=["county", "channel", "at"], name="cases_report_channel"),
        )
    ]
