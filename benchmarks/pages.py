"""How long the pages take, beside what a user bears: their scripts alone (Streamlit's page tests, demo data), a key
stroke in a payload until the request on the right shows it (Chromium), 25 users who each change a field every ten
seconds (websockets), the same while a test of a million members is run again and again in the server, and the starts.

    python -m benchmarks pages
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.data import day
from benchmarks.figure import Figure, in_a_child
from benchmarks.websocket_users import measure

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "sample_cohorts" / "examples" / "acme_messaging.json"
PAGES = {
    "pat": ("integrations", "setup", "configure", "test", "submit", "destinations", "cohorts", "syncs", "organization"),
    "carl": ("destination", "sync"),
    "rita": ("review", "submission", "outbox"),
}
RUNS = 15
USERS, THINK, SECONDS = 25, 10.0, 60.0
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


_WATCH = """word => {
    window.shown = new Promise(resolve => {
        let typed
        addEventListener("input", () => { typed = performance.now() }, { capture: true, once: true })
        const seen = new MutationObserver(() => {
            if (![...document.querySelectorAll(".stCode")].some(code => code.textContent.includes(word))) return
            seen.disconnect()
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - typed)))
        })
        seen.observe(document.body, { subtree: true, childList: true, characterData: true })
    })
}"""


def figures(members: int) -> list[Figure]:
    """`members` is the size of the test that is run in the background."""
    starts = [_seconds(lambda: _run("-m", "core", "check", str(EXAMPLE))) for _ in range(5)]
    found = [_figure("python -m core check", statistics.median(starts), 0.5)]
    with tempfile.TemporaryDirectory() as folder:
        scripts = in_a_child("benchmarks.pages", "scripts", folder)
        found += [_figure(f"{name}: script", scripts[name], 0.05) for name in scripts if name != "peak_mb"]
        with _server(Path(folder)) as address:
            integration = _named(Path(folder), "Acme Messaging")
            found += _in_a_browser(address, integration)
            queries = [f"id={copy}" for copy in _copies(Path(folder), integration)]
            quiet = asyncio.run(measure(address, "configure", queries, think=THINK, seconds=SECONDS))
            found.append(_figure(f"{USERS} users, 95th percentile", quiet["p95_ms"] / 1000, 0.5))
            tested = _named(Path(folder), "Northwind Profiles")
            with _testing_again_and_again(f"{address}/test?id={tested}", members):
                busy = asyncio.run(measure(address, "configure", queries, think=THINK, seconds=SECONDS))
            found.append(_figure(f"{USERS} users during tests of {members:,}", busy["p95_ms"] / 1000, 1.0))
    return found


def _figure(case: str, seconds: float, borne: float) -> Figure:
    return Figure("pages", case, 0, seconds, "what a user bears", borne, 1.0)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)


@contextmanager
def _server(data: Path) -> Iterator[str]:
    """The address of a portal on this data folder, once it answers."""
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


def _in_a_browser(address: str, integration: str) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = next(filter(None, map(shutil.which, _CHROMIUM)))
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        page = browser.new_page()
        heading = page.get_by_role("heading", name="Integrations", exact=True)

        def open_first_page() -> None:
            page.goto(address)
            heading.wait_for()

        open_first_page()
        first = statistics.median(_seconds(open_first_page) for _ in range(5))
        page.goto(f"{address}/configure?id={integration}")
        editor = page.get_by_role("textbox", name="Payload").first
        editor.wait_for()
        page.wait_for_timeout(2000)

        def stroke(number: int) -> float:
            """Seconds from the key to the frame that shows it in the request, by the browser's own clock."""
            page.evaluate(_WATCH, f"key{number:02d}")
            editor.fill(f'{{"name": "key{number:02d}"}}')
            return float(page.evaluate("window.shown")) / 1000

        strokes = statistics.median(stroke(number) for number in range(20))
        browser.close()
    return [
        _figure("first page of the app, warm", first, 1.5),
        _figure("key stroke until its preview", strokes, 0.4),
    ]


@contextmanager
def _testing_again_and_again(address: str, members: int) -> Iterator[None]:
    """While the context is open somebody tests a cohort of so many members, to the sandbox, without a pause."""
    begun, end = threading.Event(), threading.Event()
    worker = threading.Thread(target=_test_on, args=(address, members, begun, end))
    worker.start()
    try:
        if not begun.wait(300):
            raise TimeoutError("The test in the background did not begin.")
        yield
    finally:
        end.set()
        worker.join()


def _test_on(address: str, members: int, begun: threading.Event, end: threading.Event) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = next(filter(None, map(shutil.which, _CHROMIUM)))
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        page = browser.new_page()
        page.set_default_timeout(240_000)
        page.goto(address)
        page.get_by_role("radio", name="Snapshots").click()
        page.locator(".st-key-upload_current input[type=file]").set_input_files(day(1, members))
        start = page.get_by_role("button", name="Run end to end")
        while not end.is_set():
            start.wait_for()
            if start.is_enabled():
                start.click()
                begun.set()
            page.wait_for_timeout(300)
        browser.close()


def _copies(data: Path, integration: str) -> list[str]:
    """An integration for each user: they do not edit one draft."""
    from core.portal import Store
    from core.portal.demo import DEMO_ORG
    from core.settings import Settings

    store = Store.open(Settings.from_environment({"PORTAL_DATA_DIR": str(data)}))
    made = [store.duplicate(DEMO_ORG, integration).id for _ in range(USERS)]
    store.close()
    return made


def _named(data: Path, name: str) -> str:
    """The id of an integration of the demo."""
    from core.portal import Store
    from core.portal.demo import DEMO_ORG
    from core.settings import Settings

    store = Store.open(Settings.from_environment({"PORTAL_DATA_DIR": str(data)}))
    found = next(one.id for one in store.list_integrations(DEMO_ORG) if one.display_name == name)
    store.close()
    return found


def _scripts(data: Path) -> dict[str, float]:
    """Seconds of a run of each page's script, the median, on a data folder that is filled with the demo first."""
    from datetime import UTC, datetime

    from streamlit.testing.v1 import AppTest

    from core.portal import Store
    from core.portal.demo import CUSTOMER_ORG, DEMO_ORG, EXAMPLES, load_demo, load_people
    from core.portal.demo_story import tell
    from core.settings import Settings

    os.environ["PORTAL_DATA_DIR"] = str(data)
    settings = Settings.from_environment()
    store = Store.open(settings)
    load_people(store)
    load_demo(store, EXAMPLES, lambda examples: tell(settings, examples, datetime.now(UTC)))
    named = {one.display_name: one.id for one in store.list_integrations(DEMO_ORG)}
    ids = dict.fromkeys(("setup", "configure", "test", "submit", "destination"), named["Acme Messaging"])
    ids |= {"sync": store.list_syncs(CUSTOMER_ORG)[0].id, "submission": named["Beacon CRM"]}
    store.close()
    found = {}
    for person, pages in PAGES.items():
        for page in pages:
            session = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
            session.query_params["as"] = person
            if page in ids:
                session.query_params["id"] = ids[page]
            session.run()
            session.switch_page(f"{page}.py").run()
            session.run()
            found[page] = statistics.median(_seconds(session.run) for _ in range(RUNS))
    return found


if __name__ == "__main__" and sys.argv[1:2] == ["scripts"]:
    import json

    print(json.dumps(_scripts(Path(sys.argv[2]))))
