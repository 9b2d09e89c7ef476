from omnibind_ros.preprocessing.newest_frame import NewestFrame


def test_only_the_newest_frame_is_given_and_only_once():
    frames = NewestFrame()
    assert frames.take() is None
    frames.put("first", 1)
    frames.put("second", 2)
    assert frames.take() == ("second", 2)
    assert frames.take() is None
