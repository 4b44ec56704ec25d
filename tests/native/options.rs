//! A call's options from arbitrary JSON: they are accepted or refused, and accepted options name only blocks that
//! exist.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reslens::arch::Architecture;
use reslens::ops::Reduction;
use reslens::session::Options;
use serde_json::{Map, Value, json};

/// Number of cases, unless `RESLENS_CASES` is set.
const CASES: u32 = 2000;

const CLASSES: usize = 10;

const KEYS: [&str; 10] =
    ["topK", "taps", "reduce", "stats", "cam", "features", "ablate", "block", "path", "channel"];

fn number() -> impl Strategy<Value = Value> {
    let odd =
        [0.0, -0.0, 1.0, 9.0, 10.0, 0.5, -1.0, 511.0, 512.0, 1e300, -1e300, 9e15, 4294967296.0];
    prop_oneof![prop::sample::select(odd.to_vec()), any::<f64>()].prop_map(|number| json!(number))
}

fn text() -> impl Strategy<Value = Value> {
    let words = [
        "all", "none", "mean-abs", "max-abs", "residual", "shortcut", "layer1.0", "layer4.1", "",
        "\u{0}é",
    ];
    prop::sample::select(words.to_vec()).prop_map(Value::from)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number(), text()];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let pairs =
            prop::collection::vec((prop::sample::select(KEYS.to_vec()), inner.clone()), 0..4);
        let object = pairs.prop_map(|pairs| {
            let pairs = pairs.into_iter().map(|(key, value)| (key.to_string(), value));
            Value::Object(pairs.collect::<Map<_, _>>())
        });
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::from), object]
    })
}

#[test]
fn any_options_are_taken_or_refused() {
    let cases = std::env::var("RESLENS_CASES").map_or(CASES, |text| text.parse().unwrap());
    let blocks = Architecture::by_name("resnet18").unwrap().blocks();
    let check = |value: Value| {
        let Ok(options) = serde_json::from_value::<Options>(value) else { return Ok(()) };
        if let Ok(top) = options.top_k(CLASSES) {
            assert!((1..=CLASSES).contains(&top), "{options:?}");
        }
        let Ok(plan) = options.plan(&blocks, CLASSES) else { return Ok(()) };
        let cut = plan.left_out.iter().map(|(block, _)| block);
        let mut named = plan.taps.iter().chain(&plan.stats).chain(cut);
        assert!(named.all(|&block| block < blocks.len()), "{options:?}");
        assert!(plan.left_out.windows(2).all(|pair| pair[0].0 < pair[1].0), "{options:?}");
        Ok(())
    };
    let config = Config { failure_persistence: None, ..Config::with_cases(cases) };
    TestRunner::new(config).run(&value(), check).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn reductions_are_known_by_their_names_and_channels_by_their_index() {
    let blocks = Architecture::by_name("resnet18").unwrap().blocks();
    let plan = |options: Value| {
        let options: Options = serde_json::from_value(options).unwrap();
        options.plan(&blocks, CLASSES).map(|plan| plan.reduction).map_err(|error| error.to_string())
    };
    for (reduce, expected) in [
        (json!("mean-abs"), Reduction::MeanAbs),
        (json!("mean"), Reduction::Mean),
        (json!("max-abs"), Reduction::MaxAbs),
        (json!({"channel": 0}), Reduction::Channel(0)),
        (json!({"channel": 63}), Reduction::Channel(63)),
    ] {
        assert_eq!(plan(json!({"taps": "all", "reduce": reduce})), Ok(expected));
    }
    assert_eq!(plan(json!({})), Ok(Reduction::MeanAbs));
    // The input of layer2.0 has only the 64 channels of layer1.
    let last =
        |channel: u32| json!({"taps": ["layer2.0", "layer2.1"], "reduce": {"channel": channel}});
    let message = "reduce: expected a channel below 64 for layer2.0, found channel 64";
    assert_eq!((plan(last(63)), plan(last(64))), (Ok(Reduction::Channel(63)), Err(message.into())));
    for (reduce, found) in [
        (json!("median"), "'median'"),
        (json!({"channel": -1}), "channel -1"),
        (json!({"channel": 1.5}), "channel 1.5"),
    ] {
        let message = plan(json!({ "reduce": reduce })).unwrap_err();
        assert!(message.ends_with(&format!("with a whole n ≥ 0, found {found}")), "{message}");
    }
}
