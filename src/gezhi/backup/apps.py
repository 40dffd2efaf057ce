"""The room `backup` as a Django app."""

from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "gezhi.backup"
    label = "backup"

    def ready(self) -> None:
        from gezhi.backup import checks

        checks.must_make_sense()
        checks.must_be_whole()
