from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_one_act_on_many_cases")]

    operations = [
        migrations.AddField(
            model_name="bulkcase",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
