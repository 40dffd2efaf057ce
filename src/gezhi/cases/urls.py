"""Parts about one case, mounted at /desk/cases/."""

from django.urls import path

from gezhi.cases import pages

app_name = "cases"
urlpatterns = [
    path("files/<uuid:id>/", pages.file, name="file"),
    path("<str:ref>/moves/<str:act>/", pages.move, name="move"),
    path("<str:ref>/contact/<uuid:report>/<str:field>/", pages.contact, name="contact"),
    path("<str:ref>/contact/<uuid:report>/<str:field>/masked/", pages.masked, name="masked"),
]
