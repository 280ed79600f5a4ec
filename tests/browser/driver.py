"""What the browser tests drive with: servers, a browser's flags, a record of what a page fetched or complained of."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
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


class Servers:
    """Runs `streamlit run` on free loopback ports, each with a data directory of its own, and ends what it started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, script: Path, *, cwd: Path = ROOT) -> str:
        """The address of a new server of `script`, once it answers."""
        number = len(self._running)
        data, log = self._folder / f"data-{number}", self._folder / f"server-{number}.log"
        data.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment(data),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._running.append(process)
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                if httpx.get(f"{address}/_stcore/health").is_success:
                    return address
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"The server did not start:\n{log.read_text(errors='replace')}")

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
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
