//! Between Rust's types and JavaScript's.
//!
//! Small records cross through `serde-wasm-bindgen`; maps and logits as fresh `Float32Array`s that
//! a worker can transfer.

use std::borrow::Cow;
use std::ops::Range;

use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::memory::{JsResult, copy_bytes, error_to_js, reserve};
use crate::error::{Error, Result};
use crate::model::{BlockStats, BlockTap, Cam, Map, Part};
use crate::session::{Answer, Backend, Logits, ModelInfo, Session, Shown, Sweep};
use crate::weights::bytes::ModelBytes;

/// A model file that stays in JavaScript's memory, which unlike wasm's gets smaller again. What is read of it is
/// copied.
pub struct JsFile(pub Uint8Array);

impl ModelBytes for JsFile {
    fn length(&self) -> usize {
        self.0.length() as usize
    }

    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        self.0.subarray(range.start as u32, range.end as u32).to_vec().into()
    }
}

/// `classifier.model` without the hash of its file.
pub fn model_to_js(model: &ModelInfo) -> JsResult<JsValue> {
    to_record(model)
}

/// The result of `classify`.
pub fn answer_to_js<B: Backend>(session: &Session<B>, answer: Answer) -> JsResult<Object> {
    let result = Object::new();
    set(&result, "predictions", &to_record(&answer.predictions)?);
    set(&result, "abstained", &answer.abstained.into());
    set_shown(&result, session, answer.shown);
    set(&result, "timings", &to_record(&answer.timings)?);
    Ok(result)
}

/// The result of `logits`.
pub fn logits_to_js<B: Backend>(session: &Session<B>, Logits { logits, shown }: Logits) -> Object {
    let result = Object::new();
    set(&result, "logits", &floats_to_js(&logits));
    set_shown(&result, session, shown);
    result
}

/// The result of `sweep` as its first run leaves it: without blocks.
pub fn sweep_to_js<B: Backend>(sweep: &Sweep<B>) -> JsResult<Object> {
    let result = Object::new();
    set(&result, "index", &(sweep.index as f64).into());
    set(&result, "label", &sweep.label.as_str().into());
    set(&result, "path", &sweep.path.name().into());
    set(&result, "baseline", &to_record(&sweep.baseline)?);
    Ok(result)
}

/// A copy that JavaScript owns.
pub fn floats_to_js(values: &[f32]) -> Float32Array {
    Float32Array::from(values)
}

/// `[N, 3, H, W]`.
pub fn shape_from_js(shape: &[usize]) -> JsResult<[usize; 4]> {
    shape
        .try_into()
        .map_err(|_| error_to_js(Error::input("shape", "four numbers", format!("{}", shape.len()))))
}

/// Sets what was asked for of the network's inside; the rest is `undefined`.
fn set_shown<B: Backend>(result: &Object, session: &Session<B>, shown: Shown) {
    let Shown { taps, stats, cam, features } = shown;
    let or_undefined = |value: Option<JsValue>| value.unwrap_or(JsValue::UNDEFINED);
    set(result, "taps", &or_undefined(taps.map(|taps| taps_to_js(session, &taps))));
    set(result, "stats", &or_undefined(stats.map(|stats| stats_to_js(session, &stats))));
    set(result, "cam", &or_undefined(cam.map(|cam| cam_to_js(session, &cam).into())));
    set(result, "features", &or_undefined(features.map(|values| floats_to_js(&values).into())));
}

fn stats_to_js<B: Backend>(session: &Session<B>, stats: &[BlockStats]) -> JsValue {
    let to_js = |stats: &BlockStats| {
        let object = Object::new();
        let [ratio, cosine] = [stats.ratio, stats.cosine]
            .map(|value| value.map_or(JsValue::NULL, |value| f64::from(value).into()));
        set(&object, "block", &session.block_name(stats.block).into());
        set(&object, "shortcut", &stats.shortcut.into());
        set(&object, "residual", &stats.residual.into());
        set(&object, "sum", &stats.sum.into());
        set(&object, "output", &stats.output.into());
        set(&object, "ratio", &ratio);
        set(&object, "cosine", &cosine);
        set(&object, "clipped", &stats.clipped.into());
        object
    };
    stats.iter().map(to_js).collect::<Array>().into()
}

fn cam_to_js<B: Backend>(session: &Session<B>, cam: &Cam) -> Object {
    let object = Object::new();
    set(&object, "index", &(cam.class as f64).into());
    set(&object, "label", &session.label(cam.class).into());
    set(&object, "logit", &cam.logit.into());
    set(&object, "bias", &cam.bias.into());
    for (key, map) in
        [("total", &cam.total), ("shortcut", &cam.shortcut), ("residual", &cam.residual)]
    {
        set(&object, key, &map_to_js(map));
    }
    object
}

fn taps_to_js<B: Backend>(session: &Session<B>, taps: &[BlockTap]) -> JsValue {
    let to_js = |tap: &BlockTap| {
        let object = Object::new();
        set(&object, "block", &session.block_name(tap.block).into());
        for (part, map) in Part::ALL.into_iter().zip(&tap.maps) {
            let map_object = map_to_js(map);
            set(&map_object, "channels", &(map.channels as f64).into());
            set(&object, part.name(), &map_object);
        }
        object
    };
    taps.iter().map(to_js).collect::<Array>().into()
}

fn map_to_js(map: &Map) -> Object {
    let object = Object::new();
    for (key, value) in [
        ("height", map.height as f64),
        ("width", map.width as f64),
        ("min", map.min.into()),
        ("max", map.max.into()),
    ] {
        set(&object, key, &value.into());
    }
    set(&object, "data", &floats_to_js(&map.data));
    object
}

/// Sets a property of a plain object that this file has just made, which cannot fail.
fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &key.into(), value).expect("a plain object takes any property");
}

/// A record of numbers, texts and other records.
pub fn to_record<T: Serialize + ?Sized>(record: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    Ok(record.serialize(&serializer)?)
}

/// What the options of `classify` and `logits` look like.
pub const OPTIONS: &str = "{topK: number, taps: 'none' | 'all' | string[], reduce: string | {channel: \
                           number}, stats: 'none' | 'all' | string[], cam: boolean | number, features: \
                           boolean, ablate: (string | {block: string, path: string})[]}, each optional";

/// What the options of `sweep` look like.
pub const SWEEP_OPTIONS: &str = "{path: string, index: number, ablate: (string | {block: string, path: \
                                 string})[]}, each optional";

/// What a caller asks for, in options that look as `expected` says; `undefined` and `null` are no wishes.
pub fn options_from_js<T: Default + DeserializeOwned>(
    options: JsValue,
    expected: &str,
) -> JsResult<T> {
    if options.is_undefined() || options.is_null() {
        return Ok(T::default());
    }
    serde_wasm_bindgen::from_value(options)
        .map_err(|error| error_to_js(Error::input("options", expected, error.to_string())))
}

/// The values of `array`, if there is memory for them.
pub fn copy_floats(array: &Float32Array) -> Result<Vec<f32>> {
    let mut values = reserve(array.length() as usize, "the input")?;
    array.copy_to(&mut values);
    Ok(values)
}

/// Gives the classes of a session the names in a file's bytes, if there is one.
pub fn relabel<B: Backend>(
    mut session: Session<B>,
    file: Option<Uint8Array>,
) -> Result<Session<B>> {
    if let Some(file) = file {
        session.set_labels(&copy_bytes(&file)?)?;
    }
    Ok(session)
}
