"""Sessions of our own table: of staff also whose, since when and from where. Nobody is signed out."""

import django.db.models.deletion
import gezhi.base.ids
from django.conf import settings
from django.db import migrations, models


COPY = """
INSERT INTO people_session (session_key, session_data, expire_date, ref, device, address)
SELECT session_key, session_data, expire_date, gen_random_uuid(), '', ''
FROM django_session WHERE expire_date > now()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('sessions', '0001_initial'),
        ('people', '0006_passwords'),
    ]

    operations = [
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('session_data', models.TextField()),
                ('expire_date', models.DateTimeField(db_index=True)),
                ('ref', models.UUIDField(default=gezhi.base.ids.new_id, editable=False, unique=True)),
                ('began', models.DateTimeField(null=True)),
                ('last_used', models.DateTimeField(null=True)),
                ('device', models.CharField(blank=True, max_length=48)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
    ]
