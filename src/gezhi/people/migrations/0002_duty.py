"""Heads of units, shifts and duties, leave."""

import django.contrib.postgres.fields
import django.db.models.deletion
import gezhi.base.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.UUIDField(default=gezhi.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=24)),
                ('starts', models.TimeField()),
                ('ends', models.TimeField()),
                ('is_active', models.BooleanField(default=True)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='people.unit')),
            ],
        ),
        migrations.AddField(
            model_name='post',
            name='is_head',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='Rota',
            fields=[
                ('shift', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='rota', serialize=False, to='people.shift')),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('since', models.DateField()),
                ('turn_days', models.PositiveSmallIntegerField(default=1)),
                ('at_once', models.PositiveSmallIntegerField(default=1)),
                ('weekdays', models.CharField(default='1234567', max_length=7)),
                ('filled_to', models.DateField()),
                ('goes_on', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.UUIDField(default=gezhi.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='duties', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='people.unit')),
                ('shift', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='people.shift')),
            ],
        ),
        migrations.CreateModel(
            name='Leave',
            fields=[
                ('id', models.UUIDField(default=gezhi.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('leave', 'leave'), ('training', 'training'), ('other', 'other')], max_length=12)),
                ('starts', models.DateTimeField()),
                ('ends', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leaves', to=settings.AUTH_USER_MODEL)),
                ('substitute', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stands_in', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'ends'], name='people_leave_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='people_leave_moments_in_order'), models.CheckConstraint(condition=models.Q(('substitute', models.F('account')), _negated=True), name='people_leave_not_by_oneself')],
            },
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('unit', 'name'), name='people_shift_name_once'),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['unit', 'day'], name='people_duty_day'),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['account', 'day'], name='people_duty_person'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.UniqueConstraint(fields=('shift', 'day', 'account'), name='people_duty_once'),
        ),
    ]
