//! Recognition of file formats by their first bytes, never by names.

use crate::error::ModelError;

/// The beginning of a ZIP archive, the format of PyTorch checkpoints since version 1.6.
pub const ZIP: &[u8] = b"PK\x03\x04";

/// The beginning of PyTorch checkpoints from before version 1.6: the pickle of a magic number.
pub const LEGACY: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

const CONVERT: &str = "convert it with `cargo xtask model import`";
const NOT_THE_FILE: &str = "download the .safetensors or .pth file itself";
const EXPORT: &str = "export the state dict of the PyTorch model, as .pth or .safetensors";
const PICTURE: &str = "a model is a .safetensors file, or a .pth for `cargo xtask model import`";

/// A format that is recognised by bytes near its beginning.
struct Signature {
    /// Their position.
    at: usize,
    bytes: &'static [u8],
    what: &'static str,
    advice: &'static str,
}

const fn at(
    at: usize,
    bytes: &'static [u8],
    what: &'static str,
    advice: &'static str,
) -> Signature {
    Signature { at, bytes, what, advice }
}

const SIGNATURES: [Signature; 17] = [
    at(
        0,
        b"version https://git-lfs",
        "a Git LFS pointer, not the file that it points to",
        "run `git lfs pull` in its repository, or download the file from the website",
    ),
    at(0, ZIP, "a PyTorch checkpoint or another ZIP archive", CONVERT),
    at(0, LEGACY, "a PyTorch checkpoint", CONVERT),
    at(0, b"\x80\x02", "a Python pickle, perhaps a PyTorch checkpoint", CONVERT),
    at(0, b"\x80\x03", "a Python pickle", CONVERT),
    at(0, b"\x80\x04", "a Python pickle", CONVERT),
    at(0, b"\x80\x05", "a Python pickle", CONVERT),
    at(0, b"\x1f\x8b", "a gzip archive", "unpack it first"),
    at(0, b"BZh", "a bzip2 archive", "unpack it first"),
    at(0, b"\xfd7zXZ\0", "an xz archive", "unpack it first"),
    at(0, b"Rar!", "a RAR archive", "unpack it first"),
    at(
        257,
        b"ustar",
        "a tar archive",
        "unpack it first; a PyTorch checkpoint from before 0.2 must be \
                                        saved again with a later version",
    ),
    at(0, b"\x89HDF", "an HDF5 file, as Keras writes them", EXPORT),
    at(0, b"GGUF", "a GGUF file", EXPORT),
    at(0, b"\x89PNG", "a PNG picture", PICTURE),
    at(0, b"\xff\xd8\xff", "a JPEG picture", PICTURE),
    at(4, b"TFL3", "a TensorFlow Lite model", EXPORT),
];

/// Returns whether the bytes begin like a PyTorch checkpoint, or another pickle.
pub fn is_torch(file: &[u8]) -> bool {
    file.starts_with(ZIP) || matches!(file, [0x80, 2..=5, ..])
}

/// Identifies a file that is not safetensors; `None` if it is of an unknown kind.
pub fn foreign(file: &[u8]) -> Option<ModelError> {
    let known = SIGNATURES
        .iter()
        .find(|known| file.get(known.at..).is_some_and(|rest| rest.starts_with(known.bytes)));
    if let Some(&Signature { what, advice, .. }) = known {
        return Some(ModelError::Foreign { what: what.into(), advice });
    }
    let text: String = file.iter().take(64).map_while(|&byte| printable(byte)).collect();
    // The eight length bytes of a safetensors file are never all text: the header would be too long.
    (text.len() >= 8).then(|| {
        let what = format!("a text that begins with `{}`", text.trim());
        ModelError::Foreign { what, advice: NOT_THE_FILE }
    })
}

fn printable(byte: u8) -> Option<char> {
    match byte {
        b'\n' | b'\r' | b'\t' => Some(' '),
        b' '..=b'~' => Some(byte as char),
        _ => None,
    }
}
