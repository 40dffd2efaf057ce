"""What a person has to take or confirm themselves; passwords made for one sign-in are marked."""

from datetime import date

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Greatest


def mark(apps, schema_editor):
    """Until now whoever had to change a password had one made for one sign-in.

    Delegations of closed accounts end, as they do now when an account is closed.
    """
    apps.get_model("people", "Account").objects.filter(must_change_password=True).update(
        password_is_once=True
    )
    today = models.Value(date.today(), models.DateField())
    apps.get_model("people", "Post").objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=date.today()), delegated_by__is_active=False
    ).update(valid_to=Greatest("valid_from", today))


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0008_delegations'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='password_is_once',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='apikey',
            name='collected_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='identity',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
