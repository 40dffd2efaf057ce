"""Room for the names of the three administrators' roles."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_duty'),
    ]

    operations = [
        migrations.AlterField(
            model_name='post',
            name='role',
            field=models.CharField(choices=[('grid_worker', 'grid_worker'), ('receptionist', 'receptionist'), ('handler', 'handler'), ('supervisor', 'supervisor'), ('return_visitor', 'return_visitor'), ('mediator', 'mediator'), ('leader', 'leader'), ('administrator', 'administrator'), ('security_administrator', 'security_administrator'), ('auditor', 'auditor'), ('integrator', 'integrator')], max_length=24),
        ),
    ]
