// Weights are integers with so many bits behind the point; to add half of the last one rounds a sum.

const PRECISION = {{ precision }}u;
const HALF = 1 << (PRECISION - 1u);

