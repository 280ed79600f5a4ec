"""Reads an integration document and names every fault in it by the field's name on the page."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import DocumentError
from core.integration.models import Integration

_Model = TypeVar("_Model", bound=BaseModel)

TITLES: dict[str, str] = {
    "schema_version": "Schema version",
    "display_name": "Display name",
    "category": "Category",
    "summary": "Summary",
    "description": "Description",
    "type": "Integration type",
    "auth": "Authentication",
    "method": "Method",
    "username": "User name",
    "password": "Password",
    "token": "Token",
    "custom_fields": "Custom field",
    "headers": "Header",
    "mapping_fields": "Mapping field",
    "slugify_cohort_name": "Slugify cohort name",
    "endpoints": "Endpoints",
    "create_list": "List creation",
    "add_users": "Add users",
    "remove_users": "Remove users",
    "update_users": "Update users",
    "delivery": "Delivery",
    "rate_limit": "Rate limit",
    "requests": "Requests",
    "per_seconds": "Per seconds",
    "concurrency": "Concurrency",
    "timeout_seconds": "Time-out in seconds",
    "max_retries": "Retries",
    "isolate_refused": "Isolate refused members",
    "url": "URL",
    "payload": "Payload",
    "item": "Item",
    "batch_size": "Batch size",
    "max_bytes": "Largest body",
    "content_type": "Content type",
    "success_when": "Success when",
    "rejected_path": "Path to rejected members",
    "list_id_source": "Where the list id is",
    "list_id_path": "Path to the list id",
    "idempotent": "Idempotent",
    "errors": "Error rule",
    "status": "Status",
    "body": "Body",
    "reason": "Reason",
    "message": "Message",
    "action": "Action",
    "variable": "Variable",
    "target_name": "Target name",
    "field_type": "Field type",
    "options": "Option",
    "label": "Label",
    "value": "Value",
    "default": "Default",
    "required": "Required",
    "secret": "Secret",
    "help": "Help",
    "pattern": "Pattern",
    "value_type": "Value type",
    "name": "Name",
}
_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field that exists here",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "list_type": "must be a list",
    "dict_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "union_tag_not_found": 'needs a "method": none, basic, header or bearer',
    "union_tag_invalid": "method must be none, basic, header or bearer",
}


def title_of(path: tuple[str | int, ...]) -> str:
    """A place in the document in the page's words: ("custom_fields", 1, "options") -> `Custom field 2 › Option`."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int) and words:
            words[-1] = f"{words[-1]} {step + 1}"
        elif step not in ("endpoints", "none", "basic", "header", "bearer") and step not in ("int", "str"):
            words.append(TITLES.get(str(step), str(step)))
    return " › ".join(words)


def parse_json_object(source: str | bytes, *, what: str) -> dict[str, Any]:
    """The JSON object in a text. Raises `DocumentError` with the line and column of a mistake."""
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        document = json.loads(
            text.removeprefix("\ufeff"),
            parse_constant=_no_constant,
            object_pairs_hook=_no_key_twice,
        )
    except _NotStrict as error:
        raise DocumentError(str(error), where=what) from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not UTF-8 (byte {error.start}).", where=what, remedy="Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        sentence = f"is not JSON: {error.msg.lower()} at line {error.lineno}, column {error.colno}."
        raise DocumentError(sentence, where=what) from None
    except (RecursionError, ValueError):
        raise DocumentError("is JSON that is nested too deeply or has a number too long.", where=what) from None
    if "\\ud" in text.lower() and _has_half_character(document):
        raise DocumentError("has half a character (a lone surrogate) in a text.", where=what, remedy="Remove it.")
    if not isinstance(document, dict):
        raise DocumentError("must be a JSON object.", where=what)
    return document


def _has_half_character(document: Any) -> bool:
    """Whether a text in a JSON document cannot be written as UTF-8."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


class _NotStrict(ValueError):
    """Something that Python's reader takes, and that JSON does not have or that would be lost in silence."""


def _no_constant(name: str) -> Any:
    raise _NotStrict(f"is not JSON: it has no {name}.")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _NotStrict(f'has the key "{twice}" twice in one object; only one of them can count.')
    return document


def validate(model: type[_Model], document: Any, *, what: str) -> _Model:
    """The model of a document. Raises `DocumentError` with every fault, each by the field's name on the page."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        sentences: dict[str, list[str]] = {}  # one place has several where the field may be one thing or another
        for fault in error.errors():
            sentences.setdefault(title_of(tuple(fault["loc"])), []).append(_sentence(fault))
        problems = tuple((title, " or ".join(found)) for title, found in sentences.items())
        where, sentence = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DocumentError(f"{where or 'The document'} {sentence}{more}.", problems=problems, where=what) from None


def _sentence(fault: Any) -> str:
    kind = fault["type"]
    context = fault.get("ctx", {})
    if kind == "literal_error":
        return f"must be one of {context['expected']}, not {_shown(fault['input'])}"
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        bound = context.get("ge", context.get("le", context.get("gt", context.get("lt"))))
        words = {
            "greater_than_equal": "at least",
            "less_than_equal": "at most",
            "greater_than": "more than",
            "less_than": "less than",
        }
        return f"must be {words[kind]} {bound:,g}, not {_shown(fault['input'])}"
    message = str(fault["msg"])
    return _SENTENCES.get(kind, message[:1].lower() + message[1:])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def load_integration(source: str | bytes, *, name: str = "The integration") -> Integration:
    """Reads a document. Raises `DocumentError`: one line that says what is wrong and where."""
    return validate(Integration, parse_json_object(source, what=name), what=name)


def dump_integration(integration: Integration) -> str:
    """The document as people read it: indented, keys in the order of the design, ending in a line break."""
    return json.dumps(integration.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema of the document, for editors to complete and validate it."""
    schema = Integration.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
