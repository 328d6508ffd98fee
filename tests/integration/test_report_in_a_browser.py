"""report.html in a real browser: opened from disk, with friendly and with hostile evidence, wide, narrow and dark."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample
from require import need
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from gardener.model.key import Key
from gardener.render.html import report

pytestmark = pytest.mark.integration

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip

# every element that shows text of its own: its contrast with the nearest background that is not see-through
CONTRASTS = """
const light = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (colour !== 'rgba(0, 0, 0, 0)') return colour;
  }
  return 'rgb(255, 255, 255)';
};
const poor = [];
for (const element of document.body.querySelectorAll('*')) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || element.closest('svg') || !element.offsetParent) continue;
  const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) poor.push(element.textContent.slice(0, 40) + ' ' + ratio.toFixed(2));
}
return poor;
"""

# what reaches beyond the window and is not inside something that scrolls by itself
STICKING_OUT = """
return [...document.body.querySelectorAll('*')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.parentElement.closest('.wide, pre'))
  .map((each) => each.tagName + '.' + each.className + ' ' + each.textContent.slice(0, 40));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    driver, program = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("chromium-browser")
    if driver is None or program is None:
        need("browser", "chromium and chromedriver are not on the path")
    options = Options()
    options.binary_location = program
    for flag in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as running:
        yield running


def opened(browser: webdriver.Chrome, page: str, folder: Path, *, width: int = 1200, scheme: str = "light") -> None:
    place = folder / "report.html"
    place.write_text(page, encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(place.as_uri())


@pytest.fixture
def page() -> str:
    return report(sample.story(), sample.TEMPLATES)


@pytest.fixture
def hostile() -> str:
    text = (
        "<script>window.caught = 1</script><img src='http://evil.invalid/x.png' onerror='window.caught = 2'>"
        "</details></main><style>body{display:none}</style><svg onload='window.caught = 3'>\u202e" + "long" * 300
    )
    findings = tuple(sample.noisy(text, keys=(Key(scheme="v1", digest=f"{n:016x}"),)) for n in range(20))
    return report(sample.story(findings=findings, verdict=text, session=text), sample.TEMPLATES)


def test_it_opens_from_disk_with_its_style_and_without_a_complaint(
    browser: webdriver.Chrome, page: str, tmp_path: Path
) -> None:
    opened(browser, page, tmp_path)
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith("8 of 24 tests red")
    assert browser.find_element(By.CSS_SELECTOR, ".pill").value_of_css_property("font-weight") == "700"
    assert browser.get_log("browser") == []


def test_a_bar_of_the_chart_leads_to_its_finding_and_opens_it(
    browser: webdriver.Chrome, page: str, tmp_path: Path
) -> None:
    opened(browser, page, tmp_path)
    finding = browser.find_elements(By.CSS_SELECTOR, "details.finding")[1]
    assert finding.get_attribute("open") is None
    browser.find_elements(By.CSS_SELECTOR, ".causes a")[1].click()
    assert finding.get_attribute("open") == "true"
    assert "shop/cart.py:52 in open_cart" in finding.text


def test_findings_can_be_narrowed_to_one_priority(browser: webdriver.Chrome, page: str, tmp_path: Path) -> None:
    opened(browser, page, tmp_path)
    browser.find_element(By.CSS_SELECTOR, "label[for=only-P1]").click()
    shown = [one for one in browser.find_elements(By.CSS_SELECTOR, "details.finding") if one.is_displayed()]
    assert len(shown) == 2
    assert all("P1" in (one.get_attribute("class") or "") for one in shown)


@pytest.mark.parametrize("width", [320, 400, 768])
@pytest.mark.parametrize("kind", ["page", "hostile"])
def test_nothing_sticks_out_of_a_narrow_window(
    browser: webdriver.Chrome, kind: str, width: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    opened(browser, request.getfixturevalue(kind), tmp_path, width=width)
    browser.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert browser.execute_script(STICKING_OUT) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(browser: webdriver.Chrome, page: str, tmp_path: Path, scheme: str) -> None:
    opened(browser, page, tmp_path, scheme=scheme)
    browser.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert browser.execute_script(CONTRASTS) == []


def test_light_and_dark_differ(browser: webdriver.Chrome, page: str, tmp_path: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        opened(browser, page, tmp_path, scheme=scheme)
        grounds.append(browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))
    assert grounds[0] != grounds[1]


def test_hostile_evidence_runs_nothing_and_fetches_nothing(
    browser: webdriver.Chrome, hostile: str, tmp_path: Path
) -> None:
    opened(browser, hostile, tmp_path)
    assert browser.execute_script("return window.caught === undefined")
    assert browser.execute_script("return document.scripts.length + document.images.length") == 0
    assert len(browser.find_elements(By.CSS_SELECTOR, "main > section > details.finding")) == 20
    asked = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent" in entry["message"]]
    assert asked
    assert not [message for message in asked if "evil.invalid" in message]
    assert browser.get_log("browser") == []


def test_it_can_be_used_by_keyboard_and_read_aloud(browser: webdriver.Chrome, page: str, tmp_path: Path) -> None:
    opened(browser, page, tmp_path)
    assert browser.execute_script("return document.documentElement.lang") == "en"
    assert len(browser.find_elements(By.TAG_NAME, "h1")) == 1
    for control in browser.find_elements(By.TAG_NAME, "input"):
        assert browser.find_elements(By.CSS_SELECTOR, f"label[for={control.get_attribute('id')}]")
    for picture in browser.find_elements(By.TAG_NAME, "svg"):
        assert picture.get_attribute("aria-label") or picture.get_attribute("aria-hidden")
    assert not [cell for cell in browser.find_elements(By.TAG_NAME, "th") if not cell.get_attribute("scope")]
    levels = browser.execute_script("return [...document.querySelectorAll('h1,h2,h3')].map((each) => +each.tagName[1])")
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
