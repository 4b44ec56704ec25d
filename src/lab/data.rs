//! The handwritten digits that the lab's networks learn: `www/lab/digits.bin`.

use std::ops::Range;

use crate::error::{Error, Result};

/// Pictures in the file.
const COUNT: usize = 1797;

/// Pixels of a picture, 8×8.
const PIXELS: usize = 64;

/// Training pictures, which come first.
pub const TRAIN: usize = 1437;

/// Test pictures.
pub const TEST: usize = COUNT - TRAIN;

/// Digits.
pub const CLASSES: usize = 10;

/// Channels of a network's input: the pixels of 2×2 patches.
pub const CHANNELS: usize = 4;

/// Height and width of a network's input, in patches.
pub const SIDE: usize = 4;

/// Mean and standard deviation of the pixels, rounded.
const MEAN: f32 = 5.0;
const DEVIATION: f32 = 6.0;

/// The pictures and their labels.
#[derive(Clone, Debug)]
pub struct Digits {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

/// Pictures as a network's input.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Normalised, `[N, 4, 4, 4]`: channels are the pixels of a patch.
    pub images: Vec<f32>,
    /// `[N]`, each below 10.
    pub labels: Vec<u8>,
}

impl Digits {
    /// Reads the file.
    ///
    /// # Errors
    /// `Input` if these are not the digits.
    pub fn parse(file: &[u8]) -> Result<Self> {
        let refuse = |found: String| Err(Error::input("the digits", expected(), found));
        if file.len() != COUNT * (PIXELS + 1) {
            return refuse(format!("{} bytes", file.len()));
        }
        let (pixels, labels) = file.split_at(COUNT * PIXELS);
        if let Some(value) = pixels.iter().find(|value| **value > 16) {
            return refuse(format!("a pixel of {value}"));
        }
        if let Some(label) = labels.iter().find(|label| usize::from(**label) >= CLASSES) {
            return refuse(format!("a label of {label}"));
        }
        Ok(Self { pixels: pixels.to_vec(), labels: labels.to_vec() })
    }

    /// Returns training pictures, by their indices.
    pub fn train(&self, places: &[usize]) -> Batch {
        self.batch(places.iter().copied())
    }

    /// Returns test pictures, by their indices.
    pub fn test(&self, places: Range<usize>) -> Batch {
        self.batch(places.map(|place| TRAIN + place))
    }

    fn batch(&self, places: impl Iterator<Item = usize> + Clone) -> Batch {
        let labels = places.clone().map(|place| self.labels[place]).collect();
        let images = places.flat_map(|place| {
            let picture = &self.pixels[place * PIXELS..][..PIXELS];
            (0..PIXELS).map(|at| (f32::from(picture[pixel(at)]) - MEAN) / DEVIATION)
        });
        Batch { images: images.collect(), labels }
    }
}

/// Returns the pixel of a picture `[8, 8]` at a place of a network's input `[4, 4, 4]`.
fn pixel(at: usize) -> usize {
    let (channel, cell) = (at / (SIDE * SIDE), at % (SIDE * SIDE));
    let (y, x) = (2 * (cell / SIDE) + channel / 2, 2 * (cell % SIDE) + channel % 2);
    y * 2 * SIDE + x
}

fn expected() -> String {
    let bytes = COUNT * (PIXELS + 1);
    format!(
        "digits.bin as it is shipped, {bytes} bytes: {COUNT} pictures of 8×8 pixels from 0 to 16, then their labels"
    )
}
