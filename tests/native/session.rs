//! Answers of a session, and the images and labels that it refuses.

use crate::common::generator;
use crate::common::model_file::{ModelFile, Tensor};
use pollster::block_on;
use reslens::arch::{Architecture, TensorRole};
use reslens::preprocess::Picture;
use reslens::session::{Cpu, Options, Session, SweepOptions};
use serde_json::json;

fn session() -> Session<Cpu> {
    Session::load(generator::checkpoint(Architecture::by_name("resnet18").unwrap(), 10)).unwrap()
}

#[test]
fn classes_can_be_renamed() {
    let mut session = session();
    let names = |count: usize| (0..count).map(|index| format!("new {index}")).collect::<Vec<_>>();
    session.set_labels(json!(names(10)).to_string().as_bytes()).unwrap();
    for count in [9, 11] {
        let error = session.set_labels(json!(names(count)).to_string().as_bytes()).unwrap_err();
        let expected =
            format!("labels: expected 10, as many as the model has classes, found {count}");
        assert_eq!((error.name(), error.to_string()), ("InputInvalid", expected));
    }
    assert_eq!((session.model().labels, session.label(3)), (names(10), "new 3"));
}

#[test]
fn an_answer_abstains_below_the_models_threshold() {
    let picture = Picture::Rgba { rgba: &[100; 4 * 32 * 32], width: 32, height: 32 };
    // All weights are 0, so each of two classes has the probability 0.5.
    for (threshold, abstained) in [(None, false), (Some("0.5"), false), (Some("0.51"), true)] {
        let mut file = ModelFile::of("resnet18", 2);
        file.metadata.insert("reslens.input_size".into(), "32".into());
        file.metadata.extend(threshold.map(|value| ("reslens.abstain_below".into(), value.into())));
        let session = Session::load(file.bytes()).unwrap();
        let answer = block_on(session.classify(picture, &Options::default())).unwrap();
        assert_eq!(answer.predictions[0].probability, 0.5);
        assert_eq!(answer.abstained, abstained, "{threshold:?}");
    }
}

#[test]
fn images_of_wrong_shapes_and_values_are_refused() {
    let session = session();
    let refusal = |images: &[f32], shape: [usize; 4]| {
        let error = block_on(session.logits(images, shape, &Options::default())).unwrap_err();
        assert_eq!(error.name(), "InputInvalid");
        error.to_string()
    };
    for shape in [[0, 3, 32, 32], [1, 1, 32, 32], [1, 3, 48, 32], [1, 3, 32, 48]] {
        let message = refusal(&vec![0.0; shape.iter().product()], shape);
        assert!(message.starts_with("shape: expected [N, 3, H, W] with N ≥ 1"), "{message}");
        assert!(message.ends_with(&format!("found {shape:?}")), "{message}");
    }
    let mut image = vec![0.0; 3 * 32 * 32];
    for shape in [[2, 3, 32, 32], [usize::MAX, 3, 32, 32]] {
        let expected = format!("input: expected {} × 3 × 32 × 32 values, found 3072", shape[0]);
        assert_eq!(refusal(&image, shape), expected);
    }
    image[7] = f32::INFINITY;
    let expected = "input: expected finite values, found inf at index 7";
    assert_eq!(refusal(&image, [1, 3, 32, 32]), expected);
}

/// Values are finite in the file and in the image, and their product is not.
#[test]
fn logits_that_overflow_are_an_error() {
    let architecture = Architecture::by_name("resnet18").unwrap();
    let mut file = ModelFile::of("resnet18", 10);
    for spec in architecture.tensors(10).iter().filter(|spec| spec.role != TensorRole::Counter) {
        let mut values = generator::tensor(architecture, spec);
        if spec.name == "fc.weight" {
            values.iter_mut().for_each(|weight| *weight *= 1e20);
        }
        file.tensors.insert(spec.name.clone(), Tensor::f32(&spec.shape, &values));
    }
    let session = Session::load(file.bytes()).unwrap();
    let sweep = |value: f32| {
        let image = vec![value; 3 * 32 * 32];
        let options = SweepOptions::default();
        block_on(session.sweep_image(&image, [1, 3, 32, 32], &options)).map(drop)
    };
    sweep(1.0).unwrap();
    let error = sweep(1e20).unwrap_err();
    assert_eq!(error.name(), "ModelInvalid");
    assert!(error.to_string().contains("expected finite logits"), "{error}");
}
