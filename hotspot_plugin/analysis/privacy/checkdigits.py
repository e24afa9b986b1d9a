"""Check digits of identity, tax, bank and card numbers: whether a number can be one at all.

Each rule is that of the issuing authority: Luhn (ISO/IEC 7812-1, annex B), mod 97 (ISO 7064,
ISO 13616 for IBAN), Verhoeff 1969 (Aadhaar), and the national letters and weights.
"""

from __future__ import annotations

import re
from datetime import date

_D = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043",
      "8765932104", "9876543210")
_P = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")
_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12,
                 14, 16, 10, 22, 25, 24, 23)))
_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def digits(text: str) -> list:
    """Return the digits of a text as numbers."""
    return [int(c) for c in text if c.isdigit()]


def luhn(text: str) -> bool:
    """Whether the digits pass the Luhn rule (cards, Canadian SIN, IMEI, Swedish and South African numbers)."""
    d = digits(text)
    doubled = [sum(divmod(2 * n, 10)) for n in d[-2::-2]]
    return bool(d) and len(set(d)) > 1 and (sum(d[-1::-2]) + sum(doubled)) % 10 == 0


def verhoeff(text: str) -> bool:
    """Whether the digits pass Verhoeff's rule (Indian Aadhaar)."""
    check = 0
    for place, n in enumerate(reversed(digits(text))):
        check = int(_D[check][int(_P[place % 8][n])])
    return check == 0 and len(set(digits(text))) > 1


def iban(text: str) -> bool:
    """Whether an IBAN's remainder by 97 is 1 (ISO 13616)."""
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    moved = "".join(str(int(c, 36)) for c in plain[4:] + plain[:4])
    return 15 <= len(plain) <= 34 and int(moved) % 97 == 1


def dni(text: str) -> bool:
    """Whether the letter of a Spanish DNI or NIE is that of its number (mod 23)."""
    plain = re.sub(r"[^0-9A-Z]", "", text.upper())
    number = plain[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == plain[-1]


def codice_fiscale(text: str) -> bool:
    """Whether the last letter of an Italian codice fiscale fits (decree of 23 December 1976)."""
    plain = text.upper()
    total = sum(_ODD[c] if k % 2 == 0 else int(c, 36) - (10 if c.isalpha() else 0) for k, c in enumerate(plain[:15]))
    return len(plain) == 16 and chr(65 + total % 26) == plain[15]


def cpf(text: str) -> bool:
    """Whether both check digits of a Brazilian CPF fit (mod 11)."""
    d = digits(text)
    if len(d) != 11 or len(set(d)) == 1:
        return False
    return all(sum((n + 1 - k) * d[k] for k in range(n)) * 10 % 11 % 10 == d[n] for n in (9, 10))


def nir(text: str) -> bool:
    """Whether the key of a French NIR (numéro de sécurité sociale) fits (97 - number mod 97)."""
    plain = re.sub(r"[^0-9AB]", "", text.upper()).replace("2A", "19", 1).replace("2B", "18", 1)
    return len(plain) == 15 and plain.isdigit() and 97 - int(plain[:13]) % 97 == int(plain[13:])


def curp(text: str) -> bool:
    """Whether the last digit of a Mexican CURP fits."""
    plain = text.upper()
    total = sum(_CURP.index(c) * (18 - k) for k, c in enumerate(plain[:17]))
    return len(plain) == 18 and plain[17].isdigit() and (10 - total % 10) % 10 == int(plain[17])


def pesel(text: str) -> bool:
    """Whether a Polish PESEL's date and check digit fit."""
    d = digits(text)
    month = d[2] * 10 + d[3]
    if not _is_date(1900, month % 20, d[4] * 10 + d[5]):
        return False
    return (10 - sum(w * n for w, n in zip((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), d)) % 10) % 10 == d[10]


def personnummer(text: str) -> bool:
    """Whether a Swedish personnummer's date and Luhn digit fit (last ten digits)."""
    d = digits(text)[-10:]
    return _is_date(1900, d[2] * 10 + d[3], d[4] * 10 + d[5]) and luhn("".join(map(str, d)))


def south_african(text: str) -> bool:
    """Whether a South African identity number's date and Luhn digit fit."""
    d = digits(text)
    return _is_date(1900, d[2] * 10 + d[3], d[4] * 10 + d[5]) and luhn(text)


def belgian(text: str) -> bool:
    """Whether a Belgian national number's remainder by 97 fits, born before or from 2000."""
    plain = "".join(map(str, digits(text)))
    return len(plain) == 11 and int(plain[9:]) in (97 - int(plain[:9]) % 97, 97 - int("2" + plain[:9]) % 97)


def chinese(text: str) -> bool:
    """Whether the last sign of a Chinese resident number fits (ISO 7064 MOD 11-2)."""
    plain = text.upper()
    total = sum(int(c) * 2 ** (17 - k) for k, c in enumerate(plain[:17]))
    return len(plain) == 18 and "10X98765432"[total % 11] == plain[17]


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        # a leap year, as the century is not known
        date(year + 4, month, day)
    except ValueError:
        return False
    return True
