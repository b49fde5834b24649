"""What ``targets/torch/view.py`` copies into emitted modules."""
