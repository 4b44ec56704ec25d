//! The engine of the CPU's wasm files. The session's futures are ready as soon as they are made.

use std::rc::Rc;

use js_sys::{Float32Array, Object, Uint8Array};
use pollster::block_on;
use wasm_bindgen::prelude::*;

use super::answers::{
    OPTIONS, SWEEP_OPTIONS, answer_to_js, logits_to_js, model_to_js, relabel, sweep_to_js,
};
use super::convert::{copy_floats, floats_to_js, options_from_js, shape_from_js, to_record};
use super::js_file::JsFile;
use super::memory::{JsResult, error_to_js};
use crate::preprocess::Picture;
use crate::session::{self, Cpu, Session, Unchecked};

/// A loaded model whose results have not been checked yet.
#[wasm_bindgen]
pub struct UncheckedEngine(Unchecked);

#[wasm_bindgen]
impl UncheckedEngine {
    /// Reads a `.safetensors` file. Throws `ModelInvalid` or `OutOfMemory`.
    pub fn load(model: &Uint8Array) -> JsResult<UncheckedEngine> {
        Ok(Self(Unchecked::load(JsFile(model.clone())).map_err(error_to_js)?))
    }

    /// Runs it once to compare it with the scalar reference, and reads a file with other names for its classes, if there
    /// is one. Throws `ParityFailed`, `InputInvalid` or `OutOfMemory`.
    pub fn check(self, labels: Option<Uint8Array>) -> JsResult<Engine> {
        let session = self.0.check().and_then(|session| relabel(session, labels));
        Ok(Engine { session: Rc::new(session.map_err(error_to_js)?) })
    }
}

/// A loaded model. After a panic the instance of the module is dead and must be replaced.
#[wasm_bindgen]
pub struct Engine {
    session: Rc<Session<Cpu>>,
}

#[wasm_bindgen]
impl Engine {
    /// Returns `classifier.model` without the hash of its file.
    #[wasm_bindgen(unchecked_return_type = "Omit<import('reslens').Model, 'sha256'>")]
    pub fn model(&self) -> JsResult<JsValue> {
        model_to_js(&self.session.model())
    }

    /// Classifies a picture of RGBA8 rows.
    #[wasm_bindgen(unchecked_return_type = "import('reslens').Classification")]
    pub fn classify(
        &self,
        rgba: &Uint8Array,
        width: usize,
        height: usize,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Object> {
        let options = options_from_js(options, OPTIONS)?;
        let picture = Picture::Array { rgba, width, height };
        let answer = block_on(self.session.classify(picture, &options));
        answer_to_js(&self.session, answer.map_err(error_to_js)?)
    }

    /// Computes logits and maps of normalised images; `shape` is `[N, 3, H, W]`.
    #[wasm_bindgen(unchecked_return_type = "import('reslens').Logits")]
    pub fn logits(
        &self,
        input: &Float32Array,
        shape: &[usize],
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Object> {
        let (options, shape) = (options_from_js(options, OPTIONS)?, shape_from_js(shape)?);
        let images = copy_floats(input).map_err(error_to_js)?;
        let outputs = block_on(self.session.logits(&images, shape, &options));
        Ok(logits_to_js(&self.session, outputs.map_err(error_to_js)?))
    }

    /// Computes the pooled features of a picture of RGBA8 rows.
    pub fn embed(&self, rgba: &Uint8Array, width: usize, height: usize) -> JsResult<Float32Array> {
        let picture = Picture::Array { rgba, width, height };
        let features = block_on(self.session.embed(picture)).map_err(error_to_js)?;
        Ok(floats_to_js(&features))
    }

    /// Starts a sweep over a picture of RGBA8 rows.
    pub fn sweep(
        &self,
        rgba: &Uint8Array,
        width: usize,
        height: usize,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Sweep> {
        let options = options_from_js(options, SWEEP_OPTIONS)?;
        let picture = Picture::Array { rgba, width, height };
        self.begun(block_on(self.session.sweep(picture, &options)))
    }

    /// Starts a sweep over a normalised image; `shape` is `[1, 3, H, W]`.
    #[wasm_bindgen(js_name = sweepImage)]
    pub fn sweep_image(
        &self,
        input: &Float32Array,
        shape: &[usize],
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Sweep> {
        let (options, shape) = (options_from_js(options, SWEEP_OPTIONS)?, shape_from_js(shape)?);
        let image = copy_floats(input).map_err(error_to_js)?;
        self.begun(block_on(self.session.sweep_image(&image, shape, &options)))
    }

    fn begun(&self, sweep: crate::error::Result<session::Sweep<Cpu>>) -> JsResult<Sweep> {
        Ok(Sweep { session: self.session.clone(), sweep: sweep.map_err(error_to_js)? })
    }

    /// Returns the results of the probe, which the GPU's engine must reproduce.
    pub fn probe(&self) -> JsResult<Float32Array> {
        let values = block_on(self.session.probe()).map_err(error_to_js)?;
        Ok(floats_to_js(&values))
    }
}

/// A sweep after its first run. It must be freed.
#[wasm_bindgen]
pub struct Sweep {
    session: Rc<Session<Cpu>>,
    sweep: session::Sweep<Cpu>,
}

#[wasm_bindgen]
impl Sweep {
    /// Returns the number of blocks.
    pub fn blocks(&self) -> usize {
        self.session.blocks()
    }

    /// Returns the result of `sweep` without its blocks.
    #[wasm_bindgen(unchecked_return_type = "Omit<import('reslens').Sweep, 'blocks'>")]
    pub fn start(&self) -> JsResult<Object> {
        sweep_to_js(&self.sweep)
    }

    /// Runs the network without the path of a block, by its index. Returns an entry of the result's `blocks`.
    #[wasm_bindgen(unchecked_return_type = "import('reslens').SweptBlock")]
    pub fn run(&self, block: usize) -> JsResult<JsValue> {
        let swept = block_on(self.session.sweep_block(&self.sweep, block));
        to_record(&swept.map_err(error_to_js)?)
    }
}
