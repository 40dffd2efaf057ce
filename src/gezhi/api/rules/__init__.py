"""Which operations need no sign-in, and why; the words for what can be wrong with a field."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Operations anybody may call. Whoever sends a key is still taken for who that is.
PUBLIC: Mapping[str, str] = {
    "report_case": "Anybody may report; a contact is optional.",
    "report_case_with_files": "Anybody may report, with photos.",
    "cases_nearby": "Before sending, a resident is asked whether it is one of these.",
    "follow_case": "A resident joins a case that was shown as the same nearby.",
    "track": "Number and tracking code prove whose report it is.",
    "track_openings": "Who reported may see who looked at their contact; the code proves it.",
    "track_attachment": "Pictures of one's own case; the code proves it.",
    "answer_as_reporter": "The code proves the reporter.",
    "rate_as_reporter": "The code proves the reporter.",
    "reopen_as_reporter": "The code proves the reporter.",
    "withdraw_as_reporter": "The code proves the reporter.",
    "correct_as_reporter": "The code proves the reporter.",
    "send_entry_code": "Where residents sign in: a code goes to their phone.",
    "resident_sign_in": "Where residents sign in: the code proves the phone.",
    "send_messages": "The signature with the source's secret proves who sends.",
    "list_categories": "What can be reported is public.",
    "suggest_category": "Helps a resident to name what they see; keeps nothing.",
    "list_areas": "Divisions are public.",
    "get_area": "Divisions are public.",
    "area_outlines": "A map shows land and not people.",
    "locate": "A map shows land and not people.",
}

# By pydantic's kind of error. `%(...)s` are its own values, never what was sent.
FIELD_WORDS: Mapping[str, Promise] = {
    "missing": _("必填。"),
    "extra_forbidden": _("没有这个字段，请检查拼写。"),
    "string_type": _("应为文字。"),
    "string_too_long": _("最多 %(max_length)s 个字符。"),
    "string_too_short": _("至少 %(min_length)s 个字符。"),
    "string_pattern_mismatch": _("格式不对，应符合 %(pattern)s。"),
    "string_unicode": _("不是合法的 Unicode 文字。"),
    "literal_error": _("只能是 %(expected)s。"),
    "enum": _("只能是 %(expected)s。"),
    "int_type": _("应为整数。"),
    "int_parsing": _("应为整数。"),
    "int_from_float": _("应为整数。"),
    "float_type": _("应为数字。"),
    "float_parsing": _("应为数字。"),
    "finite_number": _("应为有限的数字。"),
    "bool_type": _("应为 true 或 false。"),
    "bool_parsing": _("应为 true 或 false。"),
    "uuid_type": _("应为 UUID。"),
    "uuid_parsing": _("应为 UUID。"),
    "datetime_type": _("应为带时区的时间，例如 2026-11-22T09:00:00+08:00。"),
    "datetime_parsing": _("应为带时区的时间，例如 2026-11-22T09:00:00+08:00。"),
    "datetime_from_date_parsing": _("应为带时区的时间，例如 2026-11-22T09:00:00+08:00。"),
    "value_error": _("应为带时区的时间，例如 2026-11-22T09:00:00+08:00。"),
    "date_type": _("应为日期，例如 2026-11-22。"),
    "date_parsing": _("应为日期，例如 2026-11-22。"),
    "date_from_datetime_parsing": _("应为日期，例如 2026-11-22。"),
    "greater_than_equal": _("不能小于 %(ge)s。"),
    "less_than_equal": _("不能大于 %(le)s。"),
    "list_type": _("应为列表。"),
    "too_long": _("最多 %(max_length)s 项。"),
    "too_short": _("至少 %(min_length)s 项。"),
    "dict_type": _("应为对象。"),
    "model_type": _("应为对象。"),
    "model_attributes_type": _("应为对象。"),
}
