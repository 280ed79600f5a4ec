"""What the browser tests drive with: servers, a browser's flags, a record of what a page fetched or complained of."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
APPS = Path(__file__).with_name("apps")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
# Streamlit's first page load at a nested address probes two paths beside that address before it finds its server.
PROBES = ("/_stcore/health", "/_stcore/host-config")

NewPage = Callable[..., Page]


def ready(page: Page) -> None:
    """Waits until the page's script has run to its end."""
    page.wait_for_selector(READY)


@dataclass(frozen=True)
class _Launch:
    """How a server is started."""

    command: list[str]
    cwd: Path
    environ: dict[str, str]
    log: Path


class Servers:
    """Runs `streamlit run` on free loopback ports, each with a data directory of its own, and ends what it started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._launched: dict[str, _Launch] = {}

    def start(
        self,
        script: Path,
        *,
        cwd: Path = ROOT,
        secrets: Callable[[str], str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> str:
        """The address of a new server of `script`, once it answers. `secrets` makes Streamlit's secrets (TOML) for the
        address that it will have; `environ` adds to its environment, `{address}` in a value stands for the address.
        """
        number = len(self._launched)
        data, log = self._folder / f"data-{number}", self._folder / f"server-{number}.log"
        data.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
        if secrets is not None:
            file = self._folder / f"secrets-{number}.toml"
            file.write_text(secrets(f"http://127.0.0.1:{port}"), encoding="utf-8")
            command += ["--secrets.files", str(file)]
        address = f"http://127.0.0.1:{port}"
        added = {name: value.replace("{address}", address) for name, value in (environ or {}).items()}
        self._launched[address] = _Launch(command, cwd, {**environment(data), **added}, log)
        self._run(address)
        return address

    def restart(self, address: str) -> None:
        """Kills a server in the midst of whatever it does, and starts it again on its port and its data folder."""
        self._running[address].kill()
        self._running[address].wait()
        self._run(address)

    def _run(self, address: str) -> None:
        """Begins the process that serves `address`, and waits until it answers."""
        launch = self._launched[address]
        with launch.log.open("ab") as output:
            process = self._running[address] = subprocess.Popen(
                launch.command,
                cwd=launch.cwd,
                env=launch.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                if httpx.get(f"{address}/_stcore/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"The server did not start:\n{launch.log.read_text(errors='replace')}")

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "PORTAL_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}


@dataclass
class Record:
    """What a page asked of others, and what it complained about."""

    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self._request(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self._console(line.type, line.text, line.location.get("url", "")))

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("blob", "data") and parts.hostname != "127.0.0.1":
            self.external.append(url)

    def _console(self, kind: str, text: str, url: str) -> None:
        if kind in ("error", "warning") and not urlsplit(url).path.endswith(PROBES):
            self.errors.append(f"{text} ({url})")
