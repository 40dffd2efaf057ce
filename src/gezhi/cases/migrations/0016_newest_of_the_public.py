"""The newest public cases are found without reading those that are not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_answers_to_questions")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["county", "-opened_at", "-id"],
                condition=models.Q(("is_public", True)),
                name="cases_case_public",
            ),
        )
    ]
