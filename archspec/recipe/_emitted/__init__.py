"""What parts of recipes copy into training programs: ``data.py`` is the source of ``recipe/data.py``."""
