"""Nobody changes or removes a line, a seal, an anchor: not by mistake, not the owner either.

Lines of the audit leave when their time is up, by an owner who says so; younger ones don't.
"""

from django.db import migrations

ONLY_ADDED_TO = """
CREATE FUNCTION gezhi_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION gezhi_only_purged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('gezhi.purging', true) = 'yes'
        AND OLD.at < now() - interval '184 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is only added to; lines leave by `gezhi record purge`', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER record_line_only_added_to
BEFORE UPDATE OR DELETE OR TRUNCATE ON record_line
FOR EACH STATEMENT EXECUTE FUNCTION gezhi_only_added_to();

CREATE TRIGGER record_seal_only_added_to
BEFORE UPDATE OR DELETE OR TRUNCATE ON record_seal
FOR EACH STATEMENT EXECUTE FUNCTION gezhi_only_added_to();

CREATE TRIGGER record_anchor_only_added_to
BEFORE UPDATE OR DELETE OR TRUNCATE ON record_anchor
FOR EACH STATEMENT EXECUTE FUNCTION gezhi_only_added_to();

CREATE TRIGGER record_auditline_only_added_to
BEFORE UPDATE OR TRUNCATE ON record_auditline
FOR EACH STATEMENT EXECUTE FUNCTION gezhi_only_added_to();

CREATE TRIGGER record_auditline_only_purged
BEFORE DELETE ON record_auditline
FOR EACH ROW EXECUTE FUNCTION gezhi_only_purged();
"""

AGAIN_CHANGEABLE = """
DROP TRIGGER record_auditline_only_purged ON record_auditline;
DROP TRIGGER record_auditline_only_added_to ON record_auditline;
DROP TRIGGER record_anchor_only_added_to ON record_anchor;
DROP TRIGGER record_seal_only_added_to ON record_seal;
DROP TRIGGER record_line_only_added_to ON record_line;
DROP FUNCTION gezhi_only_purged();
DROP FUNCTION gezhi_only_added_to();
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0003_seals_of_two_books_and_anchors")]

    operations = [migrations.RunSQL(ONLY_ADDED_TO, AGAIN_CHANGEABLE)]
