"""A real browser for the journeys: Chromium, its windows, screenshots, axe."""

import os
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from gezhi.site.commands.testing import CHROMES

# How long a page may take before it counts as broken: much, for machines slower than ours.
PATIENCE = 120_000  # milliseconds
expect.set_options(timeout=PATIENCE)

PHONE = {"width": 360, "height": 780}
DESK = {"width": 1440, "height": 900}
# Without these Chromium asks for its maker's hosts at every start.
_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOME = Path(os.environ.get("GEZHI_HOME", ".gezhi"))
_STATE = """() => `${navigator.onLine ? "online" : "offline"}, notices: ` +
    document.getElementById("notices")?.innerText"""


def chromium() -> str:
    """The browser on this machine; `gezhi test` installs or finds one."""
    for name in (os.environ.get("GEZHI_CHROMIUM"), *CHROMES):
        if name and (found := shutil.which(name)):
            return found
    raise RuntimeError("No Chromium or Chrome found: run `./gezhi test`, or install chromium.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file's journeys; its loop must not go on under other files' tests."""
    # Playwright's loop runs in this thread; Django's guard against that is for other uses.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=_QUIET)
        yield started
        started.close()


class Window:
    """One person's browser window; `shoot` numbers what it shows, `tell` says what went on."""

    def __init__(self, context: BrowserContext, address: str, folder: Path) -> None:
        self.context, self.address, self.folder = context, address, folder
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.refused: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._hear)
        self._traffic: deque[str] = deque(maxlen=20)
        note = self._traffic.append
        self.page.on("request", lambda asked: note(f"{asked.method} {asked.url}"))
        self.page.on("response", lambda answer: note(f"{answer.status} {answer.url}"))
        self.page.on("requestfailed", lambda asked: note(f"{asked.failure} {asked.url}"))

    def _hear(self, said: ConsoleMessage) -> None:
        """What the browser refused because the pages' own policy does not let it in."""
        if "Content Security Policy" in said.text or "TrustedHTML" in said.text:
            self.refused.append(f"{self.page.url}: {said.text}")

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def shoot(self, name: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self.folder.glob("*.png"))) + 1
        # Hiding the caret would take a style that the pages' own policy does not let in.
        path = self.folder / f"{number:02}-{name}.png"
        self.page.screenshot(path=path, full_page=True, caret="initial")

    def look(self, name: str) -> None:
        """Its picture; and that everybody can read it, and that it is no wider than the window."""
        expect(self.page.locator("h1, h2").first).to_be_visible()
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        self.shoot(f"{width}-{name}")
        assert self.faults_seen_by_axe() == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def tell(self) -> str:
        """Where it stands and its last requests: what a failed test's reader asks first."""
        try:
            self.shoot("failed")
            state = self.page.evaluate(_STATE)
        except Error as error:
            state = str(error)
        return "\n".join([self.page.url, state, *self.problems, *self.refused, *self._traffic])

    def sign_in(self, login: str, password: str) -> None:
        self.go("/desk/sign-in/")
        self.page.fill("#id_login", login)
        self.page.fill("#id_password", password)
        self.page.click("button.btn-primary")
        self.page.wait_for_url("**/desk/**")

    def faults_seen_by_axe(self) -> list[str]:
        """WCAG 2.2 A and AA faults on the page as it stands."""
        script = HOME / "build-work" / "node_modules" / "axe-core" / "axe.min.js"
        # Not as a script tag: the page's own rules let no foreign script in.
        self.page.evaluate(script.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        # Preloading is for what is seen in style sheets of other hosts: there are none.
        found = self.page.evaluate(
            """tags => axe.run(document, {runOnly: {type: 'tag', values: tags},
            resultTypes: ['violations'], preload: false})""",
            tags,
        )
        return [
            f"{fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]


_WINDOWS = pytest.StashKey[list[Window]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed journey says what each of its windows did last."""
    report = yield
    if report.when == "call" and report.failed:
        for window in item.stash.get(_WINDOWS, []):
            report.sections.append((f"window of {window.folder.name}", window.tell()))
    return report


@pytest.fixture
def window(
    browser: Browser, live_server: object, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """Open a window of some size: `window("rita", PHONE)`."""
    opened: list[Window] = request.node.stash.setdefault(_WINDOWS, [])
    folder = HOME / "screenshots"

    def make(journey: str, size: dict[str, int]) -> Window:
        context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale="zh-CN",
            device_scale_factor=1,
        )
        context.set_default_timeout(PATIENCE)
        opened.append(Window(context, str(live_server), folder / journey))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()
    assert [words for one in opened for words in one.refused] == []
