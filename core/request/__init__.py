"""Document + connection + batch -> HTTP request, and the forms in which a request can be shown and exported."""

from core.request.builder import LIST_ID_PLACEHOLDER, BatchValues, RequestBuilder
from core.request.connection import (
    Cohort,
    Connection,
    ConnectionProblem,
    key_column,
    problems_of,
    with_constants,
    with_environment,
    with_own_columns,
)
from core.request.curl import CurlCommand, curl
from core.request.exports import har, json_line, postman
from core.request.masking import Masker
from core.request.rendered import HttpRequest, RenderedRequest
from core.request.stand_ins import with_stand_ins

__all__ = [
    "LIST_ID_PLACEHOLDER",
    "BatchValues",
    "Cohort",
    "Connection",
    "ConnectionProblem",
    "CurlCommand",
    "HttpRequest",
    "Masker",
    "RenderedRequest",
    "RequestBuilder",
    "curl",
    "har",
    "json_line",
    "key_column",
    "postman",
    "problems_of",
    "with_constants",
    "with_environment",
    "with_own_columns",
    "with_stand_ins",
]
