"""Words of a history are emptied by whoever says that it is an erasure, not by a slip of a program."""

from django.db import migrations

BY_ERASING = """
CREATE OR REPLACE FUNCTION gezhi_only_words_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('gezhi.erasing', true) = 'yes' AND NEW.words = '' AND NEW.salt = ''
        AND to_jsonb(NEW) - 'words' - 'salt' = to_jsonb(OLD) - 'words' - 'salt' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'of a line of % only the words may be erased, where it is said so',
        TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

BY_ANYBODY = """
CREATE OR REPLACE FUNCTION gezhi_only_words_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.words = '' AND NEW.salt = ''
        AND to_jsonb(NEW) - 'words' - 'salt' = to_jsonb(OLD) - 'words' - 'salt' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'of a line of % only the words may be erased', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_reports_taken_by_code")]

    operations = [migrations.RunSQL(BY_ERASING, BY_ANYBODY)]
