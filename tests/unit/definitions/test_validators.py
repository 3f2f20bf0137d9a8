"""The identifiers of Italian registers: published and fictional examples pass, one changed character does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.definitions.forms import validators
from app.definitions.forms.messages import codes

PUBLISHED = ["02342520158", "86334519757"]
ENTERPRISES = [
    "99000010167",
    "99000020158",
    "99000030173",
    "99000040198",
    "99000050155",
    "99000060154",
    "99000070120",
    "99000080160",
    "99000090136",
    "99000100182",
    "99000110207",
    "99000380156",
    "99000390155",
    "99000400152",
    "99000410151",
    "99000340150",
    "99000370132",
    "99000360125",
    "99000350134",
    "99000120131",
    "99000130130",
    "99000140139",
    "99000150138",
    "99000160152",
    "99000170151",
    "99000180168",
    "99000190159",
    "99000200123",
    "99000210338",
    "99000220204",
    "99000230179",
    "99000240152",
    "99000250177",
    "99000260168",
    "99000270159",
    "99000280133",
    "99000290140",
    "99000300188",
    "99000310179",
    "99000320202",
    "99000420150",
    "99000330151",
]
PERSONS = [
    "RSSMRA85T10A562S",
    "DMRDAA75C54Z999S",
    "FNTBRN68S02Z999W",
    "PTSFST70P17Z999C",
    "PRVDRA79A09Z999J",
    "SMPCRL81L70Z999A",
    "SMLHGU66B25Z999A",
    "SGNLNE85E61Z999G",
    "CMPGAI90T41Z999U",
    "STRRNI78H46Z999N",
    "VRTLCU83R11Z999C",
    "RRLMRT74D44Z999D",
]
digits = st.text("0123456789", min_size=10, max_size=10).filter(lambda ten: ten != "0" * 10)


@pytest.mark.parametrize("number", PUBLISHED + ENTERPRISES)
def test_vat_numbers_of_the_law_and_of_the_worked_cases_are_accepted(number: str) -> None:
    assert validators.run("piva", number) == (number, None)
    assert validators.run("codice_fiscale_ente", number) == (number, None)


@pytest.mark.parametrize("code", PERSONS)
def test_fiscal_codes_of_the_worked_cases_are_accepted(code: str) -> None:
    assert validators.run("codice_fiscale", code) == (code, None)
    assert validators.run("codice_fiscale_o_piva", code.lower()) == (code, None)


@settings(max_examples=200)
@given(digits, st.integers(0, 10), st.integers(1, 9))
def test_any_single_wrong_digit_of_a_vat_number_is_noticed(ten: str, place: int, shift: int) -> None:
    number = f"{ten}{validators.check_digit(ten)}"
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert validators.run("piva", number)[1] is None
    assert validators.run("piva", wrong)[1] == "piva_check"


@settings(max_examples=200)
@given(st.sampled_from(PERSONS), st.integers(0, 6), st.sets(st.integers(0, 6), min_size=1))
def test_omocodia_is_accepted_with_its_own_check_letter(code: str, _: int, replaced: set[int]) -> None:
    places = [6, 7, 9, 10, 12, 13, 14]
    letters = list(code[:15])
    for place in (places[n] for n in replaced):
        letters[place] = "LMNPQRSTUV"[int(letters[place])]
    fifteen = "".join(letters)
    assert validators.run("codice_fiscale", fifteen + validators.check_letter(fifteen))[1] is None


@settings(max_examples=100)
@given(st.sampled_from(PERSONS), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_a_wrong_check_letter_of_a_fiscal_code_is_noticed(code: str, letter: str) -> None:
    expected = None if letter == code[15] else "codice_fiscale_check"
    assert validators.run("codice_fiscale", code[:15] + letter)[1] == expected


@pytest.mark.parametrize(
    "wrong", ["", "0234252015", "023425201588", "0234252015X", "00000000000", "٠٢٣٤٢٥٢٠١٥٨"]
)
def test_what_is_no_vat_number_is_refused(wrong: str) -> None:
    assert validators.run("piva", wrong)[1] is not None


def test_a_day_that_no_month_has_is_refused_in_a_fiscal_code() -> None:
    fifteen = "RSSMRA85T35A562"
    assert (
        validators.run("codice_fiscale", fifteen + validators.check_letter(fifteen))[1]
        == "codice_fiscale_shape"
    )


@pytest.mark.parametrize(
    ("name", "typed", "spelling"),
    [
        ("piva", "IT 02342520158", "02342520158"),
        ("rea", "mi 1234567", "MI-1234567"),
        ("rea", "BG-9900001", "BG-9900001"),
        ("ateco", "25.73", "25.73"),
        ("ateco", "25.7", "25.7"),
        ("provincia", "mb", "MB"),
        ("cap", "20124", "20124"),
        ("cup", "e71b21000430001", "E71B21000430001"),
        ("iban", "it60 x054 2811 1010 0000 0123 456", "IT60X0542811101000000123456"),
        ("pec", " Impresa@PEC.Example ", "impresa@pec.example"),
    ],
)
def test_an_accepted_identifier_has_one_spelling(name: str, typed: str, spelling: str) -> None:
    assert validators.run(name, typed) == (spelling, None)
    assert validators.run(name, spelling) == (spelling, None)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("rea", "XX-1234567"),
        ("rea", "MI-12345678"),
        ("ateco", "25,73"),
        ("ateco", "2"),
        ("provincia", "XX"),
        ("cap", "2012"),
        ("cup", "E71B2100043000"),
        ("iban", "IT61X0542811101000000123456"),
        ("email", "senza-chiocciola"),
        ("email", "a..b@example.org"),
        ("email", "a@localhost"),
        ("pec", "a b@pec.example"),
    ],
)
def test_what_is_no_identifier_is_refused(name: str, wrong: str) -> None:
    assert validators.run(name, wrong)[1] is not None


@settings(max_examples=150)
@given(st.text(max_size=40), st.sampled_from(sorted(validators.names())))
def test_every_refusal_has_a_sentence_and_no_text_breaks_a_validator(text: str, name: str) -> None:
    spelling, fault = validators.run(name, text)
    assert fault is None or fault in codes()
    assert fault is None or spelling == text
