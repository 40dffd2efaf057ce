import gezhi.base.sealed
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0003_letters_that_are_answered'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='secret_before',
            field=gezhi.base.sealed.SealedField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='source',
            name='secret_until',
            field=models.DateTimeField(null=True),
        ),
    ]
