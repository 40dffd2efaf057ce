from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """A unit that only wrote a case down may have a leg of it, so that it may read on."""

    dependencies = [
        ("cases", "0004_who_can_be_reached"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="leg", name="cases_leg_role_known"),
        AddConstraintNotValid(
            model_name="leg",
            constraint=models.CheckConstraint(
                condition=models.Q(role__in=["lead", "joint", "register"]),
                name="cases_leg_role_known",
            ),
        ),
        ValidateConstraint(model_name="leg", name="cases_leg_role_known"),
    ]
