//! The only file that JavaScript sees: [`Session`] with JavaScript's types.
//!
//! Small records cross through `serde-wasm-bindgen`; maps and logits as fresh `Float32Array`s that
//! a worker can transfer.

use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::model::{BlockTap, Map, Part};
use crate::session::{Options, Session};

/// Shows a panic's message; the trap that follows only says `unreachable`.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}

/// A loaded model. After a panic the instance of the module is dead and must be replaced.
#[wasm_bindgen]
pub struct Engine {
    session: Session,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a `.safetensors` file. Throws `ModelInvalid`, `ParityFailed` or `OutOfMemory`.
    pub fn load(model: &Uint8Array) -> std::result::Result<Engine, JsValue> {
        let session = copy_bytes(model).and_then(Session::load).map_err(to_js)?;
        Ok(Engine { session })
    }

    /// What the model is: `classifier.model` without the hash of its file.
    pub fn model(&self) -> std::result::Result<JsValue, JsValue> {
        to_record(&self.session.model())
    }

    /// Classifies a picture of RGBA8 rows.
    pub fn classify(
        &self,
        rgba: &[u8],
        width: usize,
        height: usize,
        options: JsValue,
    ) -> std::result::Result<Object, JsValue> {
        let options = read_options(options)?;
        let answer = self.session.classify(rgba, width, height, &options).map_err(to_js)?;
        let result = Object::new();
        set(&result, "predictions", &to_record(&answer.predictions)?);
        set(&result, "abstained", &answer.abstained.into());
        set(&result, "taps", &self.taps_to_js(answer.taps));
        set(&result, "timings", &to_record(&answer.timings)?);
        Ok(result)
    }

    /// Logits and maps of normalised images; `shape` is `[N, 3, H, W]`.
    pub fn logits(
        &self,
        input: &Float32Array,
        shape: &[usize],
        options: JsValue,
    ) -> std::result::Result<Object, JsValue> {
        let options = read_options(options)?;
        let shape = shape.try_into().map_err(|_| {
            to_js(Error::input("shape", "four numbers", format!("{}", shape.len())))
        })?;
        let images = copy_floats(input).map_err(to_js)?;
        let (logits, taps) = self.session.logits(&images, shape, &options).map_err(to_js)?;
        let result = Object::new();
        set(&result, "logits", &Float32Array::from(logits.as_slice()));
        set(&result, "taps", &self.taps_to_js(taps));
        Ok(result)
    }

    /// The pooled features of a picture of RGBA8 rows.
    pub fn embed(
        &self,
        rgba: &[u8],
        width: usize,
        height: usize,
    ) -> std::result::Result<Float32Array, JsValue> {
        let features = self.session.embed(rgba, width, height).map_err(to_js)?;
        Ok(Float32Array::from(features.as_slice()))
    }

    fn taps_to_js(&self, taps: Option<Vec<BlockTap>>) -> JsValue {
        let Some(taps) = taps else { return JsValue::UNDEFINED };
        let to_js = |tap: &BlockTap| {
            let object = Object::new();
            set(&object, "block", &self.session.block_name(tap.block).into());
            for (part, map) in Part::ALL.into_iter().zip(&tap.maps) {
                set(&object, part.name(), &map_to_js(map));
            }
            object
        };
        taps.iter().map(to_js).collect::<Array>().into()
    }
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
    set(&object, "data", &Float32Array::from(map.data.as_slice()));
    object
}

/// Sets a property of a plain object that this file has just made, which cannot fail.
fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &key.into(), value).expect("a plain object takes any property");
}

fn to_record<T: Serialize + ?Sized>(record: &T) -> std::result::Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    Ok(record.serialize(&serializer)?)
}

fn read_options(options: JsValue) -> std::result::Result<Options, JsValue> {
    if options.is_undefined() || options.is_null() {
        return Ok(Options::default());
    }
    serde_wasm_bindgen::from_value(options).map_err(|error| {
        let expected = "{topK: number, taps: 'none' | 'all' | string[], reduce: string | {channel: \
                        number}, ablate: string[]}, each optional";
        to_js(Error::input("options", expected, error.to_string()))
    })
}

/// The bytes of `array`, if there is memory for them.
fn copy_bytes(array: &Uint8Array) -> Result<Vec<u8>> {
    let mut bytes = reserve(array.length() as usize, "the model file")?;
    array.copy_to(&mut bytes);
    Ok(bytes)
}

/// The values of `array`, if there is memory for them.
fn copy_floats(array: &Float32Array) -> Result<Vec<f32>> {
    let mut values = reserve(array.length() as usize, "the input")?;
    array.copy_to(&mut values);
    Ok(values)
}

fn reserve<T: Clone + Default>(length: usize, what: &str) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| Error::OutOfMemory {
        what: what.into(),
        needed: (length * size_of::<T>()) >> 20,
    })?;
    values.resize(length, T::default());
    Ok(values)
}

/// A JavaScript `Error` with the name that the API documents.
fn to_js(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    object.set_name(error.name());
    object.into()
}
