//! A strict reader of the safetensors format's header.
//!
//! A file is: 8 bytes with the header's length (little-endian), the header (a JSON object from
//! tensor names to `{dtype, shape, data_offsets}`, and `__metadata__`, an object of strings), the
//! tensors' data. Format: <https://github.com/huggingface/safetensors#format>.
//!
//! Everything is checked against the file's real length before it can determine an allocation, and
//! the memory that a hostile header can make this reader allocate is bounded by [`MAX_ENTRIES`] and
//! [`MAX_DIMENSIONS`].

mod json;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::bytes::ModelBytes;
pub use super::dtype::Dtype;
use super::format;
use super::names::{Choice, Name, Taken};
use crate::error::ModelError;
use json::{RawEntry, RawHeader};

/// Longest accepted header, in bytes.
pub const MAX_HEADER: u64 = 100_000_000;

/// Most tensors, and most entries of `__metadata__`. A ResNet-152 has 932 tensors.
pub const MAX_ENTRIES: usize = 4096;

/// Most dimensions of a tensor. A convolution's kernel has four.
pub const MAX_DIMENSIONS: usize = 8;

/// Bytes at the beginning of a file that identify its format.
const BEGINNING: usize = 1024;

/// Bytes that hold the header's length.
const PREFIX: usize = 8;

/// One tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Element type.
    pub dtype: Dtype,
    /// Extents, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The range of the data, in bytes from the start of the file. As long as `dtype` and `shape`
    /// say, within the file, not necessarily aligned.
    pub data: Range<usize>,
}

impl Entry {
    /// Returns type and shape in words, such as `F32 [64, 3, 7, 7]`.
    pub fn describe(&self) -> String {
        format!("{} {:?}", self.dtype.name(), self.shape)
    }
}

/// The content of a file's header.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The tensors by name.
    pub tensors: BTreeMap<String, Entry>,
    /// The entries of `__metadata__`.
    pub metadata: BTreeMap<String, String>,
}

impl Header {
    /// Reads and checks the header of `file`, a whole safetensors file, and reads nothing else.
    ///
    /// # Errors
    /// [`ModelError::Format`] if the file as a whole is not safetensors, [`ModelError::Tensor`]
    /// if one tensor's entry is wrong: unknown type, overflowing shape, offsets that are
    /// reversed, out of bounds, overlapping or leave a hole; duplicate names.
    pub fn read(file: &(impl ModelBytes + ?Sized)) -> Result<Header, ModelError> {
        let json = header_bytes(file)?;
        let raw = RawHeader::parse(&json)?;
        let start = PREFIX + json.len();
        let mut header = Header { tensors: BTreeMap::new(), metadata: raw.metadata };
        for (name, raw) in raw.tensors {
            let entry =
                check_entry(&raw, start, file.length() - start).map_err(|(expected, found)| {
                    ModelError::Tensor { name: name.clone(), expected, found }
                })?;
            header.tensors.insert(name, entry);
        }
        check_coverage(&header.tensors, start..file.length())?;
        Ok(header)
    }

    /// Keeps one state dict, the one called `wanted` or the likeliest, under torchvision's names.
    ///
    /// # Errors
    /// As [`Choice::find`]; [`ModelError::Tensor`] if two tensors get the same name.
    pub fn take(&mut self, wanted: Option<&str>) -> Result<Taken, ModelError> {
        let all = std::mem::take(&mut self.tensors);
        let names: Vec<Name> = all.keys().map(|key| Name { container: "", key }).collect();
        let choice = Choice::find(&names, wanted)?;
        let renamed: Vec<Option<String>> = names.iter().map(|&name| choice.rename(name)).collect();
        let taken = choice.taken;
        for (name, (key, entry)) in renamed.into_iter().zip(&all) {
            let Some(name) = name else { continue };
            if self.tensors.insert(name.clone(), entry.clone()).is_some() {
                let (expected, found) =
                    ("one tensor of that meaning".into(), format!("also `{key}`"));
                return Err(ModelError::Tensor { name, expected, found });
            }
        }
        Ok(taken)
    }
}

/// Returns the header's JSON text.
fn header_bytes(file: &(impl ModelBytes + ?Sized)) -> Result<Cow<'_, [u8]>, ModelError> {
    let beginning = file.read(0..file.length().min(BEGINNING));
    let Some(prefix) = beginning.first_chunk::<PREFIX>() else {
        let found = format!("{} bytes", file.length());
        return Err(ModelError::Incomplete { expected: format!("at least {PREFIX} bytes"), found });
    };
    let length = u64::from_le_bytes(*prefix);
    let rest = file.length() - PREFIX;
    let refuse = |expected: String, found: String| {
        Err(format::foreign(&beginning).unwrap_or_else(|| not_safetensors(expected, found)))
    };
    if length > MAX_HEADER {
        let expected = format!("a header length of at most {MAX_HEADER} bytes");
        return refuse(expected, length.to_string());
    }
    let Some(json) = usize::try_from(length).ok().filter(|length| *length <= rest) else {
        let expected = format!("a header of {length} bytes");
        return match beginning.get(PREFIX) {
            Some(b'{') | None => Err(incomplete(expected, rest)),
            Some(_) => refuse(expected, format!("{rest} bytes to the end of the file")),
        };
    };
    match beginning.get(PREFIX).filter(|_| json > 0) {
        Some(b'{') => Ok(file.read(PREFIX..PREFIX + json)),
        Some(byte) => refuse("`{` where the header begins".into(), format!("byte {byte:#04x}")),
        None => refuse("a header".into(), "a header of 0 bytes".into()),
    }
}

fn incomplete(expected: String, left: usize) -> ModelError {
    ModelError::Incomplete { expected, found: format!("{left} bytes to the end of the file") }
}

fn not_safetensors(expected: String, found: String) -> ModelError {
    ModelError::Format { format: "safetensors", expected, found }
}

/// Checks one tensor's entry by itself; `start` and `length` give the position of the file's data.
///
/// The error is a pair: expected, found.
fn check_entry(raw: &RawEntry, start: usize, length: usize) -> Result<Entry, (String, String)> {
    let Some(dtype) = Dtype::by_name(&raw.dtype) else {
        let expected = "a type of PyTorch tensors such as F32, F16 or BF16";
        return Err((expected.into(), format!("type `{}`", raw.dtype)));
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
        return Err((expected, format!("{found}: the file is incomplete, download it again")));
    };
    if end - begin != size {
        let expected = format!("{size} bytes of data for {} {shape:?}", dtype.name());
        return Err((expected, format!("{found}, {} bytes", end - begin)));
    }
    Ok(Entry { dtype, shape, data: start + begin..start + end })
}

/// Checks that the tensors' data follow one another and fill `all` without a hole.
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
