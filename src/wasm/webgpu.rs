//! The engine of the WebGPU wasm file: the same calls as the CPU's, answered with promises.

use js_sys::{Float32Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::ImageBitmap;

use super::convert::{
    JsResult, answer_to_js, copy_bytes, copy_floats, error_to_js, floats_to_js, logits_to_js,
    model_to_js, options_from_js, shape_from_js,
};
use crate::gpu::{Gpu, OpenOptions};
use crate::preprocess::Picture;
use crate::session::{Session, WebGpu};

/// A model on a GPU. All calls can reject with `DeviceLost`, `BackendUnavailable` or `OutOfMemory`;
/// then the engine is of no use any more. A panic leaves its promise open for ever, but it is an
/// uncaught error of the worker.
#[wasm_bindgen]
pub struct Engine {
    session: Session<WebGpu>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a GPU and brings a `.safetensors` file to it; [`Engine::check`] must follow. Whoever calls it sees to
    /// it that the device has `subgroups`, or says that it has none.
    pub async fn load(model: Uint8Array, subgroups: bool, software: bool) -> JsResult<Engine> {
        let file = copy_bytes(&model).map_err(error_to_js)?;
        let options = OpenOptions { subgroups, software, ..OpenOptions::default() };
        let gpu = Gpu::open_with(options).await.map_err(error_to_js)?;
        let session = Session::load_on(gpu, file).await.map_err(error_to_js)?;
        Ok(Engine { session })
    }

    /// How many kernels there are.
    pub fn kernels(&self) -> usize {
        self.session.kernels()
    }

    /// Compiles one of them, by its index. A GPU is given them one by one, so that each answer shows that it
    /// is alive.
    pub async fn compile(&self, kernel: usize) -> JsResult<()> {
        self.session.compile(kernel).await.map_err(error_to_js)
    }

    /// Runs every kernel, compiling what is not yet, and compares the results with the `probe` of the CPU's
    /// engine. Rejects with `ParityFailed` if they differ.
    pub async fn check(&self, probe: Float32Array) -> JsResult<()> {
        let expected = copy_floats(&probe).map_err(error_to_js)?;
        self.session.check(&expected).await.map_err(error_to_js)
    }

    /// What the model is: `classifier.model` without the hash of its file.
    pub fn model(&self) -> JsResult<JsValue> {
        model_to_js(&self.session.model())
    }

    /// Classifies a picture of RGBA8 rows.
    pub async fn classify(
        &self,
        rgba: Vec<u8>,
        width: usize,
        height: usize,
        options: JsValue,
    ) -> JsResult<Object> {
        self.answer(Picture::Rgba { rgba: &rgba, width, height }, options).await
    }

    /// Classifies a picture that never enters this memory. It is copied before anything is awaited.
    #[wasm_bindgen(js_name = classifyBitmap)]
    pub async fn classify_bitmap(&self, bitmap: ImageBitmap, options: JsValue) -> JsResult<Object> {
        self.answer(Picture::Bitmap(&bitmap), options).await
    }

    async fn answer(&self, picture: Picture<'_>, options: JsValue) -> JsResult<Object> {
        let options = options_from_js(options)?;
        let answer = self.session.classify(picture, &options).await;
        answer_to_js(&self.session, answer.map_err(error_to_js)?)
    }

    /// Pixels that a side of a bitmap may have.
    #[wasm_bindgen(js_name = longestSide)]
    pub fn longest_side(&self) -> usize {
        self.session.gpu().longest_side()
    }

    /// Logits and maps of normalised images; `shape` is `[N, 3, H, W]`.
    pub async fn logits(
        &self,
        input: Float32Array,
        shape: Vec<usize>,
        options: JsValue,
    ) -> JsResult<Object> {
        let (options, shape) = (options_from_js(options)?, shape_from_js(&shape)?);
        let images = copy_floats(&input).map_err(error_to_js)?;
        let outputs = self.session.logits(&images, shape, &options).await;
        Ok(logits_to_js(&self.session, outputs.map_err(error_to_js)?))
    }

    /// The pooled features of a picture of RGBA8 rows.
    pub async fn embed(
        &self,
        rgba: Vec<u8>,
        width: usize,
        height: usize,
    ) -> JsResult<Float32Array> {
        self.features(Picture::Rgba { rgba: &rgba, width, height }).await
    }

    /// The same of a picture that never enters this memory.
    #[wasm_bindgen(js_name = embedBitmap)]
    pub async fn embed_bitmap(&self, bitmap: ImageBitmap) -> JsResult<Float32Array> {
        self.features(Picture::Bitmap(&bitmap)).await
    }

    async fn features(&self, picture: Picture<'_>) -> JsResult<Float32Array> {
        let features = self.session.embed(picture).await.map_err(error_to_js)?;
        Ok(floats_to_js(&features))
    }

    /// Bytes of the GPU's memory.
    pub fn memory(&self) -> f64 {
        self.session.gpu().memory() as f64
    }
}
