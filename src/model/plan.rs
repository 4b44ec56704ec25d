//! What a forward pass is asked to show and to leave out.

use crate::ops::Reduction;

/// One of the two ways through a residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// F(x).
    Residual,
    /// x or its projection.
    Shortcut,
}

/// What a forward pass is asked to show and to leave out. Blocks are named by their indices. Whatever else
/// a frame may be asked for is one more field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Blocks whose parts are recorded.
    pub taps: Vec<usize>,
    /// How channels become a map.
    pub reduction: Reduction,
    /// Blocks of which a path is left out, at most one of each.
    pub left_out: Vec<(usize, Path)>,
}

impl Plan {
    /// Returns the path that `block` is to run without.
    pub fn left_out_of(&self, block: usize) -> Option<Path> {
        self.left_out.iter().find(|(index, _)| *index == block).map(|(_, path)| *path)
    }

    /// Whether both run the same kernels: they leave out and show the same, however it is reduced.
    pub fn same_graph(&self, other: &Self) -> bool {
        self.taps == other.taps && self.left_out == other.left_out
    }
}
