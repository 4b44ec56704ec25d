//! The reduction of channels to a map, as `reduce_parts.wgsl` reads it: a uniform, so that another reduction needs no
//! new capture of the graph.

use crate::gpu::{Binding, GpuContext};
use crate::ops::Reduction;

/// The uniform's name.
const REDUCTION: &str = "reduction";

/// Sets the reduction for all later submissions.
pub fn set_reduction(context: &GpuContext, reduction: Reduction) {
    let [kind, channel] = match reduction {
        Reduction::MeanAbs => [0, 0],
        Reduction::Mean => [1, 0],
        Reduction::MaxAbs => [2, 0],
        Reduction::Channel(channel) => [3, channel as u32],
    };
    context.set_uniform(REDUCTION, [kind, channel, 0, 0]);
}

/// Returns the binding by which a kernel reads the reduction.
pub fn binding(context: &GpuContext) -> Binding {
    Binding::Uniform(context.uniform(REDUCTION))
}
