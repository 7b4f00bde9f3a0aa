#!/bin/bash
# transformers.js for the bench of samplers, with the model in the layout of hub exports (past in, present out):
# install-transformers-js.sh SCRATCH MODEL_FOLDER. Run it in the repository's root; does nothing twice.
set -euo pipefail
scratch=$1 model=$2
mkdir -p "$scratch/transformers-js/model/onnx"
[ -d "$scratch/transformers-js/node_modules/@huggingface/transformers" ] ||
  npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$scratch/transformers-js" @huggingface/transformers@4.3.1
cp "$model"/*.json "$scratch/transformers-js/model/"
[ -s "$scratch/transformers-js/model/onnx/model.onnx" ] ||
  npx tsx test/bench/sampler/export-hub-onnx.ts "$model" "$scratch/transformers-js/model/onnx"
