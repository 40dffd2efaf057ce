"""The room `cases` as a Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "gezhi.cases"
    label = "cases"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.cases import (
            adapters,
            followers,  # noqa: F401  # register what they hear
            reactions,  # noqa: F401  # register what they hear
        )
        from gezhi.cases.models import Report
        from gezhi.cases.rules import phone_text

        resealing.indexed(
            Report, "phone_index", of="phone", text=lambda phone, row: phone_text(phone)
        )
        resealing.indexed(Report, "code_digest")  # only the reporter knows the code
        resealing.sealed_files("originals", "[0-9]*/??/*.sealed", about=adapters.about_original)
        resealing.sealed_files("documents", "[0-9]*/??/*.document", about=adapters.about_document)
