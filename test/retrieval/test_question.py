import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import QuestionError
from omnibind_ros.retrieval.question import LARGEST_WEIGHT, MOST_CHARACTERS, Question, Term, parse_question


def words(weight: float, text: str) -> Term:
    return Term(weight, words=text)


def source(weight: float, name: str) -> Term:
    return Term(weight, source=name)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("red cup", [words(1, "red cup")]),
        ("cup + metal - wood", [words(1, "cup"), words(1, "metal"), words(-1, "wood")]),
        ("cup+metal -wood", [words(1, "cup"), words(1, "metal"), words(-1, "wood")]),
        ("cup − wood", [words(1, "cup"), words(-1, "wood")]),
        ("- wood + cup", [words(-1, "wood"), words(1, "cup")]),
        ("+ cup", [words(1, "cup")]),
        ("t-shirt", [words(1, "t-shirt")]),
        ("@camera", [source(1, "camera")]),
        ("@camera - 0.5 * red thing", [source(1, "camera"), words(-0.5, "red thing")]),
        ("2*cup + .5*@now", [words(2, "cup"), source(0.5, "now")]),
        ("2 cups", [words(1, "2 cups")]),
        ('"cup - metal" + "C++"', [words(1, "cup - metal"), words(1, "C++")]),
        ('0.5 * "2 * a"', [words(0.5, "2 * a")]),
        ('"@camera"', [words(1, "@camera")]),
        ("me@home", [words(1, "me@home")]),
        ("  cup  ", [words(1, "cup")]),
    ],
)
def test_questions_are_sums_of_words_and_sources(text: str, terms: list[Term]) -> None:
    assert parse_question(text) == Question(tuple(terms))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the question is empty"),
        ("   ", "the question is empty"),
        ("cup +", "a sign has no term"),
        ("cup - - wood", "a sign has no term"),
        ("+ + cup", "a sign has no term"),
        ("cup +-wood", "a sign has no term"),
        ("-", "a sign has no term"),
        ("2 *", "a sign has no term"),
        ("- cup", "the question only says what it does not mean"),
        ("- cup - wood", "the question only says what it does not mean"),
        ("0 * cup", "0 is no weight above 0 and up to 100"),
        ("101 * cup", "101 is no weight above 0 and up to 100"),
        ("@", "'@' is no name of a source"),
        ("@the camera", "'@the camera' is no name of a source"),
        ("@1", "'@1' is no name of a source"),
        ('"cup', "a quotation mark is not closed"),
        ('red "cup"', "quotation marks must surround all words of a term"),
        ('"cup" "mug"', "quotation marks must surround all words of a term"),
        ('""', "a term has no words"),
        ("a" * (MOST_CHARACTERS + 1), "501 characters, at most 500"),
        (" + ".join("a" * 17), "17 terms, at most 16"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(text: str, problem: str) -> None:
    with pytest.raises(QuestionError) as refused:
        parse_question(text)
    assert problem in refused.value.problem
    assert "cup + metal - wood" in refused.value.remedy


TERMS = st.builds(
    lambda weight, thing: Term(weight, **thing),
    st.floats(-LARGEST_WEIGHT, LARGEST_WEIGHT).filter(lambda weight: abs(weight) > 1e-6),
    st.one_of(
        st.from_regex("[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).map(lambda name: {"source": name}),
        st.text(st.characters(codec="utf-8", exclude_characters='"'), min_size=1, max_size=12)
        .map(str.strip)
        .filter(bool)
        .map(lambda text: {"words": text}),
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(TERMS, min_size=1, max_size=5))
def test_a_question_that_is_written_out_is_read_as_the_same(terms: list[Term]) -> None:
    if any(term.weight > 0 for term in terms):
        question = Question(tuple(terms))
        assert parse_question(str(question)) == question


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('ab1.0 +-−*@"_'), max_size=30) | st.text(max_size=50))
def test_any_text_is_a_question_or_refused(text: str) -> None:
    try:
        question = parse_question(text)
    except QuestionError:
        return
    assert any(term.weight > 0 for term in question.terms)
    assert all(bool(term.words) != bool(term.source) for term in question.terms)
    assert parse_question(str(question)) == question


def test_it_names_the_sources_it_needs() -> None:
    assert parse_question("@camera + cup - @touch + @camera").sources == {"camera", "touch"}
    assert parse_question("cup").sources == frozenset()
