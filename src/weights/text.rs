//! Text files with or without a byte order mark, in UTF-8 or UTF-16.

use std::borrow::Cow;

/// Decodes a text file. A byte order mark gives the encoding and is not part of the text;
/// without one it is UTF-8.
///
/// # Errors
/// A description of what is wrong with the bytes.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        _ => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = std::str::from_utf8(text);
            text.map(Cow::Borrowed).map_err(|error| format!("bytes that are not text: {error}"))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (units, rest) = bytes.as_chunks();
    let units: Vec<u16> = units.iter().map(|&bytes| unit(bytes)).collect();
    let text = String::from_utf16(&units).map_err(|error| error.to_string())?;
    if rest.is_empty() { Ok(text) } else { Err("UTF-16 that ends within a character".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let utf16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(mark).chain("dög\n".encode_utf16()).flat_map(bytes).collect()
        };
        for bytes in [
            "dög\n".as_bytes().to_vec(),
            "\u{feff}dög\n".as_bytes().to_vec(),
            utf16(0xfeff, u16::to_le_bytes),
            utf16(0xfeff, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).unwrap(), "dög\n", "{bytes:?}");
        }
        assert_eq!(decode(b"").unwrap(), "");
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        for bytes in [&b"caf\xe9"[..], b"\xff\xfea", b"\xff\xfe\x00\xd8"] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
