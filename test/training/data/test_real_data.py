import pytest

from omnibind_ros.errors import ConfigurationError
from training.data.real_data import real_data_folder


def test_the_folder_is_the_one_that_the_environment_names(tmp_path, monkeypatch):
    monkeypatch.setenv("OMNIBIND_TEST_DATA", str(tmp_path))
    (tmp_path / "models").mkdir()
    assert real_data_folder("networks are", ["models"]) == tmp_path


def test_what_is_missing_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("OMNIBIND_TEST_DATA", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"networks are not there: no models.*set OMNIBIND_TEST_DATA"):
        real_data_folder("networks are", ["models"])
