"""A history line stays as it was written; its words alone may be erased when their time is up."""

from django.db import migrations

ONLY_ADDED_TO = """
CREATE FUNCTION gezhi_only_words_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.words = '' AND NEW.salt = ''
        AND to_jsonb(NEW) - 'words' - 'salt' = to_jsonb(OLD) - 'words' - 'salt' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'of a line of % only the words may be erased', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER cases_historyline_only_words_erased
BEFORE UPDATE ON cases_historyline
FOR EACH ROW EXECUTE FUNCTION gezhi_only_words_erased();

CREATE TRIGGER cases_historyline_only_added_to
BEFORE DELETE OR TRUNCATE ON cases_historyline
FOR EACH STATEMENT EXECUTE FUNCTION gezhi_only_added_to();
"""

AGAIN_CHANGEABLE = """
DROP TRIGGER cases_historyline_only_added_to ON cases_historyline;
DROP TRIGGER cases_historyline_only_words_erased ON cases_historyline;
DROP FUNCTION gezhi_only_words_erased();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_what_its_promise_says"),
        ("record", "0004_books_are_only_added_to"),
    ]

    operations = [migrations.RunSQL(ONLY_ADDED_TO, AGAIN_CHANGEABLE)]
