//! Seeded numbers that Rust and Python draw identically, bit for bit (tests/fixtures/generator.py).
//!
//! A counter goes through SplitMix64's mixing function; the top 24 bits make an exact f32 in
//! [-1, 1). Centre and spread are applied in f32, one rounding each.

use reslens::arch::{Architecture, BlockKind, TensorRole, TensorSpec};
use safetensors::{Dtype, View};
use std::borrow::Cow;

/// The seed of all fixtures.
pub const SEED: u64 = 1;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hashes the text's bytes with FNV-1a.
fn fnv1a64(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// Returns endless 64-bit hashes that depend on the name and the seed.
fn hashes(name: &str) -> impl Iterator<Item = u64> {
    let state = fnv1a64(name) ^ SEED.wrapping_mul(GOLDEN);
    (1u64..).map(move |position| {
        let mut z = state.wrapping_add(position.wrapping_mul(GOLDEN));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

/// Draws `count` values in [`centre` − `spread`, `centre` + `spread`).
pub fn values(name: &str, count: usize, centre: f32, spread: f32) -> Vec<f32> {
    let unit = |hash: u64| ((hash >> 40) as i32 - (1 << 23)) as f32 / (1 << 23) as f32;
    hashes(name).take(count).map(|hash| centre + spread * unit(hash)).collect()
}

/// Draws `count` bytes of noise as a picture.
pub fn picture(name: &str, count: usize) -> Vec<u8> {
    hashes(name).take(count).map(|hash| (hash >> 56) as u8).collect()
}

/// Draws the input of every fixture: N×3×H×W, row-major, in [-2, 2).
pub fn input(shape: [usize; 4]) -> Vec<f32> {
    values("input", shape.iter().product(), 0.0, 2.0)
}

/// Returns the centre and spread of a tensor of a state dict.
fn range(spec: &TensorSpec, block: BlockKind) -> (f32, f32) {
    let uniform = |numerator: f64, fan_in: usize| (numerator / fan_in as f64).sqrt() as f32;
    let last_norm = match block {
        BlockKind::Basic => "bn2.weight",
        BlockKind::Bottleneck => "bn3.weight",
    };
    match (spec.name.as_str(), spec.shape.as_slice()) {
        (_, [_, fan_in @ .., _, _]) if fan_in.len() == 1 => {
            (0.0, uniform(6.0, spec.shape[1..].iter().product()))
        }
        ("fc.weight", [_, features]) => (0.0, uniform(3.0, *features)),
        (name, _) if name.ends_with("running_var") => (1.0, 0.5),
        (name, _) if name.ends_with("bias") || name.ends_with("running_mean") => (0.0, 0.1),
        (name, _) if name.ends_with("downsample.1.weight") => (0.75, 0.25),
        (name, _) if name.ends_with(last_norm) => (0.25, 0.125),
        _ => (1.0, 0.5),
    }
}

/// Draws the tensor `spec` of `architecture`; not for counters, which are 0.
pub fn tensor(architecture: Architecture, spec: &TensorSpec) -> Vec<f32> {
    let (centre, spread) = range(spec, architecture.block);
    values(&spec.name, spec.shape.iter().product(), centre, spread)
}

/// Returns a whole model file: the drawn state dict of `architecture` in F32, with its I64 counters.
pub fn checkpoint(architecture: Architecture, classes: usize) -> Vec<u8> {
    let tensors = architecture.tensors(classes).into_iter().map(|spec| {
        let (dtype, bytes) = match spec.role {
            TensorRole::Counter => (Dtype::I64, 0i64.to_le_bytes().to_vec()),
            TensorRole::Parameter | TensorRole::RunningStatistic => {
                let values = tensor(architecture, &spec);
                (Dtype::F32, values.into_iter().flat_map(f32::to_le_bytes).collect())
            }
        };
        (spec.name, Tensor { dtype, shape: spec.shape, bytes })
    });
    safetensors::serialize(tensors.collect::<Vec<_>>(), None).expect("drawn tensors are valid")
}

/// A tensor to be written to a safetensors file.
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
