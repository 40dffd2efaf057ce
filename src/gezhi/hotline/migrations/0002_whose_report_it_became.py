"""Which report a call became; of those from before nobody knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0016_newest_of_the_public"),
        ("hotline", "0001_calls_and_articles"),
    ]

    operations = [
        migrations.AddField(
            "call",
            "report",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to="cases.report",
            ),
        )
    ]
