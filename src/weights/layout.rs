//! Layout of a file: which ResNet it contains, and whether it is complete and nothing else.

use std::collections::BTreeSet;

use super::metadata;
use super::safetensors::{Dtype, Entry, Header};
use crate::arch::{Architecture, BlockKind, Shortcut, TensorRole, TensorSpec};
use crate::error::ModelError;

/// The result of checking the tensors' names and shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Which ResNet it is.
    pub architecture: Architecture,
    /// Outputs of the fully connected layer; at least 2.
    pub classes: usize,
}

impl Layout {
    /// Returns the layout of a file by one of the `rows`, after comparing every tensor with the architecture.
    ///
    /// # Errors
    /// [`ModelError::Architecture`] if the names fit none, [`ModelError::Metadata`] if they
    /// contradict `reslens.architecture`, [`ModelError::Tensor`] naming the first tensor that is
    /// missing, unexpected, or of the wrong shape or type.
    pub fn find(header: &Header, rows: &[Architecture]) -> Result<Layout, ModelError> {
        let architecture = find_architecture(header, rows)?;
        let classes = find_classes(header, architecture)?;
        let specs = architecture.tensors(classes);
        for spec in &specs {
            check_tensor(spec, header.tensors.get(&spec.name), architecture)?;
        }
        let known: BTreeSet<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
        match header.tensors.iter().find(|(name, _)| !known.contains(name.as_str())) {
            Some((name, entry)) => Err(ModelError::Tensor {
                name: name.clone(),
                expected: format!("no tensor of that name in a {}", architecture.name),
                found: entry.describe(),
            }),
            None => Ok(Layout { architecture, classes }),
        }
    }
}

/// Returns the architecture on which metadata and names agree. A file whose metadata name one may lack
/// tensors here: the later comparison says which.
fn find_architecture(header: &Header, rows: &[Architecture]) -> Result<Architecture, ModelError> {
    let stated = match header.metadata.get(metadata::ARCHITECTURE) {
        Some(name) => Some(*rows.iter().find(|row| row.name == name).ok_or_else(|| {
            metadata::invalid(metadata::ARCHITECTURE, names(rows), format!("`{name}`"))
        })?),
        None => None,
    };
    let shape = BlockCounts::of(header);
    match (stated, shape.architecture(rows)) {
        (Some(stated), Some(found)) if stated != found => {
            let expected = format!("`{}`, as the tensors' names say", found.name);
            Err(metadata::invalid(metadata::ARCHITECTURE, expected, format!("`{}`", stated.name)))
        }
        (Some(architecture), _) | (None, Some(architecture)) => Ok(architecture),
        (None, None) => Err(ModelError::Architecture {
            expected: format!("the tensors of torchvision's {}", names(rows)),
            found: shape.describe(header),
        }),
    }
}

fn names(rows: &[Architecture]) -> String {
    rows.iter().map(|row| row.name).collect::<Vec<_>>().join(", ")
}

/// The structure of a network according to its names `layer<stage>.<block>.…`.
struct BlockCounts {
    kind: BlockKind,
    depths: [usize; 4],
    shortcut: Shortcut,
}

impl BlockCounts {
    fn of(header: &Header) -> BlockCounts {
        let mut counts =
            BlockCounts { kind: BlockKind::Basic, depths: [0; 4], shortcut: Shortcut::Plain };
        for name in header.tensors.keys() {
            let Some((stage, block, rest)) = split_name(name) else { continue };
            let depth = &mut counts.depths[stage];
            *depth = (*depth).max(block + 1);
            // Only bottlenecks have a third convolution.
            if rest.starts_with("conv3.") {
                counts.kind = BlockKind::Bottleneck;
            }
            // In every network some stage changes the shape, where a shortcut needs weights.
            if rest.starts_with("downsample.") {
                counts.shortcut = Shortcut::Residual;
            }
        }
        counts
    }

    fn architecture(&self, rows: &[Architecture]) -> Option<Architecture> {
        let fits = |row: &&Architecture| {
            row.block == self.kind && row.depths() == self.depths && row.shortcut == self.shortcut
        };
        rows.iter().find(fits).copied()
    }

    fn describe(&self, header: &Header) -> String {
        match header.tensors.first_key_value() {
            None => "no tensors".into(),
            Some((name, _)) if self.depths == [0; 4] => {
                format!("{} tensors, the first of them `{name}`", header.tensors.len())
            }
            Some(_) => format!("{:?} {} blocks in its stages", self.depths, self.kind.name()),
        }
    }
}

/// `layer3.5.conv1.weight` → (2, 5, `conv1.weight`).
fn split_name(name: &str) -> Option<(usize, usize, &str)> {
    let mut parts = name.strip_prefix("layer")?.splitn(3, '.');
    let stage = parts.next()?;
    let stage = ["1", "2", "3", "4"].iter().position(|&known| known == stage)?;
    let block: u16 = parts.next()?.parse().ok()?;
    Some((stage, block.into(), parts.next()?))
}

/// Returns the number of outputs, from the fully connected layer's shape.
fn find_classes(header: &Header, architecture: Architecture) -> Result<usize, ModelError> {
    let invalid = |found: String| ModelError::Tensor {
        name: "fc.weight".into(),
        expected: format!("shape [classes, {}]", architecture.features()),
        found,
    };
    let entry = header.tensors.get("fc.weight").ok_or_else(|| {
        invalid("no such tensor: is it a backbone without its last layer?".into())
    })?;
    match entry.shape[..] {
        [1, _] => Err(ModelError::Tensor {
            name: "fc.weight".into(),
            expected: "2 or more outputs for the softmax".into(),
            found: "1 output for a sigmoid: add a first row of zeros to weight and bias, and the \
                    softmax gives the sigmoid's probability"
                .into(),
        }),
        [classes, _] if classes > 0 => Ok(classes),
        _ => Err(invalid(entry.describe())),
    }
}

fn check_tensor(
    spec: &TensorSpec,
    entry: Option<&Entry>,
    architecture: Architecture,
) -> Result<(), ModelError> {
    let counter = spec.role == TensorRole::Counter;
    let fits = |dtype: Dtype| if counter { dtype == Dtype::I64 } else { dtype.is_float() };
    let found = match entry {
        None if counter => return Ok(()),
        None => format!("no such tensor in a file of a {}", architecture.name),
        Some(entry) if entry.shape == spec.shape && fits(entry.dtype) => return Ok(()),
        Some(entry) => entry.describe(),
    };
    let types = if counter { "I64" } else { "F32, F16, BF16 or F64" };
    let expected = format!("{types} {:?}", spec.shape);
    Err(ModelError::Tensor { name: spec.name.clone(), expected, found })
}
