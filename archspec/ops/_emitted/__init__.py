"""What layers copy into emitted modules: ``crop.py`` is the source of ``ops/crop.py``."""
