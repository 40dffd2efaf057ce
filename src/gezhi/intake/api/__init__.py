"""Operations of the room: files that are imported, and the sources that bring messages."""

from gezhi.intake.api.importing import router
from gezhi.intake.api.sources import router as sources

__all__ = ["router", "sources"]
