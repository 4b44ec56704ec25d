//! A tensor as described in a pickle: a storage, and which of its elements in which order.

use std::borrow::Cow;

use super::graph::{Graph, Node, Value};
use crate::weights::dtype::Dtype;

/// The depth to which PyTorch's functions for rebuilding tensors may nest: a parameter around a subclass around
/// a tensor.
const MAX_NESTING: usize = 4;

/// Most dimensions of a tensor, as in PyTorch.
const MAX_DIMENSIONS: usize = 64;

/// Longest key of a storage, in bytes. PyTorch's are decimal numbers.
const MAX_KEY: usize = 64;

/// A tensor whose data have not been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    storage: String,
    dtype: Option<Dtype>,
    shape: Vec<usize>,
    strides: Vec<usize>,
    /// Elements before the first one.
    offset: usize,
}

impl View {
    /// Returns the tensor that a value of a pickle represents, if any.
    pub fn find(graph: &Graph, value: Value) -> Option<View> {
        Self::nested(graph, value, MAX_NESTING)
    }

    fn nested(graph: &Graph, value: Value, left: usize) -> Option<View> {
        let Node::Object { class, args, .. } = graph.node(value)? else { return None };
        Self::call(graph, *class, *args, left)
    }

    fn call(graph: &Graph, class: Value, args: Value, left: usize) -> Option<View> {
        let left = left.checked_sub(1)?;
        let (module, name) = graph.global(class)?;
        let args = graph.sequence(args)?;
        if !module.starts_with("torch") {
            return None;
        }
        match name {
            "_rebuild_tensor" | "_rebuild_tensor_v2" => Self::rebuild(graph, args, None),
            "_rebuild_tensor_v3" => {
                let (_, name) = graph.global(*args.get(6)?)?;
                Self::rebuild(graph, args, Some(Dtype::by_torch_name(name)))
            }
            "_rebuild_from_type_v2" => Self::call(graph, *args.first()?, *args.get(2)?, left),
            "_rebuild_parameter"
            | "_rebuild_parameter_with_state"
            | "Parameter"
            | "Buffer"
            | "Variable"
            | "Tensor" => Self::nested(graph, *args.first()?, left),
            _ => None,
        }
    }

    /// Reads the arguments storage, offset, shape, strides.
    fn rebuild(graph: &Graph, args: &[Value], dtype: Option<Option<Dtype>>) -> Option<View> {
        let [storage, offset, shape, strides, ..] = args else { return None };
        let Node::Persistent(key) = graph.node(*storage)? else { return None };
        let [_, class, storage, _, _, rest @ ..] = graph.sequence(*key)? else { return None };
        let numbers = |value: Value| -> Option<Vec<usize>> {
            let numbers = graph.sequence(value).filter(|all| all.len() <= MAX_DIMENSIONS)?;
            numbers.iter().map(|&number| natural(number)).collect()
        };
        let (shape, strides) = (numbers(*shape)?, numbers(*strides)?);
        // The legacy format has views of storages: key, offset and length.
        let inner = rest.first().and_then(|&view| graph.sequence(view)?.get(1).copied());
        let base = inner.map_or(Some(0), natural)?;
        let stored = graph.global(*class).and_then(|(_, name)| Dtype::by_storage(name));
        Some(View {
            storage: storage_key(graph, *storage)?.into(),
            dtype: dtype.unwrap_or(stored),
            offset: natural(*offset)?.checked_add(base)?,
            strides: if strides.len() == shape.len() { strides } else { return None },
            shape,
        })
    }

    /// Returns the key of its storage in the file.
    pub fn storage(&self) -> &str {
        &self.storage
    }

    /// Returns the element type; `None` if safetensors has none, such as for complex numbers.
    pub fn dtype(&self) -> Option<Dtype> {
        self.dtype
    }

    /// Extents, outermost first; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns the bytes of its data; `None` if they overflow.
    pub fn size(&self) -> Option<usize> {
        let size = self.dtype?.size();
        self.shape.iter().try_fold(size, |size, &extent| size.checked_mul(extent))
    }

    /// Returns the data from the storage, in row-major order.
    ///
    /// The error is a pair: expected, found.
    pub fn copy<'s>(&self, storage: Cow<'s, [u8]>) -> Result<Cow<'s, [u8]>, (String, String)> {
        let (Some(dtype), Some(size)) = (self.dtype, self.size()) else {
            return Err(("a type and shape of safetensors".into(), format!("{:?}", self.shape)));
        };
        if size == 0 {
            return Ok(Cow::Owned(Vec::new()));
        }
        let element = dtype.size();
        let last =
            self.shape.iter().zip(&self.strides).try_fold(self.offset, |last, (&n, &stride)| {
                last.checked_add(stride.checked_mul(n - 1)?)
            });
        let end = last.and_then(|last| last.checked_add(1)?.checked_mul(element));
        if end.is_none_or(|end| end > storage.len()) {
            let expected = format!("a storage with all elements of shape {:?}", self.shape);
            return Err((expected, format!("{} bytes", storage.len())));
        }
        let begin = self.offset * element;
        if self.is_row_major() {
            return Ok(match storage {
                Cow::Borrowed(storage) => Cow::Borrowed(&storage[begin..begin + size]),
                Cow::Owned(storage) => Cow::Owned(storage[begin..begin + size].to_vec()),
            });
        }
        let mut data = Vec::with_capacity(size);
        let mut index = vec![0; self.shape.len()];
        for _ in 0..size / element {
            let at: usize = index.iter().zip(&self.strides).map(|(i, stride)| i * stride).sum();
            let at = (self.offset + at) * element;
            data.extend_from_slice(&storage[at..at + element]);
            for (i, extent) in index.iter_mut().zip(&self.shape).rev() {
                *i += 1;
                if *i < *extent {
                    break;
                }
                *i = 0;
            }
        }
        Ok(Cow::Owned(data))
    }

    fn is_row_major(&self) -> bool {
        let mut expected = 1;
        self.shape.iter().zip(&self.strides).rev().all(|(&extent, &stride)| {
            let fits = extent == 1 || stride == expected;
            expected *= extent;
            fits
        })
    }
}

/// Returns the key of a storage, if it is as short as PyTorch's.
pub fn storage_key<'g>(graph: &'g Graph, value: Value) -> Option<&'g str> {
    graph.text(value).filter(|key| key.len() <= MAX_KEY)
}

fn natural(value: Value) -> Option<usize> {
    match value {
        Value::Int(number) => usize::try_from(number).ok(),
        _ => None,
    }
}
