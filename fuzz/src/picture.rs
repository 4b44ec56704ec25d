//! Pictures of any size, with any preprocessing that a model may ask for.

use reslens::preprocess::{Picture, Preprocessing};

/// Three numbers of two bytes, then the pixels.
const PREFIX: usize = 6;

/// The longest side of a picture: the target tests arithmetic, not memory.
const LONGEST: u16 = 2048;

/// Checks that the crop is opaque and has the model's size, and that its colours lie within those of the picture on
/// white, up to rounding.
pub fn check(bytes: &[u8]) {
    let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else { return };
    let number = |at: usize| u16::from_le_bytes([prefix[at], prefix[at + 1]]);
    let width = usize::from(number(0) % LONGEST);
    let sizes = number(2);
    let preprocessing = Preprocessing {
        input_size: 32 * usize::from(sizes % 4),
        resize: usize::from(number(4) % 512),
        ..Preprocessing::default()
    };
    if preprocessing.check().is_err() {
        return;
    }
    let pixels = rest.as_chunks::<4>().0;
    let height = pixels.len().checked_div(width).unwrap_or(0);
    let used = &pixels[..width * height];
    let result = preprocessing.pixels(Picture::Rgba { rgba: used.as_flattened(), width, height });
    if width * height == 0 {
        result.expect_err("a picture without pixels");
        return;
    }
    let crop = result.expect("a picture of its stated size");
    assert_eq!(crop.len(), 4 * preprocessing.input_size.pow(2));
    for channel in 0..3 {
        let on_white = |pixel: &[u8; 4]| {
            let [value, alpha] = [pixel[channel], pixel[3]].map(u32::from);
            (value * alpha + 255 * (255 - alpha) + 127) / 255
        };
        let least = used.iter().map(on_white).min().unwrap_or(0).saturating_sub(1);
        let most = used.iter().map(on_white).max().unwrap_or(255) + 1;
        for pixel in crop.as_chunks::<4>().0 {
            let value = u32::from(pixel[channel]);
            assert!((least..=most).contains(&value) && pixel[3] == 255, "{pixel:?}");
        }
    }
    let short = Picture::Rgba { rgba: rest, width, height: height + 1 };
    assert!(preprocessing.pixels(short).is_err(), "a buffer that is too short");
}
