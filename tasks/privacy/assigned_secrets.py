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
_SIGN = re.compile("[:=|\uff1a]")
_VALUE = re.compile(r"[:=>\uff1a]{0,2}[ \t]{0,4}[*_`]{0,2}[ \t]?(?:([\"'`])([^\"'`\n]{4,200})\1|([^\s\"'`,;<>]{4,500}))")
_NEXT = r"[;,&][A-Za-z][\w .-]{0,40}[=:]"
# A password goes on to white space, a quotation mark or the next setting: "a;b" is one password, and in "a;Server=db" it ends
# before the semicolon.
_PASSWORD = re.compile(
    r"[:=>\uff1a]{0,2}+[ \t]{0,4}+[*_`]{0,2}[ \t]?(?:([\"'`])((?:(?!\1)[^\n]){4,200})\1|"
    rf"(?!\w{{0,3}}{_NEXT})([^\s\"'`<>]{{4,500}}?)(?={_NEXT}|[\s\"'`<>]|$))"
)
_CELL = re.compile(r"\|[ \t]{0,80}[*`]{0,2}()([^\s|]{6,200}?)()[*`]{0,2}[ \t]{0,80}(?=\||\n|$)")  # the next one of a table
_TABLE_HEAD = re.compile(r"[^\n]*\n[ \t|:-]{3,}(?:\n|$)")  # the rest of a line, and the rule under the head
_IS_VALUE = re.compile(r"=[\"']?[a-z]+$")  # not a name, but what another one is: input[type=password]:focus
_WORDS_OF_A_LABEL = 4  # in a table's cell before the value; more are a sentence
_TRIMMED = ".,;:)]}*`'\""
_MARKS = re.compile(r"\W|[0-9_]")
# Stands in for a value, or is program code that reads one.
_STAND_IN = re.compile(
    r"[<{\[(]|(?:your|enter|insert|replace|change|example|placeholder|dummy|null|none|nil|true|false|undefined|required|"
    r"optional|string|str|bytes|int|bool|text|hidden|self|this|os|env|process|config|settings|request|args|params|user|data)(?:[^A-Za-z0-9]|$)|"
    r"[*x•.\-_#?]+$|https?:|//|\w+\(|[\w.]+\(|\w+\[",
    re.IGNORECASE,
)
# $NAME, ${NAME}, $(command), $env:NAME and $object->name of shells and PHP; %NAME%, %s, %(name)s.
_VARIABLE = re.compile(
    r"\${1,2}(?:[({]|env:|_[A-Z]|[A-Za-z_]+$|[A-Z][A-Z0-9_]*$|[A-Za-z_]\w*(?:->|::|\[|\.[A-Za-z]))|%(?:[({%]|[A-Za-z]$|[A-Za-z_][\w.]*%)"
)
_OF_SECRETS = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)
_OWN = re.compile(r"(?:my|the|some)[-_. ][A-Za-z-_. ]+$", re.IGNORECASE)  # my-password, but also my-dog-rex
# What says something about a password in quotes, in place of being one of several words.
_SENTENCE = re.compile(
    r"[.?:\u2026]$|%s|[{}<>]|\b(?:a|an|the|and|or|of|to|is|are|be|must|should|in|at|for|with|your|you|not|no|new|old|current|please|enter|"
    r"confirm|forgot|reset|show|hide|minimum|least|characters|required|invalid|wrong|der|die|das|und|ist|ein|eine|mindestens|zeichen|"
    r"le|la|les|et|est|un|une|de|el|los|y|es|una)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(r"(?=.*[A-Za-z])(?:.*[!@#$%^&*?~+=;]|(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8})")
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
        if name.endswith(_NAMES) and not _IS_VALUE.search(name):
            yield from _assigned(text, sign.start(), is_password=name.endswith(_PASSWORDS))
    yield from _random(text)


def _assigned(text: str, at: int, is_password: bool) -> Iterator[Finding]:
    in_cell = text[at] == "|"
    match = (_CELL if in_cell else _PASSWORD if is_password else _VALUE).match(text, at)
    if match is None or (in_cell and not _is_labelled(text, at)):
        return
    quoted = match.group(1) is not None and not in_cell
    start = match.start(2 if quoted or in_cell else 3)
    value = match.group(2) if quoted else match.group(2 if in_cell else 3).rstrip(_TRIMMED)
    if len(value) < 4 or _stands_in(value):
        return
    tight = text[at] == "=" and text[at - 1 : at] != " " and text[at + 1 : at + 2] != " "
    if " " in value.strip():
        is_secret = is_password and (tight or _is_passphrase(value))
    elif not is_password:
        is_secret = _is_key(value)
    else:
        is_secret = bool(_STRONG.match(value)) if in_cell else _is_password(value, tight or quoted)
    if is_secret:
        yield Finding("secret", start, start + len(value))


def _is_labelled(text: str, at: int) -> bool:
    """Whether the cell that ends here is a label, and not one of a table's head."""
    cell = text[max(0, at - _REACH) : at].rpartition("\n")[2].rpartition("|")[2]
    return len(cell.split()) <= _WORDS_OF_A_LABEL and not _TABLE_HEAD.match(text, at)


def _stands_in(value: str) -> bool:
    """Whether a value only shows where one goes, or is a name that holds one."""
    if _STAND_IN.match(value) or _VARIABLE.match(value):
        return True
    if _OWN.match(value) or (value[0] == "$" and value[1:].isidentifier()):
        return bool(_OF_SECRETS.search(value))
    return False


def _is_passphrase(value: str) -> bool:
    """Three words or more that are no sentence about a password."""
    return len(value.split()) >= 3 and not _SENTENCE.search(value) and not _OF_SECRETS.search(value)


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
