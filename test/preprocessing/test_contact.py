import cv2
import numpy as np
import pytest

from omnibind_ros.errors import InputError
from omnibind_ros.preprocessing.contact import ContactDetector, ContactSettings

SECOND = 1_000_000_000


def gel(seed=0, light=0.0, tilt=0.0):
    """(120, 160, 3) uint8: an untouched sensor with sensor noise; `light` and `tilt` in grey levels."""
    noise = np.random.default_rng(seed).normal(0, 2, (120, 160, 3))
    lamps = np.dstack([np.linspace(80, 140, 160)[None, :].repeat(120, axis=0) + shift for shift in (0, 10, -10)])
    return np.clip(lamps + noise + light + tilt * np.linspace(-1, 1, 160)[None, :, None], 0, 255).astype(np.uint8)


def touched(seed=0, radius=25, light=0.0, tilt=0.0):
    frame = gel(seed, light, tilt).astype(np.int16)
    cv2.circle(frame, (80, 60), radius, (180, 60, 110), 3)
    return np.clip(frame, 0, 255).astype(np.uint8)


def learned(**changes):
    detector = ContactDetector(ContactSettings(**changes))
    for frame in range(ContactSettings().reference_frames):
        assert detector.update(gel(frame), frame * SECOND // 30) == 0
    return detector


def test_contact_is_seen_and_its_end_too():
    detector = learned()
    assert detector.update(gel(50), SECOND) == 0
    assert detector.update(touched(51), 2 * SECOND) > 0.5
    assert detector.update(gel(52), 3 * SECOND) == 0


def test_the_learned_reference_is_the_median_of_quiet_frames():
    reference = learned().reference
    assert np.abs(reference - gel(99)).mean() < 3
    assert learned(reference_frames=1).reference is not None


def test_frames_that_move_are_not_learned_from():
    detector = ContactDetector(ContactSettings(reference_frames=4))
    for frame in range(12):
        detector.update(touched(frame, radius=5 + 4 * (frame % 6)), frame)
    assert detector.reference is None
    for frame in range(4):
        detector.update(gel(frame), 20 + frame)
    assert detector.reference is not None


def test_a_given_reference_counts_from_the_first_frame():
    detector = ContactDetector(ContactSettings(), gel(1))
    assert detector.update(touched(2), 0) > 0.5


def test_light_that_drifts_slowly_is_no_contact_and_touch_is_still_seen():
    detector = learned()
    for second in range(1, 121):
        assert detector.update(gel(second, light=0.3 * second, tilt=0.25 * second), second * SECOND) == 0
    assert detector.update(touched(7, light=36, tilt=30), 121 * SECOND) > 0.5


def test_a_sudden_change_of_all_the_light_is_no_contact():
    assert learned().update(gel(3, light=40), SECOND) == 0


def test_a_long_touch_does_not_fade_into_the_reference():
    detector = learned()
    assert min(detector.update(touched(second), second * SECOND) for second in range(1, 61)) > 0.5


def test_a_sensor_that_changed_its_resolution_is_refused():
    with pytest.raises(InputError, match="no-contact reference"):
        learned().update(gel()[:60], SECOND)
