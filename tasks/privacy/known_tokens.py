"""Keys and tokens that show what they are, as their issuers document them and gitleaks knows them."""

import re
from collections.abc import Iterator

from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import long_words

# Each starts within a word of at least 20 letters, digits, "_" and "-", which is what is looked at.
_FORMATS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])",  # AWS access key
    r"gh[pousr]_[A-Za-z0-9]{36,255}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{22,255}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[A-Za-z0-9_-]{20,255}",  # GitLab
    r"xox[abeoprs]-[A-Za-z0-9-]{10,255}",  # Slack
    r"xapp-[0-9]-[A-Z0-9]{8,20}-[0-9]{8,20}-[a-z0-9]{32,80}",
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}",  # Stripe
    r"whsec_[A-Za-z0-9]{32,64}",
    r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",  # Google
    r"GOCSPX-[A-Za-z0-9_-]{28}",
    r"sk-ant-[a-z0-9]{2,10}-[A-Za-z0-9_-]{20,255}",  # Anthropic
    r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,255}",  # OpenAI
    r"sk-(?=[a-z]{0,64}[A-Z0-9])(?=[A-Za-z]{0,64}[0-9])[A-Za-z0-9]{32,64}(?![A-Za-z0-9_-])",
    r"gsk_[A-Za-z0-9]{40,64}",  # Groq
    r"xai-[A-Za-z0-9]{60,100}",
    r"hf_[A-Za-z0-9]{30,40}(?![A-Za-z0-9_-])",  # Hugging Face
    r"r8_[A-Za-z0-9]{37}",  # Replicate
    r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])",
    r"pypi-AgE[A-Za-z0-9_-]{50,1000}",
    r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}",  # SendGrid
    r"SK[0-9a-f]{32}(?![A-Za-z0-9])",  # Twilio
    r"key-[0-9a-f]{32}(?![A-Za-z0-9])",  # Mailgun
    r"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
    r"dapi[0-9a-f]{32}(?![A-Za-z0-9])",  # Databricks
    r"dckr_pat_[A-Za-z0-9_-]{27}",  # Docker
    r"ATATT3[A-Za-z0-9_=-]{60,255}",  # Atlassian
    r"lin_api_[A-Za-z0-9]{40}",  # Linear
    r"ntn_[A-Za-z0-9]{40,50}",  # Notion
    r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}",  # Grafana
    r"hvs\.[A-Za-z0-9_-]{24,200}",  # HashiCorp Vault
    r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",  # Postman
    r"figd_[A-Za-z0-9_-]{40}",
    r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}",  # Square
    r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])",  # Telegram
    r"ya29\.[A-Za-z0-9_-]{30,255}",  # Google OAuth
    r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
    # JSON Web Token, RFC 7519: two parts are JSON objects in base64url, which begin with `{"`.
    r"eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{0,2048}",
)
_TOKEN = re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(_FORMATS) + ")")
_BEFORE = 12  # characters before a long word that may belong to its token: "SG.", "ya29.", "1234567890:"
_REST = re.compile(r"[A-Za-z0-9_.:=-]*")  # and after it
_BEYOND = 14_400  # characters of a JSON Web Token

# RFC 7468 and OpenPGP's armour. Without a line of the key after it, the words only speak of one.
_PEM = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?)-----[\s\\nr>|]{1,8}"  # ">": quoted in a mail
    r"(?:[>| \t]{0,8}[A-Za-z-]{1,30}: [^\n]{0,100}\n){0,6}[A-Za-z0-9+/=\s\\>|]{20,20000}(?:-----END \1-----)?"
)
_SLACK_HOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{40,80}")
_CREDENTIALS = re.compile(r"://[^\s/@:\"'<>]{0,64}:([^\s/@\"'<>]{3,128})@(?=[A-Za-z0-9\[])")
_NO_PASSWORD = re.compile(r"[$<{%*\[]|password$|passwd$|pass$|pwd$|x+$|\.\.\.", re.IGNORECASE)


def find(text: str) -> Iterator[Finding]:
    """Keys and tokens in a text."""
    done = 0
    for start, end in long_words(text):
        if end <= done:
            continue
        at = max(done, start - _BEFORE)
        rest = _REST.match(text, end, end + _BEYOND)
        done = rest.end() if rest else end
        yield from (Finding("secret", *match.span()) for match in _TOKEN.finditer(text, at, done))
    if "PRIVATE KEY" in text:
        yield from (Finding("secret", *match.span()) for match in _PEM.finditer(text))
    if "hooks.slack.com" in text:
        yield from (Finding("secret", *match.span()) for match in _SLACK_HOOK.finditer(text))
    for match in _CREDENTIALS.finditer(text):
        if not _NO_PASSWORD.match(match.group(1)):
            yield Finding("secret", *match.span(1))
