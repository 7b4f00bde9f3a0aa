#!/bin/bash
# llama.cpp for the bench of samplers, built for this machine from the sources that PyPI's llama-cpp-python carries,
# and the model as F32 and BF16 GGUF by its own converter: install-llama-cpp.sh SCRATCH MODEL_FOLDER PYTHON
# PYTHON needs torch and transformers (the trainer's has them). About 10 minutes on 2 cores; does nothing twice.
set -euo pipefail
scratch=$1 model=$2 python=$3
mkdir -p "$scratch/llama.cpp" && cd "$scratch/llama.cpp"
if [ ! -x build/bin/llama-batched-bench ]; then
  python3 -m pip download --quiet --no-deps --no-binary :all: llama-cpp-python==0.3.36
  tar xzf llama_cpp_python-0.3.36.tar.gz --strip-components=1
  cmake -S vendor/llama.cpp -B build -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DBUILD_SHARED_LIBS=OFF > cmake.log
  cmake --build build --target llama-batched-bench -j 2 > build.log
fi
[ -d py ] || python3 -m pip install --quiet --target py sentencepiece
for type in f32 bf16; do
  [ -s "model-$type.gguf" ] && continue
  PYTHONPATH=vendor/llama.cpp/gguf-py:py "$python" vendor/llama.cpp/convert_hf_to_gguf.py "$model" \
    --outtype "$type" --outfile "model-$type.gguf.part"
  mv "model-$type.gguf.part" "model-$type.gguf"
done
