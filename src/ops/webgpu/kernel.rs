//! A WGSL kernel with its constants, and its launch on Burn's tensors.

use burn::tensor::DType;
use burn_wgpu::{CubeTensor, WgpuResource};

use super::launcher::{Binding, Launch, Launcher};
use super::recording;

/// Threads of a workgroup of the kernels with one thread per element.
const GROUP: usize = 64;

/// The most workgroups along one dimension that every device allows.
const MOST_GROUPS: usize = 65535;

/// How kernels declare the buffers that they only read. In a browser every tensor has a buffer of its
/// own. Natively tensors may share one, whose uses in a dispatch must then be all of one kind.
const INPUTS: &str = if cfg!(target_family = "wasm") { "read" } else { "read_write" };

/// Browsers want to be asked for subgroups; naga knows no such word.
pub const ENABLE_QUADS: &str = include_str!("enable_quads.wgsl");

/// A kernel's text and the numbers that are compiled into it: one pipeline for each value.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Kernel {
    /// What a profile calls it.
    pub name: &'static str,
    /// The files that make it up.
    pub texts: Vec<&'static str>,
    /// What replaces the `{{ name }}`s besides `{{ inputs }}`.
    pub constants: Vec<(&'static str, usize)>,
}

impl Kernel {
    /// A kernel of `each.wgsl` around a function `compute`.
    pub fn each(name: &'static str, texts: &[&'static str]) -> Self {
        Self { name, texts: texts.to_vec(), constants: vec![] }
    }

    /// The text as this machine gets it.
    pub fn text(&self) -> String {
        self.text_with(INPUTS, cfg!(target_family = "wasm"))
    }

    /// The text as a browser gets it, but for a directive that naga does without.
    #[cfg(test)]
    pub fn browser_text(&self) -> String {
        self.text_with("read", false)
    }

    fn text_with(&self, inputs: &str, in_browser: bool) -> String {
        let fill = |text: String, (name, value): (&str, &str)| {
            text.replace(&format!("{{{{ {name} }}}}"), value)
        };
        let texts = self.texts.iter().copied().filter(|text| in_browser || *text != ENABLE_QUADS);
        let text = fill(texts.collect(), ("inputs", inputs));
        self.constants
            .iter()
            .fold(text, |text, (name, value)| fill(text, (name, &value.to_string())))
    }

    /// Launches it with `count` threads, which is also the first of the sizes that it gets; the result
    /// of shape `out` is bound between `before` and `after`.
    pub fn launch_each<const D: usize>(
        self,
        before: Vec<CubeTensor>,
        after: Vec<CubeTensor>,
        out: [usize; D],
        count: usize,
        sizes: &[usize],
    ) -> CubeTensor {
        let sizes: Vec<usize> = [&[count], sizes].concat();
        self.launch(before, after, out, &sizes, groups(count))
    }

    /// Launches it with the result bound between `before` and `after`, and the `sizes` last.
    pub fn launch<const D: usize>(
        self,
        before: Vec<CubeTensor>,
        after: Vec<CubeTensor>,
        out: [usize; D],
        sizes: &[usize],
        groups: [usize; 3],
    ) -> CubeTensor {
        let dtype = before[0].dtype;
        self.launch_noted([before, after], (out, dtype), sizes, groups, |_| ())
    }

    /// Launches it with `count` threads for a result `[length]` of another type.
    pub fn launch_converting(
        self,
        input: CubeTensor,
        length: usize,
        dtype: DType,
        count: usize,
    ) -> CubeTensor {
        self.launch_noted([vec![input], vec![]], ([length], dtype), &[count], groups(count), |_| ())
    }

    /// Launches it for a result that will be read into the processor's memory.
    pub fn launch_result<const D: usize>(
        self,
        inputs: Vec<CubeTensor>,
        out: [usize; D],
        sizes: &[usize],
        groups: [usize; 3],
    ) -> CubeTensor {
        let dtype = inputs[0].dtype;
        self.launch_noted([inputs, vec![]], (out, dtype), sizes, groups, recording::result)
    }

    fn launch_noted<const D: usize>(
        self,
        [before, after]: [Vec<CubeTensor>; 2],
        (out, dtype): ([usize; D], DType),
        sizes: &[usize],
        groups: [usize; 3],
        note: impl FnOnce(WgpuResource),
    ) -> CubeTensor {
        let first = &before[0];
        let launcher = Launcher::of(first);
        let bytes = out.iter().product::<usize>() * dtype.size();
        let memory = recording::memory(bytes, &first.client);
        let (client, device) = (first.client.clone(), first.device.clone());
        let result = CubeTensor::new_contiguous(client, device, out.to_vec().into(), memory, dtype);
        let tensors = before.iter().chain([&result]).chain(&after);
        let resources: Result<Vec<_>, _> =
            tensors.map(|tensor| launcher.resource(tensor)).collect();
        match resources {
            Ok(resources) => {
                note(resources[before.len()].clone());
                let launch = Launch {
                    kernel: self,
                    bindings: resources.into_iter().map(Binding::Buffer).collect(),
                    sizes: sizes.iter().map(|size| *size as u32).collect(),
                    groups: groups.map(|groups| groups as u32),
                };
                recording::launch(&launcher, launch);
            }
            // Whoever waits for results is told.
            Err(fault) => launcher.faults.record(fault),
        }
        result
    }
}

/// Workgroups for `count` threads of `each.wgsl`.
pub fn groups(count: usize) -> [usize; 3] {
    let groups = count.div_ceil(GROUP);
    let rows = groups.div_ceil(MOST_GROUPS);
    [groups.div_ceil(rows), rows, 1]
}
