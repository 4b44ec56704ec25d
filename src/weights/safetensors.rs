//! A strict reader of the safetensors format's header.
//!
//! A file is: 8 bytes with the header's length (little-endian), the header (a JSON object from
//! tensor names to `{dtype, shape, data_offsets}`, and `__metadata__`, an object of strings), the
//! tensors' data. Format: <https://github.com/huggingface/safetensors#format>.
//!
//! Everything is checked against the file's real length before anybody can allocate by it, and
//! what a hostile header can make this reader itself allocate is bounded by [`MAX_ENTRIES`] and
//! [`MAX_DIMENSIONS`].

mod json;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::error::ModelError;
use json::{RawEntry, RawHeader};

/// Longest header that is read, in bytes.
pub const MAX_HEADER: u64 = 100_000_000;

/// Most tensors, and most entries of `__metadata__`. A ResNet-152 has 932 tensors.
pub const MAX_ENTRIES: usize = 4096;

/// Most dimensions of a tensor. A convolution's kernel has four.
pub const MAX_DIMENSIONS: usize = 8;

/// Bytes that hold the header's length.
const PREFIX: usize = 8;

/// Element types that a ResNet's file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 half precision.
    F16,
    /// The upper half of an F32.
    Bf16,
    /// Integers: batch norm's counters.
    I64,
}

impl Dtype {
    /// The name in the header.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F32 => "F32",
            Dtype::F16 => "F16",
            Dtype::Bf16 => "BF16",
            Dtype::I64 => "I64",
        }
    }

    /// Bytes of an element.
    pub fn size(self) -> usize {
        match self {
            Dtype::F16 | Dtype::Bf16 => 2,
            Dtype::F32 => 4,
            Dtype::I64 => 8,
        }
    }

    fn by_name(name: &str) -> Option<Dtype> {
        [Dtype::F32, Dtype::F16, Dtype::Bf16, Dtype::I64].into_iter().find(|d| d.name() == name)
    }
}

/// One tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Element type.
    pub dtype: Dtype,
    /// Extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// Where the data lie, in bytes from the start of the file. As long as `dtype` and `shape`
    /// say, within the file, not necessarily aligned.
    pub data: Range<usize>,
}

impl Entry {
    /// Type and shape in words, such as `F32 [64, 3, 7, 7]`.
    pub fn describe(&self) -> String {
        format!("{} {:?}", self.dtype.name(), self.shape)
    }
}

/// What a file's header says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The tensors by name.
    pub tensors: BTreeMap<String, Entry>,
    /// The entries of `__metadata__`.
    pub metadata: BTreeMap<String, String>,
}

impl Header {
    /// Reads and checks the header of `file`, a whole safetensors file.
    ///
    /// # Errors
    /// [`ModelError::Format`] where the file as a whole is not safetensors, [`ModelError::Tensor`]
    /// where one tensor's entry is wrong: unknown type, overflowing shape, offsets that are
    /// reversed, out of bounds, overlapping or leave a hole; duplicate names.
    pub fn read(file: &[u8]) -> Result<Header, ModelError> {
        let json = header_bytes(file)?;
        let raw = RawHeader::parse(json)?;
        let start = PREFIX + json.len();
        let mut header = Header { tensors: BTreeMap::new(), metadata: raw.metadata };
        for (name, raw) in raw.tensors {
            let entry =
                check_entry(&raw, start, file.len() - start).map_err(|(expected, found)| {
                    ModelError::Tensor { name: name.clone(), expected, found }
                })?;
            header.tensors.insert(name, entry);
        }
        check_coverage(&header.tensors, start..file.len())?;
        Ok(header)
    }
}

/// The header's JSON text.
fn header_bytes(file: &[u8]) -> Result<&[u8], ModelError> {
    let Some(prefix) = file.first_chunk::<PREFIX>() else {
        return Err(not_safetensors(
            format!("at least {PREFIX} bytes"),
            format!("{} bytes", file.len()),
        ));
    };
    let length = u64::from_le_bytes(*prefix);
    let rest = &file[PREFIX..];
    let refuse = |expected: String, found: String| {
        Err(not_safetensors(expected, foreign_format(file).unwrap_or(found)))
    };
    if length > MAX_HEADER {
        let expected = format!("a header length of at most {MAX_HEADER} bytes");
        return refuse(expected, length.to_string());
    }
    let Some(json) = usize::try_from(length).ok().and_then(|length| rest.get(..length)) else {
        let expected = format!("a header of {length} bytes");
        return refuse(expected, format!("{} bytes to the end of the file", rest.len()));
    };
    match json.first() {
        Some(b'{') => Ok(json),
        Some(byte) => refuse("`{` where the header begins".into(), format!("byte {byte:#04x}")),
        None => refuse("a header".into(), "a header of 0 bytes".into()),
    }
}

/// What a file that is no safetensors probably is instead, by its first bytes.
fn foreign_format(file: &[u8]) -> Option<String> {
    let begin = &file[..file.len().min(64)];
    if begin.starts_with(b"PK\x03\x04") || begin.starts_with(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46") {
        let advice = "convert it with `cargo xtask model import`";
        return Some(format!("a PyTorch checkpoint ({advice})"));
    }
    let text: String = begin.iter().map_while(|&byte| printable(byte)).collect();
    // The length's eight bytes of a safetensors file are never all text: it would be too long.
    (text.len() >= PREFIX).then(|| format!("a text that begins with `{}`", text.trim()))
}

fn printable(byte: u8) -> Option<char> {
    match byte {
        b'\n' | b'\r' | b'\t' => Some(' '),
        b' '..=b'~' => Some(byte as char),
        _ => None,
    }
}

fn not_safetensors(expected: String, found: String) -> ModelError {
    ModelError::Format { format: "safetensors", expected, found }
}

/// Checks one tensor's entry by itself; `start` and `length` say where the file's data lie.
///
/// The error is a pair: expected, found.
fn check_entry(raw: &RawEntry, start: usize, length: usize) -> Result<Entry, (String, String)> {
    let Some(dtype) = Dtype::by_name(&raw.dtype) else {
        return Err(("type F32, F16, BF16 or I64".into(), format!("type `{}`", raw.dtype)));
    };
    let shape = raw.shape.iter().map(|&extent| usize::try_from(extent).ok());
    let shape: Option<Vec<usize>> = shape.collect();
    let size = shape.as_ref().and_then(|shape| {
        shape.iter().try_fold(dtype.size(), |size, &extent| size.checked_mul(extent))
    });
    let (Some(shape), Some(size)) = (shape, size) else {
        let expected = "a shape whose size in bytes can be counted";
        return Err((expected.into(), format!("shape {:?}", raw.shape)));
    };
    let [begin, end] = raw.data_offsets;
    let found = format!("data_offsets [{begin}, {end}]");
    if begin > end {
        return Err(("data_offsets in order".into(), found));
    }
    let bounds = usize::try_from(begin).ok().zip(usize::try_from(end).ok());
    let Some((begin, end)) = bounds.filter(|&(_, end)| end <= length) else {
        let expected = format!("data within the file's {length} bytes of data");
        return Err((expected, format!("{found}: is the file complete?")));
    };
    if end - begin != size {
        let expected = format!("{size} bytes of data for {} {shape:?}", dtype.name());
        return Err((expected, format!("{found}, {} bytes", end - begin)));
    }
    Ok(Entry { dtype, shape, data: start + begin..start + end })
}

/// Checks that the tensors' data lie one behind the other and fill `all` without a hole.
fn check_coverage(tensors: &BTreeMap<String, Entry>, all: Range<usize>) -> Result<(), ModelError> {
    let mut ordered: Vec<(&str, &Range<usize>)> =
        tensors.iter().map(|(name, entry)| (name.as_str(), &entry.data)).collect();
    ordered.sort_by_key(|(_, data)| (data.start, data.end));
    let offset = |position: usize| position - all.start;

    let mut end = all.start;
    let mut before = None;
    for (name, data) in ordered {
        if data.start != end {
            let expected = match before {
                Some(before) => format!("data from byte {}, where `{before}` ends", offset(end)),
                None => "data from byte 0".into(),
            };
            let what = if data.start < end { "overlapping" } else { "a hole before" };
            let found = format!("{what} data from byte {}", offset(data.start));
            return Err(ModelError::Tensor { name: name.into(), expected, found });
        }
        end = data.end;
        before = Some(name);
    }
    if end != all.end {
        let expected = format!("{} bytes of data, as the header says", offset(end));
        return Err(not_safetensors(expected, format!("{} bytes", all.len())));
    }
    Ok(())
}
