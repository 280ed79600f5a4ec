"""The template language: JSON, texts and URLs in which `$variables` stand. Knows nothing of integrations."""

from core.template.filters import FILTERS, WITH_ARGUMENT, slug
from core.template.json_match import JsonMatcher, match_json, parse_json
from core.template.json_template import JsonTemplate, compile_json
from core.template.match import Mismatch, match_text
from core.template.mistakes import Mistake, TemplateError
from core.template.names import Kind, Names, Variable
from core.template.references import Reference, names_in
from core.template.text_template import TextTemplate, compile_text, header_fault, header_name_fault
from core.template.url_match import UrlMatcher, match_url
from core.template.url_template import UrlTemplate, compile_url
from core.template.values import (
    Items,
    Scalar,
    Scope,
    Secret,
    ValueFault,
    has_mark,
    marks,
    nothing_left,
    outside_marks,
    rename_marks,
    replace_marks,
    split_marks,
    to_bytes,
)

__all__ = [
    "FILTERS",
    "WITH_ARGUMENT",
    "Items",
    "JsonMatcher",
    "JsonTemplate",
    "Kind",
    "Mismatch",
    "Mistake",
    "Names",
    "Reference",
    "Scalar",
    "Scope",
    "Secret",
    "TemplateError",
    "TextTemplate",
    "UrlMatcher",
    "UrlTemplate",
    "ValueFault",
    "Variable",
    "compile_json",
    "compile_text",
    "compile_url",
    "has_mark",
    "header_fault",
    "header_name_fault",
    "marks",
    "match_json",
    "match_text",
    "match_url",
    "names_in",
    "nothing_left",
    "outside_marks",
    "parse_json",
    "rename_marks",
    "replace_marks",
    "slug",
    "split_marks",
    "to_bytes",
]
