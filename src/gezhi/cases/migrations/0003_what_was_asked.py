from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_what_waits_for_an_act")]

    operations = [
        migrations.AddField("case", "has_asked", models.BooleanField(null=True)),
    ]
