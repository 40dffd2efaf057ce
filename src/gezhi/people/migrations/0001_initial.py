"""First tables of the people."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import gezhi.base.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnitRevision",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("token", models.UUIDField(default=gezhi.base.ids.new_id)),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=gezhi.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("county", models.CharField(max_length=6)),
                ("path", models.CharField(blank=True, max_length=16)),
                ("login", models.CharField(max_length=48, unique=True)),
                ("name", models.CharField(max_length=48)),
                ("is_active", models.BooleanField(default=True)),
                ("must_change_password", models.BooleanField(default=False)),
                ("language", models.CharField(default="zh-hans", max_length=8)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["county", "path"],
                        name="people_account_path",
                        opclasses=["text_ops", "text_pattern_ops"],
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("login__regex", "^[a-z0-9][a-z0-9._@-]{1,47}$")),
                        name="people_account_login_clean",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=gezhi.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=48)),
                ("prefix", models.CharField(max_length=12, unique=True)),
                ("digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("last_used", models.DateTimeField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=gezhi.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("county", models.CharField(max_length=6)),
                ("code", models.CharField(max_length=48)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("centre", "centre"),
                            ("grid", "grid"),
                            ("department", "department"),
                            ("station", "station"),
                            ("committee", "committee"),
                            ("company", "company"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("city", "city"),
                            ("county", "county"),
                            ("town", "town"),
                            ("village", "village"),
                            ("grid", "grid"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("short_name", models.CharField(blank=True, max_length=24)),
                ("path", models.CharField(max_length=16)),
                ("phone", models.CharField(blank=True, max_length=24)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.area",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="people.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=gezhi.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("grid_worker", "grid_worker"),
                            ("receptionist", "receptionist"),
                            ("handler", "handler"),
                            ("supervisor", "supervisor"),
                            ("return_visitor", "return_visitor"),
                            ("mediator", "mediator"),
                            ("leader", "leader"),
                            ("administrator", "administrator"),
                            ("integrator", "integrator"),
                        ],
                        max_length=16,
                    ),
                ),
                ("path", models.CharField(max_length=16)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="people.unit",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="unit",
            index=models.Index(
                fields=["county", "path"],
                name="people_unit_path",
                opclasses=["text_ops", "text_pattern_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(fields=("county", "code"), name="people_unit_code"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to", None)),
                fields=("account", "unit", "role"),
                name="people_post_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="people_post_days_in_order",
            ),
        ),
    ]
