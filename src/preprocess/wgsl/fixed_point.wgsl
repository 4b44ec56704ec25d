// Weights are integers with PRECISION fractional bits; adding HALF rounds a sum.

const PRECISION = {{ precision }}u;
const HALF = 1 << (PRECISION - 1u);

