//! The engine of the CPU's wasm files. The session's futures are ready as soon as they are made.

use js_sys::{Float32Array, Object, Uint8Array};
use pollster::block_on;
use wasm_bindgen::prelude::*;

use super::convert::{
    JsResult, answer_to_js, copy_bytes, copy_floats, error_to_js, floats_to_js, logits_to_js,
    model_to_js, options_from_js, shape_from_js,
};
use crate::preprocess::Picture;
use crate::session::{Cpu, Session};

/// A loaded model. After a panic the instance of the module is dead and must be replaced.
#[wasm_bindgen]
pub struct Engine {
    session: Session<Cpu>,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a `.safetensors` file. Throws `ModelInvalid`, `ParityFailed` or `OutOfMemory`.
    pub fn load(model: &Uint8Array) -> JsResult<Engine> {
        let session = copy_bytes(model).and_then(Session::load).map_err(error_to_js)?;
        Ok(Engine { session })
    }

    /// What the model is: `classifier.model` without the hash of its file.
    pub fn model(&self) -> JsResult<JsValue> {
        model_to_js(&self.session.model())
    }

    /// Classifies a picture of RGBA8 rows.
    pub fn classify(
        &self,
        rgba: &[u8],
        width: usize,
        height: usize,
        options: JsValue,
    ) -> JsResult<Object> {
        let options = options_from_js(options)?;
        let picture = Picture::Rgba { rgba, width, height };
        let answer = block_on(self.session.classify(picture, &options));
        answer_to_js(&self.session, answer.map_err(error_to_js)?)
    }

    /// Logits and maps of normalised images; `shape` is `[N, 3, H, W]`.
    pub fn logits(
        &self,
        input: &Float32Array,
        shape: &[usize],
        options: JsValue,
    ) -> JsResult<Object> {
        let (options, shape) = (options_from_js(options)?, shape_from_js(shape)?);
        let images = copy_floats(input).map_err(error_to_js)?;
        let outputs = block_on(self.session.logits(&images, shape, &options));
        Ok(logits_to_js(&self.session, outputs.map_err(error_to_js)?))
    }

    /// The pooled features of a picture of RGBA8 rows.
    pub fn embed(&self, rgba: &[u8], width: usize, height: usize) -> JsResult<Float32Array> {
        let picture = Picture::Rgba { rgba, width, height };
        let features = block_on(self.session.embed(picture)).map_err(error_to_js)?;
        Ok(floats_to_js(&features))
    }

    /// What the GPU's engine has to give for the probe, too.
    pub fn probe(&self) -> JsResult<Float32Array> {
        let values = block_on(self.session.probe()).map_err(error_to_js)?;
        Ok(floats_to_js(&values))
    }
}
