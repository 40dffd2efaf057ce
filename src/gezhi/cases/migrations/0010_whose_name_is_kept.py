"""A case knows that its first reporter asked for secrecy, for lists and maps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_reports_of_residents")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="is_secret",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(
            "UPDATE cases_case c SET is_secret = TRUE FROM cases_report r"
            " WHERE r.case_id = c.id AND r.is_first AND r.is_secret",
            migrations.RunSQL.noop,
        ),
    ]
