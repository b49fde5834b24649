"""One network as text, JSON, CSV, Markdown and HTML."""
