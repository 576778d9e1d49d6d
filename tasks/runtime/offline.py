"""Nothing leaves the machine unless the user names a remote: telemetry of dependencies is switched off by environment variables.

To be called before any dependency is imported, as several read their variables at import. Imports none of them.
"""

import os

# What each installed dependency reads. DO_NOT_TRACK alone would do for most, but each is told in its own words as well.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",  # prefect (client), unstructured, huggingface_hub
    "SCARF_NO_ANALYTICS": "true",  # unstructured
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # prefect (server)
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, transformers
    "DISABLE_TELEMETRY": "1",  # huggingface_hub, transformers (older name)
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",  # huggingface_hub (asks the package index for a newer version)
}
HUB_OFFLINE = {
    "HF_HUB_OFFLINE": "1",  # huggingface_hub, transformers, datasets: serve from the local cache only
    "TRANSFORMERS_OFFLINE": "1",  # the older name, still read
}
SET_BY_US = "DOCTUNE_HUB_OFFLINE"


def forbid_telemetry(allow_hub: bool = False) -> None:
    """Switch telemetry off in this process and its children, and model hubs too unless the user has allowed them.

    Telemetry is off whatever the environment says. With `allow_hub` a restriction made by an earlier call is taken back, one
    that the user made in the environment stays.
    """
    os.environ.update(TELEMETRY_OFF)
    if not allow_hub:
        if any(os.environ.get(name) != value for name, value in HUB_OFFLINE.items()):
            os.environ[SET_BY_US] = "1"
        os.environ.update(HUB_OFFLINE)
    elif os.environ.pop(SET_BY_US, None):
        for name in HUB_OFFLINE:
            os.environ.pop(name, None)
