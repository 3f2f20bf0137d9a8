"""Words of a search."""

from app.store.words import word_query


def test_words_are_found_without_case_or_accents_and_the_last_one_by_its_beginning() -> None:
    assert word_query("Società Agric") == "societa & agric:*"


def test_a_case_number_is_three_words() -> None:
    assert word_query("FIL-2023-0042") == "fil & 2023 & 0042:*"


def test_operators_of_the_search_language_are_no_more_than_gaps() -> None:
    assert word_query("a | !b & (c):* 'd' \\ \0") == "a & b & c & d:*"


def test_nothing_is_searched_without_a_word() -> None:
    assert word_query(" -- & ") == ""


def test_a_very_long_text_is_cut() -> None:
    assert len(word_query("x" * 5000)) == 102
    assert word_query("a " * 50).count("a") == 12
