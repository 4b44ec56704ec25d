//! Model files as a whole: which ResNet it is, whether it is complete, and what the metadata say.

use crate::common::fixture;
use crate::common::model_file::{ModelFile, Tensor};
use flate2::read::GzDecoder;
use half::{bf16, f16};
use reslens::arch::ARCHITECTURES;
use reslens::error::Error;
use reslens::preprocess::Preprocessing;
use reslens::session::Session;
use reslens::weights::Checkpoint;
use reslens::weights::bytes::ModelBytes;
use std::borrow::Cow;
use std::cell::Cell;
use std::io::Read;
use std::ops::Range;

/// Returns the message with which `file` is refused.
fn refused(file: &ModelFile) -> String {
    let error = Checkpoint::parse(file.bytes()).unwrap_err();
    assert_eq!(error.name(), "ModelInvalid");
    assert!(matches!(error, Error::Model(_)));
    error.to_string()
}

#[test]
fn every_architecture_is_known_by_its_tensors() {
    for architecture in ARCHITECTURES {
        let checkpoint = Checkpoint::parse(ModelFile::of(architecture.name, 3).bytes()).unwrap();
        assert_eq!((checkpoint.architecture, checkpoint.classes), (architecture, 3));
        assert_eq!(checkpoint.metadata.labels, ["class 0", "class 1", "class 2"]);
        assert_eq!(checkpoint.metadata.preprocessing, Preprocessing::default());
    }
}

#[test]
fn a_file_of_torchvision_is_read_as_it_is() {
    let mut bytes = Vec::new();
    let packed = fixture::read("resnet18-save_file.safetensors.gz");
    GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
    let checkpoint = Checkpoint::parse(bytes).unwrap();
    assert_eq!((checkpoint.architecture.name, checkpoint.classes), ("resnet18", 10));
    for spec in checkpoint.architecture.tensors(10) {
        let length = spec.shape.iter().product::<usize>();
        match checkpoint.tensor(&spec.name) {
            Ok(values) => assert_eq!(values.len(), length, "{}", spec.name),
            Err(_) => assert!(spec.name.ends_with("num_batches_tracked"), "{}", spec.name),
        }
    }
}

#[test]
fn the_bundled_model_is_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/webcam50.safetensors");
    let checkpoint = Checkpoint::parse(std::fs::read(path).unwrap()).unwrap();
    assert_eq!(checkpoint.classes, checkpoint.metadata.labels.len());
}

#[test]
fn a_thousand_outputs_are_imagenets() {
    let checkpoint = Checkpoint::parse(ModelFile::of("resnet18", 1000).bytes()).unwrap();
    assert_eq!(checkpoint.metadata.labels[1], "goldfish");
}

#[test]
fn all_types_are_decoded_at_any_alignment() {
    let values = [-1.5f32, 0.0, 65504.0];
    let data = |bytes: fn(f32) -> Vec<u8>| values.iter().copied().flat_map(bytes).collect();
    for (dtype, data) in [
        ("F32", data(|v| v.to_le_bytes().to_vec())),
        ("F16", data(|v| f16::from_f32(v).to_le_bytes().to_vec())),
        ("BF16", data(|v| bf16::from_f32(v).to_le_bytes().to_vec())),
    ] {
        let mut file = ModelFile::of("resnet18", 3);
        file.tensors.insert("fc.bias".into(), Tensor { dtype, shape: vec![3], data });
        // The metadata change the header's length, and so the alignment of the data.
        for padding in 0..4 {
            file.metadata.insert("padding".into(), "x".repeat(padding));
            let found = Checkpoint::parse(file.bytes()).unwrap().tensor("fc.bias").unwrap();
            let expected = if dtype == "BF16" { [-1.5, 0.0, 65536.0] } else { values };
            assert_eq!(found, expected, "{dtype}");
        }
    }
}

#[test]
fn counters_may_be_missing_but_not_wrong() {
    let mut file = ModelFile::of("resnet18", 3);
    file.tensors.retain(|name, _| !name.ends_with("num_batches_tracked"));
    Checkpoint::parse(file.bytes()).unwrap();
    file.tensors.insert("bn1.num_batches_tracked".into(), Tensor::f32(&[], &[1.0]));
    let message = refused(&file);
    assert!(
        message.contains("`bn1.num_batches_tracked`: expected I64 [], found F32 []"),
        "{message}"
    );
}

#[test]
fn files_without_a_complete_resnet_are_refused() {
    type Change = fn(&mut ModelFile);
    let cases: [(Change, &str); 16] = [
        (|f| f.tensors.clear(), "expected the tensors of torchvision's resnet18, resnet34"),
        (
            |f| f.tensors.retain(|name, _| name.starts_with("fc.")),
            "found 2 tensors, the first of them `fc.bias`",
        ),
        (
            |f| f.tensors.retain(|name, _| !name.starts_with("layer4.1.")),
            "found [2, 2, 2, 1] basic blocks",
        ),
        (
            |f| drop(f.tensors.remove("layer1.1.bn2.weight")),
            "`layer1.1.bn2.weight`: expected F32, F16, BF16 or F64 [64], found no such tensor",
        ),
        (
            |f| drop(f.tensors.insert("fc.weight".into(), Tensor::f32(&[1, 512], &[0.0; 512]))),
            "`fc.weight`: expected 2 or more outputs",
        ),
        (|f| drop(f.tensors.remove("fc.weight")), "`fc.weight`: expected shape [classes, 512]"),
        (
            |f| drop(f.tensors.insert("fc.extra".into(), Tensor::f32(&[1], &[0.0]))),
            "`fc.extra`: expected no tensor of that name in a resnet18, found F32 [1]",
        ),
        (
            |f| drop(f.tensors.insert("layer1.65536.x".into(), Tensor::f32(&[], &[0.0]))),
            "`layer1.65536.x`: expected no tensor",
        ),
        (
            |f| drop(f.tensors.insert("fc.bias".into(), Tensor::f32(&[2], &[0.0; 2]))),
            "`fc.bias`: expected F32, F16, BF16 or F64 [3], found F32 [2]",
        ),
        (
            |f| drop(f.tensors.insert("fc.weight".into(), Tensor::f32(&[0, 512], &[]))),
            "`fc.weight`: expected shape [classes, 512], found F32 [0, 512]",
        ),
        (
            |f| f.tensors.get_mut("fc.bias").unwrap().dtype = "I64",
            "`fc.bias`: expected 24 bytes of data for I64 [3]",
        ),
        (
            |f| {
                let data = vec![0; 24];
                let counters = Tensor { dtype: "I64", shape: vec![3], data };
                f.tensors.insert("fc.bias".into(), counters);
            },
            "`fc.bias`: expected F32, F16, BF16 or F64 [3], found I64 [3]",
        ),
        (
            |f| {
                let values = Tensor::f32(&[3], &[0.0, 1.0, f32::NAN]);
                f.tensors.insert("fc.bias".into(), values);
            },
            "`fc.bias`: expected finite values, found NaN at element 2",
        ),
        (
            |f| {
                let infinite = f16::NEG_INFINITY.to_le_bytes();
                f.tensors.get_mut("conv1.weight").unwrap().data[4000..4002]
                    .copy_from_slice(&infinite);
            },
            "`conv1.weight`: expected finite values, found -inf at element 2000",
        ),
        (
            |f| {
                let tensor = f.tensors.get_mut("bn1.bias").unwrap();
                tensor.dtype = "BF16";
                tensor.data[..2].copy_from_slice(&bf16::INFINITY.to_le_bytes());
            },
            "`bn1.bias`: expected finite values, found inf at element 0",
        ),
        (
            |f| {
                let negative = f16::from_f32(-0.5).to_le_bytes();
                let tensor = f.tensors.get_mut("layer3.0.downsample.1.running_var").unwrap();
                tensor.data[2..4].copy_from_slice(&negative);
            },
            "`layer3.0.downsample.1.running_var`: expected variances of at least 0, found -0.5 at \
             element 1",
        ),
    ];
    let right = ModelFile::of("resnet18", 3);
    for (change, expected) in cases {
        let mut file = right.clone();
        change(&mut file);
        let message = refused(&file);
        assert!(message.contains(expected), "expected “{expected}” in “{message}”");
    }
}

#[test]
fn metadata_are_read() {
    let mut file = ModelFile::of("resnet18", 2);
    for (key, value) in [
        ("architecture", "resnet18"),
        ("labels", r#"["cat","dög"]"#),
        ("input_size", "96"),
        ("resize", "100"),
        ("mean", "[0, 0.5, 1]"),
        ("std", "[1, 2, 3e-1]"),
        ("interpolation", "bilinear"),
        ("temperature", "0.82"),
        ("abstain_below", "0.5"),
        ("licence", "MIT"),
        ("card", "A test."),
        ("of_a_later_version", "?"),
    ] {
        file.metadata.insert(format!("reslens.{key}"), value.into());
    }
    let metadata = Checkpoint::parse(file.bytes()).unwrap().metadata;
    assert_eq!(metadata.labels, ["cat", "dög"]);
    let expected =
        Preprocessing { resize: 100, input_size: 96, mean: [0.0, 0.5, 1.0], std: [1.0, 2.0, 0.3] };
    assert_eq!(metadata.preprocessing, expected);
    assert_eq!((metadata.temperature, metadata.abstain_below), (0.82, Some(0.5)));
    assert_eq!(metadata.licence.as_deref(), Some("MIT"));
    assert_eq!(metadata.card.as_deref(), Some("A test."));

    file.metadata.remove("reslens.resize");
    let metadata = Checkpoint::parse(file.bytes()).unwrap().metadata;
    assert_eq!(metadata.preprocessing.resize, 110, "as 256 is to 224");
}

#[test]
fn metadata_that_cannot_be_used_are_refused_by_their_key() {
    for (key, value, expected) in [
        ("architecture", "vgg16", "expected resnet18, resnet34, resnet50"),
        ("architecture", "resnet34", "expected `resnet18`, as the tensors' names say"),
        ("labels", "cat", "expected a JSON array of strings"),
        ("labels", "[1, 2]", "expected a JSON array of strings"),
        ("labels", r#"["cat"]"#, "expected 2 labels, as many as the model has outputs, found 1"),
        ("input_size", "big", "expected a whole number, found `big`"),
        ("input_size", "-32", "expected a whole number"),
        ("input_size", "100", "expected a multiple of 32"),
        ("input_size", "1056", "expected a multiple of 32"),
        ("input_size", "18446744073709551584", "expected a multiple of 32"),
        ("resize", "200", "found 200"),
        ("resize", "1e9", "expected a whole number"),
        ("mean", "[0.5, 0.5]", "expected a JSON array of three numbers"),
        ("mean", "[0.5, 0.5, 1e39]", "found"),
        ("std", "[1, 1, 0]", "found"),
        ("std", "[1, 1, 1, 1]", "expected a JSON array of three numbers"),
        ("interpolation", "nearest", "expected bilinear, found `nearest`"),
        ("temperature", "0", "expected a finite number above 0, found 0"),
        ("temperature", "NaN", "expected a finite number above 0"),
        ("temperature", "inf", "expected a finite number above 0"),
        ("temperature", "warm", "expected a finite number above 0, found `warm`"),
        ("abstain_below", "1.5", "expected a number from 0 to 1, found 1.5"),
        ("abstain_below", "-0.1", "expected a number from 0 to 1"),
    ] {
        let mut file = ModelFile::of("resnet18", 2);
        let key = format!("reslens.{key}");
        file.metadata.insert(key.clone(), value.into());
        let message = refused(&file);
        assert!(message.contains(&key) && message.contains(expected), "{value}: {message}");
    }
}

#[test]
fn the_missing_tensor_is_named_if_metadata_name_the_architecture() {
    let mut file = ModelFile::of("resnet18", 2);
    file.metadata.insert("reslens.architecture".into(), "resnet18".into());
    file.tensors.retain(|name, _| !name.starts_with("layer4.1."));
    let message = refused(&file);
    assert!(message.contains("`layer4.1.conv1.weight`"), "{message}");
}

#[test]
fn a_missing_tensor_is_an_error() {
    let checkpoint = Checkpoint::parse(ModelFile::of("resnet18", 2).bytes()).unwrap();
    let message = checkpoint.tensor("fc.gamma").unwrap_err().to_string();
    assert!(message.contains("`fc.gamma`"), "{message}");
}

/// Values that a file may contain, but with which the network cannot compute.
#[test]
fn weights_that_overflow_are_the_files_fault() {
    let filled = |shape: &[usize], value: f32| {
        Tensor::f32(shape, &vec![value; shape.iter().product::<usize>()])
    };
    let refused = |changes: [(&str, Tensor); 2]| {
        let mut file = ModelFile::of("resnet18", 2);
        file.tensors.extend(changes.map(|(name, tensor)| (name.into(), tensor)));
        let error = Session::load(file.bytes()).map(drop).unwrap_err();
        assert_eq!(error.name(), "ModelInvalid");
        error.to_string()
    };
    let in_folding = refused([
        ("layer1.0.conv1.weight", filled(&[64, 64, 3, 3], 3e38)),
        ("layer1.0.bn1.weight", filled(&[64], 2.0)),
    ]);
    assert!(in_folding.contains("`layer1.0.conv1.weight`"), "{in_folding}");
    let in_logits = refused([
        ("layer4.1.bn2.bias", filled(&[512], 3e38)),
        ("fc.weight", filled(&[2, 512], 2.0)),
    ]);
    assert!(in_logits.contains("expected finite logits, found inf"), "{in_logits}");
}

/// Bytes that are stored elsewhere, and the largest number of them that was read at once.
struct Elsewhere {
    bytes: Vec<u8>,
    most: Cell<usize>,
}

impl ModelBytes for Elsewhere {
    fn length(&self) -> usize {
        self.bytes.len()
    }

    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        self.most.set(self.most.get().max(range.len()));
        Cow::Owned(self.bytes[range].to_vec())
    }
}

#[test]
fn a_file_that_lies_elsewhere_is_read_in_small_pieces() {
    let mut file = ModelFile::of("resnet18", 2);
    for tensor in file.tensors.values_mut() {
        tensor.data.iter_mut().enumerate().for_each(|(i, byte)| *byte = (i % 59) as u8);
    }
    let bytes = file.bytes();
    let here = Checkpoint::parse(bytes.clone()).unwrap();
    let there = Checkpoint::parse(Elsewhere { bytes, most: Cell::new(0) }).unwrap();
    for name in ["conv1.weight", "layer4.1.conv2.weight", "bn1.running_var", "fc.bias"] {
        assert_eq!(there.tensor(name).unwrap(), here.tensor(name).unwrap(), "{name}");
    }
    let most = there.into_bytes().most.get();
    assert!(most <= 1 << 18, "{most} bytes at once");
}
