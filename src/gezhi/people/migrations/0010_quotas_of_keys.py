"""How many requests a key may make in a minute, where it is fewer than any other may."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0009_taken_by_the_person")]

    operations = [
        migrations.AddField("apikey", "most", models.PositiveIntegerField(blank=True, null=True))
    ]
