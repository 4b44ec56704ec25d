//! From a picture to the network's input: torchvision's classification transform.
//!
//! RGBA8 pixels → composited on white → shorter side to `resize` → centre crop →
//! [0, 1] → minus mean, over standard deviation. Resampling is bilinear with antialiasing, with Pillow's integers
//! ([`resample`]); only the pixels that the crop shows are read.

mod picture;
pub mod resample;
mod resize;
#[cfg(feature = "webgpu")]
pub mod webgpu;

#[cfg(feature = "webgpu")]
use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::arch::TOTAL_STRIDE;
use crate::error::{ModelError, Result};

pub use picture::{MAX_PIXELS, Picture, check_size};

/// Heights and widths that the network takes; they are also multiples of [`TOTAL_STRIDE`].
const INPUT_SIZES: RangeInclusive<usize> = TOTAL_STRIDE..=1024;

/// The largest `resize` that a model may ask for.
const MAX_RESIZE: usize = 4096;

/// The preprocessing that a model asks for. The default is torchvision's for ImageNet.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing {
    /// Length of the shorter side after resizing, in pixels; at least `input_size`.
    pub resize: usize,
    /// Height and width of the centre crop, in pixels.
    pub input_size: usize,
    /// Mean of each channel (red, green, blue) in [0, 1].
    pub mean: [f32; 3],
    /// Standard deviation of each channel, in the same unit; greater than 0.
    pub std: [f32; 3],
}

impl Default for Preprocessing {
    fn default() -> Self {
        Self {
            resize: 256,
            input_size: 224,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        }
    }
}

impl Preprocessing {
    /// Refuses values that a model's metadata may not have.
    ///
    /// # Errors
    /// [`ModelError::Metadata`] naming the entry: sizes that the network cannot take or that leave
    /// no room for the crop, a mean that is not finite, a standard deviation that is not positive.
    pub fn check(&self) -> Result<()> {
        let invalid = |key: &str, expected: String, found: String| {
            Err(ModelError::Metadata { key: key.into(), expected, found }.into())
        };
        let Self { resize, input_size, mean, std, .. } = self;
        if !is_input_size(*input_size) {
            return invalid("reslens.input_size", input_sizes(), input_size.to_string());
        }
        if !(*input_size..=MAX_RESIZE).contains(resize) {
            let expected = format!("{input_size} (the input size) to {MAX_RESIZE}");
            return invalid("reslens.resize", expected, resize.to_string());
        }
        if !mean.iter().all(|value| value.is_finite()) {
            return invalid("reslens.mean", "three finite numbers".into(), format!("{mean:?}"));
        }
        if !std.iter().all(|value| value.is_finite() && *value > 0.0) {
            return invalid("reslens.std", "three positive numbers".into(), format!("{std:?}"));
        }
        if !self.normalised().iter().flatten().all(|value| value.is_finite()) {
            let expected = "numbers by which colours can be divided".into();
            return invalid("reslens.std", expected, format!("{std:?}"));
        }
        Ok(())
    }

    /// Computes the network's input for a picture of RGBA8 rows: normalised values of shape
    /// [1, `input_size`, `input_size`, 3] (NHWC).
    ///
    /// Transparent pixels are composited on white before anything else.
    ///
    /// # Errors
    /// The same as for [`Picture::rows`].
    pub fn apply(&self, picture: Picture<'_>) -> Result<Vec<f32>> {
        let pixels = self.pixels(picture)?;
        let lookup = self.normalised();
        let mut input = Vec::with_capacity(pixels.len() / 4 * 3);
        for &[red, green, blue, _] in pixels.as_chunks().0 {
            input.extend([
                lookup[0][usize::from(red)],
                lookup[1][usize::from(green)],
                lookup[2][usize::from(blue)],
            ]);
        }
        Ok(input)
    }

    /// Computes the crop that [`apply`](Self::apply) normalises, as opaque RGBA8:
    /// [`input_size`, `input_size`, 4].
    ///
    /// # Errors
    /// The same as for [`Picture::rows`].
    pub fn pixels(&self, picture: Picture<'_>) -> Result<Vec<u8>> {
        let picture = picture.rows()?;
        let (columns, rows) = self.resamplings(picture.width, picture.height);
        Ok(resize::resize(&picture, &columns, &rows))
    }

    /// Returns the resampling of the columns, then of the rows, of a picture of this size.
    pub fn resamplings(
        &self,
        width: usize,
        height: usize,
    ) -> (resample::Resampling, resample::Resampling) {
        let (columns, rows) = self.spans(width, height);
        let resampling = |span: Span, source| {
            resample::Resampling::new(source, span.resized, span.start, span.length)
        };
        (resampling(columns, width), resampling(rows, height))
    }

    /// Returns the columns and rows of the resized picture that the centre crop keeps.
    fn spans(&self, width: usize, height: usize) -> (Span, Span) {
        let short = width.min(height) as u64;
        let span = |length: usize| {
            // The longer side is rounded down.
            let resized = self.resize as u64 * length as u64 / short;
            Span {
                resized,
                start: centre(resized, self.input_size as u64),
                length: self.input_size,
            }
        };
        (span(width), span(height))
    }

    /// Returns the normalised value of each 8-bit value, for each channel.
    fn normalised(&self) -> [[f32; 256]; 3] {
        std::array::from_fn(|channel| {
            std::array::from_fn(|value| {
                (value as f32 / 255.0 - self.mean[channel]) / self.std[channel]
            })
        })
    }
}

/// Whether the network takes inputs of this height or width.
pub fn is_input_size(size: usize) -> bool {
    INPUT_SIZES.contains(&size) && size.is_multiple_of(TOTAL_STRIDE)
}

/// Describes the sizes that [`is_input_size`] accepts.
pub fn input_sizes() -> String {
    let (least, most) = INPUT_SIZES.into_inner();
    format!("a multiple of {TOTAL_STRIDE} from {least} to {most}")
}

/// Returns a picture of RGBA8 rows on white: a copy, unless it is opaque.
///
/// # Errors
/// The same as for [`Picture::rows`].
#[cfg(feature = "webgpu")]
pub fn opaque(picture: Picture<'_>) -> Result<Cow<'_, [u8]>> {
    let mut rgba = picture.rows()?.bytes();
    if !is_opaque(&rgba) {
        on_white(rgba.to_mut());
    }
    Ok(rgba)
}

/// Whether all pixels of some RGBA8 are opaque.
fn is_opaque(rgba: &[u8]) -> bool {
    rgba.as_chunks::<4>().0.iter().fold(255, |all, pixel| all & pixel[3]) == 255
}

/// Composites straight alpha on white: `(c · a + 255 · (255 − a)) / 255`, rounded to the nearest integer.
fn on_white(rgba: &mut [u8]) {
    for [red, green, blue, alpha] in rgba.as_chunks_mut().0 {
        let a = u32::from(*alpha);
        for value in [red, green, blue] {
            *value = ((u32::from(*value) * a + 255 * (255 - a) + 127) / 255) as u8;
        }
        *alpha = 255;
    }
}

/// A stretch of one side of the resized picture.
struct Span {
    /// Length of the whole side after resizing. In wasm a `usize` is too short for a very long, narrow picture.
    resized: u64,
    /// Where the stretch starts.
    start: u64,
    /// Its length.
    length: usize,
}

/// Returns where a centred crop starts. Halves round to the even number, as Python's `round` does.
fn centre(length: u64, crop: u64) -> u64 {
    let margin = length - crop;
    let below = margin / 2;
    below + u64::from(margin % 2 == 1 && below % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_to_even() {
        let starts = [0, 1, 2, 3, 4, 5, 6, 7].map(|margin| centre(100 + margin, 100));
        assert_eq!(starts, [0, 0, 1, 2, 2, 2, 3, 4]);
    }

    #[test]
    fn impossible_metadata_is_refused_by_its_name() {
        let right = Preprocessing::default();
        right.check().unwrap();
        for (key, wrong) in [
            ("reslens.input_size", Preprocessing { input_size: 100, ..right.clone() }),
            ("reslens.input_size", Preprocessing { input_size: 0, ..right.clone() }),
            ("reslens.resize", Preprocessing { resize: 223, ..right.clone() }),
            ("reslens.mean", Preprocessing { mean: [0.0, f32::NAN, 0.0], ..right.clone() }),
            ("reslens.std", Preprocessing { std: [1.0, 0.0, 1.0], ..right.clone() }),
            ("reslens.std", Preprocessing { std: [1.0, 1e-45, 1.0], ..right.clone() }),
        ] {
            let message = wrong.check().unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
    }

    #[test]
    fn inputs_are_as_large_as_the_words_say() {
        assert_eq!(input_sizes(), "a multiple of 32 from 32 to 1024");
        let accepted = (0..2000).filter(|&size| is_input_size(size));
        assert!(accepted.eq((32..=1024).step_by(32)));
    }

    #[test]
    fn a_picture_is_opaque_if_each_of_its_pixels_is() {
        let opaque =
            |alphas: [u8; 2]| is_opaque(alphas.map(|alpha| [0, 0, 0, alpha]).as_flattened());
        assert!(opaque([255, 255]));
        for alphas in [[254, 255], [255, 254], [128, 127], [0, 0], [7, 7]] {
            assert!(!opaque(alphas), "{alphas:?}");
        }
    }

    #[test]
    fn a_very_long_strip_does_not_overflow() {
        // Resized to a height of 256, it is wider than 2³² pixels.
        let width = 17_000_000;
        let rgba = &vec![255; 4 * width][..];
        let input =
            Preprocessing::default().apply(Picture::Rgba { rgba, width, height: 1 }).unwrap();
        let white = Preprocessing::default().normalised().map(|channel| channel[255]);
        assert!(input.as_chunks().0.iter().all(|pixel: &[f32; 3]| *pixel == white));
    }
}
