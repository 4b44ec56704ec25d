//! The engine of the WebGPU wasm file: the same calls as the CPU's, answered with promises.

use std::rc::Rc;

use js_sys::{Float32Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::ImageBitmap;

use super::answers::{
    OPTIONS, SWEEP_OPTIONS, answer_to_js, logits_to_js, model_to_js, relabel, sweep_to_js,
};
use super::convert::{copy_floats, floats_to_js, options_from_js, shape_from_js, to_record};
use super::js_file::JsFile;
use super::memory::{JsResult, error_to_js};
use crate::gpu::{Gpu, OpenOptions};
use crate::preprocess::Picture;
use crate::session::{self, Session, WebGpu};

/// A model on a GPU. All calls can reject with `DeviceLost`, `BackendUnavailable` or `OutOfMemory`;
/// after that the engine is unusable. A panic never settles its promise; the worker sees an
/// uncaught error.
#[wasm_bindgen]
pub struct Engine {
    session: Rc<Session<WebGpu>>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a GPU and loads a `.safetensors` file, and a file with other names for its classes, if there is
    /// one; [`Engine::check`] must follow. The caller ensures that the device has `subgroups`, or says that
    /// it does not.
    pub async fn load(
        model: Uint8Array,
        subgroups: bool,
        software: bool,
        labels: Option<Uint8Array>,
    ) -> JsResult<Engine> {
        let options = OpenOptions { subgroups, software, ..OpenOptions::default() };
        let gpu = Gpu::open_with(options).await.map_err(error_to_js)?;
        let session = Session::load_on(gpu, JsFile(model)).await;
        let session = session.and_then(|session| relabel(session, labels)).map_err(error_to_js)?;
        Ok(Engine { session: Rc::new(session) })
    }

    /// Returns the number of kernels.
    pub fn kernels(&self) -> usize {
        self.session.kernels()
    }

    /// Compiles one of them, by its index. They are compiled one by one, so that each answer shows that the GPU
    /// is alive.
    pub async fn compile(&self, kernel: usize) -> JsResult<()> {
        self.session.compile(kernel).await.map_err(error_to_js)
    }

    /// Runs every kernel, compiling the rest, and compares the results with the `probe` of the CPU's
    /// engine. Rejects with `ParityFailed` if they differ.
    pub async fn check(&self, probe: Float32Array) -> JsResult<()> {
        let expected = copy_floats(&probe).map_err(error_to_js)?;
        self.session.check(&expected).await.map_err(error_to_js)
    }

    /// Returns `classifier.model` without the hash of its file.
    #[wasm_bindgen(unchecked_return_type = "Omit<import('reslens').Model, 'sha256'>")]
    pub fn model(&self) -> JsResult<JsValue> {
        model_to_js(&self.session.model())
    }

    /// Classifies a picture of RGBA8 rows.
    #[wasm_bindgen(unchecked_return_type = "import('reslens').Classification")]
    pub async fn classify(
        &self,
        rgba: Vec<u8>,
        width: usize,
        height: usize,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Object> {
        self.answer(Picture::Rgba { rgba: &rgba, width, height }, options).await
    }

    /// Classifies a bitmap, whose pixels never enter this memory. It is copied before anything is awaited.
    #[wasm_bindgen(js_name = classifyBitmap, unchecked_return_type = "import('reslens').Classification")]
    pub async fn classify_bitmap(
        &self,
        bitmap: ImageBitmap,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Object> {
        self.answer(Picture::Bitmap(&bitmap), options).await
    }

    async fn answer(&self, picture: Picture<'_>, options: JsValue) -> JsResult<Object> {
        let options = options_from_js(options, OPTIONS)?;
        let answer = self.session.classify(picture, &options).await;
        answer_to_js(&self.session, answer.map_err(error_to_js)?)
    }

    /// Returns the longest allowed side of a bitmap, in pixels.
    #[wasm_bindgen(js_name = longestSide)]
    pub fn longest_side(&self) -> usize {
        self.session.gpu().longest_side()
    }

    /// Computes logits and maps of normalised images; `shape` is `[N, 3, H, W]`.
    #[wasm_bindgen(unchecked_return_type = "import('reslens').Logits")]
    pub async fn logits(
        &self,
        input: Float32Array,
        shape: Vec<usize>,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Object> {
        let (options, shape) = (options_from_js(options, OPTIONS)?, shape_from_js(&shape)?);
        let images = copy_floats(&input).map_err(error_to_js)?;
        let outputs = self.session.logits(&images, shape, &options).await;
        Ok(logits_to_js(&self.session, outputs.map_err(error_to_js)?))
    }

    /// Computes the pooled features of a picture of RGBA8 rows.
    pub async fn embed(
        &self,
        rgba: Vec<u8>,
        width: usize,
        height: usize,
    ) -> JsResult<Float32Array> {
        self.features(Picture::Rgba { rgba: &rgba, width, height }).await
    }

    /// Does the same for a bitmap, whose pixels never enter this memory.
    #[wasm_bindgen(js_name = embedBitmap)]
    pub async fn embed_bitmap(&self, bitmap: ImageBitmap) -> JsResult<Float32Array> {
        self.features(Picture::Bitmap(&bitmap)).await
    }

    async fn features(&self, picture: Picture<'_>) -> JsResult<Float32Array> {
        let features = self.session.embed(picture).await.map_err(error_to_js)?;
        Ok(floats_to_js(&features))
    }

    /// Starts a sweep over a picture of RGBA8 rows.
    pub async fn sweep(
        &self,
        rgba: Vec<u8>,
        width: usize,
        height: usize,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Sweep> {
        self.begin_sweep(Picture::Rgba { rgba: &rgba, width, height }, options).await
    }

    /// Does the same for a bitmap, whose pixels never enter this memory. It is copied before anything is awaited.
    #[wasm_bindgen(js_name = sweepBitmap)]
    pub async fn sweep_bitmap(
        &self,
        bitmap: ImageBitmap,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Sweep> {
        self.begin_sweep(Picture::Bitmap(&bitmap), options).await
    }

    async fn begin_sweep(&self, picture: Picture<'_>, options: JsValue) -> JsResult<Sweep> {
        let options = options_from_js(options, SWEEP_OPTIONS)?;
        self.begun(self.session.sweep(picture, &options).await)
    }

    /// Starts a sweep over a normalised image; `shape` is `[1, 3, H, W]`.
    #[wasm_bindgen(js_name = sweepImage)]
    pub async fn sweep_image(
        &self,
        input: Float32Array,
        shape: Vec<usize>,
        #[wasm_bindgen(unchecked_param_type = "object")] options: JsValue,
    ) -> JsResult<Sweep> {
        let (options, shape) = (options_from_js(options, SWEEP_OPTIONS)?, shape_from_js(&shape)?);
        let image = copy_floats(&input).map_err(error_to_js)?;
        self.begun(self.session.sweep_image(&image, shape, &options).await)
    }

    fn begun(&self, sweep: crate::error::Result<session::Sweep<WebGpu>>) -> JsResult<Sweep> {
        Ok(Sweep { session: self.session.clone(), sweep: sweep.map_err(error_to_js)? })
    }

    /// Returns the bytes of GPU memory in use.
    pub fn memory(&self) -> f64 {
        self.session.gpu().memory() as f64
    }
}

/// A sweep after its first run. It must be freed.
#[wasm_bindgen]
pub struct Sweep {
    session: Rc<Session<WebGpu>>,
    sweep: session::Sweep<WebGpu>,
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
    pub async fn run(&self, block: usize) -> JsResult<JsValue> {
        let swept = self.session.sweep_block(&self.sweep, block).await;
        to_record(&swept.map_err(error_to_js)?)
    }
}
