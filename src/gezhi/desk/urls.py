"""Addresses of the desk, mounted at /desk/; rooms hang their own pages beneath."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from gezhi.desk import pages
from gezhi.people.urls import entrance

_own = [
    path("", pages.inbox, name="inbox"),
    path("rows/", pages.more_rows, name="more_rows"),
    path("rows/now/", pages.rows_now, name="rows_now"),
    path("counts/", pages.counts, name="counts"),
    path("bell/", pages.bell, name="bell"),
    path("filter/", pages.filter_form, name="filter_form"),
    path("saved/", pages.saved, name="saved"),
    path("filters/", pages.save_filter, name="save_filter"),
    path("filters/<uuid:id>/drop/", pages.drop_filter, name="drop_filter"),
    path("points.geojson", pages.points, name="points"),
    path("export.xlsx", pages.export, name="export"),
    path("cases/new/", pages.new_case, name="new_case"),
    path("cases/new/ask/", pages.ask, name="ask"),
    path("cases/new/suggest/", pages.suggest, name="suggest"),
    path("cases/new/suggest-place/", pages.suggest_place, name="suggest_place"),
    path("cases/new/phone/", pages.check_phone, name="check_phone"),
    path("cases/<str:ref>/", pages.case, name="case"),
    path("cases/<str:ref>/panel/", pages.panel, name="panel"),
    path("cases/<str:ref>/take/", pages.take, name="take"),
    path("cases/<str:ref>/proposal/", pages.choose, name="choose"),
    path("hotline/", pages.console, name="hotline"),
    path("hotline/caller/", pages.caller, name="hotline_caller"),
    path("hotline/number/", pages.number, name="hotline_number"),
    path("hotline/typed/", pages.typed, name="hotline_typed"),
    path("visits/", pages.visits, name="visits"),
    path("approvals/", pages.approvals, name="approvals"),
    path("supervision/", pages.supervision, name="supervision"),
    path("supervision/now/", pages.supervision_now, name="supervision_now"),
    path("supervision/export.xlsx", pages.supervision_export, name="supervision_export"),
    path("admin/channels/", pages.channels, name="channels"),
    path("audit/", pages.audit, name="audit"),
    path("audit/export.xlsx", pages.audit_export, name="audit_export"),
    path("audit/anchors/", pages.anchors, name="anchors"),
    path("audit/anchors/make/", pages.make_anchor, name="make_anchor"),
    path("audit/anchors/<int:id>/", pages.anchor_sheet, name="anchor_sheet"),
    path("audit/verify/", pages.verify, name="verify"),
    path("audit/verify/progress/", pages.verification, name="verification"),
    path("bulk/", pages.bulks, name="bulks"),
    path("bulk/runs/<uuid:bulk_id>/", pages.bulk_run, name="bulk_run"),
    path("bulk/runs/<uuid:bulk_id>/progress/", pages.bulk_progress, name="bulk_progress"),
    path("bulk/runs/<uuid:bulk_id>/stop/", pages.bulk_stop, name="bulk_stop"),
    path("bulk/take/", pages.bulk_take, name="bulk_take"),
    path("bulk/take/do/", pages.do_bulk_take, name="do_bulk_take"),
    path("bulk/<str:act>/", pages.bulk, name="bulk"),
    path("bulk/<str:act>/do/", pages.do_bulk, name="do_bulk"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_own, "desk"))),
    path("", include(entrance)),
    path("cases/", include("gezhi.cases.urls")),
    path("admin/rulebook/rehearsals/", include("gezhi.deadlines.urls")),
    path("admin/rulebook/", include("gezhi.rulebook.urls")),
    path("admin/", include("gezhi.people.urls")),
]
if find_spec("gezhi.intake.urls"):
    urlpatterns.append(path("", include("gezhi.intake.urls")))
