from django.db import migrations, models


class Migration(migrations.Migration):
    """A category may promise stages on the way to the finish, each its own row."""

    dependencies = [("deadlines", "0003_rehearsals")]

    operations = [
        migrations.AddField(
            "deadline",
            "stage",
            models.CharField(max_length=96, blank=True, default="", db_default=""),
        ),
    ]
