"""Whether the category came with the report; of older cases nobody can say."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_secret_cases_from_before")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="is_category_told",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
