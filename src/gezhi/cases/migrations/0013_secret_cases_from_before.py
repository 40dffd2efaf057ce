"""Cases told in secrecy before the house knew it are found by their place no more, and never public.

Their index is emptied here; the words that may find them are put in by a job (`index_again`).
"""

from django.db import migrations

NOT_FOUND_BY_PLACE = """
UPDATE cases_case SET words = ''::tsvector, is_public = FALSE WHERE is_secret
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_words_leave_by_erasing")]

    operations = [migrations.RunSQL(NOT_FOUND_BY_PLACE, migrations.RunSQL.noop)]
