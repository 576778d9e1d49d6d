"""Check digits, each on a string of digits alone."""

from collections.abc import Sequence

# Verhoeff, "Error Detecting Decimal Codes" (1969): products of the dihedral group D5, and the powers of its permutation.
_D5 = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
_PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B (mod 10, every second digit doubled)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0


def verhoeff(digits: str) -> bool:
    """Verhoeff's dihedral check, as Aadhaar uses it."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(position % 8):
            value = _PERMUTATION[value]
        check = _D5[check][value]
    return check == 0


def mod_11_10(digits: str) -> bool:
    """ISO/IEC 7064, MOD 11,10."""
    check = 10
    for digit in digits[:-1]:
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return (check + int(digits[-1])) % 10 == 1


def mod_97_10(value: str) -> bool:
    """ISO/IEC 7064, MOD 97-10, over digits and capital letters (A is 10, Z is 35)."""
    return int("".join(str(int(character, 36)) for character in value)) % 97 == 1


def ean(digits: str) -> bool:
    """GS1 check digit: weights 1 and 3 in turn."""
    return (sum(map(int, digits[-1::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """Sum of digits times weights, place by place; the shorter of both ends it."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
