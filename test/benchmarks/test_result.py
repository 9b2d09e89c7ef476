from benchmarks.result import Target


def test_a_target_is_a_most_or_a_least() -> None:
    assert Target("ratio", 1.5, 1.5).reached
    assert not Target("ratio", 1.6, 1.5).reached
    assert Target("kept", 95.0, 95.0, at_least=True).reached
    assert not Target("kept", 94.0, 95.0, at_least=True).reached
