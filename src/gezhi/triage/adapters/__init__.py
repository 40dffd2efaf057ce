"""What is done outside this process: a model is fitted, a draft is re-worded by a server."""

from gezhi.triage.adapters.fitting import Fitted, FittingFailed, fit_apart
from gezhi.triage.adapters.wording import ModelFailed, ask, model

__all__ = ["Fitted", "FittingFailed", "ModelFailed", "ask", "fit_apart", "model"]
