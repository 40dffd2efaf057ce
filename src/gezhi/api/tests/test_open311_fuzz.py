"""Open311: whatever is sent, the answer is the standard's, and no fault of the house."""

from typing import Any

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gezhi.api.rules.trees import clean_text
from gezhi.api.tests.calling import KeyOf
from gezhi.api.tests.open311 import LAMP, LAT, LON, in_texts, spark
from gezhi.api.tests.open311_schemas import must_fit
from tests.cast import VILLAGE, County

_ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from([
        "", " ", "\x00", "'", '"', "%", "%00", "1e400", "-0", "NaN", "9" * 40, "٣", "½", ",", ",,,",
        "2026-11-17T01:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "open", "closed",
        "1,2,3,4", "180,90,-180,-90", "\ud7ff", "\U0010ffff", "utility.lamp", "]]>", "<a>", "&amp;",
    ]),
)  # fmt: skip
_ASKED = st.sampled_from([
    "service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size",
    "updated_after", "updated_before", "bbox", "extensions", "jurisdiction_id", "x",
])  # fmt: skip
_FIELDS = st.sampled_from([
    "lat", "long", "address_string", "address_id", "description", "first_name", "last_name",
    "phone", "email", "media_url", "account_id", "attribute[pole]", "attribute[fault][]",
    "attribute[fault]", "attribute[]", "attribute[a]b]", "jurisdiction_id", "service_code",
])  # fmt: skip
_SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_often = settings(max_examples=60, suppress_health_check=_SLOW)


@_often
@given(
    path=st.sampled_from(["requests", "services", "servicerequestupdates"]),
    query=st.dictionaries(_ASKED, _ODD, max_size=3),
)
def test_a_question_of_any_making_is_answered(
    county: County, rita: Client, path: str, query: dict[str, str]
) -> None:
    forms = {form: rita.get(f"/open311/v2/{path}.{form}", query) for form in ("xml", "json")}
    status = forms["json"].status_code
    assert status in (200, 400, 404), (query, forms["json"].content)
    must_fit(forms["json"].json(), path if status == 200 else "errors")
    assert spark(forms["xml"].content) == in_texts(forms["json"].json())


@_often
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_an_address_of_any_making_is_answered(county: County, rita: Client, name: str) -> None:
    for place in ("services", "requests", "tokens"):
        answer = rita.get(f"/open311/v2/{place}/{name}.json".replace("?", "%3F"))
        # 400: nothing is left of the name once what XML can't hold is gone.
        known = (404, 200) if clean_text(name).strip() else (400, 404, 200)
        assert answer.status_code in known, name


@_often
@given(fields=st.dictionaries(_FIELDS, st.one_of(_ODD, st.lists(_ODD, max_size=3)), max_size=5))
def test_a_report_of_any_making_is_answered(
    county: County, rita: Client, key: KeyOf, fields: dict[str, Any]
) -> None:
    sent = {**LAMP, "lat": LAT, "long": LON, "address_id": VILLAGE, **fields}
    answer = rita.post("/open311/v2/requests.json", {"api_key": key("dui"), **sent})
    assert answer.status_code in (200, 400, 404), (fields, answer.content)
    must_fit(answer.json(), "tokens" if answer.status_code == 200 else "errors")
