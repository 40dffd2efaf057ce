"""What was answered to the questions of a case's category; cases from before answered none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_whose_category_it_is")]

    operations = [
        migrations.AddField(
            "case", "answers", models.JSONField(blank=True, db_default={}, default=dict)
        )
    ]
