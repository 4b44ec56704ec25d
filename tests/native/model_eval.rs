//! Evaluation of a model on folders of pictures.
#![cfg(feature = "tools")]

use crate::common::model_file::{ModelFile, Tensor};
use reslens::tools::eval::Evaluation;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A model that answers `dog` to everything, with probability e² / (e² + 1) = 0.88.
fn write_model(folder: &Path) -> PathBuf {
    let mut file = ModelFile::of("resnet18", 2);
    file.tensors.insert("fc.bias".into(), Tensor::f32(&[2], &[0.0, 2.0]));
    file.metadata.insert("reslens.labels".into(), r#"["cat","dog"]"#.into());
    file.metadata.insert("reslens.input_size".into(), "32".into());
    file.metadata.insert("reslens.abstain_below".into(), "0.9".into());
    let path = folder.join("model.safetensors");
    fs::write(&path, file.bytes()).unwrap();
    path
}

fn write_pictures(folder: &Path, count: u8) {
    fs::create_dir_all(folder).unwrap();
    for grey in 0..count {
        image::RgbImage::from_pixel(40, 50, image::Rgb([grey; 3]))
            .save(folder.join(format!("{grey}.png")))
            .unwrap();
    }
}

#[test]
fn pictures_are_counted_by_class() {
    let folder = TempDir::new().unwrap();
    let model = write_model(folder.path());
    let data = folder.path().join("data");
    write_pictures(&data.join("00_cat"), 1);
    write_pictures(&data.join("01_dog"), 3);
    fs::write(data.join("01_dog/notes.txt"), "").unwrap();

    let evaluation = Evaluation::run(&data, &model, 1).unwrap();
    assert_eq!((evaluation.top1(), evaluation.macro_top1()), (0.75, 0.5));
    assert_eq!((evaluation.abstained(), evaluation.lost()), (1.0, 1.0));
    assert_eq!((evaluation.outcomes.len(), evaluation.ignored), (4, 1));
    let confidence = 1.0 / (1.0 + (-2.0f64).exp());
    assert!((evaluation.calibration_error() - (confidence - 0.75)).abs() < 1e-5);
    assert_eq!(Evaluation::run(&data, &model, 2).unwrap().top_k(), 1.0);
}

#[test]
fn what_cannot_be_evaluated_is_named() {
    let folder = TempDir::new().unwrap();
    let model = write_model(folder.path());
    let data = folder.path().join("data");
    let fail = |data: &Path, top| Evaluation::run(data, &model, top).unwrap_err().to_string();
    assert!(fail(&data, 1).contains("data"));
    write_pictures(&data.join("cat"), 0);
    assert!(fail(&data, 1).contains("found no picture"));
    write_pictures(&data.join("cat"), 1);
    assert!(fail(&data, 3).contains("--top: expected 1 to 2"));
    fs::write(data.join("cat/broken.jpg"), "no picture").unwrap();
    assert!(fail(&data, 1).contains("broken.jpg"));
    fs::remove_file(data.join("cat/broken.jpg")).unwrap();
    write_pictures(&data.join("owl"), 1);
    assert!(fail(&data, 1).contains("`owl`"));
}
