from html_checker import Checker

from omnibind_ros.page import bullets, page, picture, section, table, tiles


def test_a_page_is_sound_and_has_everything_in_it() -> None:
    parts = [
        tiles([("98 %", "accuracy")]),
        section("Cups & mugs", table(["label", "times"], [["<b>mug</b>", "3"]], numbers={1})),
        section("Seen", picture(b"\x89PNG", 'a "mug"')),
        section("Notes", bullets(["nothing <else>"])),
    ]
    found = Checker(page("Replay of <drive>", "2 s & more", parts))
    text = " ".join(found.texts)
    for expected in ("Replay of <drive>", "2 s & more", "98 %", "Cups & mugs", "<b>mug</b>", "nothing <else>"):
        assert expected in text
    assert found.links == ["data:image/png;base64,iVBORw=="]


def test_numbers_are_flush_right_with_their_heading() -> None:
    made = table(["label", "times"], [["mug", "3"]], numbers={1})
    assert "<th>label</th><th class=number>times</th>" in made
    assert "<td>mug</td><td class=number>3</td>" in made


def test_a_part_without_content_has_no_heading() -> None:
    assert section("Notes", bullets([])) == ""
    assert "<h2>" not in page("Empty", "", [section("Notes", bullets([]))])
