"""What each country's numbers look like, and the check that its authority publishes."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from tasks.privacy.checksums import ean, luhn, mod_11_10, verhoeff, weighted


@dataclass(frozen=True)
class NationalId:
    """One kind of number.

    name: country and what it is called there. shapes: how it is written, a digit as 9 and a letter as A. is_valid: of its letters
    and digits alone. words: a pattern of which something must stand before the number (in lower case); None where the shape and
    the check say enough.
    """

    name: str
    shapes: tuple[str, ...]
    is_valid: Callable[[str], bool]
    words: str | None = None


def _date(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _short_date(digits: str, order: str = "ymd") -> bool:
    """Two digits each of year, month and day, of any century."""
    parts = {name: int(digits[2 * at : 2 * at + 2]) for at, name in enumerate(order)}
    return _date(2000 + parts["y"], parts["m"], parts["d"])  # 2000 was a leap year, as 1900 was not


def _us_ssn(bare: str) -> bool:
    """Social Security Administration, randomization of 2011: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    return bare[:3] not in {"000", "666"} and bare[0] != "9" and bare[3:5] != "00" and bare[5:] != "0000" and len(set(bare)) > 1


def _gb_nino(bare: str) -> bool:
    """HMRC, NIM39110: letters that are not given out, suffix A to D."""
    prefix = bare[:2]
    return bool(
        re.match(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]", prefix)
        and prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
        and bare[-1] in "ABCD"
    )


def _gb_nhs(bare: str) -> bool:
    """NHS Data Dictionary: weights 10 to 2, modulus 11."""
    check = 11 - weighted(bare[:9], range(10, 1, -1)) % 11
    return check % 11 == int(bare[9]) and check != 10


def _de_tax(bare: str) -> bool:
    """Steuer-Identifikationsnummer, § 139b AO: among the first ten digits one is there two or three times; MOD 11,10."""
    counts = [bare[:10].count(digit) for digit in set(bare[:10])]
    return bare[0] != "0" and sum(count > 1 for count in counts) == 1 and max(counts) <= 3 and mod_11_10(bare)


def _fr_nir(bare: str) -> bool:
    """INSEE: 97 less the number modulo 97; Corsica's departments 2A and 2B count as 19 and 18."""
    number = bare[:13].replace("2A", "19").replace("2B", "18")
    return (
        number.isdigit()
        and bare[13:].isdigit()
        and bare[0] in "1234789"
        and (1 <= int(bare[3:5]) <= 12 or 20 <= int(bare[3:5]) <= 99)
        and 97 - int(number) % 97 == int(bare[13:])
    )


def _es_dni(bare: str) -> bool:
    """Ministerio del Interior: the letter is the number modulo 23; X, Y, Z of foreigners count as 0, 1, 2."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(bare[0], bare[0]) + bare[1:-1]
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == bare[-1]


_CF_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ],
        strict=True,
    )
)


def _it_fiscal(bare: str) -> bool:
    """Codice fiscale, D.M. 23 December 1976: values by odd and even place, modulo 26."""
    total = sum(_CF_ODD[character] for character in bare[:15:2])
    total += sum(int(character) if character.isdigit() else ord(character) - ord("A") for character in bare[1:15:2])
    return chr(ord("A") + total % 26) == bare[15] and bare[8] in "ABCDEHLMPRST"


def _nl_bsn(bare: str) -> bool:
    """Burgerservicenummer: the eleven test, the last digit with weight -1."""
    return weighted(bare, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and len(set(bare)) > 1


def _be_national(bare: str) -> bool:
    """Rijksregisternummer: 97 less the first nine digits modulo 97, with a 2 before them for births from 2000."""
    return any(97 - int(century + bare[:9]) % 97 == int(bare[9:]) for century in ("", "2"))


def _pl_pesel(bare: str) -> bool:
    """PESEL: the month carries the century; weights 1 3 7 9, modulus 10."""
    return _short_date(bare[:2] + f"{int(bare[2:4]) % 20:02}" + bare[4:6]) and (
        weighted(bare, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def _se_personal(bare: str) -> bool:
    """Skatteverket, SKV 704: a date, 60 added to the day of a coordination number, and Luhn over the ten digits."""
    ten = bare[-10:]
    day = int(ten[4:6])
    return _short_date(ten[:4] + f"{day - 60 if day > 60 else day:02}") and luhn(ten)


def _fi_personal(bare: str) -> bool:
    """Henkilötunnus: a date, and the nine digits modulo 31 as a character."""
    digits = bare[:6] + bare[-4:-1]
    return digits.isdigit() and _short_date(bare[:6], "dmy") and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == bare[-1]


def _no_personal(bare: str) -> bool:
    """Fødselsnummer: a date and two check digits, modulus 11."""
    day = int(bare[:2]) % 40
    return (
        _short_date(f"{day:02}" + bare[2:6], "dmy")
        and weighted(bare, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and weighted(bare, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def _cz_birth(bare: str) -> bool:
    """Rodné číslo: a date, 50 added to the month of women, and the whole divisible by 11."""
    return int(bare) % 11 == 0 and _short_date(bare[:2] + f"{int(bare[2:4]) % 50:02}" + bare[4:6])


def _ro_cnp(bare: str) -> bool:
    """Cod numeric personal: modulus 11, where 10 counts as 1."""
    check = weighted(bare[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return bare[0] in "12345678" and _short_date(bare[1:7]) and int(bare[12]) == (1 if check == 10 else check)


def _pt_nif(bare: str) -> bool:
    """Número de identificação fiscal: weights 9 to 2, modulus 11."""
    check = 11 - weighted(bare[:8], range(9, 1, -1)) % 11
    return int(bare[8]) == (0 if check > 9 else check)


def _br_cpf(bare: str) -> bool:
    """Receita Federal: two check digits, modulus 11."""
    first = weighted(bare[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(bare[:10], range(11, 1, -1)) * 10 % 11 % 10
    return bare[9:] == f"{first}{second}" and len(set(bare)) > 1


def _ie_pps(bare: str) -> bool:
    """Personal Public Service number: weights 8 to 2, a second letter with weight 9, modulus 23."""
    second = ord(bare[8]) - ord("A") + 1 if len(bare) == 9 and bare[8] != "W" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(bare[:7], range(8, 1, -1)) + 9 * second) % 23] == bare[7]


def _mx_curp(bare: str) -> bool:
    """CURP, DOF 18 October 2021: a date, sex, and a check digit over characters that count from 0 to Z with Ñ."""
    order = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(order.index(character) * weight for character, weight in zip(bare[:17], range(18, 1, -1), strict=True))
    return _short_date(bare[4:10]) and bare[10] in "HMX" and bare[17] == str(-total % 10)


def _in_aadhaar(bare: str) -> bool:
    """UIDAI: twelve digits, none of them starts with 0 or 1; Verhoeff."""
    return bare[0] not in "01" and verhoeff(bare)


def _in_pan(bare: str) -> bool:
    """Income Tax Department: the fourth letter tells what the holder is; P is a person."""
    return bare[3] == "P" and bare[5:9] != "0000"


def _cn_resident(bare: str) -> bool:
    """GB 11643-1999: a date, and ISO 7064 MOD 11-2."""
    weights = [pow(2, power, 11) for power in range(17, 0, -1)]
    return (
        bare[:17].isdigit()
        and _date(int(bare[6:10]), int(bare[10:12] or 0), int(bare[12:14] or 0))
        and 1900 <= int(bare[6:10]) <= 2100
        and "10X98765432"[weighted(bare[:17], weights) % 11] == bare[17]
    )


def _za_id(bare: str) -> bool:
    """Home Affairs: a date, citizenship 0 or 1, Luhn."""
    return _short_date(bare[:6]) and bare[10] in "012" and luhn(bare)


def _tr_kimlik(bare: str) -> bool:
    """Turkish identity number: two check digits, modulus 10."""
    odd, even = sum(map(int, bare[0:9:2])), sum(map(int, bare[1:8:2]))
    return bare[0] != "0" and (odd * 7 - even) % 10 == int(bare[9]) and sum(map(int, bare[:10])) % 10 == int(bare[10])


def _ch_ahv(bare: str) -> bool:
    """AHV-Nummer: country code 756 and the check digit of an EAN."""
    return bare.startswith("756") and ean(bare)


def _au_tfn(bare: str) -> bool:
    """Tax file number: weighted sum, modulus 11."""
    return weighted(bare, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


KINDS: tuple[NationalId, ...] = (
    NationalId("US social security number", ("999-99-9999",), _us_ssn),
    NationalId("US social security number", ("999 99 9999", "999999999"), _us_ssn, r"\bssn\b|social security"),
    NationalId(
        "CA social insurance number", ("999 999 999", "999-999-999", "999999999"), luhn, r"\bsin\b|social insurance|\bnas\b"
    ),
    NationalId("GB national insurance number", ("AA 99 99 99 A", "AA 999999 A", "AA-99-99-99-A"), _gb_nino),
    NationalId("GB national insurance number", ("AA999999A",), _gb_nino, r"national insurance|\bnino?\b"),
    NationalId("GB NHS number", ("999 999 9999", "999-999-9999", "9999999999"), _gb_nhs, r"\bnhs\b"),
    NationalId("IE PPS number", ("9999999A", "9999999AA"), _ie_pps, r"\bpps|uimhir"),
    NationalId("DE tax number", ("99 999 999 999", "99999999999"), _de_tax, r"steuer|\bidnr|\bid-nr|tax id|\btin\b"),
    NationalId(
        "FR registration number",
        ("9 99 99 99 999 999 99", "999999999999999", "9 99 99 9A 999 999 99", "999999A99999999", "9999999999999 99"),
        _fr_nir,
    ),
    NationalId(
        "ES identity card",
        ("99999999A", "99999999-A", "99.999.999-A", "99 999 999 A"),
        _es_dni,
        r"\bdni\b|\bnif\b|d\.n\.i|identidad",
    ),
    NationalId("ES foreigner's number", ("A9999999A", "A-9999999-A", "A9999999-A"), _es_dni),
    NationalId("IT fiscal code", ("AAAAAA99A99A999A",), _it_fiscal),
    NationalId("NL citizen number", ("999999999", "9999.99.999", "9999 99 999"), _nl_bsn, r"\bbsn\b|burgerservice|sofi"),
    NationalId("BE national number", ("99.99.99-999.99", "99.99.99-999-99"), _be_national),
    NationalId(
        "BE national number",
        ("99999999999", "99.99.99 999 99", "99.99.99-999 99"),
        _be_national,
        r"rijksregister|registre national|national n|\binsz\b|\bniss\b",
    ),
    NationalId("PL PESEL", ("99999999999",), _pl_pesel, r"pesel"),
    NationalId("SE personal number", ("999999-9999", "99999999-9999"), _se_personal),
    NationalId("SE personal number", ("9999999999", "999999999999"), _se_personal, r"person|samordning"),
    NationalId("FI personal code", ("999999-999A", "999999-9999", "999999A999A"), _fi_personal),
    NationalId("DK CPR number", ("999999-9999", "9999999999"), lambda bare: _short_date(bare[:6], "dmy"), r"\bcpr|personnummer"),
    NationalId("NO birth number", ("99999999999", "999999 99999"), _no_personal, r"f[øo]dsels|personn|fnr"),
    NationalId("CZ, SK birth number", ("999999/9999",), _cz_birth),
    NationalId("RO personal code", ("9999999999999",), _ro_cnp, r"\bcnp\b|cod numeric"),
    NationalId("PT tax number", ("999999999", "999 999 999"), _pt_nif, r"\bnif\b|contribuinte|identifica[cç][aã]o fiscal"),
    NationalId("CH insurance number", ("999.9999.9999.99",), _ch_ahv),
    NationalId("CH insurance number", ("9999999999999",), _ch_ahv, r"\bahv|\bavs\b"),
    NationalId("BR CPF", ("999.999.999-99",), _br_cpf),
    NationalId("BR CPF", ("99999999999", "999999999-99"), _br_cpf, r"\bcpf\b"),
    NationalId("MX CURP", ("AAAA999999AAAAAA99", "AAAA999999AAAAAAA9"), _mx_curp),
    NationalId("IN Aadhaar", ("9999 9999 9999", "9999-9999-9999", "999999999999"), _in_aadhaar, r"aadhaar|aadhar|\buid|आधार"),
    NationalId("IN PAN", ("AAAAA9999A",), _in_pan),
    NationalId("CN resident number", ("999999999999999999", "99999999999999999A"), _cn_resident),
    NationalId("ZA identity number", ("9999999999999", "999999 9999 999"), _za_id, r"\bid\b|identity|identiteit"),
    NationalId("TR identity number", ("99999999999",), _tr_kimlik, r"kimlik|\btckn|\btc\b|t\.c\."),
    NationalId("AU tax file number", ("999 999 999", "999999999"), _au_tfn, r"\btfn\b|tax file"),
)
