//! Evaluation of a model on folders of pictures.
#![cfg(feature = "tools")]

use crate::common::model_file::{ModelFile, Tensor};
use reslens::tools::classify::Classification;
use reslens::tools::eval::{Evaluation, Order};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Writes a model that answers `dog` to everything, with probability e² / (e² + 1) = 0.88.
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
fn data_that_cannot_be_evaluated_is_named() {
    let folder = TempDir::new().unwrap();
    let model = write_model(folder.path());
    let data = folder.path().join("data");
    let fail = |data: &Path, top| Evaluation::run(data, &model, top).unwrap_err().to_string();
    assert!(fail(&data, 1).contains("data"));
    write_pictures(&data.join("cat"), 0);
    assert!(fail(&data, 1).contains("found no picture"));
    write_pictures(&data.join("cat"), 1);
    assert!(fail(&data, 3).contains("--top: expected 1 to 2"));
    fs::remove_dir_all(data.join("cat")).unwrap();
    fs::create_dir(data.join("cat")).unwrap();
    fs::write(data.join("cat/broken.jpg"), "no picture").unwrap();
    assert!(fail(&data, 1).contains("broken.jpg"));
    write_pictures(&data.join("owl"), 1);
    assert!(fail(&data, 1).contains("`owl`"));
}

#[test]
fn files_that_are_not_pictures_are_skipped_and_reported() {
    let folder = TempDir::new().unwrap();
    let model = write_model(folder.path());
    let data = folder.path().join("data");
    write_pictures(&data.join("cat"), 2);
    write_pictures(&data.join("dog"), 1);
    write_pictures(&data.join(".ipynb_checkpoints"), 1);
    write_pictures(&data.join("cat/nested"), 1);
    fs::write(data.join("cat/._0.jpg"), "no picture").unwrap();
    fs::write(data.join("cat/notes.txt"), "").unwrap();
    fs::write(data.join("cat/broken.jpg"), "no picture").unwrap();
    let mut jpeg = Vec::new();
    let picture = image::RgbImage::from_pixel(40, 50, image::Rgb([9; 3]));
    picture.write_to(&mut std::io::Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).unwrap();
    fs::write(data.join("dog/whole.jpg"), &jpeg).unwrap();
    fs::write(data.join("dog/cut.jpg"), &jpeg[..jpeg.len() / 2]).unwrap();
    fs::write(data.join("dog/photo.jpg"), b"\0\0\0\x18ftypheic\0\0\0\0").unwrap();

    let evaluation = Evaluation::run(&data, &model, 1).unwrap();
    assert_eq!(evaluation.outcomes.len(), 4);
    assert_eq!((evaluation.ignored, evaluation.nested), (1, 1));
    let unreadable: Vec<_> =
        evaluation.unreadable.iter().map(|(path, _)| path.file_name().unwrap()).collect();
    assert_eq!(unreadable, ["broken.jpg", "cut.jpg", "photo.jpg"]);
    let report = evaluation.to_string();
    assert!(report.contains("HEIC") && report.contains("broken.jpg"), "{report}");
}

#[test]
fn folders_of_numbers_are_in_numeric_order() {
    let folder = TempDir::new().unwrap();
    let mut file = ModelFile::of("resnet18", 12);
    let mut bias = [0.0; 12];
    bias[10] = 9.0;
    file.tensors.insert("fc.bias".into(), Tensor::f32(&[12], &bias));
    file.metadata.insert("reslens.input_size".into(), "32".into());
    let model = folder.path().join("model.safetensors");
    fs::write(&model, file.bytes()).unwrap();
    let data = folder.path().join("data");
    for class in 0..12 {
        write_pictures(&data.join(class.to_string()), u8::from(class == 10));
    }
    let evaluation = Evaluation::run(&data, &model, 1).unwrap();
    assert_eq!((evaluation.top1(), evaluation.order), (1.0, Some(Order::Numeric)));
    assert!(evaluation.to_string().contains("numeric order"));
}

#[test]
fn pictures_are_classified_one_by_one() {
    let folder = TempDir::new().unwrap();
    let model = write_model(folder.path());
    let data = folder.path().join("data");
    write_pictures(&data, 2);
    fs::write(data.join("notes.txt"), "no picture").unwrap();
    let classified = Classification::run(&data, &model, 5).unwrap();
    assert_eq!((classified.answers.len(), classified.unreadable.len()), (2, 1));
    let guesses = &classified.answers[0].1.predictions;
    assert_eq!((guesses.len(), guesses[0].label.as_str()), (2, "dog"));
    let csv = classified.to_csv();
    assert_eq!(csv.lines().count(), 1 + 2 * 2);
    assert!(csv.lines().nth(1).unwrap().contains("0.png,1,dog,0.88"), "{csv}");
    assert!(classified.to_text().contains("88.1 %  dog"), "{}", classified.to_text());

    let one = Classification::run(&data.join("1.png"), &model, 1).unwrap();
    assert_eq!(one.answers.len(), 1);
    for missing in ["notes.txt", "none.png"] {
        let error = Classification::run(&data.join(missing), &model, 1).err().unwrap();
        assert!(error.to_string().contains(missing), "{error}");
    }
}
