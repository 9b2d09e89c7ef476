from pathlib import Path

import pytest
from tiny_bundle import LABELS

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.resources import label_bank, messages_with_progress


def test_messages_are_read_as_they_are(bag_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Bag(bag_path) as bag:
        (camera,) = (topic for topic in bag.topics if topic.name == "/camera/image_raw")
        read = [(one.topic, one.received_ns) for one in messages_with_progress(bag, (camera,))]
        assert read == [(one.topic, one.received_ns) for one in bag.messages((camera,))]
        assert not list(messages_with_progress(bag, ()))
    assert capsys.readouterr().err == ""


def test_labels_of_the_bundle_need_nothing_else(bundle: Bundle) -> None:
    assert label_bank([], bundle, backend_maker(1)) is None
    bank = label_bank(LABELS[:2], bundle, backend_maker(1))
    assert bank is not None
    assert bank.names == LABELS[:2]
