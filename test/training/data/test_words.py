from training.data.words import OBJECTS, all_words, article, common_phrases


def test_lists_hold_plain_lower_case_words_without_repeats():
    words = all_words()
    assert all(word and word == word.strip().lower() for word in words)
    assert len(OBJECTS) == len(set(OBJECTS))
    assert "flower pot" in OBJECTS


def test_phrases_are_the_same_for_the_same_seed_only():
    assert common_phrases(20, seed=3) == common_phrases(20, seed=3)
    assert common_phrases(20, seed=3) != common_phrases(20, seed=4)


def test_phrases_speak_of_the_objects_they_are_asked_for():
    assert any("rubber duck" in phrase for phrase in common_phrases(5000, seed=0, extra_objects=["rubber duck"]))


def test_articles_follow_the_sound():
    assert [article(word) for word in ("mug", "eight", "one", "apple", "unicycle")] == ["a", "an", "a", "an", "a"]
