//! The plan of a forward pass: what to show and what to leave out.

use crate::ops::{CamClass, Reduction};

/// One of the two paths through a residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// F(x).
    Residual,
    /// x or its projection.
    Shortcut,
}

impl Path {
    /// Both paths.
    pub const ALL: [Path; 2] = [Path::Residual, Path::Shortcut];

    /// The name in the JavaScript API.
    pub fn name(self) -> &'static str {
        match self {
            Path::Residual => "residual",
            Path::Shortcut => "shortcut",
        }
    }
}

/// What a forward pass shows and leaves out. Blocks are named by their indices. Any new option of
/// a frame is one more field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Blocks whose parts are recorded.
    pub taps: Vec<usize>,
    /// How channels become a map.
    pub reduction: Reduction,
    /// Blocks whose paths are measured.
    pub stats: Vec<usize>,
    /// The class whose evidence is mapped.
    pub cam: Option<CamClass>,
    /// Paths that are left out, at most one of each block.
    pub left_out: Vec<(usize, Path)>,
}

impl Plan {
    /// Returns the path that is left out of `block`.
    pub fn left_out_of(&self, block: usize) -> Option<Path> {
        self.left_out.iter().find(|(index, _)| *index == block).map(|(_, path)| *path)
    }

    /// Returns a plan that also leaves `path` out of `block`, and shows nothing.
    pub fn without(&self, block: usize, path: Path) -> Self {
        let others = self.left_out.iter().filter(|(index, _)| *index != block);
        let left_out = others.copied().chain([(block, path)]).collect();
        Self { left_out, ..Self::default() }
    }

    /// Returns whether both run the same kernels: they leave out and show the same, however it is reduced and for
    /// whichever class.
    pub fn same_graph(&self, other: &Self) -> bool {
        self.taps == other.taps
            && self.stats == other.stats
            && self.cam.is_some() == other.cam.is_some()
            && self.left_out == other.left_out
    }
}
