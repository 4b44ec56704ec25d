enable f16;

// Weights in half precision; sums stay in single precision.

alias Weight = f16;
alias Weights = vec4h;

