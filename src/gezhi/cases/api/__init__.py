"""The operations on cases, for the API's root to mount."""

# Each of these adds its operations to the router; the more exact addresses come first.
from gezhi.cases.api import opening as _opening  # noqa: I001  # the order is the order of addresses
from gezhi.cases.api import moving as _moving
from gezhi.cases.api import reading as _reading
from gezhi.cases.api import ledger as _ledger
from gezhi.cases.api import files as _files
from gezhi.cases.api.root import router

__all__ = ["router"]
_parts = (_opening, _moving, _reading, _ledger, _files)
