from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether the promise a row shows runs on in a pause, and by when it is to be finished."""

    dependencies = [("cases", "0006_since_when_it_stands")]

    operations = [
        migrations.AddField(
            "case", "due_runs_on", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField("case", "finish_by", models.DateTimeField(null=True)),
    ]
