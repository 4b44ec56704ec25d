//! How channels become a map, as `reduce_parts.wgsl` reads it: a uniform, so that a graph need not be
//! captured again for another reduction.

use crate::gpu::{Binding, GpuContext};
use crate::ops::Reduction;

/// The uniform's name.
const REDUCTION: &str = "reduction";

/// Sets how channels become maps in whatever is submitted next.
pub fn set_reduction(context: &GpuContext, reduction: Reduction) {
    let [kind, channel] = match reduction {
        Reduction::MeanAbs => [0, 0],
        Reduction::Mean => [1, 0],
        Reduction::MaxAbs => [2, 0],
        Reduction::Channel(channel) => [3, channel as u32],
    };
    context.set_uniform(REDUCTION, [kind, channel, 0, 0]);
}

/// Returns what a kernel is given to read the reduction.
pub fn binding(context: &GpuContext) -> Binding {
    Binding::Uniform(context.uniform(REDUCTION))
}
