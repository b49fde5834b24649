#!/bin/sh
# Measures the emitted ResNet-50 and VGG-16 programs on a GPU in less than ten minutes, and writes docs/throughput.md.
# `tools/bench/throughput.sh --smoke` tries it on a CPU with ResNet-50, an image a step, and writes no page.
set -eu
cd "$(dirname "$0")/../.."
PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" exec "${PYTHON:-python3}" tools/bench/throughput.py "$@"
