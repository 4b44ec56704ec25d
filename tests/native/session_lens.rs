//! What a session reports about the inside of a network, and how it refuses what it cannot report.

use crate::common::close::assert_close;
use crate::common::generator;
use pollster::block_on;
use reslens::arch::Architecture;
#[cfg(feature = "webgpu")]
use reslens::gpu::Gpu;
use reslens::model::Part;
use reslens::preprocess::Picture;
use reslens::session::{Backend, Options, Session, Sweep, SweepOptions, SweptBlock};
use reslens::topk::Prediction;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const SHAPE: [usize; 4] = [1, 3, 32, 64];

fn model() -> Vec<u8> {
    generator::checkpoint(Architecture::by_name("resnet18").unwrap(), 10)
}

/// Returns options from the JSON of the JavaScript API.
fn options<T: DeserializeOwned>(words: Value) -> T {
    serde_json::from_value(words).unwrap()
}

fn logits<B: Backend>(session: &Session<B>, words: Value) -> Vec<f32> {
    let images = generator::input(SHAPE);
    block_on(session.logits(&images, SHAPE, &options(words))).unwrap().logits
}

fn sweep<B: Backend>(session: &Session<B>, words: Value) -> (Sweep<B>, Vec<SweptBlock>) {
    let image = generator::input(SHAPE);
    let sweep = block_on(session.sweep_image(&image, SHAPE, &options(words))).unwrap();
    let run = |block| block_on(session.sweep_block(&sweep, block)).unwrap();
    let swept = (0..session.blocks()).map(run).collect();
    (sweep, swept)
}

/// Every run of a sweep equals the call that leaves out the same path, to the bit.
fn check_sweep<B: Backend>(session: &Session<B>, path: &str, ablate: &[Value]) {
    let (start, swept) = sweep(session, json!({ "path": path, "index": 2, "ablate": ablate }));
    assert_eq!((start.index, start.label.as_str()), (2, "class 2"));
    assert_eq!(swept.len(), 8, "ResNet-18 has eight blocks");
    let baseline = logits(session, json!({ "ablate": ablate }));
    assert_eq!(start.baseline.logit, baseline[2], "{path}: the first run");
    for (block, swept) in swept.iter().enumerate() {
        let name = session.block_name(block);
        let without = [ablate, &[json!({ "block": name, "path": path })]].concat();
        let expected = logits(session, json!({ "ablate": without }));
        assert_eq!((swept.block.as_str(), swept.logit), (name, expected[2]), "{path}");
        let most = expected.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert_eq!(expected[swept.top.index], most, "{path} of {name}: the winner");
        assert!(swept.probability <= swept.top.probability, "{path} of {name}");
    }
}

fn check_sweeps<B: Backend>(session: &Session<B>) {
    check_sweep(session, "residual", &[]);
    check_sweep(session, "shortcut", &[]);
    check_sweep(session, "residual", &[json!("layer1.0"), json!("layer3.0")]);
    let (start, _) = sweep(session, json!({}));
    let untouched = logits(session, json!({}));
    let most = untouched.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert_eq!((untouched[start.index], start.baseline.logit), (most, most), "the top class");
}

#[test]
fn a_sweep_leaves_one_path_out_of_one_block_after_the_other() {
    check_sweeps(&Session::load(model()).unwrap());
}

#[cfg(feature = "webgpu")]
#[test]
fn a_sweep_on_a_gpu_does_the_same() {
    let gpu = block_on(async { Session::load_on(Gpu::open().await.unwrap(), model()).await });
    let gpu = gpu.unwrap();
    check_sweeps(&gpu);
    let cpu = Session::load(model()).unwrap();
    let rgba = generator::picture("sweep", 4 * 50 * 40);
    let picture = Picture::Rgba { rgba: &rgba, width: 50, height: 40 };
    let first = |index: f64| SweepOptions { index: Some(index), ..SweepOptions::default() };
    let found = block_on(gpu.sweep(picture, &first(1.0))).unwrap().baseline.logit;
    let expected = block_on(cpu.sweep(picture, &first(1.0))).unwrap().baseline.logit;
    // The CPU rounds differently when it resizes.
    assert_close("a picture's logit", &[found], &[expected], 1e-2);
}

/// Returns the message of the refusal, after checking that the session still works.
#[track_caller]
fn refusal<T>(
    session: &Session<impl Backend>,
    outcome: Result<T, reslens::error::Error>,
) -> String {
    let Err(error) = outcome else { panic!("it was not refused") };
    assert_eq!(error.name(), "InputInvalid", "{error}");
    assert_eq!(logits(session, json!({})).len(), 10);
    error.to_string()
}

#[test]
fn invalid_blocks_classes_and_paths_are_refused() {
    let session = Session::load(model()).unwrap();
    for (words, expected) in [
        (json!({"stats": ["layer9.0"]}), "stats: expected blocks among layer1.0, "),
        (
            json!({"stats": "some"}),
            "stats: expected 'none', 'all' or a list of blocks, found 'some'",
        ),
        (
            json!({"cam": 10}),
            "cam: expected the index of a class, a whole number from 0 to 9, found 10",
        ),
        (json!({"cam": -1}), "found -1"),
        (json!({"cam": 1.5}), "found 1.5"),
        (
            json!({"ablate": [{"block": "layer1.0", "path": "both"}]}),
            "path 'residual' or 'shortcut', found 'both'",
        ),
        (json!({"ablate": [{"block": "stem"}]}), "ablate: expected blocks among"),
        (
            json!({"ablate": ["layer2.1", {"block": "layer2.1", "path": "shortcut"}]}),
            "ablate: expected at most one path of each block, found both paths of 'layer2.1'",
        ),
    ] {
        let images = generator::input(SHAPE);
        let outcome = block_on(session.logits(&images, SHAPE, &options(words.clone())));
        let message = refusal(&session, outcome);
        assert!(message.contains(expected), "{words}: {message}");
    }
    for (words, expected) in [
        (json!({"path": "skip"}), "path: expected the path 'residual' or 'shortcut', found 'skip'"),
        (json!({"index": 10}), "index: expected the index of a class"),
        (
            json!({"ablate": [{"block": "layer1.1", "path": "shortcut"}]}),
            "ablate: expected at most one path of each block, found both paths of 'layer1.1'",
        ),
    ] {
        let image = generator::input(SHAPE);
        let outcome = block_on(session.sweep_image(&image, SHAPE, &options(words.clone())));
        let message = refusal(&session, outcome);
        assert!(message.contains(expected), "{words}: {message}");
    }
}

#[test]
fn a_batch_has_no_statistics_no_activation_maps_and_no_sweep() {
    let session = Session::load(model()).unwrap();
    let shape = [2, 3, 32, 32];
    let images = generator::input(shape);
    for word in ["taps", "stats", "cam", "features"] {
        let is_switch = ["cam", "features"].contains(&word);
        let wanted = if is_switch { json!(true) } else { json!("all") };
        let outcome = block_on(session.logits(&images, shape, &options(json!({ word: wanted }))));
        let message = refusal(&session, outcome);
        assert_eq!(message, format!("{word}: expected a batch of one image, found 2 images"));
    }
    let outcome = block_on(session.sweep_image(&images, shape, &SweepOptions::default()));
    let message = refusal(&session, outcome);
    assert_eq!(message, "sweep: expected a batch of one image, found 2 images");
}

#[test]
fn each_image_of_a_batch_has_the_logits_that_it_has_alone() {
    let session = Session::load(model()).unwrap();
    let [_, channels, h, w] = SHAPE;
    let images = generator::input([3, channels, h, w]);
    let logits = |images: &[f32]| {
        let count = images.len() / (channels * h * w);
        block_on(session.logits(images, [count, channels, h, w], &Options::default()))
            .unwrap()
            .logits
    };
    let alone: Vec<f32> = images.chunks_exact(channels * h * w).flat_map(logits).collect();
    assert_close("logits", &logits(&images), &alone, 1e-5);
}

#[test]
fn an_answer_has_as_many_predictions_as_were_asked_for() {
    let session = Session::load(model()).unwrap();
    let rgba = generator::picture("top", 4 * 32 * 32);
    let picture = Picture::Rgba { rgba: &rgba, width: 32, height: 32 };
    let classify = |words: Value| block_on(session.classify(picture, &options(words)));
    for (words, count) in [(json!({}), 5), (json!({"topK": 1}), 1), (json!({"topK": 10}), 10)] {
        assert_eq!(classify(words).unwrap().predictions.len(), count);
    }
    for count in [0.0, 2.5, 11.0] {
        let message = refusal(&session, classify(json!({ "topK": count })));
        assert_eq!(message, format!("topK: expected a whole number from 1 to 10, found {count}"));
    }
}

/// A GPU compares its results with these, so that a result that is missing here would go unchecked.
#[test]
fn the_probe_has_every_kind_of_result() {
    let values = block_on(Session::load(model()).unwrap().probe()).unwrap();
    // Of each stage's last block, in two runs.
    let maps = Part::ALL.len() * [56, 28, 14, 7].map(|side| side * side).iter().sum::<usize>();
    let (logits, statistics, activation_maps) = (10, 4 * 6, 2 * 7 * 7);
    assert_eq!(values.len(), 2 * (logits + maps) + statistics + activation_maps);
    assert!(values.iter().all(|value| value.is_finite()));
}

#[test]
fn the_same_cut_twice_is_one_cut() {
    let session = Session::load(model()).unwrap();
    let twice =
        json!(["layer2.1", {"block": "layer2.1"}, {"block": "layer2.1", "path": "residual"}]);
    let once = json!(["layer2.1"]);
    let [twice, once] = [twice, once].map(|ablate| logits(&session, json!({ "ablate": ablate })));
    assert_eq!(twice, once);
}

#[test]
fn what_was_not_asked_for_is_not_shown() {
    let session = Session::load(model()).unwrap();
    let images = generator::input(SHAPE);
    let shown = |words: Value| {
        let options: Options = options(words);
        block_on(session.logits(&images, SHAPE, &options)).unwrap().shown
    };
    let nothing = shown(json!({"stats": "none", "cam": false}));
    assert!(nothing.taps.is_none() && nothing.stats.is_none() && nothing.cam.is_none());
    assert!(nothing.features.is_none());
    let some = shown(json!({"stats": ["layer3.0", "layer1.1"], "cam": true}));
    let blocks: Vec<_> = some.stats.unwrap().iter().map(|stats| stats.block).collect();
    assert_eq!((blocks, some.taps.is_none()), (vec![1, 4], true));
    assert_eq!(some.cam.unwrap().total.data.len(), 2);
}

/// The features in an answer are those of `embed`, to the bit, whatever else is requested.
fn check_features<B: Backend>(session: &Session<B>) {
    let rgba = generator::picture("features", 4 * 50 * 40);
    let picture = || Picture::Rgba { rgba: &rgba, width: 50, height: 40 };
    let embedding = block_on(session.embed(picture())).unwrap();
    assert_eq!(embedding.len(), session.model().features);
    for words in [json!({}), json!({"taps": "all", "stats": "all", "cam": true})] {
        let mut asked: Options = options(words);
        let without = block_on(session.classify(picture(), &asked)).unwrap();
        asked.features = Some(true);
        let with = block_on(session.classify(picture(), &asked)).unwrap();
        assert!(without.shown.features.is_none());
        assert_eq!(with.shown.features.as_ref(), Some(&embedding));
        let logits = |predictions: &[Prediction]| {
            predictions.iter().map(|each| (each.index, each.logit)).collect::<Vec<_>>()
        };
        assert_eq!(logits(&with.predictions), logits(&without.predictions));
    }
}

#[test]
fn features_come_with_an_answer() {
    check_features(&Session::load(model()).unwrap());
}

#[cfg(feature = "webgpu")]
#[test]
fn features_come_with_an_answer_of_a_gpu() {
    let session = block_on(async { Session::load_on(Gpu::open().await.unwrap(), model()).await });
    check_features(&session.unwrap());
}
