//! Between Rust's types and JavaScript's.
//!
//! Small records cross through `serde-wasm-bindgen`; maps and logits as fresh `Float32Array`s that
//! a worker can transfer.

use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::model::{BlockTap, Map, Part};
use crate::session::{Answer, Backend, Logits, ModelInfo, Options, Session};

/// What JavaScript gets, or the `Error` that it is thrown.
pub type JsResult<T> = std::result::Result<T, JsValue>;

/// `classifier.model` without the hash of its file.
pub fn model_to_js(model: &ModelInfo) -> JsResult<JsValue> {
    to_record(model)
}

/// The result of `classify`.
pub fn answer_to_js<B: Backend>(session: &Session<B>, answer: Answer) -> JsResult<Object> {
    let result = Object::new();
    set(&result, "predictions", &to_record(&answer.predictions)?);
    set(&result, "abstained", &answer.abstained.into());
    set(&result, "taps", &taps_to_js(session, answer.taps));
    set(&result, "timings", &to_record(&answer.timings)?);
    Ok(result)
}

/// The result of `logits`.
pub fn logits_to_js<B: Backend>(session: &Session<B>, Logits { logits, taps }: Logits) -> Object {
    let result = Object::new();
    set(&result, "logits", &floats_to_js(&logits));
    set(&result, "taps", &taps_to_js(session, taps));
    result
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

fn taps_to_js<B: Backend>(session: &Session<B>, taps: Option<Vec<BlockTap>>) -> JsValue {
    let Some(taps) = taps else { return JsValue::UNDEFINED };
    let to_js = |tap: &BlockTap| {
        let object = Object::new();
        set(&object, "block", &session.block_name(tap.block).into());
        for (part, map) in Part::ALL.into_iter().zip(&tap.maps) {
            set(&object, part.name(), &map_to_js(map));
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
        ("channels", map.channels as f64),
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

fn to_record<T: Serialize + ?Sized>(record: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    Ok(record.serialize(&serializer)?)
}

/// What a caller asks for; `undefined` and `null` are no wishes.
pub fn options_from_js(options: JsValue) -> JsResult<Options> {
    if options.is_undefined() || options.is_null() {
        return Ok(Options::default());
    }
    serde_wasm_bindgen::from_value(options).map_err(|error| {
        let expected = "{topK: number, taps: 'none' | 'all' | string[], reduce: string | {channel: \
                        number}, ablate: string[]}, each optional";
        error_to_js(Error::input("options", expected, error.to_string()))
    })
}

/// The bytes of `array`, if there is memory for them.
pub fn copy_bytes(array: &Uint8Array) -> Result<Vec<u8>> {
    let mut bytes = reserve(array.length() as usize, "the model file")?;
    array.copy_to(&mut bytes);
    Ok(bytes)
}

/// The values of `array`, if there is memory for them.
pub fn copy_floats(array: &Float32Array) -> Result<Vec<f32>> {
    let mut values = reserve(array.length() as usize, "the input")?;
    array.copy_to(&mut values);
    Ok(values)
}

fn reserve<T: Clone + Default>(length: usize, what: &str) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| Error::OutOfMemory {
        what: what.into(),
        needed: (length as u64 * size_of::<T>() as u64) >> 20,
    })?;
    values.resize(length, T::default());
    Ok(values)
}

/// A JavaScript `Error` with the name that the API documents.
pub fn error_to_js(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    object.set_name(error.name());
    object.into()
}
