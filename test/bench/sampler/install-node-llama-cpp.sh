#!/bin/bash
# node-llama-cpp with the llama.cpp that it brings, for the bench of samplers: install-node-llama-cpp.sh SCRATCH
# The model is the one that install-llama-cpp.sh converts. Does nothing twice.
set -euo pipefail
scratch=$1
[ -d "$scratch/node-llama-cpp/node_modules/node-llama-cpp" ] ||
  npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$scratch/node-llama-cpp" node-llama-cpp@3.22.1
