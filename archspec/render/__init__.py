"""One network as text, JSON, CSV, Markdown, HTML, TeX and Typst."""
