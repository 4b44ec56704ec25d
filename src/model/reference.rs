//! A forward pass by the scalar reference, which accepts a network's layers as they are folded.

use super::folded::{FoldedConv, FoldedLayers, Linear, Place};
use crate::arch::{POOL_STRIDE, Shortcut};
use crate::error::Result;
use crate::ops::conv::{Conv, Epilogue};
use crate::ops::reference;

/// Returns logits `[N, classes]` of images `[N, H, W, 3]`; `shape` is N, H, W.
///
/// # Errors
/// Those of `layers`.
pub fn logits(layers: &impl FoldedLayers, images: Vec<f32>, shape: [usize; 3]) -> Result<Vec<f32>> {
    let architecture = layers.architecture();
    let mut pass = ReferencePass::new(images, shape);
    pass.conv(Place::Stem, &layers.conv(&architecture.stem_names(), &architecture.stem)?);
    for block in architecture.blocks() {
        if let Some(spec) = &block.projection {
            pass.conv(Place::Projection, &layers.conv(&block.projection_names(), spec)?);
        }
        for (index, spec) in block.convs.iter().enumerate() {
            let conv = layers.conv(&block.conv_names(index), spec)?;
            pass.conv(Place::Residual(&block, index), &conv);
        }
    }
    Ok(pass.logits(&layers.linear()?))
}

/// Returns ReLU(convolution) of images `[N, H, W, I]`: `[N, H', W', O]`.
pub fn conv_relu(conv: &FoldedConv, images: Vec<f32>, [n, h, w]: [usize; 3]) -> Vec<f32> {
    let images = Activation { values: images, n, h, w, c: conv.spec.in_channels };
    convolve(conv, &images, None, true).values
}

/// A forward pass in progress.
pub struct ReferencePass {
    /// The input of the next block.
    x: Activation,
    /// Its shortcut, if that is not the identity.
    projected: Option<Activation>,
    /// The output of its last convolution.
    hidden: Option<Activation>,
}

impl ReferencePass {
    /// Starts with images `[N, H, W, 3]`.
    pub fn new(images: Vec<f32>, [n, h, w]: [usize; 3]) -> Self {
        let x = Activation { values: images, n, h, w, c: 3 };
        Self { x, projected: None, hidden: None }
    }

    /// Runs a convolution and the operations after it. Layers come in the order of a forward pass, a projection before
    /// its block.
    pub fn conv(&mut self, place: Place<'_>, conv: &FoldedConv) {
        match place {
            Place::Stem => {
                let stem = convolve(conv, &self.x, None, true);
                let Activation { n, h, w, c, .. } = stem;
                let values = reference::max_pool(&stem.values, [n, h, w, c]);
                self.x = Activation {
                    values,
                    n,
                    h: h.div_ceil(POOL_STRIDE),
                    w: w.div_ceil(POOL_STRIDE),
                    c,
                };
            }
            Place::Projection => self.projected = Some(convolve(conv, &self.x, None, false)),
            Place::Residual(block, index) => {
                let input = self.hidden.take();
                let input = input.as_ref().unwrap_or(&self.x);
                if index + 1 < block.convs.len() {
                    self.hidden = Some(convolve(conv, input, None, true));
                    return;
                }
                let projected = self.projected.take();
                let shortcut = match block.shortcut {
                    Shortcut::Plain => None,
                    Shortcut::Residual => Some(&projected.as_ref().unwrap_or(&self.x).values[..]),
                };
                self.x = convolve(conv, input, shortcut, true);
            }
        }
    }

    /// Ends with the mean over all pixels and the fully connected layer: `[N, classes]`.
    pub fn logits(self, Linear { weights, bias }: &Linear) -> Vec<f32> {
        let Activation { values, n, h, w, c } = self.x;
        let pooled = reference::mean_pool(&values, [n, h, w, c]);
        reference::linear(&pooled, weights, bias, c)
    }
}

/// `[N, H, W, C]`.
struct Activation {
    values: Vec<f32>,
    n: usize,
    h: usize,
    w: usize,
    c: usize,
}

fn convolve(conv: &FoldedConv, x: &Activation, shortcut: Option<&[f32]>, relu: bool) -> Activation {
    let shape = Conv::direct(&conv.spec).shape([x.n, x.h, x.w]);
    let channels = conv.spec.out_channels;
    let mut values = vec![0.0; shape.out_pixels() * channels];
    let epilogue = Epilogue { bias: &conv.bias, shortcut, relu };
    reference::conv(&x.values, &conv.weights, &shape, epilogue, &mut values);
    Activation { values, n: x.n, h: shape.out_h, w: shape.out_w, c: channels }
}
