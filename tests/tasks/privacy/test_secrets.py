"""Keys, tokens, passwords. What scanners would take for a real key is put together here."""

import pytest

from tasks.privacy import secrets
from tasks.privacy.assigned_secrets import entropy
from tasks.privacy.finding import resolve

RANDOM = "x9Y8z7W6v5U4t3S2r1Q0p9O8n7M6l5K4j3I2"  # 36 characters


def found_in(text: str) -> list[str]:
    return [text[found.start : found.end] for found in resolve(secrets.find(text))]


@pytest.mark.parametrize(
    "token",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + RANDOM,
        "github_pat_" + RANDOM,
        "glpat-" + RANDOM[:20],
        "xoxb-" + "123456789012-" + RANDOM,
        "sk_" + "live_" + RANDOM[:24],
        "AIza" + RANDOM[:35],
        "sk-" + "ant-api03-" + RANDOM,
        "sk-" + "proj-" + RANDOM,
        "hf_" + RANDOM[:34],
        "npm_" + RANDOM,
        "pypi-" + "AgEIcHlwaS5vcmc" + RANDOM * 2,
        "SG." + RANDOM[:22] + "." + (RANDOM * 2)[:43],
        "SK" + "0123456789abcdef" * 2,
        "hvs." + RANDOM,
        "1234567890:AA" + RANDOM[:33],
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0." + RANDOM,
    ],
)
def test_known_tokens(token: str) -> None:
    assert found_in(f"use {token}, please") == [token]


def test_private_keys_with_their_lines() -> None:
    head, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    key = f"{head}\n{'MIIEpAIBAAKCAQEA' * 4}\n{end}"
    assert found_in(f"a\n{key}\nb") == [key]
    assert found_in(f"The line {head} begins a key.") == []


@pytest.mark.parametrize("quote", ["> ", ">> ", "> > ", "| "])
def test_a_quoted_private_key_with_headers_is_found_whole(quote: str) -> None:
    head, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    lines = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0123456789ABCDEF", "", *["MIIEpAIBAAKCAQEA" * 4] * 3, end]
    key = head + "".join(f"\n{quote}{line}" for line in lines)
    assert found_in(f"He wrote:\n{quote}{key}\n{quote}Bye") == [key]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password: Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("Kennwort: Sommer2021!", "Sommer2021!"),
        ('{"password": "swordfish"}', "swordfish"),
        ("PWD=swordfish;", "swordfish"),
        ("postgres://admin:s3cr3t@db.example.com/x", "s3cr3t"),
        (f"api_key = {RANDOM}", RANDOM),
        ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        (f"Authorization: Bearer {RANDOM}", RANDOM),
        ("password: $ecret123!", "$ecret123!"),
        ("PASSWORD=$2b$12$abcdefghijk", "$2b$12$abcdefghijk"),
        ("password=%7x!Qr", "%7x!Qr"),
        ("password=my-dog-rex", "my-dog-rex"),
        ("Passwort: my-Dog-2021!", "my-Dog-2021!"),
        ("password: Tr0ub;adour&3 and more", "Tr0ub;adour&3"),
        ("| password | hunter2! |", "hunter2!"),
        ("| User | anna |\n| Kennwort | `Sommer2021` |", "Sommer2021"),
        (f"| API key | {RANDOM} | old |", RANDOM),
        ('passphrase: "correct horse battery staple"', "correct horse battery staple"),
        ("password = 'blue lamp 42 over'", "blue lamp 42 over"),
        ('"password": "don\'t-tell-99"', "don't-tell-99"),
    ],
)
def test_assigned_values(text: str, value: str) -> None:
    assert found_in(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password: required",
        "login({email:e,password:t,realm:AUTH0_REALM})",
        "input[type=password]:-moz-placeholder,input[type=text]",
        "password: $PASSWORD",
        "password=$DB_PASSWORD_1",
        "password=$password1",
        "PASSWORD=$dbPassword",
        "password=$env:SECRET_1",
        "password = $row['pass1']",
        "password=$(cat /run/secret1)",
        "password=%PASSWORD%",
        "password=%DB_PASS1%",
        "password=%(password)s",
        "password=<password>",
        "password: <your-password-1>",
        "password=my-password",
        "password=my_secret_key",
        "password: my-secret-password",
        "| Password | E-mail1! |\n|---|---|\n",
        "| password | VARCHAR(255) |",
        "| password | auto-generated |",
        "| password | SHA-256 |",
        "| password | required, at least 8 |",
        "| The reason why nobody knows the password | Frank2021! |",
        '{"password": "must have at least 8 characters"}',
        '{"password": "Confirm your password"}',
        "password: 'Forgot password'",
        "Enter your password: it must have 12 characters.",
        "password = os.environ['X1']",
        "password=${PASSWORD_1}",
        "password: ********",
        "def f(token: str, password: str = None)",
        "the token: a unit of text",
        "token 550e8400-e29b-41d4-a716-446655440000",
        "token sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "key: order_items_product_id_fk_2021",
        "https://user:password@example.com",
        RANDOM,
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert found_in(text) == []


def test_entropy_is_that_of_shannon() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
    assert entropy("0123456789abcdef") == 4


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "A1",
        "eyJ",
        "eyJa.",
        "password=",
        "://",
        "://a:b",
        "-----BEGIN PRIVATE KEY-----\n",
        "=",
        "sk-",
        "-",
        "password|",
        "password: 'a ",
        "password: $",
    ],
)
def test_hostile_repetition_ends(unit: str) -> None:
    text = unit * 10_000
    assert all(0 <= found.start < found.end <= len(text) for found in secrets.find(text))
