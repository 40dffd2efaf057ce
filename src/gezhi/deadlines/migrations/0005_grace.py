from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    """What is promised when it is due already leaves people the time of its ladder."""

    dependencies = [("deadlines", "0004_stages")]

    operations = [
        migrations.AddField(
            "deadline",
            "grace",
            models.DurationField(default=timedelta, db_default=timedelta()),
        ),
    ]
