"""The room `exchange` as a Django app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "gezhi.exchange"
    label = "exchange"

    def ready(self) -> None:
        from gezhi.exchange import checks, followers, reactions  # noqa: F401  # register what they hear
