//! Checkpoints as found in practice: read, renamed and refused alike in every format.
#![cfg(feature = "pickle")]

use crate::common::fixture;
use crate::common::model_file::{ModelFile, Tensor};
use flate2::read::GzDecoder;
use reslens::error::ModelError;
use reslens::weights::dtype::Dtype;
use reslens::weights::source::Source;
use reslens::weights::{Checkpoint, labels};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn field(name: &str) -> Vec<u8> {
    fixture::read(&format!("field/{name}"))
}

fn packed(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(&fixture::read(name)[..]).read_to_end(&mut bytes).unwrap();
    bytes
}

fn refused(file: &[u8]) -> ModelError {
    match Source::read(file, None) {
        Ok(source) => panic!("{} was taken", source.taken),
        Err(error) => error,
    }
}

/// Returns a model file whose names are changed; for every reader it is the same network.
fn renamed(change: impl Fn(&str) -> String) -> ModelFile {
    let mut file = ModelFile::of("resnet18", 2);
    let bias = Tensor::f32(&[2], &[1.5, -2.5]);
    file.tensors.insert("fc.bias".into(), bias);
    let tensors = std::mem::take(&mut file.tensors);
    file.tensors = tensors.into_iter().map(|(name, tensor)| (change(&name), tensor)).collect();
    file
}

/// Translates torchvision's name to that of HuggingFace's `ResNetForImageClassification`.
pub fn hugging_face(name: &str) -> String {
    if let Some(field) = name.strip_prefix("fc.") {
        return format!("classifier.1.{field}");
    }
    let kind = |part: &str| if part.starts_with("conv") { "convolution" } else { "normalization" };
    let parts: Vec<&str> = name.split('.').collect();
    match parts[..] {
        [stem, field] => format!("resnet.embedder.embedder.{}.{field}", kind(stem)),
        [layer, block, "downsample", part, field] => {
            let kind = if part == "0" { "convolution" } else { "normalization" };
            let stage = layer[5..].parse::<usize>().unwrap() - 1;
            format!("resnet.encoder.stages.{stage}.layers.{block}.shortcut.{kind}.{field}")
        }
        [layer, block, part, field] => {
            let stage = layer[5..].parse::<usize>().unwrap() - 1;
            let index = part[part.len() - 1..].parse::<usize>().unwrap() - 1;
            let kind = kind(part);
            format!("resnet.encoder.stages.{stage}.layers.{block}.layer.{index}.{kind}.{field}")
        }
        _ => unreachable!("{name}"),
    }
}

#[test]
fn every_way_of_naming_gives_the_same_network() {
    let right = renamed(str::to_owned).bytes();
    let right = Checkpoint::parse(right).unwrap();
    for (what, file) in [
        ("HuggingFace", renamed(hugging_face)),
        ("HuggingFace in a module", renamed(|name| format!("model.{}", hugging_face(name)))),
        ("DataParallel", renamed(|name| format!("module.{name}"))),
        ("Lightning", renamed(|name| format!("model.{name}"))),
        ("torch.compile", renamed(|name| format!("_orig_mod.{name}"))),
        ("a head of two parts", renamed(|name| name.replace("fc.", "fc.1."))),
    ] {
        let checkpoint = Checkpoint::parse(file.bytes()).unwrap();
        assert_eq!(checkpoint.architecture, right.architecture, "{what}");
        for spec in right.architecture.tensors(2) {
            if let Ok(values) = right.tensor(&spec.name) {
                assert_eq!(checkpoint.tensor(&spec.name).unwrap(), values, "{what}: {}", spec.name);
            }
        }
        let source = Source::read(&file.bytes(), None).unwrap();
        let imported = Checkpoint::parse(source.state.to_safetensors()).unwrap();
        assert_eq!(imported.tensor("fc.bias").unwrap(), [1.5, -2.5], "{what}");
    }
}

#[test]
fn tensors_beside_the_state_dict_do_not_matter() {
    let mut file = renamed(|name| format!("module.{name}"));
    let data = vec![0; 4];
    file.tensors.insert("steps".into(), Tensor { dtype: "I32", shape: vec![], data });
    Checkpoint::parse(file.bytes()).unwrap();
}

#[test]
fn doubles_are_read_and_converted() {
    let mut file = ModelFile::of("resnet18", 2);
    let data = [0.1f64, -2.5].iter().flat_map(|value| value.to_le_bytes()).collect();
    file.tensors.insert("fc.bias".into(), Tensor { dtype: "F64", shape: vec![2], data });
    let direct = Checkpoint::parse(file.bytes()).unwrap();
    assert_eq!(direct.tensor("fc.bias").unwrap(), [0.1, -2.5]);
    let source = Source::read(&file.bytes(), None).unwrap();
    assert_eq!((source.narrowed, source.state.tensors["fc.bias"].dtype), (1, Dtype::F32));
    let infinite = [1e300f64, 0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    file.tensors.insert("fc.bias".into(), Tensor { dtype: "F64", shape: vec![2], data: infinite });
    assert!(Checkpoint::parse(file.bytes()).is_err());
}

#[test]
fn the_format_is_recognised_by_its_bytes_and_odd_headers_are_read() {
    for name in ["noextension", "metadata_null.safetensors", "module_prefix.safetensors"] {
        let source = Source::read(&field(name), None).unwrap();
        assert_eq!(source.state.tensors["layer1.0.conv1.weight"].shape, [2, 2, 3, 3], "{name}");
    }
}

#[test]
fn pickles_are_read_whatever_lies_beside_the_weights() {
    let anchor = "layer1.0.conv1.weight";
    let right = Source::read(&field("noextension"), None).unwrap();
    for (name, prefix) in
        [("defaultdict.pth", "state_dict."), ("optimizer_object.pth", "state_dict.")]
    {
        let source = Source::read(&field(name), None).unwrap();
        assert_eq!(source.taken.prefix, prefix, "{name}");
        assert_eq!(source.state.tensors.keys().collect::<Vec<_>>(), [anchor], "{name}");
        assert_eq!(source.state.tensors[anchor].shape, right.state.tensors[anchor].shape, "{name}");
        assert!(!source.state.tensors[anchor].data.iter().all(|&byte| byte == 0), "{name}");
    }
}

#[test]
fn a_whole_model_of_an_old_pytorch_is_read() {
    let source = Source::read(&field("full_model_legacy.pth"), None).unwrap();
    let shapes: Vec<(&str, &[usize])> = source
        .state
        .tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), &tensor.shape[..]))
        .collect();
    let expected: [(&str, &[usize]); 3] =
        [("conv1.weight", &[4, 3, 3, 3]), ("fc.bias", &[3]), ("fc.weight", &[3, 4])];
    assert_eq!(shapes, expected);
}

#[test]
fn a_packed_archive_is_read_as_the_plain_one() {
    let plain = field("defaultdict.pth");
    let mut archive = ZipArchive::new(Cursor::new(&plain[..])).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(entry.name().unwrap(), options).unwrap();
        writer.write_all(&contents).unwrap();
    }
    let packed = writer.finish().unwrap().into_inner();
    let [plain, packed] = [&plain, &packed].map(|file| Source::read(file, None).unwrap());
    let data = |source: &Source| source.state.tensors["layer1.0.conv1.weight"].data.clone();
    assert_eq!(data(&plain), data(&packed));
}

#[test]
fn files_of_other_kinds_are_named_in_the_error() {
    let foreign: [&[u8]; 9] = [
        &field("lfs_pointer.pth"),
        b"<!DOCTYPE html><html>",
        b"\x1f\x8b\x08\0\0\0\0\0\0\0",
        b"\x89HDF\r\n\x1a\n\0\0\0\0",
        &script(),
        &numpy(),
        b"\x80\x04K\x05.",
        b"\x89PNG\r\n\x1a\n\0\0\0\0",
        &empty_archive(),
    ];
    for file in foreign {
        let error = refused(file);
        assert!(matches!(error, ModelError::Foreign { .. }), "{error}");
    }
}

/// Returns an archive with the files by which TorchScript differs from a checkpoint.
fn script() -> Vec<u8> {
    archive(&["net/data.pkl", "net/constants.pkl", "net/code/__torch__.py"])
}

fn empty_archive() -> Vec<u8> {
    archive(&["word/document.xml"])
}

fn archive(names: &[&str]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for name in names {
        writer.start_file(*name, options).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// `{'layer1.0.conv1.weight': <array>}`, pickled.
fn numpy() -> Vec<u8> {
    let mut pickle = b"\x80\x02}U\x15layer1.0.conv1.weight".to_vec();
    pickle.extend(b"cnumpy.core.multiarray\n_reconstruct\nK\x00K\x01\x86Rs.");
    pickle
}

#[test]
fn incomplete_downloads_are_reported_as_incomplete() {
    let model = ModelFile::of("resnet18", 2).bytes();
    let header = 8 + model[..8].iter().rev().fold(0, |n, &byte| n << 8 | usize::from(byte));
    for (what, file) in [
        ("zip", &field("defaultdict.pth")[..1500]),
        ("legacy, in a pickle", &field("full_model_legacy.pth")[..1000]),
        ("legacy, in the data", &field("full_model_legacy.pth")[..2300]),
        ("safetensors, in the header", &model[..header / 2]),
        ("nothing", &[]),
    ] {
        let error = refused(file);
        assert!(matches!(error, ModelError::Incomplete { .. }), "{what}: {error}");
    }
    let error = refused(&model[..model.len() - 10]).to_string();
    assert!(error.contains("download it again"), "{error}");
}

#[test]
fn hostile_pickles_are_refused_in_bounded_time_and_memory() {
    // Each list holds the previous one ten times: 10^40 paths, 400 values.
    let mut nested = b"\x80\x02]q\0".to_vec();
    for level in 1..40u8 {
        nested.extend([b']', b'q', level, b'(']);
        nested.extend([b'h', level - 1].repeat(10));
        nested.push(b'e');
    }
    nested.push(b'.');
    let cycle = b"\x80\x02]q\0h\0a.".to_vec();
    let marks = [b"\x80\x02".to_vec(), vec![b'('; 1 << 20], vec![b'.']].concat();
    let lists = [b"\x80\x02".to_vec(), vec![b']'; 1 << 21], vec![b'.']].concat();
    let deep = [b"\x80\x02".to_vec(), vec![b']'; 1 << 18], vec![b'a'; (1 << 18) - 1], vec![b'.']];
    for pickle in [nested, cycle, marks, lists, deep.concat()] {
        refused(&pickle);
    }
}

#[test]
fn a_cut_or_changed_checkpoint_makes_nothing_panic() {
    for name in ["defaultdict.pth", "optimizer_object.pth", "full_model_legacy.pth"] {
        let file = field(name);
        for cut in 0..file.len() {
            let _ = Source::read(&file[..cut], None);
        }
        for at in 0..file.len() {
            for byte in [0, 0xff] {
                let mut changed = file.clone();
                changed[at] = byte;
                let _ = Source::read(&changed, None);
            }
        }
    }
}

#[test]
fn both_formats_of_pytorch_give_the_same_tensors() {
    let [legacy, nested] = ["resnet18-legacy.pth.gz", "resnet18-nested.pth.gz"]
        .map(|name| Source::read(&packed(name), None).unwrap());
    assert_eq!(nested.taken.prefix, "state_dict.module.");
    assert!(legacy.state.to_safetensors() == nested.state.to_safetensors());
}

#[test]
fn labels_are_read_from_every_kind_of_file() {
    let expected: Vec<String> = (0..12).map(|index| format!("thing {index}")).collect();
    for name in ["bom.txt", "blank_end.txt", "class_index.json", "id_to_name.json", "config.json"] {
        assert_eq!(labels::parse(name, &field(name)).unwrap(), expected, "{name}");
    }
}
