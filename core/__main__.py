"""The command line: `python -m core COMMAND`. The same core as the pages, for a terminal and a partner's CI.

Exit codes: 0 good, 1 findings or failed deliveries, 2 unusable input (one line on stderr).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from core.errors import PortalError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


class _Group(click.Group):
    """Says in one line on stderr what cannot be used, where click itself takes several."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        try:
            sys.exit(super().main(*args, **{**extra, "standalone_mode": False}))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
        except click.ClickException as error:
            _say(error.format_message())
        except click.Abort:
            sys.exit(130)
        except PortalError as error:
            _say(str(error))
        except OSError as error:
            _say(f"{error.filename}: {error.strerror}." if error.filename else f"{error}.")
        sys.exit(2)


def _say(problem: str) -> None:
    click.echo(" ".join(problem.split("\n")), err=True)


@click.group(cls=_Group)
def main() -> None:
    """Check, preview and run cohort integrations."""


@main.command("check")
@click.argument("integration", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
def check_command(integration: Path, as_json: bool, strict: bool) -> None:
    """Check an integration document."""
    from core.commands import checks

    sys.exit(checks.run(integration, as_json, strict))


@main.command("diff")
@click.argument("previous", type=_FILE)
@click.argument("current", type=_FILE)
@click.option("--key", required=True, help="The column that identifies a user.")
@click.option("--out", type=_FOLDER, help="Folder for added.csv and removed.csv.")
@click.option("--json", "as_json", is_flag=True, help="Counts as JSON.")
def diff_command(previous: Path, current: Path, key: str, out: Path | None, as_json: bool) -> None:
    """Tell who joined and who left between two cohort files."""
    from core.commands import compare

    compare.run(previous, current, key, out, as_json)


@main.command("render")
@click.argument("integration", type=_FILE)
@click.option("--cohort", type=_FILE, required=True, help="Snapshot or operations file.")
@click.option("--previous", type=_FILE, help="The snapshot before; without it, a first sync.")
@click.option("--settings", type=_FILE, help="A filled-in Connect form.")
@click.option(
    "--as", "form", type=click.Choice(["jsonl", "curl", "har", "postman"]), default="jsonl", show_default=True
)
@click.option("--reveal-secrets", is_flag=True, help="Print secrets instead of masking them.")
def render_command(
    integration: Path, cohort: Path, previous: Path | None, settings: Path | None, form: str, reveal_secrets: bool
) -> None:
    """Print every request of a run; nothing is sent."""
    from core.commands import render

    render.run(integration, cohort, previous, settings, form, reveal_secrets)


def _delays(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    if value is None:
        return None
    try:
        delays = tuple(float(part) for part in value.split(",") if part.strip())
    except ValueError:
        raise click.BadParameter("write seconds, e.g. 0.1,0.2") from None
    if any(not 0 <= delay <= 3600 for delay in delays):
        raise click.BadParameter("each wait must be between 0 and 3600 seconds")
    return delays


@main.command("sync")
@click.argument("integration", type=_FILE)
@click.option("--cohort", type=_FILE, required=True, help="Snapshot or operations file.")
@click.option("--previous", type=_FILE, help="The snapshot before; without it, a first sync.")
@click.option("--state", type=_FOLDER, help="Folder that remembers list id and membership between runs.")
@click.option("--settings", type=_FILE, help="A filled-in Connect form.")
@click.option(
    "--allow-removals", is_flag=True, help="Send removals even when most members would go or the mapping changed."
)
@click.option("--create-again", is_flag=True, help="Create the list although an earlier run may have created it.")
@click.option("--retry-delays", callback=_delays, help="Seconds before each retry, e.g. 0.1,0.2; for tests.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def sync_command(
    integration: Path,
    cohort: Path,
    previous: Path | None,
    state: Path | None,
    settings: Path | None,
    allow_removals: bool,
    create_again: bool,
    retry_delays: tuple[float, ...] | None,
    as_json: bool,
) -> None:
    """Send a cohort, or what changed in it, to its destination."""
    if previous is not None and state is not None:
        raise click.UsageError("--previous and --state exclude each other: a state folder knows the members before.")
    from core.commands import sync

    code = sync.run(
        integration,
        cohort,
        previous,
        state,
        settings,
        allow_removals=allow_removals,
        create_again=create_again,
        retry_delays=retry_delays,
        as_json=as_json,
    )
    sys.exit(code)


@main.command("sandbox")
@click.argument("integration", type=_FILE, required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--settings", type=_FILE, help="Accept these credentials only.")
def sandbox_command(integration: Path | None, port: int, settings: Path | None) -> None:
    """Serve a destination to test against, on 127.0.0.1."""
    from core.commands import sandbox

    sandbox.run(integration, port, settings)


@main.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of the integration document."""
    import json

    from core.integration import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@main.command("rotate-keys")
def rotate_keys_command() -> None:
    """Put all saved secrets under the first key of PORTAL_SECRET_KEY or of the key file."""
    from core.commands import rotate

    sys.exit(rotate.run())


if __name__ == "__main__":
    main(prog_name="python -m core")
