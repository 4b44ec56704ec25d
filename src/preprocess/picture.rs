//! A picture, wherever its pixels are stored.

#[cfg(feature = "webgpu")]
use std::borrow::Cow;

#[cfg(target_arch = "wasm32")]
use js_sys::Uint8Array;

use crate::error::{Error, Result};

/// The largest number of pixels that a picture may have.
pub const MAX_PIXELS: u64 = 64_000_000;

/// A picture: RGBA8 rows with straight (not premultiplied) alpha, or a bitmap.
#[derive(Clone, Copy)]
pub enum Picture<'a> {
    /// `height` rows of `width` pixels.
    Rgba {
        /// `4 · width · height` bytes.
        rgba: &'a [u8],
        /// Pixels per row.
        width: usize,
        /// Number of rows.
        height: usize,
    },
    /// The same rows in JavaScript's memory, where they stay: a frame of 1920×1080 takes 8 MB.
    #[cfg(target_arch = "wasm32")]
    Array {
        /// `4 · width · height` bytes.
        rgba: &'a Uint8Array,
        /// Pixels per row.
        width: usize,
        /// Number of rows.
        height: usize,
    },
    /// A bitmap of the browser's, perhaps in the GPU's memory.
    #[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
    Bitmap(&'a web_sys::ImageBitmap),
}

impl<'a> Picture<'a> {
    /// Width and height in pixels.
    pub fn size(&self) -> [usize; 2] {
        match self {
            Picture::Rgba { width, height, .. } => [*width, *height],
            #[cfg(target_arch = "wasm32")]
            Picture::Array { width, height, .. } => [*width, *height],
            #[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
            Picture::Bitmap(bitmap) => [bitmap.width() as usize, bitmap.height() as usize],
        }
    }

    /// Returns the RGBA8 rows, after checking that their number and length match the picture's size.
    ///
    /// # Errors
    /// [`Error::Input`] for a picture without pixels or with more than [`MAX_PIXELS`], for a buffer
    /// of another length than `width · height · 4`, and for a bitmap.
    pub fn rows(&self) -> Result<Rows<'a>> {
        let bytes = match *self {
            Picture::Rgba { rgba, .. } => Bytes::Slice(rgba),
            #[cfg(target_arch = "wasm32")]
            Picture::Array { rgba, .. } => Bytes::Array(rgba),
            #[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
            Picture::Bitmap(_) => return Err(Error::input("picture", "RGBA8 rows", "a bitmap")),
        };
        let [width, height] = self.size();
        check_size(width, height)?;
        let expected = width * height * 4;
        if bytes.length() != expected {
            return Err(Error::input(
                "picture",
                format!("{expected} bytes of RGBA for {width}×{height} pixels"),
                format!("{} bytes", bytes.length()),
            ));
        }
        Ok(Rows { bytes, width, height })
    }
}

/// A picture's RGBA8 rows, one after the other.
pub struct Rows<'a> {
    bytes: Bytes<'a>,
    /// Pixels per row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

impl<'a> Rows<'a> {
    /// Returns all bytes: a copy, unless they are in this program's memory.
    #[cfg(feature = "webgpu")]
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        match self.bytes {
            Bytes::Slice(slice) => slice.into(),
            #[cfg(target_arch = "wasm32")]
            Bytes::Array(array) => array.to_vec().into(),
        }
    }

    /// Copies bytes, starting at index `start`.
    pub fn copy(&self, start: usize, into: &mut [u8]) {
        let range = start..start + into.len();
        match self.bytes {
            Bytes::Slice(slice) => into.copy_from_slice(&slice[range]),
            #[cfg(target_arch = "wasm32")]
            Bytes::Array(array) => {
                array.subarray(range.start as u32, range.end as u32).copy_to(into);
            }
        }
    }
}

/// Bytes in this program's memory or in JavaScript's.
#[derive(Clone, Copy)]
enum Bytes<'a> {
    Slice(&'a [u8]),
    #[cfg(target_arch = "wasm32")]
    Array(&'a Uint8Array),
}

impl Bytes<'_> {
    fn length(&self) -> usize {
        match self {
            Bytes::Slice(slice) => slice.len(),
            #[cfg(target_arch = "wasm32")]
            Bytes::Array(array) => array.length() as usize,
        }
    }
}

/// Refuses a picture that has no pixels or more than [`MAX_PIXELS`].
///
/// # Errors
/// [`Error::Input`], which names the picture's size.
pub fn check_size(width: usize, height: usize) -> Result<()> {
    let pixels = width as u64 * height as u64;
    if pixels == 0 || pixels > MAX_PIXELS {
        return Err(Error::input(
            "picture",
            format!("1 pixel to {} megapixels", MAX_PIXELS / 1_000_000),
            format!("{width}×{height} pixels"),
        ));
    }
    Ok(())
}
