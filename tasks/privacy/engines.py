"""The finders of each kind, our own or those of another engine behind the same interface."""

import functools
from collections.abc import Mapping

from tasks.privacy import addresses, cards, emails, ibans, national_ids, phones, secrets
from tasks.privacy.finding import SECRETS, Finder, Finding, Kind, resolve
from tasks.privacy.settings import PrivacySettings


def find_all(text: str, settings: PrivacySettings) -> list[Finding]:
    """What a text holds of the kinds that are looked for, without overlaps, in order of place."""
    wanted = settings.kinds("flag", "mask", "drop")
    finders = finders_of(settings)
    return resolve(finding for kind in sorted(wanted) for finding in finders[kind](text))


def finders_of(settings: PrivacySettings) -> Mapping[Kind, Finder]:
    """The finder of each kind."""
    own: dict[Kind, Finder] = {
        "email": emails.find,
        "phone": functools.partial(phones.find, regions=settings.phone_regions),
        "iban": ibans.find,
        "card": cards.find,
        "national_id": national_ids.find,
        "ip": functools.partial(addresses.find, local=settings.local_addresses),
        "secret": secrets.find,
    }
    if settings.engine == "builtin":
        return own
    from tasks.privacy.presidio_engine import finder_of

    return {kind: own[kind] if kind in SECRETS else finder_of(kind, settings.phone_regions) for kind in own}
