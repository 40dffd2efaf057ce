"""Static files named by their content and compressed, well but not to the last byte."""

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_QUALITY = 7  # the library's 11 takes a minute for the map and saves a tenth


class QuickCompressor(Compressor):  # type: ignore[misc]  # whitenoise has no types
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=_QUALITY))


class QuickStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # nor here
    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
