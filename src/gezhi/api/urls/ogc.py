"""Addresses of OGC API - Features, mounted at /ogc/."""

from django.urls import path

from gezhi.api.api.ogc import collections, items

app_name = "ogc"
urlpatterns = [
    path("", collections.landing, name="landing"),
    path("api", collections.api, name="description"),
    path("conformance", collections.conformance, name="conformance"),
    path("collections", collections.collections, name="collections"),
    path("collections/<str:collection_id>", collections.one_collection, name="collection"),
    path("collections/<str:collection_id>/items", items.items, name="items"),
    path("collections/<str:collection_id>/items/<str:feature_id>", items.item, name="item"),
]
