"""Addresses of the map layers, mounted at /map/."""

from django.urls import path

from gezhi.places import pages

app_name = "places"
urlpatterns = [
    path("county.json", pages.county, name="county"),
    path("areas.geojson", pages.areas, name="areas"),
    path("roads.geojson", pages.feature_layer, {"name": "roads"}, name="roads"),
    path("water.geojson", pages.feature_layer, {"name": "water"}, name="water"),
    path("buildings.geojson", pages.feature_layer, {"name": "buildings"}, name="buildings"),
    path("places.geojson", pages.feature_layer, {"name": "places"}, name="places"),
    path("relief/<int:z>/<int:x>/<int:y>.png", pages.relief, name="relief"),
    path("locate", pages.locate, name="locate"),
]
