//! Importing checkpoints: PyTorch's two formats, safetensors, half precision, labels.
#![cfg(feature = "tools")]

use crate::common::fixture;
use crate::common::model_file::{ModelFile, Tensor};
use flate2::read::GzDecoder;
use reslens::tools::import::{Options, import};
use reslens::weights::Checkpoint;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Unpacks a fixture into a file in `folder`.
fn unpack(name: &str, folder: &TempDir) -> PathBuf {
    let mut bytes = Vec::new();
    GzDecoder::new(&fixture::read(&format!("{name}.gz"))[..]).read_to_end(&mut bytes).unwrap();
    write(folder, name, &bytes)
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn load(path: &Path) -> Checkpoint {
    Checkpoint::parse(fs::read(path).unwrap()).unwrap()
}

#[test]
fn both_formats_of_pytorch_are_read_nested_or_not() {
    let folder = TempDir::new().unwrap();
    for name in ["resnet18-legacy.pth", "resnet18-nested.pth"] {
        let output = folder.path().join("model.safetensors");
        let imported = import(&unpack(name, &folder), &output, &Options::default()).unwrap();
        assert_eq!((imported.architecture, imported.classes), ("resnet18", 10));
        let checkpoint = load(&output);
        for tensor in ["conv1.weight", "layer4.0.downsample.1.running_var", "fc.bias"] {
            let values = checkpoint.tensor(tensor).unwrap();
            let right = |(i, value): (usize, &f32)| *value == (i % 5) as f32 / 8.0;
            assert!(values.iter().enumerate().all(right), "{name}: {tensor}");
        }
    }
}

#[test]
fn the_same_model_gives_the_same_file_again() {
    let folder = TempDir::new().unwrap();
    let checkpoint = unpack("resnet18-nested.pth", &folder);
    let labels = write(&folder, "labels.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n".as_bytes());
    let [first, second] = ["1.safetensors", "2.safetensors"].map(|name| folder.path().join(name));
    let options = Options { labels: Some(&labels), ..Default::default() };
    import(&checkpoint, &first, &options).unwrap();
    assert_eq!(load(&first).metadata.labels.last().unwrap(), "j");
    import(&first, &second, &Options::default()).unwrap();
    assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap());
}

#[test]
fn half_precision_is_for_kernels_only() {
    let folder = TempDir::new().unwrap();
    let mut file = ModelFile::of("resnet18", 2);
    file.tensors.insert("fc.bias".into(), Tensor::f32(&[2], &[1e6, 1e-9]));
    let matrix: Vec<f32> = (0..1024).map(|i| i as f32 / 3.0).collect();
    file.tensors.insert("fc.weight".into(), Tensor::f32(&[2, 512], &matrix));
    let source = write(&folder, "source.safetensors", &file.bytes());
    let output = folder.path().join("half.safetensors");
    let options = Options { half: true, ..Default::default() };
    import(&source, &output, &options).unwrap();
    let checkpoint = load(&output);
    assert_eq!(checkpoint.tensor("fc.bias").unwrap(), [1e6, 1e-9]);
    for (half, exact) in checkpoint.tensor("fc.weight").unwrap().iter().zip(&matrix) {
        assert!((half - exact).abs() <= exact / 2048.0, "{half} for {exact}");
    }

    file.tensors.insert("fc.weight".into(), Tensor::f32(&[2, 512], &[7e4; 1024]));
    let source = write(&folder, "large.safetensors", &file.bytes());
    let message = import(&source, &output, &options).unwrap_err().to_string();
    assert!(message.contains("`fc.weight`: expected values up to 65504"), "{message}");
}

#[test]
fn what_cannot_be_used_is_refused_and_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    let mut missing = ModelFile::of("resnet18", 2);
    missing.tensors.remove("layer2.0.conv1.weight");
    let right = write(&folder, "right.safetensors", &ModelFile::of("resnet18", 2).bytes());
    let labels = write(&folder, "three.json", br#"["a", "b", "c"]"#);
    let broken = write(&folder, "broken.json", b"[1]");
    let none = Options::default();
    let output = folder.path().join("output.safetensors");
    for (source, options, expected) in [
        (folder.path().join("none.pth"), none.clone(), "none.pth"),
        (write(&folder, "text.pth", b"hello"), none.clone(), "text.pth"),
        (write(&folder, "text.safetensors", b"hello"), none.clone(), "at least 8 bytes"),
        (write(&folder, "missing.safetensors", &missing.bytes()), none, "`layer2.0.conv1.weight`"),
        (
            right.clone(),
            Options { labels: Some(&labels), ..Default::default() },
            "2 labels, as many as the model has outputs, found 3",
        ),
        (right, Options { labels: Some(&broken), ..Default::default() }, "broken.json"),
    ] {
        let message = import(&source, &output, &options).unwrap_err().to_string();
        assert!(message.contains(expected), "expected “{expected}” in “{message}”");
    }
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with("output")));
}

#[test]
fn a_pickle_is_never_run() {
    let folder = TempDir::new().unwrap();
    let trace = folder.path().join("trace");
    // A pickle that makes Python's unpickler run os.system("touch …/trace").
    let pickle = format!("cposix\nsystem\n(S'touch {}'\ntR.", trace.display());
    let source = write(&folder, "hostile.pth", pickle.as_bytes());
    let output = folder.path().join("output.safetensors");
    import(&source, &output, &Options::default()).unwrap_err();
    assert!(!trace.exists() && !output.exists());
}

#[test]
fn the_imported_state_dict_is_reported_and_can_be_chosen_by_prefix() {
    let folder = TempDir::new().unwrap();
    let network = ModelFile::of("resnet18", 2);
    let mut file = ModelFile::default();
    for (index, prefix) in ["student.", "teacher."].into_iter().enumerate() {
        for (name, tensor) in &network.tensors {
            file.tensors.insert(format!("{prefix}{name}"), tensor.clone());
        }
        let bias = Tensor::f32(&[2], &[index as f32; 2]);
        file.tensors.insert(format!("{prefix}fc.bias"), bias);
    }
    let source = write(&folder, "both", &file.bytes());
    let output = folder.path().join("model.safetensors");
    let message = import(&source, &output, &Options::default()).unwrap_err().to_string();
    for told in ["`student.`", "`teacher.`", "--prefix"] {
        assert!(message.contains(told), "{told} in {message}");
    }
    let options = Options { prefix: Some("teacher"), ..Default::default() };
    let imported = import(&source, &output, &options).unwrap();
    assert_eq!(imported.taken.prefix, "teacher.");
    assert_eq!(load(&output).tensor("fc.bias").unwrap(), [1.0, 1.0]);
}

#[test]
fn labels_are_read_from_beside_the_model_or_a_given_file_in_any_encoding() {
    let folder = TempDir::new().unwrap();
    let source = write(&folder, "model", &ModelFile::of("resnet18", 12).bytes());
    let expected: Vec<String> = (0..12).map(|index| format!("thing {index}")).collect();
    let output = folder.path().join("model.safetensors");
    for name in ["bom.txt", "blank_end.txt", "class_index.json", "id_to_name.json", "config.json"] {
        let labels = write(&folder, "labels", &fixture::read(&format!("field/{name}")));
        let options = Options { labels: Some(&labels), ..Default::default() };
        import(&source, &output, &options).unwrap();
        assert_eq!(load(&output).metadata.labels, expected, "{name}");
    }
    write(&folder, "config.json", &fixture::read("field/config.json"));
    let imported = import(&source, &output, &Options::default()).unwrap();
    assert_eq!(load(&output).metadata.labels, expected);
    assert!(imported.notes[0].contains("config.json"), "{:?}", imported.notes);

    let source = write(&folder, "other", &ModelFile::of("resnet18", 2).bytes());
    let imported = import(&source, &output, &Options::default()).unwrap();
    assert_eq!(load(&output).metadata.labels, ["class 0", "class 1"]);
    assert!(imported.notes[0].contains("do not fit"), "{:?}", imported.notes);
}

#[test]
fn doubles_are_converted_and_reported() {
    let folder = TempDir::new().unwrap();
    let mut file = ModelFile::of("resnet18", 2);
    let data = [0.1f64, -2.5].iter().flat_map(|value| value.to_le_bytes()).collect();
    file.tensors.insert("fc.bias".into(), Tensor { dtype: "F64", shape: vec![2], data });
    let source = write(&folder, "doubles", &file.bytes());
    let output = folder.path().join("model.safetensors");
    let imported = import(&source, &output, &Options::default()).unwrap();
    assert_eq!(load(&output).tensor("fc.bias").unwrap(), [0.1, -2.5]);
    assert!(imported.notes[0].contains("F64"), "{:?}", imported.notes);
}
