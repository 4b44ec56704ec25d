//! The generator draws the same numbers as the script that made the fixtures.

use crate::common::{fixture, generator};
use reslens::arch::Architecture;
use serde::Deserialize;

#[derive(Deserialize)]
struct Known {
    seed: u64,
    tensors: Vec<KnownTensor>,
}

#[derive(Deserialize)]
struct KnownTensor {
    name: String,
    shape: Vec<usize>,
    centre: f64,
    spread: f64,
    /// Bit patterns of the first values, in hex.
    first: Vec<String>,
    /// Sum of all bit patterns, each multiplied by its position (from 1), modulo 2⁶⁴, in hex.
    checksum: String,
}

fn known() -> Known {
    serde_json::from_slice(&fixture::read("generator.json")).unwrap()
}

fn checksum(values: &[f32]) -> String {
    let sum = (1u64..).zip(values).fold(0u64, |sum, (position, value)| {
        sum.wrapping_add(u64::from(value.to_bits()).wrapping_mul(position))
    });
    format!("{sum:016x}")
}

#[test]
fn values_are_those_of_the_script_bit_for_bit() {
    let known = known();
    assert_eq!(known.seed, generator::SEED);
    for tensor in known.tensors {
        let count = tensor.shape.iter().product();
        let (centre, spread) = (tensor.centre as f32, tensor.spread as f32);
        let values = generator::values(&tensor.name, count, centre, spread);
        let first = values[..tensor.first.len()].iter().map(|value| value.to_bits());
        let first = first.map(|bits| format!("{bits:08x}")).collect::<Vec<_>>();
        assert_eq!(first, tensor.first, "{}", tensor.name);
        assert_eq!(checksum(&values), tensor.checksum, "{}", tensor.name);
    }
}

#[test]
fn tensors_of_a_state_dict_are_drawn_by_the_same_table() {
    let architecture = Architecture::by_name("resnet18").unwrap();
    let specs = architecture.tensors(10);
    for tensor in known().tensors.into_iter().filter(|tensor| tensor.name != "input") {
        let spec = specs.iter().find(|spec| spec.name == tensor.name).unwrap();
        assert_eq!(spec.shape, tensor.shape, "{}", tensor.name);
        let values = generator::tensor(architecture, spec);
        assert_eq!(checksum(&values), tensor.checksum, "{}", tensor.name);
    }
}
