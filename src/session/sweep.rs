//! A sweep: one path is left out of each block in turn, and a class is watched.
//!
//! Veit et al. 2016, "Residual Networks Behave Like Ensembles of Relatively Shallow Networks" (arXiv
//! 1605.06431), section 4.1. A run starts from the stored input of its block, so all runs together
//! take half as long as whole frames.

use serde::{Deserialize, Serialize};

use super::options::{Ablation, both_paths, class_index, left_out, path_called};
use super::{Backend, Session, channels_last, check_images, check_single};
use crate::arch::BlockSpec;
use crate::error::Result;
use crate::model::{Outputs, Path, Plan};
use crate::ops::CamClass;
use crate::preprocess::Picture;
use crate::topk::softmax;

/// The options of `sweep`, in the JavaScript API's words. Each may be missing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SweepOptions {
    /// The path that is left out: `residual` (default) or `shortcut`.
    pub path: Option<String>,
    /// The class that is watched; by default the top-1 class of the first run.
    pub index: Option<f64>,
    /// Paths that are left out of every run; none by default.
    pub ablate: Option<Vec<Ablation>>,
}

/// A sweep after its first run, in which no swept path is left out.
pub struct Sweep<B: Backend> {
    /// The class that is watched.
    pub index: usize,
    /// Its name.
    pub label: String,
    /// The path that is left out of each block in turn.
    pub path: Path,
    /// The class in the first run.
    pub baseline: Fate,
    /// The paths that every run leaves out.
    plan: Plan,
    stored: B::Stored,
}

/// The result for a class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fate {
    /// Its logit.
    pub logit: f32,
    /// softmax(logits / temperature), in [0, 1].
    pub probability: f32,
}

/// The class that wins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Top {
    /// Its index.
    pub index: usize,
    /// Its name.
    pub label: String,
    /// softmax(logits / temperature), in [0, 1].
    pub probability: f32,
}

/// A run without a path of one block.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweptBlock {
    /// The block's name.
    pub block: String,
    /// The class's logit.
    pub logit: f32,
    /// Its probability: softmax(logits / temperature).
    pub probability: f32,
    /// The class that wins.
    pub top: Top,
}

impl<B: Backend> Session<B> {
    /// Starts a sweep over a picture: runs the network once and keeps the input of every block. Then call
    /// [`sweep_block`](Self::sweep_block) for each of the model's blocks.
    ///
    /// # Errors
    /// As for [`classify`](Self::classify); also `Input` if `ablate` leaves the other path out of a block,
    /// which would then have none.
    pub async fn sweep(&self, picture: Picture<'_>, options: &SweepOptions) -> Result<Sweep<B>> {
        let wanted = options.check(&self.blocks, self.metadata.labels.len())?;
        let input = self.backend.preprocess(&self.metadata.preprocessing, picture)?;
        self.begin_sweep(input, wanted).await
    }

    /// Starts a sweep over a normalised image `[1, 3, H, W]`.
    ///
    /// # Errors
    /// As for [`sweep`](Self::sweep), and `Input` for shapes and values that cannot be used.
    pub async fn sweep_image(
        &self,
        image: &[f32],
        shape: [usize; 4],
        options: &SweepOptions,
    ) -> Result<Sweep<B>> {
        let wanted = options.check(&self.blocks, self.metadata.labels.len())?;
        check_images(image, shape)?;
        let [n, _, h, w] = shape;
        check_single("sweep", n)?;
        let image = channels_last(image, h * w);
        self.begin_sweep(B::images(image.into(), [1, h, w]), wanted).await
    }

    async fn begin_sweep(&self, input: B::Input<'_>, wanted: Wanted) -> Result<Sweep<B>> {
        let Wanted { path, index, plan } = wanted;
        let (outputs, stored) = self.backend.run_storing(&self.network, input, &plan).await?;
        self.refuse_overflow(&outputs.logits)?;
        let index = index.index(&outputs.logits);
        let probability = softmax(&outputs.logits, self.metadata.temperature)[index];
        let baseline = Fate { logit: outputs.logits[index], probability };
        Ok(Sweep { index, label: self.label(index).into(), path, baseline, plan, stored })
    }

    /// Runs the network without the sweep's path of the block with this index.
    ///
    /// # Errors
    /// `Gpu` if the GPU fails; where logits are not finite, as for [`classify`](Self::classify).
    pub async fn sweep_block(&self, sweep: &Sweep<B>, block: usize) -> Result<SweptBlock> {
        let plan = sweep.plan.without(block, sweep.path);
        let run = self.backend.run_from(&self.network, &sweep.stored, block, &plan);
        let Outputs { logits, .. } = run.await?;
        self.refuse_overflow(&logits)?;
        let probabilities = softmax(&logits, self.metadata.temperature);
        let index = CamClass::Top.index(&logits);
        Ok(SweptBlock {
            block: self.block_name(block).into(),
            logit: logits[sweep.index],
            probability: probabilities[sweep.index],
            top: Top { index, label: self.label(index).into(), probability: probabilities[index] },
        })
    }
}

/// Options that fit the model.
struct Wanted {
    path: Path,
    index: CamClass,
    plan: Plan,
}

impl SweepOptions {
    fn check(&self, blocks: &[BlockSpec], classes: usize) -> Result<Wanted> {
        let path = match &self.path {
            None => Path::Residual,
            Some(name) => path_called("path", name)?,
        };
        let index = match self.index {
            None => CamClass::Top,
            Some(index) => CamClass::Index(class_index("index", index, classes)?),
        };
        let left_out = left_out(self.ablate.as_deref().unwrap_or_default(), blocks)?;
        if let Some((block, _)) = left_out.iter().find(|(_, other)| *other != path) {
            return Err(both_paths(&blocks[*block].name));
        }
        Ok(Wanted { path, index, plan: Plan { left_out, ..Plan::default() } })
    }
}
