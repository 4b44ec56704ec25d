"""Packs the handwritten digits of the lab: www/lab/digits.bin, from scikit-learn's digits.csv.gz.

    python training/digits.py digits.csv.gz www/lab/digits.bin

The file has 1,797 pictures of 64 bytes, row by row, each 0 to 16, then as many labels, one byte each, in a fixed random
order: the first 1,437 are for training, the last 360 for testing.
"""

import gzip
import hashlib
import sys
from pathlib import Path

# SHA-256 of the file in scikit-learn 1.9.1.
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def splitmix64(state: int) -> int:
    """Returns the mixing function of SplitMix64 (Steele, Lea and Flood 2014)."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def order(count: int) -> list[int]:
    """Returns the numbers below `count` in the order of the hashes of their positions."""
    return sorted(range(count), key=lambda index: splitmix64((index + 1) * GOLDEN & MASK))


def main() -> None:
    packed = Path(sys.argv[1]).read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != SHA256:
        sys.exit(f"{sys.argv[1]}: expected SHA-256 {SHA256}, found {found}")
    rows = [[int(float(cell)) for cell in line.split(",")] for line in gzip.decompress(packed).decode().split()]
    rows = [rows[index] for index in order(len(rows))]
    pixels = b"".join(bytes(row[:64]) for row in rows)
    Path(sys.argv[2]).write_bytes(pixels + bytes(row[64] for row in rows))


if __name__ == "__main__":
    main()
