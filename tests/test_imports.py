"""What may be imported: no page's framework in the core, nothing slow for a quick command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
IMPORT_ALL = """
import importlib, pkgutil, sys, core
for module in pkgutil.walk_packages(core.__path__, "core."):
    importlib.import_module(module.name)
print(*sys.modules, sep="\\n")
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a Python process had loaded at its end, told by its last lines."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines())


def test_no_module_of_the_core_needs_streamlit() -> None:
    modules = loaded("-c", IMPORT_ALL)
    assert {"core.__main__", "core.sync.run", "core.commands.sync", "core.portal.store"} <= modules
    assert not {name for name in modules if name.partition(".")[0] == "streamlit"}


@pytest.mark.parametrize("command", ["check sample_cohorts/examples/acme_messaging.json", "schema", "--help"])
def test_commands_that_read_no_cohort_start_without_the_heavy_libraries(command: str) -> None:
    script = f"""
import sys
from core.__main__ import main
try:
    main({command.split()!r})
except SystemExit as end:
    assert end.code in (0, None), end.code
print(*sys.modules, sep="\\n")
"""
    modules = {name.partition(".")[0] for name in loaded("-c", script)}
    assert "core" in modules
    assert not modules & {"streamlit", "pandas", "pyarrow", "duckdb", "numpy", "sqlalchemy", "PIL", "httpx"}
