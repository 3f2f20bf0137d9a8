"""Validators of the identifiers that Italian law and registers use; each reads a text and gives its one spelling.

A validator takes what was typed and gives `(spelling, None)` or `(what was typed, code of the message)`.
"""

import re
from collections.abc import Callable, Mapping

Verdict = tuple[str, str | None]
Validator = Callable[[str], Verdict]

_registry: dict[str, Validator] = {}

_CODES = """
    AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CI CL CN CO CR CS CT CZ EN FC FE FG FI FM
    FR GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OG OR OT PA PC PD PE PG PI PN PO PR PT
    PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VS VT VV
"""
PROVINCES = frozenset(_CODES.split())
"""The codes of the Italian provinces, those of Sardinia before and after its reforms included."""

_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")
_PERSON = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]", re.ASCII
)
_ODD = dict(
    zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)
) | dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}"
)
_DAYS = frozenset({*range(1, 32), *range(41, 72)})


def names() -> frozenset[str]:
    """Give the names of all validators."""
    return frozenset(_registry)


def table() -> Mapping[str, Validator]:
    """Give the validators by name."""
    return dict(_registry)


def run(name: str, text: str) -> Verdict:
    """Let the validator `name` read a text."""
    return _registry[name](text)


def _validator(name: str) -> Callable[[Validator], Validator]:
    def register(function: Validator) -> Validator:
        _registry[name] = function
        return function

    return register


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def check_digit(ten: str) -> int:
    """Give the check digit of the first ten digits of a VAT number (D.M. 23/12/1976; Luhn's formula)."""
    odd = sum(int(c) for c in ten[::2])
    even = sum(2 * int(c) - 9 if int(c) > 4 else 2 * int(c) for c in ten[1::2])  # noqa: PLR2004 - two digits added
    return -(odd + even) % 10


def check_letter(fifteen: str) -> str:
    """Give the check letter of the first fifteen characters of a person's fiscal code (D.M. 23/12/1976)."""
    odd = sum(_ODD[c] for c in fifteen[::2])
    even = sum(int(c) if c.isdigit() else ord(c) - ord("A") for c in fifteen[1::2])
    return chr(ord("A") + (odd + even) % 26)


def _eleven(text: str, name: str) -> Verdict:
    digits = _compact(text)
    if not re.fullmatch(r"[0-9]{11}", digits):
        return text, f"{name}_shape"
    if digits == "0" * 11 or check_digit(digits[:10]) != int(digits[10]):
        return text, f"{name}_check"
    return digits, None


@_validator("piva")
def piva(text: str) -> Verdict:
    """Read an Italian VAT number; the country prefix IT is taken off."""
    digits = _compact(text).removeprefix("IT")
    spelling, fault = _eleven(digits, "piva")
    return (text, fault) if fault else (spelling, None)


@_validator("codice_fiscale_ente")
def organisation(text: str) -> Verdict:
    """Read the numeric fiscal code of an organisation."""
    return _eleven(text, "codice_fiscale_ente")


@_validator("codice_fiscale")
def person(text: str) -> Verdict:
    """Read the fiscal code of a person; letters in place of digits (omocodia) are kept."""
    code = _compact(text)
    if not _PERSON.fullmatch(code) or int(code[9:11].translate(_OMOCODIA)) not in _DAYS:
        return text, "codice_fiscale_shape"
    if check_letter(code[:15]) != code[15]:
        return text, "codice_fiscale_check"
    return code, None


@_validator("codice_fiscale_o_piva")
def either(text: str) -> Verdict:
    """Read the fiscal code of a person or of an organisation."""
    code = _compact(text)
    if code.isdigit():
        return organisation(text)
    if len(code) != 16:  # noqa: PLR2004 - the length of a person's code
        return text, "codice_fiscale_o_piva_shape"
    return person(text)


@_validator("rea")
def rea(text: str) -> Verdict:
    """Read a number of the economic register (REA): province, hyphen, up to seven digits."""
    match = re.fullmatch(r"([A-Z]{2})[-/]?([0-9]{1,7})", _compact(text))
    if match is None or match[1] not in PROVINCES:
        return text, "rea_shape"
    return f"{match[1]}-{match[2]}", None


@_validator("ateco")
def ateco(text: str) -> Verdict:
    """Read an ATECO code of two to six digits, by shape; which codes exist is the call's own table."""
    code = _compact(text)
    return (code, None) if re.fullmatch(r"[0-9]{2}(\.[0-9]{1,2}){0,2}", code) else (text, "ateco_shape")


@_validator("provincia")
def province(text: str) -> Verdict:
    """Read the code of an Italian province."""
    return (_compact(text), None) if _compact(text) in PROVINCES else (text, "provincia_shape")


@_validator("cap")
def postal_code(text: str) -> Verdict:
    """Read an Italian postal code."""
    return (_compact(text), None) if re.fullmatch(r"[0-9]{5}", _compact(text)) else (text, "cap_shape")


@_validator("cup")
def project_code(text: str) -> Verdict:
    """Read a project code (CUP)."""
    return (_compact(text), None) if re.fullmatch(r"[A-Z0-9]{15}", _compact(text)) else (text, "cup_shape")


@_validator("iban")
def iban(text: str) -> Verdict:
    """Read an IBAN with its check digits (ISO 13616, modulo 97)."""
    code = _compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", code) or (code[:2] == "IT" and len(code) != 27):  # noqa: PLR2004 - Italy's length
        return text, "iban_shape"
    turned = "".join(str(int(c, 36)) for c in code[4:] + code[:4])
    return (code, None) if int(turned) % 97 == 1 else (text, "iban_check")


def _address(text: str, name: str) -> Verdict:
    address = text.strip().lower()
    plain = (
        _ADDRESS.fullmatch(address)
        and ".." not in address
        and not address.startswith(".")
        and ".@" not in address
    )
    return (address, None) if plain else (text, f"{name}_shape")


@_validator("email")
def email(text: str) -> Verdict:
    """Read a mail address."""
    return _address(text, "email")


@_validator("pec")
def certified_mail(text: str) -> Verdict:
    """Read a certified mail address (PEC), by shape; whether it is registered is asked elsewhere."""
    return _address(text, "pec")
