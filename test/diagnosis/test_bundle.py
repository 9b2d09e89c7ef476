from pathlib import Path

import pytest
from tiny_bundle import write_tiny_bundle

from omnibind_ros.diagnosis.bundle import check_bundle
from omnibind_ros.diagnosis.finding import Verdict
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.modality import Modality


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder: Path = tmp_path_factory.mktemp("bundle") / "tiny"
    write_tiny_bundle(folder)
    return load_bundle(folder)


def test_a_whole_bundle_tells_its_space(bundle: Bundle) -> None:
    first = next(iter(check_bundle(bundle, bundle.modalities)))
    assert first.verdict is Verdict.OK
    assert f"(number {bundle.space}, {bundle.dimension} numbers)" in first.message


def test_sources_that_no_encoder_is_for_are_told(bundle: Bundle) -> None:
    absent = next(one for one in Modality if one not in bundle.modalities)
    found = list(check_bundle(bundle, [absent]))
    assert any(one.verdict is Verdict.WARNING and f"no encoder for {absent}" in one.message for one in found)
