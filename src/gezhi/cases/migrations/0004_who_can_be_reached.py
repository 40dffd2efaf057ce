from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_what_was_asked")]

    operations = [
        migrations.AddField("case", "is_reachable", models.BooleanField(null=True)),
    ]
