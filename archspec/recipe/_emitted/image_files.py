"""Images in folders by class, whose names lie in one file for all processes."""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import os
import tempfile
import time
from array import array
from bisect import bisect_right
from contextlib import suppress
from pathlib import Path
from typing import Any


class ImageFiles:
    """Images in folders by class; their names lie in one file for all processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        data = memoryview(index_of(root))
        head, start = head_of(data)
        self.classes, self.firsts = head["classes"], head["firsts"]
        end = start + 8 * head["images"]
        self.ends = data[start:end].cast("q")  # of each name, in bytes
        self.names = data[end:]

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: int, /) -> tuple[Any, int]:
        from PIL import Image

        data = io.BytesIO(Path(self.path(index)).read_bytes())
        return Image.open(data), bisect_right(self.firsts, index) - 1

    def path(self, index: int) -> str:
        """The file of an image."""
        start = self.ends[index - 1] if index else 0
        name = bytes(self.names[start : self.ends[index]])
        return str(self.root / os.fsdecode(name))

    def __reduce__(self) -> Any:
        return ImageFiles, (self.root,)


def index_of(root: Path) -> bytes | mmap.mmap:
    """The index of a folder: a checksum, a head, where the names end, and the names.

    It is kept among what is this user's own, and made anew where a folder has changed.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    name = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=16).hexdigest()
    path = Path(cache, "archspec", f"{name}.index")
    found = mapped(path)
    if found is not None and is_current(found, root):
        return found
    index = looked_through(root)
    keep_index(index, path)
    found = mapped(path)
    return index if found is None or found[:32] != index[:32] else found


def mapped(path: Path) -> mmap.mmap | None:
    """A file of this user's, in memory that all processes share; None if it is not."""
    try:
        with path.open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # which it says of an empty file
        return None


def is_current(index: bytes | mmap.mmap, root: Path) -> bool:
    """Whether an index is whole, and no folder has changed since it was made."""
    if hashlib.blake2b(memoryview(index)[32:], digest_size=32).digest() != index[:32]:
        return False
    head = head_of(memoryview(index))[0]
    with suppress(OSError):
        times = [(root / name).stat().st_mtime_ns for name in head["folders"]]
        # What changed in the last moment before may have changed again in the same.
        settled = max(times) < head["made"] - 2 * 10**9
        same = (head["root"], head["times"]) == (str(root.resolve()), times)
        return bool(settled and same)
    return False


def head_of(index: memoryview) -> tuple[dict[str, Any], int]:
    """What an index says of itself, and where that ends."""
    end = 40 + int.from_bytes(index[32:40], "little")
    return json.loads(bytes(index[40:end])), end


def looked_through(root: Path) -> bytes:
    """A new index; classes and names are in torchvision's order."""
    head: dict[str, Any] = {"root": str(root.resolve()), "made": time.time_ns()}
    head["classes"] = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    head |= {"firsts": [], "folders": ["."], "times": [root.stat().st_mtime_ns]}
    names, ends = bytearray(), array("q")
    kinds = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
    for label in head["classes"]:
        head["firsts"].append(len(ends))
        for folder, _, files in sorted(os.walk(root / label, followlinks=True)):
            place = Path(folder)
            head["folders"].append(str(place.relative_to(root)))
            head["times"].append(place.stat().st_mtime_ns)
            for file in sorted(files):
                if file.lower().endswith(kinds):
                    names += os.fsencode(f"{head['folders'][-1]}/{file}")
                    ends.append(len(names))
        if len(ends) == head["firsts"][-1]:
            raise FileNotFoundError(f"there is none in {root / label}")
    if not ends:
        raise FileNotFoundError(f"{root} has no folders")
    text = json.dumps(head | {"images": len(ends)}).encode()
    body = len(text).to_bytes(8, "little") + text + ends.tobytes() + names
    return hashlib.blake2b(body, digest_size=32).digest() + body


def keep_index(index: bytes, path: Path) -> None:
    """Writes beside a path and renames, so that others see all of it or none."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(index)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink()
