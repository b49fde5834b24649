"""Python runs this in every process that has this folder on its path: those that the tests start, and theirs."""

import sys

from missing_operators import AtImport  # type: ignore[import-not-found]

sys.meta_path.insert(0, AtImport())
