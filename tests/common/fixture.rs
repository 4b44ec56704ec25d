//! Reads the fixtures that tests/fixtures/make_fixtures.py writes.

use super::generator;
use reslens::arch::Architecture;
use safetensors::SafeTensors;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the fixture called `name` lies.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The bytes of the fixture called `name`.
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
    /// Which network.
    pub architecture: Architecture,
    /// How many logits.
    pub classes: usize,
    /// N, 3, H, W of the input.
    pub shape: [usize; 4],
    /// Blocks whose F(x) is left out.
    pub ablate: Vec<String>,
    bytes: Vec<u8>,
}

/// What the file's metadata says.
#[derive(Deserialize)]
struct Entry {
    architecture: String,
    classes: usize,
    seed: u64,
    shape: [usize; 4],
    ablate: Vec<String>,
}

/// One part of one block, reduced over its channels.
pub struct Map {
    /// Such as `layer1.0`.
    pub block: String,
    /// `input`, `shortcut`, `residual`, `sum` or `output`.
    pub part: String,
    /// Height and width.
    pub size: [usize; 2],
    /// Row-major values.
    pub values: Vec<f32>,
}

impl Fixture {
    /// The fixture called `name`.
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

    /// Logits: N × classes.
    pub fn logits(&self) -> Vec<f32> {
        self.tensor("logits")
    }

    /// Pooled features: N × 512 or 2048.
    pub fn embedding(&self) -> Vec<f32> {
        self.tensor("embedding")
    }

    /// All maps, by the name of their reduction.
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

    fn tensor(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        floats(file.tensor(name).unwrap().data())
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}
