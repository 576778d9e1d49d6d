"""The defaults: documents that an office keeps, and texts that are none."""

import random

import pytest

from tasks.quality.cascade import measure_text
from tasks.quality.facts import PartFacts
from tasks.quality.judging import Judging
from tasks.quality.measure import Measured
from tasks.quality.memo import columns_of
from tasks.quality.order import SHIPPED as ORDER
from tasks.quality.score import SHIPPED as MODEL
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import cascade_of, decide_rows

_random = random.Random(3)

KEPT = {
    "memo": """To: All staff
From: Anna Meyer, Office Management
Date: 14 March 2024
Subject: Fire drill on Thursday

There will be a fire drill on Thursday at 10:30. Please leave the building by the nearest exit and gather in the car park.
Line managers count their teams and report to reception. Thank you for your help.
""",
    "short_memo": """To: All staff
From: Human Resources
Subject: Office closed on 24 December

The office closes at noon on Friday, 24 December. Please submit your time sheets by Thursday evening.
We reopen on 2 January. Happy holidays!
""",
    "minutes": """# Minutes of the project meeting

**Date:** 3 June 2024
**Present:** L. Okafor, P. Schmidt, R. Haddad
**Apologies:** T. Lind

## 1. Minutes of the last meeting

The minutes were approved without changes.

## 2. Budget

- P. Schmidt reported that 62% of the yearly budget is spent.
- Travel costs are above plan; R. Haddad will ask for three quotes.
- Action: P. Schmidt sends the forecast by 14 June.

## 3. Office move

- The lease ends on 30 September.
- Action: L. Okafor visits the two sites that are left on the list.

## 4. Any other business

None.
""",
    "contract": """## 7. Limitation of liability

7.1 Nothing in this Agreement limits or excludes the liability of either Party for death or personal injury caused by its
negligence, for fraud, or for any other liability which cannot be limited by law.

7.2 Subject to clause 7.1, the total liability of the Supplier to the Customer under or in connection with this Agreement,
whether in contract, tort (including negligence) or otherwise, shall not exceed the Charges paid in the twelve months before
the event that gave rise to the claim.

7.3 Subject to clause 7.1, the Supplier shall not be liable to the Customer for loss of profit, loss of business, or any
indirect or consequential loss arising under or in connection with this Agreement.
""",
    "price_list": """# Price list 2024, office furniture

All prices in EUR without VAT, valid until 31 December.

| No.   | Item                         | Unit  | Price  |
|-------|------------------------------|-------|--------|
| D-100 | Desk, oak, 160 x 80 cm       | piece | 349.00 |
| D-120 | Desk, oak, 180 x 80 cm       | piece | 389.00 |
| C-010 | Office chair with armrests   | piece | 219.50 |
| C-020 | Visitor chair, stackable     | piece | 79.90  |
| L-001 | Desk lamp, black             | piece | 49.90  |
| S-300 | Shelf, 5 levels, white       | piece | 129.00 |
""",
    "german_letter": """Sehr geehrte Frau Dr. Hoffmann,

vielen Dank für Ihre Anfrage vom 12. Februar. Gerne bestätigen wir Ihnen den Termin für die Wartung der
Lüftungsanlage in Ihrem Verwaltungsgebäude am 4. März um 9 Uhr. Unser Techniker meldet sich bei Ankunft am Empfang.

Bitte sorgen Sie dafür, dass der Zugang zum Dachgeschoss an diesem Tag frei ist. Die Kosten richten sich nach der
Rahmenvereinbarung vom vergangenen Jahr.

Mit freundlichen Grüßen

Karl Brandt
Kundendienst
""",
    "slides": """# Quarterly review

- Revenue up by 8% on last year
- Two new customers in Norway
- Support tickets down to 120 a week

# What went well

- Release 4.2 shipped on time
- The new onboarding guide saves a day per customer
- No outage over five minutes

# Next steps

- Hire a second tester
- Move the archive to the new server
- Agree on the training plan with HR
""",
    "manual_with_code": """# Restarting the service

Log in to the server and stop the service before you copy the files. The configuration stands in one file:

```json
{"port": 8080, "paths": ["/a", "/b"], "{{": {"}}": [[[1, 2], [3, 4]], {"x": {}}]}}
```

Start it again, and check that the status page answers. If it does not, look at the log of the last start.
""",
    "table_of_figures": "# Sales by region, second quarter\n\n| Region | April | May | June |\n|---|---|---|---|\n"
    + "\n".join(
        f"| {region} sales office | {number}.50 | {number + 7}.25 | {number * 2}.00 |"
        for number, region in enumerate(["North", "South", "East", "West", "Harbour", "Export"], 120)
    ),
    "chinese_notice": "本公司于二零二四年三月召开年度股东大会。会议审议并通过了上一年度的财务报告、选举了新的董事会成员。\n\n"
    "公司将继续扩大在华东地区的业务、同时加强产品质量管理。各部门须在四月底之前提交预算方案。",
}

_BANNER = "We use cookies to improve your experience. By continuing you accept our cookie policy.\nAccept all\nReject\n\n"
_LINKS = """Home,About us,Products,Solutions,Industries,Pricing,Customers,Blog,Events,Webinars,Careers,Press,Partners,Support,Help
centre,Contact,Imprint,Terms,Sitemap,Log in,Sign up,Newsletter,Facebook,LinkedIn,All rights reserved""".replace("\n", " ")

# name -> (reason, text)
REJECTED = {
    "lorem": (
        "quality.c4.lorem",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna "
        "aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat.",
    ),
    "symbol_soup": (
        "quality.gopher.symbol_word",
        " ".join("".join(_random.choices("@#$%^&*()=+<>{}~ab", k=5)) for _ in range(60)),
    ),
    "machine_list": (
        "quality.gopher.alpha_words",
        "\n".join(f"{row:05d} {_random.getrandbits(48):012d} {_random.random():.6f}" for row in range(40)),
    ),
    "checksums": ("quality.gopher.mean_word_length", "\n".join(f"{_random.getrandbits(128):032x}" for _ in range(40))),
    "links_and_banner": ("quality.fineweb.short_lines", _BANNER + _LINKS.replace(",", "\n")),
    "links": ("quality.length.min_words", "\n".join(_LINKS.split(",")[:20])),
    "cookie_banner": (
        "quality.c4.policy",
        "This website uses cookies to give you the best experience and to analyse traffic. You can change your cookie settings "
        "at any time. Read our privacy policy to learn more about how we and our partners use cookies and similar technologies.",
    ),
    "repeated_line": ("quality.gopher.dup_line", "Please contact the help desk for more information about this today.\n" * 30),
    "repeated_phrase": ("quality.gopher.top_n", "click here now " * 60),
    "one_line": ("quality.length.min_words", "This page was left blank on purpose."),
}


def reason_and_score(text: str) -> tuple[str | None, float | None]:
    """What the whole cascade says under the defaults."""
    judging = Judging(order=ORDER, model=MODEL)
    measured = measure_text(text, PartFacts("text"), cascade_of(GateSettings(), judging.order), Measured())
    row = {"document_id": "a", "part": 0, "format": "text", "reason": None, "detail": None, **columns_of(measured)}
    [final] = decide_rows([row], GateSettings(), AuditSettings(share=0), judging)
    return final["reason"], final["score"]


@pytest.mark.parametrize("name", KEPT)
def test_office_documents_are_kept_with_a_margin(name: str) -> None:
    reason, score = reason_and_score(KEPT[name])
    assert reason is None
    assert score is not None
    assert score > 0.6


@pytest.mark.parametrize("name", REJECTED)
def test_what_is_no_document_is_rejected(name: str) -> None:
    reason, text = REJECTED[name]
    assert reason_and_score(text)[0] == reason
