import base64
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from html_checker import Checker

from omnibind_ros.demo.picture import STATE_COLOURS
from omnibind_ros.demo.record import Recognised
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.configuration import configuration
from omnibind_ros.replay.report import report
from omnibind_ros.replay.run import ReplayRun
from omnibind_ros.replay.summary import summary
from omnibind_ros.replay.witness import Agreement

CAMERA = configuration({"sources": ["camera"], "camera.modality": "image", "camera.topic": "/eye"}).sources


@pytest.fixture
def run() -> ReplayRun:
    run = ReplayRun(CAMERA, 0)
    run.reported("camera", "live", used=True, time_s=0.5)
    run.truth.set(0.0, "mug")
    for label, time_s in (("mug", 0.5), ("<b>cup</b>", 1.0), ("unknown", 1.5)):
        run.recognised.append(Recognised(label, 0.5, time_s, time_s, {"camera": 1.0}))
    return run


def page_of(run: ReplayRun, bag_path: Path, bundle: Bundle, **given: Any) -> str:
    with Bag(bag_path) as bag:
        parts = {"agreement": None, "ignored": (), "left_out": (), **given}
        return report(run, summary(run, bag, bundle, **parts))


def test_the_report_is_one_sound_page_with_everything_in_it(run: ReplayRun, bag_path: Path, bundle: Bundle) -> None:
    with Bag(bag_path) as bag:
        topics = bag.topics
    page = page_of(run, bag_path, bundle, agreement=Agreement(4, 3, 2), ignored=topics)
    found = Checker(page)
    assert all(link.startswith("data:") for link in found.links)
    assert "http" not in page
    text = " ".join(found.texts)
    for expected in ("mug", "<b>cup</b>", "unknown", "camera", "/eye", "33.3%", "66.7%", "/thermal/image_raw"):
        assert expected in text


def test_the_picture_shows_the_states(run: ReplayRun, bag_path: Path, bundle: Bundle) -> None:
    page = page_of(run, bag_path, bundle)
    (encoded,) = re.findall(r'base64,([^"]+)"', page)
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(encoded), np.uint8), cv2.IMREAD_COLOR)
    for state in ("live", "absent"):
        red, green, blue = (int(STATE_COLOURS[state][place : place + 2], 16) for place in (1, 3, 5))
        assert (picture == (blue, green, red)).all(axis=2).any(), state


def test_a_bag_in_which_nothing_happened_has_a_report(bag_path: Path, bundle: Bundle) -> None:
    page = page_of(ReplayRun((), 0), bag_path, bundle)
    text = " ".join(Checker(page).texts)
    assert "no topic is one a sensor could send" in text
    assert "no source had anything to tell" in text
