import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.simulation.event_camera import EventCamera, join_events, log_intensity, no_events
from omnibind_ros.simulation.objects import make_object
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import VIEW_HEIGHT, VIEW_WIDTH

DARK = np.zeros((20, 30), np.float32)


def test_the_first_frame_gives_no_events() -> None:
    assert len(EventCamera(0).update(DARK, 0.0)) == 0


def test_polarity_and_place_follow_the_change_of_brightness() -> None:
    camera = EventCamera(0)
    camera.update(DARK, 0.0)
    frame = DARK.copy()
    frame[4:8, 5:9], frame[12:16, 20:24] = 1.0, -1.0
    events = camera.update(frame, 1e-4)
    brighter = frame[events.y, events.x] > 0
    assert len(events) >= 32 * 3
    assert (frame[events.y, events.x] != 0).all()
    assert np.array_equal(events.p, brighter)


def test_a_slow_change_adds_up_over_frames() -> None:
    camera = EventCamera(0)
    count = sum(len(camera.update(DARK + 0.05 * step, step * 1e-5)) for step in range(21))
    assert 20 * 30 * 3 <= count <= 20 * 30 * 6


def test_a_faster_change_crosses_its_first_threshold_earlier() -> None:
    times = []
    for change in (0.3, 1.2):
        camera = EventCamera(0)
        camera.update(DARK, 0.0)
        times.append(np.median(camera.update(DARK + change, 1e-3).t_us[:100]))
    assert times[1] < times[0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3, width=32), min_size=2, max_size=6), st.integers(0, 100))
def test_events_lie_in_time_between_their_frames_and_in_order(levels: list[float], seed: int) -> None:
    camera = EventCamera(seed)
    for number, level in enumerate(levels):
        events = camera.update(DARK + np.float32(level), number / 30)
        assert (np.diff(events.t_us) >= 0).all()
        if len(events):
            assert events.t_us[0] >= round((number - 1) / 30 * 1e6)
            assert events.t_us[-1] <= round(number / 30 * 1e6)


def test_events_of_a_turning_object_lie_at_its_edges() -> None:
    scene = Scene(make_object("gear", 0), 3)
    camera = EventCamera(3)
    camera.update(log_intensity(scene.look(0.0)), 0.0)
    events = camera.update(log_intensity(scene.look(1 / 30)), 1 / 30)
    on_object = scene.look(1 / 30).silhouette
    density = on_object[events.y, events.x].mean() / on_object.mean()
    assert int(events.x.max()) < VIEW_WIDTH
    assert int(events.y.max()) < VIEW_HEIGHT
    assert density > 1.0


def test_batches_join_and_are_cut_in_time() -> None:
    camera = EventCamera(0)
    camera.update(DARK, 0.0)
    first, second = camera.update(DARK + 1, 0.01), camera.update(DARK, 0.02)
    both = join_events(join_events(no_events(), first), second)
    assert len(both) == len(first) + len(second)
    assert len(both.since(10_000)) >= len(second)
    assert int(both.since(10_000).t_us[0]) >= 10_000
