"""How long the pages take: their scripts alone, a key stroke until its preview, many users at once, and the start.

    python -m benchmarks.pages

measures on a server of its own with the demo data, prints a line a figure, and writes them as JSON to the file that
`--out` names. Needs Chromium for the key strokes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.websocket_users import measure

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("integrations", "setup", "configure", "test", "submit", "destinations", "cohorts", "syncs", "organization")
RUNS = 15
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@contextmanager
def server(data: Path) -> Iterator[str]:
    """The address of a portal with the demo data, once its first page was asked for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
    environment = {**os.environ, "PORTAL_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{address}/_stcore/health").is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def script_times() -> dict[str, float]:
    """Milliseconds of a run of each page's script, by Streamlit's own page tests: the median."""
    from streamlit.testing.v1 import AppTest

    from core.portal import Store
    from core.portal.demo import DEMO_ORG, EXAMPLES, load_demo, load_people
    from core.settings import Settings

    store = Store.open(Settings.from_environment())
    load_people(store)
    load_demo(store, EXAMPLES)
    chosen = next(one.id for one in store.list_integrations(DEMO_ORG) if one.display_name == "Acme Messaging")
    store.close()
    found = {}
    for page in PAGES:
        session = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        session.query_params["id"] = chosen
        session.run()
        if page != "integrations":
            session.switch_page(f"{page}.py").run()
        session.run()
        found[page] = round(1000 * statistics.median(_timed(session.run) for _ in range(RUNS)), 1)
    return found


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def key_strokes(address: str, integration: str) -> dict[str, float]:
    """Milliseconds from a key stroke in a payload until the request on the right shows it, and of the first page."""
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("heading", name="Integrations").wait_for()
        first = []
        for _ in range(5):
            began = time.perf_counter()
            page.goto(address)
            page.get_by_role("heading", name="Integrations").wait_for()
            first.append(time.perf_counter() - began)
        page.goto(f"{address}/configure?id={integration}")
        editor = page.get_by_role("textbox", name="Payload").first
        editor.wait_for()
        page.wait_for_timeout(2000)
        taken = []
        for number in range(20):
            marker = f"key{number:02d}x"
            editor.fill(f'{{"name": "{marker}"}}')
            began = time.perf_counter()
            page.locator(".stCode", has_text=marker).first.wait_for()
            taken.append(time.perf_counter() - began)
        browser.close()
    return {
        "key_stroke_median_ms": round(1000 * statistics.median(taken)),
        "key_stroke_worst_ms": round(1000 * max(taken)),
        "first_page_warm_ms": round(1000 * statistics.median(first)),
    }


def check_start() -> float:
    """Seconds of `python -m core check` on an example: the median of five."""
    example = ROOT / "sample_cohorts" / "examples" / "acme_messaging.json"
    command = [sys.executable, "-m", "core", "check", str(example)]
    return round(
        statistics.median(_timed(lambda: subprocess.run(command, cwd=ROOT, capture_output=True)) for _ in range(5)), 3
    )


def main() -> None:
    """Everything, in one go."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"check_seconds": check_start()}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PORTAL_DATA_DIR"] = folder
        figures["script_ms"] = script_times()
        with server(Path(folder)) as address:
            integration = _acme(Path(folder))
            figures.update(key_strokes(address, integration))
            together = measure(address, "configure", f"id={integration}", users=25, think=10, seconds=chosen.seconds)
            figures["users_25"] = asyncio.run(together)
    for name, value in figures.items():
        print(name, value)
    if chosen.out:
        chosen.out.write_text(json.dumps(figures, indent=1))


def _acme(data: Path) -> str:
    import sqlite3

    with sqlite3.connect(data / "portal.db") as database:
        found = database.execute("SELECT id FROM integrations WHERE document LIKE '%Acme Messaging%'").fetchone()
    return str(found[0])


if __name__ == "__main__":
    main()
