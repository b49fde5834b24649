"""What classes are called that stand for several networks: ``RegNetX`` for RegNet-X-400MF and RegNet-X-800MF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

from archspec.targets.torch.items import Made, every_item
from archspec.targets.torch.parts import Counted, Whole

WORDS = re.compile(r"[^\W_]+(?:\.[^\W_]+)*|.")


def titles_of(counted: Sequence[Counted], groups: Sequence[Sequence[int]], whole: Whole) -> list[str]:
    """A title for each group of networks: what their own begin with, and a block where others begin so too."""
    titles = [common_title([counted[i].network.display_name for i in group]) for group in groups]
    blocks = [_blocks(whole, group[0]) for group in groups]
    counts = Counter(titles)
    found = []
    for at, (title, group) in enumerate(zip(titles, groups, strict=True)):
        if counts[title] > 1 or not title:
            others = {name for i, names in enumerate(blocks) if i != at for name in names}
            own = next((name for name in blocks[at] if name not in others), None)
            first = counted[group[0]].network.display_name
            title = first if own is None or not title else f"{title} {own}"
        found.append(title)
    return found


def common_title(titles: Sequence[str]) -> str:
    """What titles begin with alike, word by word."""
    if len(titles) == 1:
        return titles[0]
    words = zip(*map(WORDS.findall, titles), strict=False)
    return "".join(first for first, *_ in takewhile(lambda each: len({*each}) == 1, words)).rstrip("-_. (")


def _blocks(whole: Whole, place: int) -> Iterable[str]:
    """The blocks of the rows of a network."""
    made = (item for item in every_item(whole.networks[place].own) if isinstance(item, Made))
    return dict.fromkeys(item.of.block.name for item in made)
