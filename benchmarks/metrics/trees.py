"""Tree edit distance (APTED: Pawlik and Augsten, Information Systems 56, 2016) of labelled trees with texts."""

from dataclasses import dataclass, field


@dataclass
class Node:
    """A node of an ordered tree. label: nodes of different labels are never alike. text: compared between nodes of one label."""

    label: str
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def size(self) -> int:
        """Number of nodes of the tree below and with this one."""
        return 1 + sum(child.size() for child in self.children)


def measure_similarity(found: Node, truth: Node) -> float:
    """1 - edit distance / size of the larger tree, in [0, 1].

    Insertion, deletion and another label cost 1, another text its normalized Levenshtein distance.
    """
    from apted import APTED, Config
    from rapidfuzz.distance import Levenshtein

    class Costs(Config):
        def rename(self, one: Node, other: Node) -> float:
            return float(Levenshtein.normalized_distance(one.text, other.text)) if one.label == other.label else 1.0

        def children(self, node: Node) -> list[Node]:
            return node.children

    distance = float(APTED(found, truth, Costs()).compute_edit_distance())
    return max(0.0, 1.0 - distance / max(found.size(), truth.size()))
