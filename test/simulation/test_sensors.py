from omnibind_ros.modality import Modality
from omnibind_ros.simulation.sensors import MODALITIES, SENSORS, VIEW_FOCAL_PIXELS, VIEW_HEIGHT, VIEW_WIDTH


def test_every_modality_has_one_sensor() -> None:
    assert set(MODALITIES) == set(SENSORS)
    assert {Modality(name) for name in MODALITIES.values()} == set(Modality)


def test_event_addresses_fit_their_type_and_the_view_is_no_fisheye() -> None:
    assert max(VIEW_WIDTH, VIEW_HEIGHT) < 2**11
    assert VIEW_FOCAL_PIXELS > VIEW_WIDTH / 2
