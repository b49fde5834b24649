"""The packages that tests use where they are there: torch, and what is held against archspec beside it."""

WITNESSES = {
    "PIL",
    "calflops",
    "fvcore",
    "ptflops",
    "thop",
    "timm",
    "torchinfo",
    "torchvision",
}
"""What ``tests/witnesses.txt`` brings; a test that needs one of them is marked `witnesses`."""

OPTIONAL = WITNESSES | {"dask", "numpy", "ray", "safetensors", "scipy", "sklearn", "torch", "tqdm"}
"""What no test file must have in order to be collected."""
