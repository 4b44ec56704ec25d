#!/bin/bash
# Trains on a machine that is available for minutes, receives its data in parts and returns only small files.
#
#   device.sh unpack FOLDER         copies a part that pack.py made, where the others are
#   device.sh speed                 measures every stage on the unpacked data
#   device.sh STAGE MINUTES [...]   runs or continues stages, one after another
#
# Data and state are in $SCRATCH (default /tmp/training), results in $OUT: weights in pieces (`cat STAGE.weights.* >
# weights.safetensors`), the logs, and the printed output. Each checkpoint is copied at once, so an interrupted command
# leaves the last one behind.
set -euo pipefail
part=$(realpath -m "${2:-.}")
cd "$(dirname "$0")"
scratch=${SCRATCH:-/tmp/training}
data=$scratch/data work=$scratch/work
python=${PYTHON:-python3}
export PYTHONUNBUFFERED=1 PYTHONPATH=$data/efficientnet_lite_pytorch.zip
mkdir -p "$data" "$work"

# Copies the new files of a stage: at most eight in all, each below 16 MiB.
collect() {
  local stage=$1 made=$work/$1/weights.safetensors
  if [ -f "$made" ] && [ "$made" -nt "$work/$stage.collected" ]; then
    touch "$work/$stage.collected"
    split -b 15000000 "$made" "$OUT/$stage.weights."
    tar -cf "$OUT/logs.tar" -C "$work" --exclude='*.pt' --exclude='*.safetensors*' .
  fi
}

train() {
  local stage=$1 minutes=$2 training
  rm -f "$work/$stage.collected"
  "$python" train.py --data "$data" --work "$work" --stage "$stage" --minutes "$minutes" \
    > >(tee -a "$OUT/output.txt") 2>&1 &
  training=$!
  while kill -0 $training 2>/dev/null; do
    sleep 1
    collect "$stage"
  done
  wait $training
}

case ${1:?unpack, speed or a stage} in
  unpack) : "${2:?folder}"; cp -r "$part"/. "$data"; du -sh "$data"; ls "$data" | wc -l ;;
  speed) "$python" speed.py --data "$data" ;;
  *)
    : "${OUT:?folder for the results}"
    while [ $# -ge 2 ]; do
      train "$1" "$2"
      shift 2
    done ;;
esac
