from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_pictures_of_peers'),
    ]

    operations = [
        migrations.AddField(
            model_name='handover',
            name='is_doubted',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
