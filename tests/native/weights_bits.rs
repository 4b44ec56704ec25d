//! Whatever the format and the names of a checkpoint, its weights are the same to the bit.
#![cfg(feature = "pickle")]

use std::collections::BTreeMap;

use crate::common::model_file::{ModelFile, Tensor};
use crate::common::torch_file;
use crate::weights_source::hugging_face;
use reslens::weights::Checkpoint;
use reslens::weights::source::Source;

/// A ResNet-18 with all kinds of bit patterns: tiny, huge and negative numbers, subnormal ones and −0.
fn network() -> ModelFile {
    let mut file = ModelFile::of("resnet18", 2);
    let mut state = 1u32;
    let floats = file.tensors.iter_mut().filter(|(_, tensor)| tensor.dtype == "F16");
    for (name, tensor) in floats {
        let variance = name.ends_with("running_var");
        let count = tensor.shape.iter().product();
        let values: Vec<f32> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(state);
            if variance { value.abs() } else { value }
        })
        .filter(|value| value.is_finite())
        .take(count)
        .collect();
        *tensor = Tensor::f32(&tensor.shape, &values);
    }
    file
}

fn renamed(file: &ModelFile, change: impl Fn(&str) -> String) -> BTreeMap<String, Tensor> {
    file.tensors.iter().map(|(name, tensor)| (change(name), tensor.clone())).collect()
}

#[test]
fn every_format_and_every_way_of_naming_gives_the_same_bits() {
    let network = network();
    let right = Source::read(&network.bytes(), None).unwrap().state.to_safetensors();
    let safetensors = |tensors| ModelFile { tensors, metadata: BTreeMap::new() }.bytes();
    let module = |name: &str| format!("module.{name}");
    let hugging_face_in_model = |name: &str| format!("model.{}", hugging_face(name));
    for (what, file) in [
        ("HuggingFace's names in safetensors", safetensors(renamed(&network, hugging_face))),
        ("a prefix in safetensors", safetensors(renamed(&network, module))),
        ("PyTorch", torch_file::bytes(&network.tensors)),
        ("HuggingFace's names in PyTorch", torch_file::bytes(&renamed(&network, hugging_face))),
        ("both in PyTorch", torch_file::bytes(&renamed(&network, hugging_face_in_model))),
    ] {
        let source = Source::read(&file, None).unwrap();
        assert!(source.state.to_safetensors() == right, "{what}");
    }
}

#[test]
fn a_file_is_loaded_with_the_bits_that_it_is_imported_with() {
    let network = network();
    let file = ModelFile { tensors: renamed(&network, hugging_face), ..Default::default() };
    let direct = Checkpoint::parse(file.bytes()).unwrap();
    let state = Source::read(&torch_file::bytes(&network.tensors), None).unwrap().state;
    let imported = Checkpoint::parse(state.to_safetensors()).unwrap();
    let bits = |checkpoint: &Checkpoint, name: &str| -> Vec<u32> {
        checkpoint.tensor(name).unwrap().into_iter().map(f32::to_bits).collect()
    };
    for (name, tensor) in &network.tensors {
        if tensor.dtype == "F32" {
            assert!(bits(&direct, name) == bits(&imported, name), "{name}");
        }
    }
}
