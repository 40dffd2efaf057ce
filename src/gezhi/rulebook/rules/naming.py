"""Things of the rulebook have a Chinese and an English name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """`name` is the Chinese one."""

    name: str
    name_en: str

    def name_in(self, language: str) -> str:
        """The name in a language code such as `zh-hans` or `en`; Chinese for all others."""
        return self.name_en if language.startswith("en") else self.name
