from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when a clock stands, and which stages of its category a case has reached."""

    dependencies = [("cases", "0005_who_wrote_it_down")]

    operations = [
        migrations.AddField("case", "paused_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "stages", models.JSONField(default=list, db_default=[])),
    ]
