"""What the residents' door decides from values: drafts, what is near, how a promise stands."""

from gezhi.portal.rules.drafts import DRAFT_DAYS, Draft, Sent, is_draft_id, looks_like_voice
from gezhi.portal.rules.nearby import cells_around
from gezhi.portal.rules.phones import is_odd_mobile
from gezhi.portal.rules.promises import Standing, stands

__all__ = [
    "DRAFT_DAYS",
    "Draft",
    "Sent",
    "Standing",
    "cells_around",
    "is_draft_id",
    "is_odd_mobile",
    "looks_like_voice",
    "stands",
]
