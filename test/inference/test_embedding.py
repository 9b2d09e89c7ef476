from hypothesis import given
from hypothesis import strategies as st

from omnibind_ros.inference.embedding import space_number


@given(st.text())
def test_the_number_of_a_space_fits_its_column(space_id: str) -> None:
    assert 0 <= space_number(space_id) < 2**32


def test_the_number_of_a_space_never_changes() -> None:
    # Recorded embeddings carry it, so it is part of the format.
    assert space_number("omnibind-sim/1") == 0x64FF70D7
