// Weights in single precision.

alias Weight = f32;
alias Weights = vec4f;

