// Shared by both transforms of Winograd F(4×4, 3×3): Lavin & Gray 2015 (arXiv 1509.09308), at the points 0,
// ±√½, ±√2, ∞, which halve the rounding error of the integer points (Alam et al. 2022, arXiv 2201.10369).

const A = 0.70710678; // √½
const B = 1.41421356; // √2

struct Sizes {
    count: u32, // tiles · channels
    channels: u32,
    height: u32,
    width: u32,
    down: u32, // tiles per image
    across: u32,
}

