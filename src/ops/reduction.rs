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

impl Reduction {
    /// Reduces the channels of one pixel, `[C]`.
    pub fn apply(self, channels: &[f32]) -> f32 {
        let mean = 1.0 / channels.len() as f32;
        match self {
            Reduction::MeanAbs => channels.iter().map(|value| value.abs()).sum::<f32>() * mean,
            Reduction::Mean => channels.iter().sum::<f32>() * mean,
            Reduction::MaxAbs => channels.iter().fold(0.0, |most, value| value.abs().max(most)),
            Reduction::Channel(index) => channels[index],
        }
    }
}
