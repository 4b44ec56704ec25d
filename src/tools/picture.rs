//! Pictures in files, decoded as browsers show them.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::error::{Result, ToolError};
use crate::preprocess::check_size;

/// A decoded picture, upright.
pub struct Picture {
    /// RGBA8 rows.
    pub rgba: Vec<u8>,
    /// Pixels per row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

impl Picture {
    /// Decodes a file, whatever its name says, and turns the picture as its EXIF orientation says.
    ///
    /// # Errors
    /// [`ToolError`] naming the file: one that cannot be read, of another format, too large, or cut.
    pub fn read(path: &Path) -> Result<Picture> {
        let mut bytes = fs::read(path).map_err(ToolError::io(path))?;
        let refuse = |expected: &str, found: &str| {
            ToolError::usage(path.display().to_string(), expected, found)
        };
        if let Some(found) = foreign(&bytes) {
            return Err(refuse("a picture: convert it to JPEG or PNG", found));
        }
        repair_gif(&mut bytes);
        let picture = |source| ToolError::Picture { path: path.into(), source };
        let reader = ImageReader::new(Cursor::new(&bytes[..])).with_guessed_format();
        let reader = reader.map_err(ToolError::io(path))?;
        if reader.format() == Some(ImageFormat::Jpeg) && is_cut_jpeg(&bytes) {
            return Err(refuse("a whole JPEG file", "one that ends early: download it again"));
        }
        let mut decoder = reader.into_decoder().map_err(picture)?;
        let (width, height) = decoder.dimensions();
        check_size(width as usize, height as usize).map_err(ToolError::model(path))?;
        let orientation = decoder.orientation().map_err(picture)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(picture)?;
        image.apply_orientation(orientation);
        let rgba = image.into_rgba8();
        let (width, height) = (rgba.width() as usize, rgba.height() as usize);
        Ok(Picture { rgba: rgba.into_raw(), width, height })
    }
}

/// Identifies a file that is known but cannot be decoded, by its first bytes: HEIC and AVIF name their brand after
/// `ftyp`.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"version https://git-lfs") {
        return Some("a Git LFS pointer (`git lfs pull` gets the file)");
    }
    if bytes.get(4..8) != Some(b"ftyp") {
        return None;
    }
    match bytes.get(8..12)? {
        b"avif" | b"avis" => Some("AVIF"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            Some("HEIC")
        }
        _ => Some("a video"),
    }
}

/// Whether a JPEG file ends before its end marker. The decoder would silently fill the missing part with grey; browsers
/// refuse such a file.
fn is_cut_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        let marker = match bytes.get(at..at + 2) {
            Some(&[0xff, marker]) => marker,
            // No marker where one must be: the decoder says what is wrong.
            Some(_) => return false,
            None => return true,
        };
        at += 2;
        match marker {
            0xd9 => return false,
            // Fill bytes and markers without a segment.
            0xff => at -= 1,
            0x01 | 0xd0..=0xd7 => {}
            _ => {
                let Some(length) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
                    return true;
                };
                at += usize::from(u16::from_be_bytes(*length));
                if marker == 0xda {
                    // Compressed data: up to a marker that is neither escaped nor a restart.
                    let data = bytes.get(at..).unwrap_or_default();
                    let end = data.windows(2).position(|pair| {
                        pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7)
                    });
                    let Some(end) = end else { return true };
                    at += end;
                }
            }
        }
    }
}

/// Gives a GIF whose logical screen has no pixels the size of its first frame, as browsers do.
fn repair_gif(bytes: &mut [u8]) {
    let empty = |bytes: &[u8], at| bytes.get(at..at + 2) == Some(&[0, 0]);
    if !bytes.starts_with(b"GIF8") || !(empty(bytes, 6) || empty(bytes, 8)) {
        return;
    }
    let Some([left, top, width, height]) = first_gif_frame(bytes) else { return };
    bytes[6..8].copy_from_slice(&left.saturating_add(width).to_le_bytes());
    bytes[8..10].copy_from_slice(&top.saturating_add(height).to_le_bytes());
}

/// Returns left, top, width and height of a GIF's first frame. Blocks:
/// <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>, sections 18 to 26.
fn first_gif_frame(bytes: &[u8]) -> Option<[u16; 4]> {
    let flags = *bytes.get(10)?;
    let colours = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + colours;
    loop {
        match bytes.get(at)? {
            0x2c => {
                let fields = bytes.get(at + 1..at + 9)?.as_chunks().0;
                return Some([0, 1, 2, 3].map(|index: usize| u16::from_le_bytes(fields[index])));
            }
            // An extension: its label, then pieces after their lengths, up to an empty one.
            0x21 => {
                at += 2;
                while *bytes.get(at)? != 0 {
                    at += 1 + usize::from(bytes[at]);
                }
                at += 1;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg() -> Vec<u8> {
        let mut file = Vec::new();
        let picture =
            image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 99]));
        picture.write_to(&mut Cursor::new(&mut file), ImageFormat::Jpeg).unwrap();
        file
    }

    #[test]
    fn a_jpeg_is_cut_wherever_it_ends_before_its_end_marker() {
        let file = jpeg();
        assert!(!is_cut_jpeg(&file));
        assert!(!is_cut_jpeg(&[&file[..], b"a trailer"].concat()));
        for end in 4..file.len() {
            assert!(is_cut_jpeg(&file[..end]), "{end} of {} bytes", file.len());
        }
    }

    /// Reads a picture of tests/fixtures/field/.
    fn field(name: &str) -> Picture {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/field");
        Picture::read(&Path::new(folder).join(name)).unwrap()
    }

    #[test]
    fn a_gif_without_a_screen_has_its_first_frames_size() {
        let Picture { width, height, .. } = field("screen0.gif");
        assert_eq!((width, height), (240, 168));
    }

    #[test]
    fn a_webp_file_is_turned_as_its_exif_orientation_says() {
        let (found, right) = (field("exif6.webp"), field("right/exif6.webp.png"));
        assert_eq!((found.width, found.height), (right.width, right.height));
        let pairs = found.rgba.iter().zip(&right.rgba);
        let off = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
        assert!(off / (found.rgba.len() as f64) < 2.0, "{off}");
    }

    #[test]
    fn formats_that_cannot_be_decoded_are_named() {
        for (brand, expected) in [(b"heic", "HEIC"), (b"mif1", "HEIC"), (b"avif", "AVIF")] {
            let file = [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0"].concat();
            assert_eq!(foreign(&file), Some(expected));
        }
        assert_eq!(foreign(&jpeg()), None);
    }

    #[test]
    fn no_cut_or_changed_file_makes_it_panic() {
        let gif =
            fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/field/screen0.gif"));
        for file in [jpeg(), gif.unwrap()] {
            for end in 0..file.len().min(2000) {
                is_cut_jpeg(&file[..end]);
                repair_gif(&mut file[..end].to_vec());
            }
        }
    }
}
