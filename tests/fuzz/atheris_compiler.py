"""Coverage-guided fuzzing of the template compiler, by hand; atheris is not among the project's dependencies.

    pip install atheris && PYTHONPATH=. python tests/fuzz/atheris_compiler.py -max_total_time=300

What compiles is rendered as well, and what a JSON template renders must be JSON.
"""

from __future__ import annotations

import json
import sys

import atheris

with atheris.instrument_imports(include=["core.template"]):
    from core.template import (
        Items,
        Names,
        TemplateError,
        ValueFault,
        Variable,
        compile_json,
        compile_text,
        compile_url,
        to_bytes,
    )

NAMES = Names(
    {
        "name": Variable("name"),
        "count": Variable("count", "number"),
        "on": Variable("on", "boolean", required=False),
        "items": Variable("items", "items"),
        "region": Variable("region", host_safe=True),
    },
    {"title": "name"},
    {"list_id": "the list has no id yet."},
)
SCOPE = {"name": 'a"\\/ é\ud800', "count": "007", "on": None, "items": Items(['"a"', '"b"']), "region": "eu"}


def one_input(data: bytes) -> None:
    """The first byte chooses the language, the rest is the template."""
    kind, text = data[0] % 4 if data else 0, data[1:].decode("utf-8", "replace")
    try:
        if kind == 1:
            compile_url(text, NAMES).render(SCOPE)
        elif kind == 2:
            compile_text(text, NAMES, "header").render(SCOPE)
        elif kind == 3:
            compile_text(text, NAMES, "text").render(SCOPE)
        else:
            json.loads(to_bytes(compile_json(text, NAMES).render(SCOPE)))
    except (TemplateError, ValueFault):
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
