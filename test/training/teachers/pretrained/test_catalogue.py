import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.teachers.pretrained.catalogue import (
    BACKBONES,
    DEFAULT_TEACHER,
    PERMISSIVE,
    TEACHERS,
    UNSTATED,
    catalogue_to_markdown,
    check_licence,
    find_teacher,
)


def test_there_is_a_permissive_teacher_for_pictures_and_one_for_sounds_and_the_default_is_one():
    permissive = {model.sees for model in TEACHERS.values() if model.licence in PERMISSIVE}
    assert permissive == {Modality.IMAGE, Modality.AUDIO}
    assert TEACHERS[DEFAULT_TEACHER].licence == "apache-2.0"


def test_a_short_name_and_its_repository_are_the_same_model():
    repository, known = find_teacher("clap")
    assert find_teacher(repository) == (repository, known)
    assert known is TEACHERS["clap"]


def test_any_repository_can_be_named():
    assert find_teacher("somebody/some-clip") == ("somebody/some-clip", None)


@pytest.mark.parametrize("name", ["nonsense", "./models/clip", "/models/clip", "a/b/c", "folder/"])
def test_what_is_no_teacher_is_refused_with_the_names_there_are(name):
    with pytest.raises(ConfigurationError, match=DEFAULT_TEACHER):
        find_teacher(name)


@pytest.mark.parametrize("licence", ["cc-by-nc-4.0", "apple-amlr", UNSTATED])
def test_other_licences_have_to_be_accepted(licence):
    with pytest.raises(ConfigurationError, match="--accept-licence"):
        check_licence(licence, "some/model", accepted=False)
    check_licence(licence, "some/model", accepted=True)


@pytest.mark.parametrize("licence", ["Apache-2.0", "mit"])
def test_permissive_licences_need_nothing(licence):
    check_licence(licence, "some/model", accepted=False)


def test_the_table_has_every_name_and_licence():
    table = catalogue_to_markdown()
    assert all(f"`{name}`" in table and model.licence in table for name, model in TEACHERS.items())


def test_files_are_known_by_their_whole_hash():
    assert all(len(backbone.sha256) == 64 for backbone in BACKBONES.values())
