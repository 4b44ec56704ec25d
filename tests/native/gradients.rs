//! Gradients match torch's autograd, and the identities that follow from their definitions hold.

use crate::common::close::assert_close;
use crate::common::fixture::{Fixture, path};
use crate::common::generator;
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use reslens::arch::Architecture;
use reslens::gradients::options::GradientOptions;
use reslens::gradients::probes::Probed;
use reslens::gradients::{Autograd, Gradients};
use reslens::model::{Path, ResNet};
use reslens::session::{CamOption, Options, Session};
use reslens::weights::Checkpoint;

/// Largest difference allowed, relative to the largest value of its kind.
const TOLERANCE: f32 = 1e-3;

/// The class that the fixtures differentiate: `INDEX` in tests/fixtures/gradients.py.
const INDEX: f64 = 3.0;

fn options(words: &str) -> GradientOptions {
    serde_json::from_str(words).unwrap()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("an f32 tensor in memory")
}

/// Returns the numbers of all blocks in the fixtures' order.
fn rows(gradients: &Gradients) -> Vec<f32> {
    let blocks = gradients.blocks.iter();
    blocks.flat_map(|at| [at.output, at.sum, at.via_shortcut, at.via_residual, at.input]).collect()
}

fn check(name: &str) {
    let fixture = Fixture::load(name);
    let autograd =
        Autograd::load(generator::checkpoint(fixture.architecture, fixture.classes)).unwrap();
    let image = generator::input(fixture.shape);
    for of in ["logit", "loss"] {
        let wanted = GradientOptions {
            of: Some(of.into()),
            index: Some(INDEX),
            ablate: Some(fixture.ablate.clone()),
            ..options(r#"{"weights": true, "maps": "all"}"#)
        };
        let found = autograd.gradients(&image, fixture.shape, &wanted).unwrap();
        let what = |of_what: &str| format!("{name}, {of}: {of_what}");
        let close = |of_what: &str, found: &[f32], key: &str| {
            assert_close(what(of_what), found, &fixture.tensor(key), TOLERANCE);
        };
        close("logits", &found.logits, "logits");
        close("value", &[found.value], &format!("{of}/value"));
        close("blocks", &rows(&found), &format!("{of}/blocks"));
        let weights = found.weights.unwrap();
        let of_weights: Vec<_> = weights.iter().map(|layer| layer.weight).collect();
        let of_gradients: Vec<_> = weights.iter().map(|layer| layer.gradient).collect();
        close("weights", &of_weights, "weights");
        close("gradients of weights", &of_gradients, &format!("{of}/weights"));
        assert_eq!(weights[1].name, "layer1.0.conv1");
        for map in &found.maps {
            let block = autograd.block_name(map.block);
            close(&format!("map of {block}"), &map.map.data, &format!("{of}/map/{block}"));
        }
        assert_eq!(found.maps.len(), found.blocks.len(), "{}", what("maps"));
    }
}

#[test]
fn resnet18() {
    check("resnet18-64-gradients");
}

#[test]
fn resnet18_without_some_paths() {
    check("resnet18-64-gradients-cuts");
}

#[test]
fn resnet50() {
    check("resnet50-64-gradients");
}

#[test]
fn resnet50_without_some_paths() {
    check("resnet50-64-gradients-cuts");
}

/// Runs the engine of gradients on a network with drawn weights; returns the network and its result.
fn probed(architecture: &str, left_out: &[(usize, Path)]) -> (ResNet, Probed) {
    let architecture = Architecture::by_name(architecture).unwrap();
    let checkpoint = Checkpoint::parse(generator::checkpoint(architecture, 10)).unwrap();
    let device = Device::flex().autodiff();
    let network = ResNet::load(&checkpoint, &device).unwrap().freeze();
    let shape = [1, 3, 64, 64];
    let image = Tensor::<4>::from_data(TensorData::new(generator::input(shape), shape), &device);
    let probed = Probed::forward(&network, image, left_out);
    (network, probed)
}

/// Returns the logit that the fixtures differentiate.
fn logit(probed: &Probed) -> Tensor<1> {
    let index = INDEX as usize;
    probed.logits.clone().slice([0..1, index..index + 1]).sum()
}

/// Tensors, element by element: the gradients over a block's two paths add up to the gradient that the block before it
/// receives.
#[test]
fn both_paths_add_up_to_the_whole() {
    for (architecture, left_out) in
        [("resnet18", vec![]), ("resnet50", vec![]), ("resnet18", vec![(3, Path::Shortcut)])]
    {
        let (_, probed) = probed(architecture, &left_out);
        let mut gradients = logit(&probed).backward();
        let mut before: Option<Vec<f32>> = None;
        for (index, block) in probed.blocks.into_iter().enumerate() {
            let ways = block.take(&mut gradients);
            let parts = [values(ways.via_shortcut), values(ways.via_residual)];
            if left_out.contains(&(index, Path::Shortcut)) {
                assert!(parts[0].iter().all(|value| *value == 0.0), "nothing over a cut shortcut");
            }
            if let Some(whole) = before {
                let both: Vec<f32> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
                assert_close(format!("{architecture}, block {index}"), &both, &whole, 1e-5);
            }
            before = Some(values(ways.output));
        }
    }
}

#[test]
fn the_gradient_at_the_last_block_is_torch_s_element_by_element() {
    let fixture = Fixture::load("resnet50-64-gradients");
    let (_, probed) = probed("resnet50", &[]);
    let mut gradients = logit(&probed).backward();
    let ways = probed.blocks.into_iter().last().unwrap().take(&mut gradients);
    let input = values(ways.via_shortcut + ways.via_residual);
    assert_close("last input", &input, &fixture.tensor("logit/last-input"), TOLERANCE);
}

/// Compares with central differences along a few directions at the input of the last block.
#[test]
fn differences_of_the_logit_agree_with_its_gradient() {
    let (network, probed) = probed("resnet18", &[]);
    let mut gradients = logit(&probed).backward();
    let mut blocks = probed.blocks;
    let (last, before) = (blocks.pop().unwrap(), blocks.pop().unwrap());
    let (x, ways) = (before.activation.inner(), last.take(&mut gradients));
    let gradient = values(ways.via_shortcut + ways.via_residual);
    let network = network.valid();
    let logit_at = |x: Tensor<4>| {
        let output = network.blocks[7].forward(x).output;
        f64::from(values(network.head(output))[INDEX as usize])
    };
    for name in ["one", "two", "three"] {
        let direction = generator::values(name, gradient.len(), 0.0, 1.0);
        let step =
            Tensor::<4>::from_data(TensorData::new(direction.clone(), x.dims()), &x.device());
        let length = 1e-3;
        let ahead = logit_at(x.clone() + step.clone().mul_scalar(length));
        let behind = logit_at(x.clone() - step.mul_scalar(length));
        let found = (ahead - behind) / (2.0 * length);
        let products = gradient.iter().zip(&direction);
        let expected: f64 = products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        let size = gradient.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        assert!((found - expected).abs() < 2e-2 * size, "{name}: {found}, expected {expected}");
    }
}

/// The bundled model on a sample: Grad-CAM at the last block is the exact class activation map with its negative cells
/// set to 0. (That of the loss is the same up to a factor.)
#[test]
fn grad_cam_of_the_last_block_is_the_exact_map() {
    let model = std::fs::read(path("../../models/webcam50.safetensors")).unwrap();
    let session = Session::load(model.clone()).unwrap();
    let autograd = Autograd::load(model).unwrap();
    let shape = [1, 3, 128, 128];
    let image = generator::input(shape);
    let exact = Options { cam: Some(CamOption::Top(true)), ..Options::default() };
    let exact = block_on(session.logits(&image, shape, &exact)).unwrap();
    let cam = exact.shown.cam.unwrap();
    let expected: Vec<f32> = cam.total.data.iter().map(|value| value.max(0.0)).collect();

    let last = options(r#"{"maps": ["layer4.1"]}"#);
    let found = autograd.gradients(&image, shape, &last).unwrap();
    assert_eq!(found.index, cam.class);
    assert_close("logits", &found.logits, &exact.logits, TOLERANCE);
    assert_close("Grad-CAM", &found.maps[0].map.data, &expected, TOLERANCE);
}

#[test]
fn a_picture_is_preprocessed_as_the_engine_does_it() {
    let model = generator::checkpoint(Architecture::by_name("resnet18").unwrap(), 10);
    let (session, autograd) =
        (Session::load(model.clone()).unwrap(), Autograd::load(model).unwrap());
    let rgba = generator::picture("rgba", 40 * 30 * 4);
    let picture = reslens::preprocess::Picture::Rgba { rgba: &rgba, width: 40, height: 30 };
    let (image, shape) = autograd.preprocess(picture).unwrap();
    assert_eq!(shape, [1, 3, 224, 224]);
    let of_image = block_on(session.logits(&image, shape, &Options::default())).unwrap();
    let of_picture = block_on(session.classify(picture, &Options::default())).unwrap();
    let top = &of_picture.predictions[0];
    assert_eq!(of_image.logits[top.index], top.logit);
}

#[test]
fn what_cannot_be_differentiated_is_refused_by_name() {
    let model = generator::checkpoint(Architecture::by_name("resnet18").unwrap(), 10);
    let autograd = Autograd::load(model).unwrap();
    let shape = [1, 3, 32, 32];
    let image = generator::input(shape);
    let both = r#"{"ablate": ["layer1.0", {"block": "layer1.0", "path": "shortcut"}]}"#;
    for words in [
        r#"{"of": "entropy"}"#,
        r#"{"index": 10}"#,
        r#"{"index": -1}"#,
        r#"{"index": 0.5}"#,
        r#"{"ablate": ["layer9.0"]}"#,
        r#"{"maps": ["layer9.0"]}"#,
        r#"{"maps": "some"}"#,
        both,
    ] {
        let error = autograd.gradients(&image, shape, &options(words)).unwrap_err();
        assert_eq!(error.name(), "InputInvalid", "{words}: {error}");
    }
    let plain = GradientOptions::default();
    let mut spoiled = image.clone();
    spoiled[7] = f32::NAN;
    let twice = [image.clone(), image.clone()].concat();
    for (image, shape) in [
        (&image[..], [1, 3, 32, 64]),
        (&image[..], [1, 3, 48, 32]),
        (&spoiled[..], shape),
        (&twice[..], [2, 3, 32, 32]),
    ] {
        let error = autograd.gradients(image, shape, &plain).unwrap_err();
        assert_eq!(error.name(), "InputInvalid", "{shape:?}: {error}");
    }
    assert!(autograd.gradients(&image, shape, &plain).is_ok(), "and nothing is lost");
}
