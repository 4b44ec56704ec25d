//! The safetensors header: what is read, what is refused, and that no input makes the reader panic.

use crate::common::model_file::{ModelFile, Tensor, with_header};
use proptest::prelude::*;
use reslens::weights::safetensors::{Dtype, Header, MAX_ENTRIES};
use safetensors::SafeTensors;

/// Returns two tensors, one of them a scalar, after metadata.
fn small() -> ModelFile {
    let mut file = ModelFile::default();
    file.metadata.insert("format".into(), "pt".into());
    file.tensors.insert("a".into(), Tensor::f32(&[2, 1], &[1.0, 2.0]));
    file.tensors.insert("b".into(), Tensor { dtype: "I64", shape: vec![], data: vec![7; 8] });
    file
}

/// Returns a header with one tensor `t`.
fn entry(dtype: &str, shape: &str, begin: u64, end: u64) -> String {
    format!(r#"{{"t":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}}}"#)
}

#[test]
fn reads_what_is_there() {
    let file = small().bytes();
    let header = Header::read(&file).unwrap();
    assert_eq!(header.metadata["format"], "pt");
    let (a, b) = (&header.tensors["a"], &header.tensors["b"]);
    assert_eq!(
        (a.dtype, &a.shape[..], &file[a.data.clone()][..4]),
        (Dtype::F32, &[2, 1][..], &1f32.to_le_bytes()[..])
    );
    assert_eq!((b.dtype, b.shape.len(), b.data.end), (Dtype::I64, 0, file.len()));
}

#[test]
fn data_need_not_be_aligned_nor_in_the_order_of_the_header() {
    let tensor = |begin: u64, end: u64| {
        format!(r#"{{"dtype":"F16","shape":[1],"data_offsets":[{begin},{end}]}}"#)
    };
    let header = format!(r#"{{"b":{},"a":{}}}"#, tensor(2, 4), tensor(0, 2));
    for spaces in 0..8 {
        let file = with_header(&format!("{header}{}", " ".repeat(spaces)), &[1, 2, 3, 4]);
        let header = Header::read(&file).unwrap();
        assert_eq!(file[header.tensors["b"].data.clone()], [3, 4]);
    }
}

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let twice = r#"{"t":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
                    "t":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#;
    let overlap = r#"{"s":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                      "t":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    let hole = r#"{"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
                   "t":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}"#;
    let many: Vec<String> = (0..=MAX_ENTRIES)
        .map(|i| format!(r#""{i}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#))
        .collect();
    let many_notes: Vec<String> = (0..=MAX_ENTRIES).map(|i| format!(r#""{i}":"""#)).collect();
    let notes = |inner: &str| format!(r#"{{"__metadata__":{inner}}}"#);
    let file = |header: &str, data: usize| with_header(header, &vec![0; data]);
    for (file, message) in [
        (vec![], "expected at least 8 bytes, found 0 bytes"),
        (vec![0; 7], "expected at least 8 bytes, found 7 bytes"),
        (vec![0; 8], "found a header of 0 bytes"),
        (vec![255; 16], "at most 100000000 bytes, found 18446744073709551615"),
        (100_000_001u64.to_le_bytes().to_vec(), "at most 100000000 bytes, found 100000001"),
        (9u64.to_le_bytes().to_vec(), "a header of 9 bytes, found 0 bytes to the end"),
        (b"<!DOCTYPE html><html>".to_vec(), "this is a text that begins with `<!DOCTYPE html>"),
        (
            b"PK\x03\x04\x00\x00\x00\x00\x00\x00".to_vec(),
            "a PyTorch checkpoint or another ZIP archive: convert it",
        ),
        (file("[]", 0), "`{` where the header begins, found byte 0x5b"),
        (file("{", 0), "valid JSON, found EOF"),
        (file("{} x", 0), "valid JSON, found trailing characters"),
        (file("{\"\u{0}\"}", 0), "valid JSON, found control character"),
        (file(r#"{"t":3}"#, 0), "tensor `t`: expected an entry with `dtype`"),
        (file(r#"{"t":{"dtype":"F32","shape":[]}}"#, 0), "missing field `data_offsets`"),
        (file(&entry("F32", "[-1]", 0, 4), 4), "tensor `t`: expected an entry"),
        (file(&entry("F32", "[1.5]", 0, 4), 4), "tensor `t`: expected an entry"),
        (file(&entry("F32", "[1,1,1,1,1,1,1,1,1]", 0, 4), 4), "a shape of at most 8 whole"),
        (
            file(&entry("F31", "[]", 0, 4), 4),
            "tensor `t`: expected a type of PyTorch tensors such as F32, F16 or BF16, found \
             type `F31`",
        ),
        (
            file(&entry("F32", "[4294967296,4294967296]", 0, 4), 4),
            "tensor `t`: expected a shape whose size in bytes can be counted",
        ),
        (
            file(&entry("F32", "[1]", 4, 0), 4),
            "tensor `t`: expected data_offsets in order, found data_offsets [4, 0]",
        ),
        (
            file(&entry("F32", "[2]", 0, 8), 7),
            "within the file's 7 bytes of data, found data_offsets [0, 8]",
        ),
        (file(&entry("F32", "[1]", 1 << 62, (1 << 62) + 4), 4), "within the file's 4 bytes"),
        (
            file(&entry("F32", "[2]", 0, 4), 4),
            "8 bytes of data for F32 [2], found data_offsets [0, 4], 4 bytes",
        ),
        (
            file(&entry("F32", "[1]", 4, 8), 8),
            "data from byte 0, found a hole before data from byte 4",
        ),
        (
            file(&entry("F32", "[1]", 0, 4), 5),
            "expected 4 bytes of data, as the header says, found 5 bytes",
        ),
        (file("{}", 1), "expected 0 bytes of data"),
        (file(twice, 4), "tensor `t`: expected one entry, found a second one"),
        (
            file(overlap, 12),
            "tensor `t`: expected data from byte 8, where `s` ends, found overlapping",
        ),
        (file(hole, 12), "tensor `t`: expected data from byte 4, where `s` ends, found a hole"),
        (file(&format!("{{{}}}", many.join(",")), 0), "at most 4096 tensors"),
        (file(&notes("3"), 0), "`__metadata__` to be an object of strings"),
        (file(&notes(r#"{"a":3}"#), 0), "expected a string"),
        (file(&notes(r#"{"a":"","a":""}"#), 0), "`__metadata__` has the key `a` twice"),
        (file(&notes(&format!("{{{}}}", many_notes.join(","))), 0), "more than 4096 entries"),
        (file(r#"{"__metadata__":{},"__metadata__":{}}"#, 0), "`__metadata__`: expected one entry"),
    ] {
        let found = Header::read(&file).unwrap_err().to_string();
        assert!(found.contains(message), "expected “{message}” in “{found}”");
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let header = format!(r#"{{"t":{}"#, "[".repeat(1_000_000));
    assert!(Header::read(&with_header(&header, &[])).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Header::read(&bytes);
    }

    #[test]
    fn no_text_as_a_header_makes_it_panic(header in r#"\{["{}\[\]:,a-t0-9 ]{0,80}"#) {
        let _ = Header::read(&with_header(&header, &[0; 8]));
    }

    /// If a changed file is accepted, the format's own crate accepts it as well and reads the same.
    #[test]
    fn a_changed_file_is_refused_or_read_as_the_format_says(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut file = small().bytes();
        for (index, byte) in changes {
            let index = index.index(file.len());
            file[index] = byte;
        }
        let _ = Header::read(&file[..cut.index(file.len())]);
        if let Ok(header) = Header::read(&file) {
            let other = SafeTensors::deserialize(&file).unwrap();
            prop_assert_eq!(header.tensors.len(), other.len());
            for (name, entry) in header.tensors {
                prop_assert_eq!(other.tensor(&name).unwrap().data(), &file[entry.data]);
            }
        }
    }
}
