"""What people type into pages of triage."""

from gezhi.triage.forms.replies import ProposeForm, ReplyForm
from gezhi.triage.forms.topics import (
    TARGET_AHEAD,
    WEEKS,
    EndForm,
    RootForm,
    TopicFilter,
)

__all__ = [
    "TARGET_AHEAD",
    "WEEKS",
    "EndForm",
    "ProposeForm",
    "ReplyForm",
    "RootForm",
    "TopicFilter",
]
