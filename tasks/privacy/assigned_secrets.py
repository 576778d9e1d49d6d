"""Passwords and keys without a format of their own: what is assigned to a name that says so, and random strings after one.

How random a string is, is its Shannon entropy in bits per character. Tools that scan program code ask for 4.5 in base64
(truffleHog, detect-secrets), which a string of 20 characters cannot reach (log2 20 is 4.3); here a word that speaks of a secret
must stand before.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import long_words, words_before

MIN_BITS = 3.5  # bits per character of a random string after a word that speaks of secrets
MIN_ASSIGNED_BITS = 3.0  # likewise, where it is assigned to a name that is nothing else; 16 random hex digits have about 3.2
_REACH = 48  # characters between the start of a name and its value, or of a word and a random string

_PASSWORDS = (
    "password", "passwd", "passwort", "kennwort", "passphrase", "pwd", "passcode", "mot de passe",
    "contraseña", "senha", "wachtwoord",
    "hasło", "lösenord", "salasana", "adgangskode", "пароль", "密码", "密碼", "パスワード", "비밀번호",
)  # fmt: skip
_KEYS = (
    "secret", "token", "apikey", "api_key", "api-key", "api key", "secret_key", "secret-key", "secret key", "secretkey",
    "accesskey",
    "access_key", "access-key", "access key", "privatekey", "private_key", "private-key", "encryption_key", "signing_key",
    "auth_key",
    "accountkey", "account_key", "sharedaccesskey", "credential", "credentials", "authtoken", "client_secret", "sig",
)  # fmt: skip
_NAMES = (*_PASSWORDS, *_KEYS)
_SIGN = re.compile("[:=\uff1a]")
_VALUE = re.compile(r"[:=>\uff1a]{0,2}[ \t]{0,4}[*_`]{0,2}[ \t]?(?:([\"'`])([^\"'`\n]{4,200})\1|([^\s\"'`,;<>]{4,500}))")
# Right after an equals sign a value goes on to white space, a quotation mark or the next setting: "a;b" is one password, and in
# "a;Server=db" it ends before the semicolon.
_SETTING = re.compile(r"=(?:([\"'`])([^\"'`\n]{4,200})\1|([^\s\"'`<>]{4,500}?)(?=[;,&][A-Za-z][\w .-]{0,40}=|[\s\"'`<>]|$))")
_TRIMMED = ".,;:)]}*`'\""
_MARKS = re.compile(r"\W|[0-9_]")
# Stands in for a value, or is program code that reads one.
_STAND_IN = re.compile(
    r"[<${%\[(]|(?:your|my|the|some|enter|insert|replace|change|example|placeholder|dummy|null|none|nil|true|false|undefined|required|"
    r"optional|string|str|bytes|int|bool|text|hidden|self|this|os|env|process|config|settings|request|args|params|user|data)(?:[^A-Za-z0-9]|$)|"
    r"[*x•.\-_#?]+$|https?:|//|\w+\(|[\w.]+\(|\w+\[",
    re.IGNORECASE,
)
_SPEAKS_OF_SECRETS = re.compile(
    r"secret|token|api[ _-]?key|access[ _-]?key|private[ _-]?key|password|passwd|credential|bearer|authorization: basic"
)
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_.~=-]+")


def entropy(value: str) -> float:
    """Shannon entropy of the characters of a string, in bits per character."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def find(text: str) -> Iterator[Finding]:
    """Assigned and random secrets in a text."""
    for sign in _SIGN.finditer(text):
        name = text[max(0, sign.start() - _REACH) : sign.start()].rstrip(" \t\"'*`_]").lower()
        if name.endswith(_NAMES):
            yield from _assigned(text, sign.start(), is_password=name.endswith(_PASSWORDS))
    yield from _random(text)


def _assigned(text: str, at: int, is_password: bool) -> Iterator[Finding]:
    setting = _SETTING.match(text, at) if is_password else None
    match = setting or _VALUE.match(text, at)
    if match is None:
        return
    quoted = match.group(2) is not None
    start = match.start(2 if quoted else 3)
    value = match.group(2) if quoted else match.group(3).rstrip(_TRIMMED)
    if _STAND_IN.match(value) or len(value) < 4 or (" " in value.strip() and not setting):
        return
    tight = quoted or (text[at] == "=" and text[at - 1 : at] != " " and text[at + 1 : at + 2] != " ")
    if _is_password(value, tight) if is_password else _is_key(value):
        yield Finding("secret", start, start + len(value))


def _is_password(value: str, tight: bool) -> bool:
    """Words alone are taken for a password only where it is written like a setting, in quotes or without a space."""
    marks = len(_MARKS.findall(value))
    if tight:
        return len(value) >= 5 and value.isprintable()
    return (
        len(value) >= 6
        and marks > 0
        and any(character.isdigit() or not character.isalnum() for character in value[1:-1] + value[-1])
    )


def _is_key(value: str) -> bool:
    return (
        len(value) >= 16
        and bool(_BASE64.fullmatch(value))
        and any(character.isdigit() for character in value)
        and any(character.isalpha() for character in value)
        and entropy(value) >= MIN_ASSIGNED_BITS
    )


def _random(text: str) -> Iterator[Finding]:
    for start, end in long_words(text):
        if not _SPEAKS_OF_SECRETS.search(words_before(text, start, _REACH).rpartition("\n")[2]):
            continue
        value = text[start:end]
        if text[start - 1 : start] in {"/", "."} or _HEX.fullmatch(value):
            continue  # an address of the web, a hash, a UUID
        kinds = (str.isupper, str.islower, str.isdigit)
        if all(any(is_kind(character) for character in value) for is_kind in kinds) and entropy(value) >= MIN_BITS:
            yield Finding("secret", start, end)
