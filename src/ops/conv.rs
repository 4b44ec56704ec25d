//! A convolution's parameters, and the algorithm that computes it.

use crate::arch::ConvSpec;

/// How a convolution is computed. All give the same result up to rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Matrix product over unfolded pixels.
    Direct,
    /// Winograd F(2×2, 3×3): 16 multiplications for 36, for 3×3 kernels at stride 1.
    WinogradF2,
    /// Winograd F(4×4, 3×3): 36 multiplications for 144, for 3×3 kernels at stride 1.
    WinogradF4,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Direct, Self::WinogradF2, Self::WinogradF4];

    /// Returns height and width of the tiles of outputs that are computed together.
    pub fn tile(self) -> usize {
        match self {
            Self::Direct => 1,
            Self::WinogradF2 => 2,
            Self::WinogradF4 => 4,
        }
    }
}

/// A convolution with square kernel, the same stride and padding in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Channels in.
    pub in_channels: usize,
    /// Channels out.
    pub out_channels: usize,
    /// Height and width of the kernel.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Zeros on every side.
    pub padding: usize,
    /// The algorithm that computes it.
    pub algorithm: Algorithm,
}

/// The costs of convolutions on a device.
#[derive(Clone, Copy, Debug)]
pub struct Algorithms {
    /// The algorithms that it has kernels for.
    pub known: &'static [Algorithm],
    /// The cost of reading a packed weight there, in products.
    pub weight: usize,
}

/// Pixels or tiles that kernels compute together; they compute as many even if fewer are needed.
const ROWS: usize = 4;

impl Conv {
    /// Returns the convolution of `spec`, computed with `algorithm`.
    pub fn new(spec: &ConvSpec, algorithm: Algorithm) -> Self {
        let ConvSpec { in_channels, out_channels, kernel, stride } = *spec;
        Self { in_channels, out_channels, kernel, stride, padding: spec.padding(), algorithm }
    }

    /// Returns the direct convolution of `spec`.
    pub fn direct(spec: &ConvSpec) -> Self {
        Self::new(spec, Algorithm::Direct)
    }

    /// Returns the convolution with the algorithm that takes the least time for an input of `size`, height
    /// and width: it multiplies whole rows of pixels or tiles, and reads every weight once. Small images
    /// are faster with fewer weights, large ones with fewer products.
    pub fn cheapest(spec: &ConvSpec, [h, w]: [usize; 2], algorithms: Algorithms) -> Self {
        let cost = |conv: &Self| {
            let rows = conv.shape([1, h, w]).rows().next_multiple_of(ROWS);
            (rows + algorithms.weight) * conv.packed_taps()
        };
        Self::among(spec, algorithms.known).min_by_key(cost).unwrap_or(Self::direct(spec))
    }

    /// Returns whether Winograd's algorithms can compute this: their kernels process four channels at a time.
    pub fn suits_winograd(&self) -> bool {
        self.kernel == 3 && self.stride == 1 && self.in_channels.is_multiple_of(4)
    }

    /// Returns the convolution of `spec` with each of `algorithms` that can compute it.
    pub fn among<'a>(
        spec: &ConvSpec,
        algorithms: &'a [Algorithm],
    ) -> impl Iterator<Item = Self> + use<'a> {
        let direct = Self::direct(spec);
        let convs =
            algorithms.iter().map(move |algorithm| Self { algorithm: *algorithm, ..direct });
        convs.filter(|conv| conv.algorithm == Algorithm::Direct || conv.suits_winograd())
    }

    /// Returns the values of a packed kernel for each pair of input and output channels.
    pub fn packed_taps(&self) -> usize {
        match self.algorithm {
            Algorithm::Direct => self.kernel * self.kernel,
            Algorithm::WinogradF2 | Algorithm::WinogradF4 => {
                (self.algorithm.tile() + self.kernel - 1).pow(2)
            }
        }
    }

    /// Returns the number of products in the sum of one output value.
    pub fn depth(&self) -> usize {
        self.kernel * self.kernel * self.in_channels
    }

    /// Returns the height or width of the output for that of the input.
    pub fn output_size(&self, size: usize) -> usize {
        (size + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// Returns the output shape of this convolution for a batch of images.
    pub fn shape(&self, [n, h, w]: [usize; 3]) -> ConvShape {
        ConvShape { conv: *self, n, h, w, out_h: self.output_size(h), out_w: self.output_size(w) }
    }
}

/// A convolution and the sizes of its input and output.
#[derive(Clone, Copy, Debug)]
pub struct ConvShape {
    /// The convolution.
    pub conv: Conv,
    /// Images.
    pub n: usize,
    /// Height of the input.
    pub h: usize,
    /// Width of the input.
    pub w: usize,
    /// Height of the output.
    pub out_h: usize,
    /// Width of the output.
    pub out_w: usize,
}

impl ConvShape {
    /// Returns the number of pixels, or of Winograd's tiles, in all outputs.
    pub fn rows(&self) -> usize {
        let tile = self.conv.algorithm.tile();
        self.n * self.out_h.div_ceil(tile) * self.out_w.div_ceil(tile)
    }

    /// Returns the number of products for each pair of input and output channels, of whole tiles.
    pub fn products(&self) -> usize {
        self.rows() * self.conv.packed_taps()
    }

    /// Returns the number of pixels in all outputs.
    pub fn out_pixels(&self) -> usize {
        self.n * self.out_h * self.out_w
    }

    /// Returns the pixel of the input `[H, W]` for output pixel (`y`, `x`) and kernel position (`ky`, `kx`);
    /// `None` in the padding.
    pub fn input_pixel(&self, y: usize, x: usize, ky: usize, kx: usize) -> Option<usize> {
        let y = (y * self.conv.stride + ky).checked_sub(self.conv.padding)?;
        let x = (x * self.conv.stride + kx).checked_sub(self.conv.padding)?;
        (y < self.h && x < self.w).then(|| y * self.w + x)
    }
}

/// The epilogue: what happens to a sum of products before it is written.
#[derive(Clone, Copy)]
pub struct Epilogue<'a> {
    /// Added per output channel: `[O]`.
    pub bias: &'a [f32],
    /// Added per element, `[N, H', W', O]`: the shortcut.
    pub shortcut: Option<&'a [f32]>,
    /// Whether negative results become 0.
    pub relu: bool,
}

impl Epilogue<'_> {
    /// Applies the epilogue to a run of sums of one pixel, for the channels from `channel` on, whose first
    /// element is `index` of the whole output.
    #[inline(always)]
    pub fn finish_run<const N: usize>(
        &self,
        sums: &[f32; N],
        index: usize,
        channel: usize,
        out: &mut [f32],
    ) {
        // A whole run has a constant length, so it compiles to a few vectors.
        if let Ok(out) = <&mut [f32; N]>::try_from(&mut *out) {
            self.finish(sums, index, channel, out);
        } else {
            for (i, out) in out.iter_mut().enumerate() {
                self.finish(&[sums[i]], index + i, channel + i, std::array::from_mut(out));
            }
        }
    }

    #[inline(always)]
    fn finish<const N: usize>(
        &self,
        sums: &[f32; N],
        index: usize,
        channel: usize,
        out: &mut [f32; N],
    ) {
        let bias: &[f32; N] = self.bias[channel..].first_chunk().expect("a bias per channel");
        let mut values: [f32; N] = std::array::from_fn(|i| sums[i] + bias[i]);
        if let Some(shortcut) = self.shortcut {
            let shortcut: &[f32; N] = shortcut[index..].first_chunk().expect("the output's shape");
            values = std::array::from_fn(|i| values[i] + shortcut[i]);
        }
        if self.relu {
            values = values.map(|value| if value > 0.0 { value } else { 0.0 });
        }
        *out = values;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Algorithm::{Direct, WinogradF2, WinogradF4};

    fn chosen(spec: &ConvSpec, side: usize, known: &'static [Algorithm]) -> Algorithm {
        Conv::cheapest(spec, [side, side], Algorithms { known, weight: 4 }).algorithm
    }

    #[test]
    fn the_smaller_the_image_the_fewer_weights_are_read() {
        let spec = ConvSpec { in_channels: 512, out_channels: 512, kernel: 3, stride: 1 };
        for (side, of_all, without_f2) in [
            (1, Direct, Direct),
            (4, WinogradF2, Direct),
            (7, WinogradF4, WinogradF4),
            (56, WinogradF4, WinogradF4),
        ] {
            assert_eq!(chosen(&spec, side, &Algorithm::ALL), of_all, "{side}");
            assert_eq!(chosen(&spec, side, &[Direct, WinogradF4]), without_f2, "{side}");
        }
    }

    #[test]
    fn convolutions_that_winograd_cannot_compute_are_direct() {
        for (input, kernel, stride) in [(64, 3, 2), (64, 1, 1), (3, 3, 1), (3, 7, 2)] {
            let spec = ConvSpec { in_channels: input, out_channels: 64, kernel, stride };
            assert_eq!(chosen(&spec, 56, &Algorithm::ALL), Direct, "{spec:?}");
        }
    }
}
