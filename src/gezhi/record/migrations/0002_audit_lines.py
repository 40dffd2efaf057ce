"""The audit has lines of its own; the openings kept so far are carried over into it.

The old table stays for one release: what the old code still writes there while the new one
starts is carried over by a trigger.
"""

import django.db.models.functions.comparison
import gezhi.base.words
from django.db import migrations, models

_LINE = "(county, kind, about, data, actor, at, reason, address)"

CARRY_OVER = f"""
INSERT INTO record_auditline {_LINE}
SELECT county, 'opening', about, jsonb_build_object('field', field), actor, at, reason, ''
FROM record_opening ORDER BY at, id;

CREATE FUNCTION record_opening_carried_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO record_auditline {_LINE} VALUES (
        NEW.county, 'opening', NEW.about, jsonb_build_object('field', NEW.field), NEW.actor,
        NEW.at, NEW.reason, ''
    );
    RETURN NULL;
END $$;

CREATE TRIGGER record_opening_carried_over AFTER INSERT ON record_opening
FOR EACH ROW EXECUTE FUNCTION record_opening_carried_over();
"""

TAKE_BACK = """
DROP TRIGGER record_opening_carried_over ON record_opening;
DROP FUNCTION record_opening_carried_over();
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "xid",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id",
                                    output_field=models.TextField(),
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("county", models.CharField(max_length=6)),
                ("kind", models.CharField(max_length=48)),
                ("about", models.CharField(max_length=64)),
                ("data", models.JSONField()),
                ("actor", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("reason", gezhi.base.words.WordsField(blank=True)),
                ("address", models.CharField(blank=True, max_length=45)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["xid", "id"], name="record_auditline_in_order"),
                    models.Index(fields=["county", "at", "id"], name="record_auditline_at"),
                    models.Index(fields=["county", "about", "at"], name="record_auditline_about"),
                    models.Index(fields=["county", "actor", "at"], name="record_auditline_actor"),
                ],
            },
        ),
        migrations.RunSQL(CARRY_OVER, TAKE_BACK),
    ]
