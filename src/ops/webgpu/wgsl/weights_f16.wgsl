enable f16;

// Weights in half precision. Sums are in single.

alias Weight = f16;
alias Weights = vec4h;

