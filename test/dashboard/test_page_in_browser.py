"""The page in a real Chromium: what a person sees and does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, PHONE, chromium, page_of
from fake_robot import FakeRobot, source

from omnibind_ros.dashboard.access import Access

pytest.importorskip("aiohttp", reason="needs what requirements/dashboard.txt names")

from omnibind_ros.dashboard.server import Server

CAMERA = "[data-source=camera]"
CONTRASTS = Path(__file__).with_name("contrasts.js")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@pytest.fixture
def robot() -> FakeRobot:
    return FakeRobot()


@pytest.fixture
def url(robot: FakeRobot) -> Iterator[str]:
    server = Server(robot, Access(), read_only=False)
    yield server.start("127.0.0.1", 0)
    server.stop()


def test_what_is_recognised_and_by_what_is_there_to_read(browser: Any, url: str) -> None:
    with page_of(browser, url, **DESKTOP) as page:
        page.wait_for_selector(f"{CAMERA} img:not([hidden])")
        assert page.locator("#label").inner_text() == "mug"
        assert page.locator("#score").inner_text() == "80%"
        assert page.locator("#results li").all_inner_texts() == ["mug\n80%", "cup\n15%"]
        assert page.locator("#link").inner_text() == "connected"
        assert page.locator("#bundle").inner_text() == "tiny"
        camera, prompt = page.locator(".tile").all_inner_texts()
        for words in ("camera", "live", "mug", "50%", "30 Hz", "20 ms", "8 ms"):
            assert words in camera
        for words in ("prompt", "stale", "nothing for 3 s", "<b>something</b> warm"):
            assert words in prompt
        assert page.title() == "mug · omnibind"


def test_the_chart_grows_and_takes_the_colours_of_the_list(browser: Any, url: str) -> None:
    with page_of(browser, url, **DESKTOP) as page:
        page.wait_for_function("() => document.querySelectorAll('#chart path').length === 2")
        before = page.locator("#chart path").first.get_attribute("d")
        page.wait_for_function("d => document.querySelector('#chart path').getAttribute('d') !== d", arg=before)
        colours = page.evaluate(
            "['#chart path', '#results .fill'].map(where => [...document.querySelectorAll(where)]"
            ".map(one => getComputedStyle(one).getPropertyValue('--line')))"
        )
        assert colours[0] == colours[1]
        assert len(set(colours[0])) == 2


def test_a_source_is_switched_off_and_on(browser: Any, url: str, robot: FakeRobot) -> None:
    with page_of(browser, url, **DESKTOP) as page:
        switch = page.get_by_role("switch", name="Use camera")
        switch.click()
        page.wait_for_selector(f"{CAMERA}[data-state=disabled]")
        page.wait_for_selector(f"{CAMERA} [role=switch][aria-checked=false]:not([aria-busy])")
        switch.press("Space")
        page.wait_for_selector(f"{CAMERA}[data-state=live]")
    assert robot.commands == [("switch", "camera", False), ("switch", "camera", True)]


def test_a_refusal_is_told_and_nothing_looks_changed(browser: Any, url: str, robot: FakeRobot) -> None:
    robot.refuses = "camera was found by a rule"
    with page_of(browser, url, **DESKTOP) as page:
        page.get_by_role("switch", name="Use camera").click()
        page.get_by_text("camera was found by a rule (try something else)").wait_for()
        assert page.get_by_role("switch", name="Use camera").get_attribute("aria-checked") == "true"


def test_labels_are_edited(browser: Any, url: str, robot: FakeRobot) -> None:
    with page_of(browser, url, **DESKTOP) as page:
        page.get_by_role("button", name="Edit labels").click()
        area = page.get_by_label("One a line")
        area.wait_for()
        assert area.input_value() == "mug\ncup"
        area.fill("hammer")
        page.get_by_role("button", name="Use these").click()
        page.get_by_text("at least 2 labels").wait_for()
        area.fill("hammer\n\n traffic cone ")
        page.get_by_role("button", name="Use these").click()
        page.get_by_text("changes to 2 labels").wait_for()
        assert not area.is_visible()
    assert robot.commands == [("labels", "hammer", "traffic cone")]


def test_the_bundle_is_reloaded(browser: Any, url: str) -> None:
    with page_of(browser, url, **DESKTOP) as page:
        page.get_by_role("button", name="Reload bundle").click()
        page.get_by_text("tiny was loaded again").wait_for()


def test_a_robot_that_falls_silent_is_seen_at_once(browser: Any, url: str, robot: FakeRobot) -> None:
    with page_of(browser, url, **DESKTOP) as page:
        page.get_by_text("connected").wait_for()
        robot.present, robot.results = False, []
        robot.sources = [source("camera", "image", state="silent", reason="no report", weight=None, rate_hz=None)]
        page.get_by_text("the robot is silent").wait_for()
        assert page.locator("#label").inner_text() == "–"
        assert page.get_by_role("switch", name="Use camera").is_disabled()
        assert page.locator(".tile").count() == 1
        robot.present, robot.results = True, [("cup", 0.7)]
        page.locator("#label", has_text="cup").wait_for()


def test_the_page_finds_its_server_again(browser: Any, robot: FakeRobot) -> None:
    server = Server(robot, Access(), read_only=False)
    url = server.start("127.0.0.1", 0)
    with page_of(browser, url, **DESKTOP) as page:
        page.get_by_text("connected").wait_for()
        server.stop()
        page.get_by_text("dashboard not reached").wait_for()
        again = Server(robot, Access(), read_only=False)
        again.start("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))
        page.get_by_text("connected").wait_for()
        again.stop()


def test_one_that_only_shows_offers_nothing_to_change(browser: Any, robot: FakeRobot) -> None:
    server = Server(robot, Access(), read_only=True)
    with page_of(browser, server.start("127.0.0.1", 0), **DESKTOP) as page:
        page.wait_for_selector(CAMERA)
        assert page.get_by_role("switch").count() == 0
        assert page.get_by_role("button").count() == 1  # the colours
    server.stop()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_cut_off_and_everything_can_be_touched(
    browser: Any, url: str, robot: FakeRobot, device: Any
) -> None:
    robot.results = [("a label that somebody made rather too long to fit anywhere", 0.9), ("x" * 60, 0.1)]
    robot.sources = [
        source("a_camera_with_a_very_long_name_at_the_back", "image", age_s=0.999, latency_ms=999.0, rate_hz=99.9),
        source("lidar", "point", state="faulty", reason="a reason of many words: " + "why " * 30),
    ]
    with page_of(browser, url, **device) as page:
        page.wait_for_selector("[data-source=lidar]")
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for control in page.locator("button:visible").all():
            box, tile = control.bounding_box(), control.locator("xpath=ancestor::*[contains(@class, 'card')][1]")
            assert box["height"] >= 44
            assert box["width"] >= 44
            if tile.count():
                frame = tile.bounding_box()
                assert box["x"] + box["width"] <= frame["x"] + frame["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_against_its_ground(browser: Any, url: str, robot: FakeRobot, scheme: str) -> None:
    states = ["live", "waiting", "stale", "frozen", "faulty", "disabled", "absent", "silent"]
    robot.sources = [source(f"s_{state}", "image", state=state, reason="why") for state in states]
    with page_of(browser, url, color_scheme=scheme, **DESKTOP) as page:
        page.wait_for_selector("[data-source=s_silent]")
        faint = page.evaluate(CONTRASTS.read_text(encoding="utf-8"))
        assert len(faint) > 40
        assert [text for text, contrast in faint if contrast < 4.5] == []


def test_the_colours_are_chosen_and_remembered(browser: Any, url: str) -> None:
    with page_of(browser, url, color_scheme="light", **DESKTOP) as page:
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        button = page.get_by_role("button", name="Colours")
        button.click()
        button.click()
        assert button.get_attribute("aria-label") == "Colours: dark"
        dark = page.evaluate(ground)
        page.reload()
        assert page.evaluate(ground) == dark != light
