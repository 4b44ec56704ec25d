//! The lab: its gradients match torch's, theoretical identities hold up to rounding, and its presets do what their
//! descriptions say.

use std::rc::Rc;

use crate::common::close::assert_close;
use crate::common::fixture::path;
use burn::tensor::{Device, Gradients, Tensor};
use reslens::lab::data::{CLASSES, Digits, TEST, TRAIN};
use reslens::lab::forward::{Forward, Kernels, Statistics, Trace, Weights};
use reslens::lab::measure::norm;
use reslens::lab::network::Network;
use reslens::lab::presets::{Norm, PRESETS};
use reslens::lab::settings::{Plan, Settings};
use reslens::lab::train::{Session, Step, cross_entropy, images};
use reslens::lab::trained::{Deletion, Ledger, Question, Test};
use serde::Deserialize;

fn digits() -> Rc<Digits> {
    let file = std::fs::read(path("../../www/lab/digits.bin")).unwrap();
    Rc::new(Digits::parse(&file).unwrap())
}

fn settings(words: &str) -> Settings {
    serde_json::from_str(words).unwrap()
}

fn plan(words: &str) -> Plan {
    settings(words).check().unwrap()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("an f32 tensor in memory")
}

/// Number of pictures in the fixtures' batch.
const PICTURES: usize = 32;

/// Returns the loss and gradients of the first pictures, with the batch's statistics.
fn differentiate(network: &Network, kernels: Kernels) -> (f32, Weights, Gradients) {
    let device = Device::flex().autodiff();
    let batch = digits().train(&(0..PICTURES).collect::<Vec<_>>());
    let weights = network.weights(&device).tracked();
    let forward = Forward {
        recipe: &network.recipe,
        weights: &weights,
        statistics: Statistics::Batch,
        kernels,
    };
    let logits = forward.logits(images(&batch, &device), &mut Trace::default());
    let loss = cross_entropy(logits, &batch.labels);
    let gradients = loss.backward();
    (values(loss.inner())[0], weights, gradients)
}

/// Returns ∂L/∂W of every convolution.
fn of_convolutions(weights: &Weights, gradients: &Gradients) -> Vec<Vec<f32>> {
    let layers = weights.layers.iter();
    layers.map(|layer| values(layer.weight.grad(gradients).unwrap())).collect()
}

/// An entry of tests/fixtures/lab.json.
#[derive(Deserialize)]
struct Expected {
    depth: usize,
    skip: bool,
    norm: Norm,
    activation: String,
    place: String,
    init: f64,
    seed: u32,
    loss: f32,
    norms: Vec<f32>,
    gradients: std::collections::BTreeMap<usize, Vec<f32>>,
}

/// The fixtures' gradients come from torch in double precision; deeper networks accumulate more rounding.
#[test]
fn gradients_are_torch_s() {
    let text = std::fs::read_to_string(path("lab.json")).unwrap();
    for expected in serde_json::from_str::<Vec<Expected>>(&text).unwrap() {
        let Expected { depth, skip, init, seed, .. } = expected;
        let words = serde_json::json!({
            "depth": depth, "skip": skip, "norm": expected.norm, "activation": expected.activation,
            "place": expected.place, "init": init, "seed": seed,
        });
        let network = Network::new(&plan(&words.to_string()));
        let (loss, weights, gradients) = differentiate(&network, Kernels::Own);
        let what = |of: &str| format!("{depth} layers, skip {skip}, {}: {of}", expected.activation);
        let tolerance = if depth > 100 { 1e-3 } else { 1e-4 };
        assert_close(what("loss"), &[loss], &[expected.loss], tolerance);
        let found = of_convolutions(&weights, &gradients);
        for (layer, (found, expected)) in found.iter().zip(&expected.norms).enumerate() {
            assert_close(
                what(&format!("norm {layer}")),
                &[norm(found) as f32],
                &[*expected],
                tolerance,
            );
        }
        for (layer, expected) in &expected.gradients {
            assert_close(what(&format!("layer {layer}")), &found[*layer], expected, tolerance);
        }
    }
}

/// The lab's operations match Burn's own, forward and backward.
#[test]
fn gradients_are_those_of_burn_s_own_operations() {
    for words in [r#"{"depth": 10, "width": 5}"#, r#"{"preset": "vanishing", "depth": 8}"#] {
        let network = Network::new(&plan(words));
        let [own, stock] = [Kernels::Own, Kernels::Stock].map(|kernels| {
            let (loss, weights, gradients) = differentiate(&network, kernels);
            (loss, weights.gradients(&gradients))
        });
        assert_close("loss", &[own.0], &[stock.0], 1e-5);
        for (at, (own, stock)) in own.1.iter().zip(&stock.1).enumerate() {
            assert_close(format!("{words}: parameter {at}"), own, stock, 1e-4);
        }
    }
}

/// Compares with central differences of the loss along a direction of the last convolution's weights.
#[test]
fn differences_of_the_loss_agree_with_its_gradient() {
    let mut network = Network::new(&plan(r#"{"preset": "vanishing", "depth": 8}"#));
    let (_, weights, gradients) = differentiate(&network, Kernels::Own);
    let gradient = of_convolutions(&weights, &gradients).pop().unwrap();
    let last = network.layers.len() - 1;
    let whole = network.layers[last].weight.values.clone();
    let length = 1e-2;
    let mut loss_at = |sign: f32| {
        let moved = whole.iter().zip(&gradient);
        let scale = sign * length / norm(&gradient) as f32;
        network.layers[last].weight.values = moved.map(|(w, slope)| w + scale * slope).collect();
        differentiate(&network, Kernels::Own).0
    };
    let found = f64::from(loss_at(1.0) - loss_at(-1.0)) / (2.0 * f64::from(length));
    let expected = norm(&gradient);
    assert!((found - expected).abs() < 1e-2 * expected, "{found}, expected {expected}");
}

fn products(network: &Network) -> Vec<[f64; 2]> {
    let (_, weights, gradients) = differentiate(network, Kernels::Own);
    let found = of_convolutions(&weights, &gradients);
    let both = network.layers.iter().zip(&found);
    both.map(|(layer, gradient)| {
        let pairs = layer.weight.values.iter().zip(gradient);
        let product = pairs.map(|(w, slope)| f64::from(*w) * f64::from(*slope)).sum();
        [product, norm(&layer.weight.values) * norm(gradient)]
    })
    .collect()
}

/// By Euler's theorem: without norms and biases, a plain network with ReLU is homogeneous in the weights of each layer,
/// with the same degree.
#[test]
fn weights_times_gradients_are_the_same_in_every_layer_of_a_plain_relu_network() {
    let words = r#"{"depth": 20, "skip": false, "norm": "none", "init": 1.4}"#;
    let products = products(&Network::new(&plan(words)));
    let [first, _] = products[0];
    for (layer, [product, _]) in products.iter().enumerate() {
        assert!((product - first).abs() < 1e-3 * first.abs(), "{layer}: {product}, first {first}");
    }
}

/// Before a batch norm the scale of the weights has no effect, so the gradient is orthogonal to them.
#[test]
fn weights_times_gradients_are_zero_before_a_batch_norm() {
    let products = products(&Network::new(&plan(r#"{"depth": 20}"#)));
    for (layer, [product, size]) in products.iter().enumerate() {
        assert!(product.abs() < 1e-3 * size, "{layer}: {product} of {size}");
    }
}

/// Makes `steps` steps and measures the last one.
fn train(words: &str, steps: usize) -> (Session, Vec<Step>) {
    let mut session = Session::new(plan(words), digits()).unwrap();
    let steps = (1..=steps).map(|step| session.step(step == steps)).collect();
    (session, steps)
}

fn mean_loss(steps: &[Step]) -> f32 {
    steps.iter().map(|step| step.loss).sum::<f32>() / steps.len() as f32
}

#[test]
fn a_shallow_network_learns_with_and_without_skips() {
    for skip in [true, false] {
        let (session, steps) = train(&format!(r#"{{"skip": {skip}}}"#), 264);
        let (first, last) = (mean_loss(&steps[..4]), mean_loss(&steps[254..]));
        assert!(last < 0.5 * first, "skip {skip}: {first}, then {last}");
        let mut test = Test::new(session.trained());
        while test.advance() < test.total() {}
        assert!(test.answer().test_accuracy > 0.5, "skip {skip}: {:?}", test.answer());
    }
}

/// Plain with sigmoids: the first layers hardly change a bit. With skips every weight changes, and the network learns.
#[test]
fn the_first_layers_of_a_vanishing_network_keep_their_bits() {
    let (_, plain) = train(r#"{"preset": "vanishing", "skip": false}"#, 200);
    let (_, residual) = train(r#"{"preset": "vanishing"}"#, 200);
    let changed = |steps: &[Step]| steps[199].layers.clone().unwrap().changed;
    assert!(changed(&plain)[..3].iter().all(|share| *share < 0.05), "{:?}", changed(&plain));
    assert!(changed(&plain)[18] > 0.99, "{:?}", changed(&plain));
    assert!(changed(&residual).iter().all(|share| *share > 0.9), "{:?}", changed(&residual));
    let [of_plain, of_residual] = [&plain, &residual].map(|steps| mean_loss(&steps[190..]));
    assert!(of_residual < 0.8 * of_plain, "{of_residual}, plain {of_plain}");
}

/// The paper's finding for networks with batch norms: gradients explode toward the input without skips, but not with
/// them.
#[test]
fn gradients_of_a_deep_plain_network_grow_toward_the_input() {
    let first_step = |skip: bool| {
        let (_, steps) = train(&format!(r#"{{"preset": "deep", "skip": {skip}}}"#), 1);
        let gradient = steps[0].layers.clone().unwrap().gradient;
        gradient[0] / gradient[gradient.len() - 1]
    };
    let (plain, residual) = (first_step(false), first_step(true));
    assert!(plain > 1e2 && residual < 1e2, "plain {plain}, residual {residual}");
}

#[test]
fn the_same_settings_give_the_same_bits() {
    let words = r#"{"depth": 10, "seed": 7}"#;
    let bits = |session: &Session| -> Vec<u32> {
        let layers = session.network().layers.iter();
        layers.flat_map(|layer| layer.weight.values.iter().map(|value| value.to_bits())).collect()
    };
    let (first, second) = (train(words, 46).0, train(words, 46).0);
    assert_eq!(bits(&first), bits(&second));
    let other = train(r#"{"depth": 10, "seed": 8}"#, 1).0;
    assert_ne!(bits(&first), bits(&other));
    let drawn = |skip: bool| Network::new(&plan(&format!(r#"{{"skip": {skip}}}"#)));
    for (a, b) in drawn(true).layers.iter().zip(&drawn(false).layers) {
        assert_eq!(a.weight.values, b.weight.values, "twins start alike");
    }
}

/// Measuring only observes: it changes no bit.
#[test]
fn a_measured_step_is_the_step_itself() {
    let made = |measure: bool| {
        let mut session = Session::new(plan("{}"), digits()).unwrap();
        let losses: Vec<f32> = (0..3).map(|_| session.step(measure).loss).collect();
        (losses, session.network().layers[3].weight.values.clone())
    };
    assert_eq!(made(true), made(false));
}

#[test]
fn measures_describe_the_step_that_was_made() {
    let (session, steps) = train(r#"{"preset": "cracks"}"#, 2);
    let layers = steps[1].layers.clone().unwrap();
    let convolutions = session.plan().recipe.convs();
    assert_eq!(convolutions, 19);
    let rows = [&layers.gradient, &layers.update, &layers.activation, &layers.backward];
    for row in rows.into_iter().chain([&layers.changed]) {
        assert_eq!(row.len(), convolutions);
        assert!(row.iter().all(|value| value.is_finite() && *value > 0.0), "{row:?}");
    }
    for (layer, of) in session.network().layers.iter().enumerate() {
        let gradient = norm(&of.weight.gradient) as f32;
        assert_eq!(layers.gradient[layer], gradient);
        let update = steps[1].rate * gradient / norm(&of.weight.before) as f32;
        assert_close(format!("update {layer}"), &[layers.update[layer]], &[update], 1e-5);
    }
}

#[test]
fn one_weight_can_be_followed() {
    let (session, steps) = train(r#"{"depth": 8, "decay": 0.01}"#, 3);
    let followed = session.follow(3.0, 17.0).unwrap();
    assert_eq!((followed.step, followed.rate), (3, steps[2].rate));
    let slope = followed.gradient + followed.decay + followed.momentum;
    assert_close("after", &[followed.after], &[followed.before - followed.rate * slope], 1e-6);
    assert!(followed.momentum != 0.0 && followed.decay != 0.0, "{followed:?}");
    let fresh = Session::new(plan("{}"), digits()).unwrap();
    for refused in [
        session.follow(7.0, 0.0),
        session.follow(-1.0, 0.0),
        session.follow(0.5, 0.0),
        session.follow(0.0, 288.0),
        session.follow(f64::NAN, 0.0),
        fresh.follow(0.0, 0.0),
    ] {
        assert_eq!(refused.unwrap_err().name(), "InputInvalid");
    }
}

#[test]
fn deletion_and_ledger_cover_the_whole_test_set() {
    let (session, _) = train(r#"{"depth": 8}"#, 60);
    let mut deletion = Deletion::new(session.trained());
    while deletion.advance() < deletion.total() {}
    let mut ledger = Ledger::new(session.trained());
    while ledger.advance() < ledger.total() {}
    let (deleted, rows) = (deletion.answer(), ledger.answer());
    assert_eq!((deleted.len(), rows.len()), (3, 3));
    for (block, (deleted, row)) in deleted.iter().zip(&rows).enumerate() {
        assert_eq!((deleted.block, row.block), (block, block));
        let pictures = deleted.test_accuracy * TEST as f32;
        assert!((pictures - pictures.round()).abs() < 1e-3, "{deleted:?}");
        assert!(row.ratio.unwrap() > 0.0 && row.cosine.unwrap().abs() <= 1.0, "{row:?}");
        assert!((0.0..1.0).contains(&row.clipped.unwrap()), "{row:?}");
    }

    // Removes the last block by hand.
    let mut shorter = session.network().clone();
    shorter.layers.truncate(5);
    shorter.recipe.depth = 6;
    let mut test = Test::new(reslens::lab::trained::Trained::new(&shorter, digits()));
    while test.advance() < test.total() {}
    assert_eq!(test.answer().test_accuracy, deleted[2].test_accuracy);

    let (plain, _) = train(r#"{"preset": "vanishing", "depth": 8, "skip": false}"#, 1);
    let mut ledger = Ledger::new(plain.trained());
    while ledger.advance() < ledger.total() {}
    let row = ledger.answer()[0];
    assert_eq!((row.ratio, row.cosine, row.clipped), (None, None, None));
}

#[test]
fn settings_out_of_range_are_refused_with_the_range() {
    for (words, range) in [
        (r#"{"preset": "nope"}"#, "'shallow', 'cracks'"),
        (r#"{"depth": 7}"#, "from 8 to 200"),
        (r#"{"depth": 202}"#, "from 8 to 200"),
        (r#"{"depth": 21}"#, "an even number"),
        (r#"{"width": 3}"#, "from 4 to 16"),
        (r#"{"width": 8.5}"#, "from 4 to 16"),
        (r#"{"batch": 7}"#, "from 8 to 128"),
        (r#"{"epochs": 0}"#, "from 1 to 100"),
        (r#"{"rate": 0}"#, "from 0.000001 to 10"),
        (r#"{"momentum": 1}"#, "from 0 to 0.999"),
        (r#"{"seed": -1}"#, "from 0 to 4294967295"),
        (r#"{"seed": 4294967296}"#, "from 0 to 4294967295"),
    ] {
        let error = settings(words).check().unwrap_err();
        assert_eq!(error.name(), "InputInvalid", "{words}");
        assert!(error.to_string().contains(range), "{words}: {error}");
    }
    assert!(settings(r#"{"rate": 1e-6}"#).check().is_ok());
    for words in [r#"{"norm": "layer"}"#, r#"{"depht": 8}"#, r#"{"skip": 1}"#] {
        assert!(serde_json::from_str::<Settings>(words).is_err(), "{words}");
    }
    for preset in PRESETS {
        let words = serde_json::json!({ "preset": preset.name });
        assert_eq!(plan(&words.to_string()).recipe, preset.recipe);
    }
}

#[test]
fn the_digits_are_whole() {
    let file = std::fs::read(path("../../www/lab/digits.bin")).unwrap();
    let digits = Digits::parse(&file).unwrap();
    let all = [digits.train(&(0..TRAIN).collect::<Vec<_>>()).labels, digits.test(0..TEST).labels];
    let count =
        |class: usize| all.iter().flatten().filter(|label| usize::from(**label) == class).count();
    assert_eq!(
        std::array::from_fn::<usize, CLASSES, _>(count),
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    );
    let spoilt = |at: usize, byte: u8| {
        let mut file = file.clone();
        file[at] = byte;
        file
    };
    for file in [&file[1..], &spoilt(7, 17), &spoilt(file.len() - 1, 10), b"<!doctype html>"] {
        assert_eq!(Digits::parse(file).unwrap_err().name(), "InputInvalid");
    }
}
