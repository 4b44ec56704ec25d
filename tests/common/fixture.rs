//! Reads the fixtures that tests/fixtures/make_fixtures.py writes.

use super::generator;
use reslens::arch::Architecture;
use reslens::model::Path;
use reslens::session::{Ablation, Options};
use safetensors::SafeTensors;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Returns the path of the fixture called `name`.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Returns the bytes of the fixture called `name`.
pub fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; tests/fixtures/make_fixtures.py writes it", path.display())
    })
}

/// A network's results on the generator's input, as torchvision computes them.
pub struct Fixture {
    /// The file's name without `.safetensors`.
    pub name: String,
    /// The network's architecture.
    pub architecture: Architecture,
    /// Number of logits.
    pub classes: usize,
    /// N, 3, H, W of the input.
    pub shape: [usize; 4],
    /// Paths that are left out of blocks.
    pub ablate: Vec<Ablation>,
    bytes: Vec<u8>,
}

/// The file's metadata.
#[derive(Deserialize)]
struct Entry {
    architecture: String,
    classes: usize,
    seed: u64,
    shape: [usize; 4],
    ablate: Vec<Ablation>,
}

/// One part of one block, reduced over its channels.
pub struct Map {
    /// The block's name, such as `layer1.0`.
    pub block: String,
    /// `input`, `shortcut`, `residual`, `sum` or `output`.
    pub part: String,
    /// Height and width.
    pub size: [usize; 2],
    /// Row-major values.
    pub values: Vec<f32>,
}

impl Fixture {
    /// Reads the fixture called `name`.
    pub fn load(name: &str) -> Self {
        let bytes = read(&format!("{name}.safetensors"));
        let (_, header) = SafeTensors::read_metadata(&bytes).expect("a safetensors file");
        let metadata = header.metadata().as_ref().expect("metadata");
        let entry = serde_json::from_str::<Entry>(&metadata["fixture"]).expect("known fields");
        assert_eq!(entry.seed, generator::SEED, "{name}");
        Self {
            name: name.into(),
            architecture: Architecture::by_name(&entry.architecture).expect("a known network"),
            classes: entry.classes,
            shape: entry.shape,
            ablate: entry.ablate,
            bytes,
        }
    }

    /// Returns the logits: N × classes.
    pub fn logits(&self) -> Vec<f32> {
        self.tensor("logits")
    }

    /// Returns the pooled features: N × 512 or 2048.
    pub fn embedding(&self) -> Vec<f32> {
        self.tensor("embedding")
    }

    /// Returns all maps, by the name of their reduction.
    pub fn maps_by_reduction(&self) -> BTreeMap<String, Vec<Map>> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let mut maps = BTreeMap::<String, Vec<Map>>::new();
        for (name, tensor) in file.tensors() {
            let [block, part, reduction] = name.split('/').collect::<Vec<_>>()[..] else {
                continue;
            };
            maps.entry(reduction.into()).or_default().push(Map {
                block: block.into(),
                part: part.into(),
                size: tensor.shape().try_into().unwrap(),
                values: floats(tensor.data()),
            });
        }
        maps
    }

    /// Returns the paths that are left out, by the blocks' indices.
    pub fn left_out(&self) -> Vec<(usize, Path)> {
        let options = Options { ablate: Some(self.ablate.clone()), ..Options::default() };
        let plan = options.plan(&self.architecture.blocks(), self.classes);
        plan.expect("paths of the architecture").left_out
    }

    /// Returns the values of the tensor called `name`.
    pub fn tensor(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        floats(file.tensor(name).unwrap().data())
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}
