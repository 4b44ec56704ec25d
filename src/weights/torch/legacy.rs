//! PyTorch's format from before version 1.6: five pickles in a row (a magic number, the protocol's
//! version, the machine, the saved object, the storages' keys), then each storage's length and data.

use std::collections::HashMap;
use std::ops::Range;

use super::graph::{Graph, Node, Value};
use super::invalid;
use super::pickle;
use super::view::storage_key;
use crate::error::ModelError;
use crate::weights::dtype::Dtype;

/// Pickles before that of the saved object.
const PREAMBLE: usize = 3;

/// The storages of a file.
pub struct Legacy<'a> {
    file: &'a [u8],
    storages: HashMap<String, Range<usize>>,
}

impl<'a> Legacy<'a> {
    /// Reads the pickles, and finds the storages after them.
    pub fn open(file: &'a [u8]) -> Result<(Legacy<'a>, Graph<'a>, Value), ModelError> {
        let mut at = 0;
        for _ in 0..PREAMBLE {
            let (graph, value, end) = pickle::read(file, at)?;
            refuse_big_endian(file, &graph, value, at..end)?;
            at = end;
        }
        let (graph, root, end) = pickle::read(file, at)?;
        let (keys, list, mut at) = pickle::read(file, end)?;
        let elements = element_sizes(&graph);
        let mut storages = HashMap::new();
        for &key in keys.sequence(list).unwrap_or_default() {
            let key = storage_key(&keys, key)
                .ok_or_else(|| invalid("the storages' keys", "another list"))?;
            let incomplete = || ModelError::Incomplete {
                expected: format!("the storage `{key}`"),
                found: format!("{} bytes to the end of the file", file.len().saturating_sub(at)),
            };
            let length =
                file.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(incomplete)?;
            let length = usize::try_from(i64::from_le_bytes(*length)).ok();
            let element = elements.get(key).copied().ok_or_else(|| {
                invalid("the element type of each storage", format!("none of `{key}`"))
            })?;
            let begin = at + 8;
            let end = length.and_then(|length| length.checked_mul(element)?.checked_add(begin));
            let end = end.filter(|&end| end <= file.len()).ok_or_else(incomplete)?;
            storages.insert(key.to_owned(), begin..end);
            at = end;
        }
        Ok((Legacy { file, storages }, graph, root))
    }

    /// Returns the storage `key`, if there is one.
    pub fn storage(&self, key: &str) -> Option<&'a [u8]> {
        self.storages.get(key).map(|range| &self.file[range.clone()])
    }
}

/// Reads `little_endian` from the third pickle, which is true on nearly all machines.
fn refuse_big_endian(
    file: &[u8],
    graph: &Graph,
    value: Value,
    pickle: Range<usize>,
) -> Result<(), ModelError> {
    let Some(Node::Mapping(pairs)) = graph.node(value) else { return Ok(()) };
    let named = pairs.iter().any(|(key, _)| graph.text(*key) == Some("little_endian"));
    // The graph does not distinguish true from false: the opcode of false comes right after the name.
    let after = |window: &[u8]| window.starts_with(b"little_endian");
    let bytes = &file[pickle];
    let position = bytes.windows(13).position(after);
    let value =
        position.and_then(|at| bytes[at + 13..].iter().find(|&&byte| matches!(byte, 0x88 | 0x89)));
    if named && value == Some(&0x89) {
        return Err(invalid(
            "little-endian numbers",
            "big-endian ones: save it on another machine",
        ));
    }
    Ok(())
}

/// Returns the bytes of an element of each storage in the pickle.
fn element_sizes(graph: &Graph) -> HashMap<String, usize> {
    let size = |class: &str| match class {
        "ComplexDoubleStorage" => Some(16),
        "ComplexFloatStorage" => Some(8),
        "QInt32Storage" => Some(4),
        "QInt8Storage" | "QUInt8Storage" | "UntypedStorage" => Some(1),
        class => Dtype::by_storage(class).map(Dtype::size),
    };
    let of = |index: usize| {
        let Node::Persistent(key) = graph.node(Value::Node(index))? else { return None };
        let [_, class, key, ..] = graph.sequence(*key)? else { return None };
        Some((storage_key(graph, *key)?.to_owned(), size(graph.global(*class)?.1)?))
    };
    (0..graph.len()).filter_map(of).collect()
}
