//! The reduction of an activation's channels to one map.

/// A reduction over the channels of a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Mean of the absolute values: where activity is.
    #[default]
    MeanAbs,
    /// Mean with signs. The only reduction over all channels under which the maps of shortcut and
    /// residual add up to that of the sum.
    Mean,
    /// Largest absolute value.
    MaxAbs,
    /// One channel, unreduced.
    Channel(usize),
}
