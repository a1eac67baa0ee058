"""What looks like personal data in a text (domain.md 7.10, 10): identity numbers, e-mail addresses, telephone numbers.

Better to miss one than to cry wolf over what a ledger of goods is full of: GTINs, HS codes, amounts, hashes, ids and
addresses of web pages are none. In a sentence any number of 16 digits counts; in the name or number of a thing only
what cannot well be anything else.
"""

import re
from collections.abc import Iterator

from projections.flags.texts import Freedom

IDENTITY, SIXTEEN, TAX, PASSPORT, EMAIL, TELEPHONE = (
    "an identity number (NIK)",
    "a number of 16 digits",
    "a tax number (NPWP)",
    "a passport number",
    "an e-mail address",
    "a telephone number",
)
_NOT_WITHIN = r"(?<![0-9A-Za-z_/+.-])"
"""What a number does not follow: it would be part of an id, a hash, an amount or an address."""
_AND_NO_MORE = r"(?![0-9A-Za-z_/]|[.,-][0-9A-Za-z])"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_SIXTEEN = re.compile(
    rf"{_NOT_WITHIN}(?:[0-9]{{16}}"
    r"|[0-9]{4}([ .-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}"
    r"|[0-9]{6}([ .-])[0-9]{6}\2[0-9]{4}"
    rf"){_AND_NO_MORE}"
)
_TAX = re.compile(
    rf"{_NOT_WITHIN}[0-9]{{2}}\.[0-9]{{3}}\.[0-9]{{3}}\.[0-9][-.][0-9]{{3}}\.[0-9]{{3}}{_AND_NO_MORE}"
    r"|\bNPWP\b[^0-9\n]{0,20}[0-9]{15,16}(?![0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"\b(?:passport|paspor)\b[^0-9\n]{0,20}?\b[A-Z]{1,2}[ -]?[0-9]{6,8}\b", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z+/])\+[1-9](?:[ .()-]{0,2}[0-9]){7,14}(?![0-9A-Za-z])")
_INDONESIAN = re.compile(
    rf"{_NOT_WITHIN}(?:"
    r"(?:0|62[ -]?)8[1-9][0-9]?(?:[ .-]?[0-9]){7,9}"  # mobile
    r"|\(0[2-9][0-9]{1,2}\)[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}"  # a land line, with its trunk prefix set off
    r"|0[2-9][0-9]{1,2}[ -][0-9]{3,4}[ -]?[0-9]{3,4}"
    rf"){_AND_NO_MORE}"
)
_AMOUNT = re.compile(r"\+?[0-9]{1,3}(?:[., ][0-9]{3})+")
_PROVINCES = frozenset((*range(11, 22), *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82))
_PAPUA = frozenset(range(91, 98))
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_WOMEN = 40
"""Added to the day of birth in the NIK of a woman."""
_DAYS, _MONTHS = range(1, 32), range(1, 13)


def looks_like(text: str, freedom: Freedom) -> str | None:
    """Return what a text holds, that looks like personal data, in words; None where nothing does."""
    return next(_found(_URL.sub(" ", text), freedom), None)


def _found(text: str, freedom: Freedom) -> Iterator[str]:
    if _TAX.search(text):
        yield TAX
    for match in _SIXTEEN.finditer(text):
        if is_identity_number(_digits(match[0])):
            yield IDENTITY
        elif freedom == "SENTENCE":
            yield SIXTEEN
    if _PASSPORT.search(text):
        yield PASSPORT
    if _EMAIL.search(text):
        yield EMAIL
    if any(not _AMOUNT.fullmatch(match[0]) for match in _INTERNATIONAL.finditer(text)):
        yield TELEPHONE
    if freedom == "SENTENCE" and any(not is_gtin(match[0]) for match in _INDONESIAN.finditer(text)):
        yield TELEPHONE


def is_identity_number(digits: str) -> bool:
    """Tell whether 16 digits can be a NIK: a province, then the date of birth, then a serial number.

    PPRRSS DDMMYY NNNN; of women the day is 40 more.
    """
    province, day, month = int(digits[:2]), int(digits[6:8]), int(digits[8:10])
    of_a_day = day in _DAYS or day - _WOMEN in _DAYS
    return province in _PROVINCES | _PAPUA and of_a_day and month in _MONTHS and digits[12:] != "0000"


def is_gtin(text: str) -> bool:
    """Tell whether a number can be a GTIN (8, 12, 13 or 14 digits with a check digit, GS1): written in one piece."""
    if not text.isdigit() or len(text) not in _GTIN_LENGTHS:
        return False
    weights = (3 if place % 2 == 0 else 1 for place in range(len(text) - 1))
    total = sum(weight * int(digit) for weight, digit in zip(weights, reversed(text[:-1]), strict=True))
    return (total + int(text[-1])) % 10 == 0


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
