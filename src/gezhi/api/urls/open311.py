"""Addresses of Open311; a code may hold whatever an address can."""

from django.urls import re_path

from gezhi.api.api.open311 import answering, bulk, pictures, reporting, requests, services, updates
from gezhi.api.api.open311.answering import serves

# Matched whole, for each ends in `$`.
_FORMAT = r"\.(?P<format>xml|json)$"

app_name = "open311"
urlpatterns = [
    re_path(rf"discovery{_FORMAT}", serves(GET=services.discovery), name="discovery"),
    re_path(rf"services{_FORMAT}", serves(GET=services.services), name="services"),
    re_path(rf"services/(?P<code>.*){_FORMAT}", serves(GET=services.definition), name="service"),
    re_path(
        rf"requests{_FORMAT}",
        serves(GET=requests.requests, POST=reporting.report),
        name="requests",
    ),
    re_path(
        rf"requests/(?P<number>[^/]+){_FORMAT}", serves(GET=requests.one_request), name="request"
    ),
    re_path(rf"tokens(?:/(?P<token>[^/]*))?{_FORMAT}", serves(GET=reporting.token), name="token"),
    re_path(
        rf"servicerequestupdates{_FORMAT}",
        serves(GET=updates.updates, POST=updates.update),
        name="updates",
    ),
    re_path(r"pictures/(?P<token>[^/]+)\.jpg$", serves(GET=pictures.picture), name="picture"),
    re_path(r"bulk\.(?P<kind>csv|xml|json)$", serves(GET=bulk.bulk), name="bulk"),
    re_path(r"", serves(GET=answering.nothing, POST=answering.nothing), name="nothing"),
]
