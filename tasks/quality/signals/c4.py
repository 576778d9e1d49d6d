"""Placeholder text and site notices, after C4.

Source: C4 (arXiv 1910.10683) drops a page that holds "lorem ipsum" and, in its reference code, every line that holds one of
POLICY_PHRASES. An office document may well mention either, so here their share is measured instead.
"""

import re

from tasks.quality.text_view import TextView, split_words

POLICY_PHRASES = (
    *("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies", "javascript"),  # C4
    *("accept all cookies", "accept cookies", "cookie settings", "cookie preferences", "manage cookies", "your cookies"),
    *("verwendet cookies", "verwenden cookies", "utilise des cookies", "utilisons des cookies", "utiliza cookies"),
)
_POLICY = re.compile("|".join(re.escape(phrase) for phrase in POLICY_PHRASES))
_PLACEHOLDER_WORDS = frozenset(
    re.findall(
        r"\w+",
        """lorem ipsum dolor sit amet consectetur adipiscing adipisicing elit sed do eiusmod tempor incididunt ut labore et dolore
    magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute
    irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident
    sunt culpa qui officia deserunt mollit anim id est laborum
        consetetur sadipscing elitr diam nonumy eirmod invidunt aliquyam erat voluptua vero eos accusam justo duo dolores rebum
        stet clita kasd gubergren sea takimata sanctus vestibulum pellentesque nunc faucibus odio massa neque varius tellus
        mauris vivamus phasellus nulla quam lacus semper euismod gravida ultrices vulputate tincidunt mattis maecenas suscipit
        eget nec ac sed a quis vel at purus libero ante lectus turpis augue nisl nibh orci ligula sem sapien tortor risus
        praesent morbi curabitur fusce donec integer etiam cras aenean aliquam quisque proin nam nullam suspendisse interdum
        malesuada fames primis bibendum sagittis hendrerit pharetra facilisis lobortis viverra placerat dapibus ornare
        rhoncus congue dictum efficitur finibus venenatis molestie porttitor accumsan elementum blandit feugiat felis metus
        leo arcu enim urna mi eu et non porta tempus fringilla convallis scelerisque dignissim posuere laoreet""",
    )
)


def measure_c4(view: TextView) -> dict[str, float]:
    """c4.lorem: share of the prose words that belong to the placeholder text; 0 unless "lorem ipsum" stands in it.

    c4.policy: share of the prose words that stand in lines with a phrase of POLICY_PHRASES. High is bad for both.
    """
    words = len(view.prose_words)
    if not words:
        return {}
    lowered = [line.lower() for line in view.lines]
    placeholder = 0
    if any("lorem ipsum" in line for line in lowered):
        placeholder = sum(1 for word in view.prose_words if word.lower().strip(".,;:") in _PLACEHOLDER_WORDS)
    policy = sum(len(split_words(line)) for line in lowered if _POLICY.search(line))
    return {"c4.lorem": placeholder / words, "c4.policy": policy / words}
