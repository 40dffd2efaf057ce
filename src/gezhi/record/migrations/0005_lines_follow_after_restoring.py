"""A server that counted fewer transactions writes after the lines a restore brought it."""

import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('record', '0004_books_are_only_added_to'),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE FUNCTION record_xid_offset() RETURNS bigint LANGUAGE sql IMMUTABLE"
            " AS 'SELECT 0::bigint'",
            "DROP FUNCTION record_xid_offset()",
        ),
        migrations.AlterField(
            model_name='auditline',
            name='xid',
            field=models.BigIntegerField(db_default=django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id', output_field=models.TextField()), models.TextField()), models.BigIntegerField()), '+', models.Func(function='record_xid_offset', output_field=models.BigIntegerField())), editable=False),
        ),
        migrations.AlterField(
            model_name='line',
            name='xid',
            field=models.BigIntegerField(db_default=django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id', output_field=models.TextField()), models.TextField()), models.BigIntegerField()), '+', models.Func(function='record_xid_offset', output_field=models.BigIntegerField())), editable=False),
        ),
    ]
