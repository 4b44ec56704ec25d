//! Element types, with their names in safetensors and PyTorch.

/// An element type of a tensor in a checkpoint.
///
/// A network's own tensors are floating-point numbers and [`Dtype::I64`] counters. The others may
/// occur beside them, for example in an optimizer's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE 754 double precision.
    F64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 half precision.
    F16,
    /// The upper half of an F32.
    Bf16,
    /// Signed integers of 8 bytes: batch norm's counters.
    I64,
    /// Signed integers of 4 bytes.
    I32,
    /// Signed integers of 2 bytes.
    I16,
    /// Signed integers of 1 byte.
    I8,
    /// Unsigned integers of 8 bytes.
    U64,
    /// Unsigned integers of 4 bytes.
    U32,
    /// Unsigned integers of 2 bytes.
    U16,
    /// Unsigned integers of 1 byte.
    U8,
    /// Booleans of 1 byte.
    Bool,
}

/// The names of a type, and the bytes of an element.
struct Row {
    dtype: Dtype,
    /// Its name in a safetensors header.
    name: &'static str,
    /// PyTorch's class of its storage; `None` where it has none.
    storage: Option<&'static str>,
    /// PyTorch's `torch.dtype`.
    torch: &'static str,
    size: usize,
}

const fn row(
    dtype: Dtype,
    name: &'static str,
    storage: Option<&'static str>,
    torch: &'static str,
    size: usize,
) -> Row {
    Row { dtype, name, storage, torch, size }
}

const ROWS: [Row; 13] = [
    row(Dtype::F64, "F64", Some("DoubleStorage"), "float64", 8),
    row(Dtype::F32, "F32", Some("FloatStorage"), "float32", 4),
    row(Dtype::F16, "F16", Some("HalfStorage"), "float16", 2),
    row(Dtype::Bf16, "BF16", Some("BFloat16Storage"), "bfloat16", 2),
    row(Dtype::I64, "I64", Some("LongStorage"), "int64", 8),
    row(Dtype::I32, "I32", Some("IntStorage"), "int32", 4),
    row(Dtype::I16, "I16", Some("ShortStorage"), "int16", 2),
    row(Dtype::I8, "I8", Some("CharStorage"), "int8", 1),
    row(Dtype::U64, "U64", None, "uint64", 8),
    row(Dtype::U32, "U32", None, "uint32", 4),
    row(Dtype::U16, "U16", None, "uint16", 2),
    row(Dtype::U8, "U8", Some("ByteStorage"), "uint8", 1),
    row(Dtype::Bool, "BOOL", Some("BoolStorage"), "bool", 1),
];

impl Dtype {
    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.dtype == self).expect("every type has a row")
    }

    /// Returns the name in a safetensors header.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the bytes of an element.
    pub fn size(self) -> usize {
        self.row().size
    }

    /// Returns whether a network can compute with it.
    pub fn is_float(self) -> bool {
        matches!(self, Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::Bf16)
    }

    /// Returns the type called `name` in a safetensors header.
    pub fn by_name(name: &str) -> Option<Dtype> {
        ROWS.iter().find(|row| row.name == name).map(|row| row.dtype)
    }

    /// Returns the type of PyTorch's storage class `name`, such as `FloatStorage`.
    pub fn by_storage(name: &str) -> Option<Dtype> {
        ROWS.iter().find(|row| row.storage == Some(name)).map(|row| row.dtype)
    }

    /// Returns the type that PyTorch calls `torch.<name>`.
    pub fn by_torch_name(name: &str) -> Option<Dtype> {
        ROWS.iter().find(|row| row.torch == name).map(|row| row.dtype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_pytorchs_names() {
        for (name, expected) in [
            ("float32", Some(Dtype::F32)),
            ("bfloat16", Some(Dtype::Bf16)),
            ("uint16", Some(Dtype::U16)), // has no storage class
            ("bool", Some(Dtype::Bool)),
            ("complex64", None),
        ] {
            assert_eq!(Dtype::by_torch_name(name), expected, "{name}");
        }
    }
}
