"""What the names of an element (tag, class, id, role) say about its content.

The words are those that extractors have collected over the years: readability, boilerpipe, trafilatura.
"""

import re
from functools import lru_cache

HINTS = (
    "content",
    "article",
    "comment",
    "nav",
    "related",
    "share",
    "meta",
    "author",
    "tags",
    "consent",
    "promo",
    "footer",
    "header",
    "sidebar",
    "widget",
    "media",
    "form",
    "title",
    "list",
    "teaser",
)
BIT = {name: 1 << number for number, name in enumerate(HINTS)}

# Looked for in each part of a name between hyphens: "^" and "$" are the ends of the part.
_WORDS = {
    "content": r"(?:article|entry|post|story|page|main|text|blog|news)(?:content|body|text)|^content$|^main$|maincontent"
    r"|contentmain|contentbody|fulltext|bodytext|bodycopy|textcolumn|richtext|wysiwyg",
    "article": r"article(?!s)|^post$|^entry$|story(?!s)|hentry|blogpost",
    "comment": r"comment(?!ary)|kommentar|disqus|^dsq|^respond$|reply|discussion|guestbook|leserbrief",
    "nav": r"^nav|navi|menu|breadcrumb|^crumb|pagina|pager|sitemap|topbar|toolbar|^toc$|^skip|^bar$|^prev|^next$",
    "related": r"relat|recommend|empfehl|similar|^most$|popular|^more$|^mehr$|weiter|readmore|outbrain|taboola|trending|recirc"
    r"|^also$|aehnlich|latest|upnext|crosslink",
    "share": r"^shar|sharing|social|sociable|follow|facebook|twitter|whatsapp|addtoany|pinterest|^like$",
    "meta": r"meta|date|time(?!line)|info$|byline|^by$|posted|published|kicker|credits?$|rating|views|source|quelle",
    "author": r"author|autor|^bio$|vcard|profile|avatar|^about",
    "tags": r"^tags?$|taglist|tagcloud|categor|kategorie|topics?$|keyword|label",
    "consent": r"cookie|consent|gdpr|dsgvo|privacy|overlay|modal|popup|lightbox|banner|notice|alert|message",
    "promo": r"newsletter|subscri|signup|paywall|premium|promo|sponsor|advert|werbung|anzeige|^ads?$|^dfp|donat|spende|shop"
    r"|product|^abo$|^cta$|affiliate|offer",
    "footer": r"foot(?!note)|bottom|copyright|colophon|imprint|impressum",
    "header": r"header|masthead|^top$|branding|logo",
    "sidebar": r"sidebar|aside|secondary|complementary|^rail$|rightcol|leftcol|^right$|^left$|marginal|tertiary",
    "widget": r"widget|module|^box|box$|panel|^block$",
    "media": r"caption|credit|gallery|galerie|slide|carousel|media|figure|foto|photo|image|bild|video|player|embed|thumb",
    "form": r"form$|search|suche|login|regist|input|button|^btn|field",
    "title": r"title|headline|heading|ueberschrift|^lead$|intro|vorspann|subline|summary|excerpt",
    "list": r"list|items?$|grid|archive|feed|loop|cards?$",
    "teaser": r"teaser|preview|snippet|stories|articles$|posts$",
}
_PATTERN = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items()))
_ABOUT = frozenset(
    (
        "article",
        "entry",
        "post",
        "story",
        "page",
        "main",
        "art",
        "text",
        "single",
        "node",
        "blog",
        "theme",
        "news",
        "inner",
        "section",
    )
)
_CONTENT = frozenset(("content", "body", "text", "main", "copy", "area", "column"))
_BY_TAG = {
    "nav": BIT["nav"],
    "menu": BIT["nav"],
    "aside": BIT["sidebar"],
    "footer": BIT["footer"],
    "header": BIT["header"],
    "form": BIT["form"],
    "fieldset": BIT["form"],
    "figure": BIT["media"],
    "figcaption": BIT["media"],
    "address": BIT["meta"],
    "article": BIT["article"],
    "main": BIT["content"],
    "dialog": BIT["consent"],
}
_BY_ROLE = {
    "navigation": BIT["nav"],
    "menu": BIT["nav"],
    "banner": BIT["header"],
    "contentinfo": BIT["footer"],
    "complementary": BIT["sidebar"],
    "search": BIT["form"],
    "main": BIT["content"],
    "article": BIT["article"],
    "dialog": BIT["consent"],
    "alertdialog": BIT["consent"],
}
_PLAIN = str.maketrans("_", "-", "0123456789")
_MOST_NAMES = 12
_LONGEST_NAME = 60
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def hints_of(tag: str, attributes: list[tuple[str, str]]) -> tuple[int, bool]:
    """The hints of an element as bits, and whether it is hidden."""
    found = _BY_TAG.get(tag, 0)
    hidden = False
    for name, value in attributes:
        if name in ("class", "id"):
            for word in value.translate(_PLAIN).lower().split(None, _MOST_NAMES)[:_MOST_NAMES]:
                found |= hints_in(word)
        elif name == "role":
            found |= _BY_ROLE.get(value, 0)
        elif name == "itemprop":
            if value in ("articleBody", "reviewBody"):
                found |= BIT["content"]
        elif name == "style":
            hidden = hidden or _HIDDEN.search(value) is not None
        elif name == "hidden" or (name == "aria-hidden" and value == "true"):
            hidden = True
    return found, hidden


@lru_cache(maxsize=20_000)
def hints_in(name: str) -> int:
    """The hints in one word of a class or id, in lower case and without digits."""
    parts = name[:_LONGEST_NAME].split("-")
    found = 0
    for part in parts:
        found |= _hints_in_part(part)
    if len(parts) > 1 and not _ABOUT.isdisjoint(parts) and not _CONTENT.isdisjoint(parts):
        found |= BIT["content"]
    return found


@lru_cache(maxsize=20_000)
def _hints_in_part(part: str) -> int:
    found = 0
    for match in _PATTERN.finditer(part):
        found |= BIT[match.lastgroup or ""]
    return found
