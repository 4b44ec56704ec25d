//! Conversion between Rust's types and JavaScript's.
//!
//! Small records cross through `serde-wasm-bindgen`; maps and logits as fresh `Float32Array`s that
//! a worker can transfer.

use js_sys::{Float32Array, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::memory::{JsResult, error_to_js, reserve};
use crate::error::{Error, Result};
use crate::model::Map;

/// Returns a copy that JavaScript owns.
pub fn floats_to_js(values: &[f32]) -> Float32Array {
    Float32Array::from(values)
}

/// `[N, 3, H, W]`.
pub fn shape_from_js(shape: &[usize]) -> JsResult<[usize; 4]> {
    shape
        .try_into()
        .map_err(|_| error_to_js(Error::input("shape", "four numbers", format!("{}", shape.len()))))
}

/// Returns a map of numbers.
pub fn map_to_js(map: &Map) -> Object {
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

/// Sets a property of a plain object made in this file, which cannot fail.
pub fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &key.into(), value).expect("a plain object takes any property");
}

/// Returns a record of numbers, strings and other records.
pub fn to_record<T: Serialize + ?Sized>(record: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    Ok(record.serialize(&serializer)?)
}

/// Reads a caller's options of the shape `expected`; `undefined` and `null` mean the defaults.
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

/// Returns the values of `array`, if there is memory for them.
pub fn copy_floats(array: &Float32Array) -> Result<Vec<f32>> {
    let mut values = reserve(array.length() as usize, "the input")?;
    array.copy_to(&mut values);
    Ok(values)
}
