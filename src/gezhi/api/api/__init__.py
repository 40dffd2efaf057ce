"""The OpenAPI root: every room's operations under one API, described in one file."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from gezhi.api.api.answering import StrictParser, teach
from gezhi.api.api.describing import complete
from gezhi.api.api.entering import EVERYBODY, SIGNED_IN
from gezhi.api.api.proposing import router as proposing
from gezhi.api.api.residents import router as residents
from gezhi.api.api.tracking import router as tracking
from gezhi.api.rules import PUBLIC
from gezhi.cases.api import router as cases
from gezhi.deadlines.api import router as deadlines
from gezhi.exchange.api import router as exchange
from gezhi.hotline.api import router as hotline
from gezhi.intake.api import router as imports
from gezhi.intake.api import sources
from gezhi.notices.api import router as notices
from gezhi.people.api import router as people
from gezhi.places.api import router as places
from gezhi.record.api import router as record
from gezhi.retention.api import router as retention
from gezhi.rulebook.api import router as rulebook
from gezhi.triage.api import router as triage

PREFIX = "api/v1/"


class GezhiAPI(NinjaAPI):
    """Ninja with our names of operations and our description of what can go wrong."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return complete(super().get_openapi_schema(path_prefix=PREFIX))


def _build() -> GezhiAPI:
    api = GezhiAPI(
        title="Gezhi",
        version="1",
        description="Report, handle, answer, judge: everything the desk can do, for programs.",
        auth=SIGNED_IN,
        docs_url=None,
        openapi_url=None,
        parser=StrictParser(),
        urls_namespace="api",
    )
    for prefix, router in (
        ("", cases), ("", deadlines), ("", imports), ("", sources), ("", tracking),
        ("", residents), ("", people), ("", places), ("", rulebook), ("", notices), ("", record),
        ("", retention), ("", triage), ("", proposing), ("", exchange), ("", hotline),
    ):  # fmt: skip
        api.add_router(prefix, router)
    teach(api)
    for operation in operations(api):
        if operation.view_func.__name__ in PUBLIC:
            operation.auth_callbacks = EVERYBODY
    return api


def operations(api: NinjaAPI) -> list[Operation]:
    """Every operation, with what it is bound to."""
    return [
        operation
        for bound in api._get_bound_routers()
        for view in bound.path_operations.values()
        for operation in view.operations
    ]


api = _build()
