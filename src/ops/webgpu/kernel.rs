//! A WGSL kernel with its constants, and its launch through Burn's client.

use burn::backend::TensorMetadata;
use burn_wgpu::{CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;
use cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};

#[cfg(not(target_family = "wasm"))]
use super::profile;
use super::slots;

/// Threads of a workgroup of the kernels with one thread per element.
const GROUP: usize = 64;

/// The most workgroups along one dimension that every device allows.
const MOST_GROUPS: usize = 65535;

/// How kernels declare the buffers that they only read. In a browser every tensor has a buffer of its
/// own. Natively tensors may share one, whose uses in a dispatch must then be all of one kind.
const INPUTS: &str = if cfg!(target_family = "wasm") { "read" } else { "read_write" };

/// A kernel's text and the numbers that are compiled into it: one pipeline for each value.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Kernel {
    /// What a profile calls it.
    pub name: &'static str,
    /// The files that make it up.
    pub texts: Vec<&'static str>,
    /// What replaces the `{{ name }}`s besides `inputs`.
    pub constants: Vec<(&'static str, usize)>,
    /// Threads of a workgroup, as the text says.
    pub group: [u32; 3],
}

impl Kernel {
    /// A kernel of `each.wgsl` around a function `compute`.
    pub fn each(name: &'static str, texts: &[&'static str]) -> Self {
        Self { name, texts: texts.to_vec(), constants: vec![], group: [GROUP as u32, 1, 1] }
    }

    /// The complete text.
    fn template(&self, inputs: &str) -> SourceTemplate {
        let text = self.texts.concat();
        let template = SourceTemplate::new(text).register("inputs", inputs);
        self.constants
            .iter()
            .fold(template, |template, (name, value)| template.register(*name, value.to_string()))
    }

    /// The text as a browser gets it.
    #[cfg(test)]
    pub fn browser_text(&self) -> String {
        self.template("read").complete()
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
        let memory = slots::empty(bytes(&out), &before[0].client);
        self.launch_into(memory, [before, after], out, sizes, groups)
    }

    /// Launches it for a result that will be read into the processor's memory.
    pub fn launch_result<const D: usize>(
        self,
        inputs: Vec<CubeTensor>,
        out: [usize; D],
        sizes: &[usize],
        groups: [usize; 3],
    ) -> CubeTensor {
        let memory = slots::result(bytes(&out), &inputs[0].client);
        self.launch_into(memory, [inputs, vec![]], out, sizes, groups)
    }

    fn launch_into<const D: usize>(
        self,
        memory: Handle,
        [before, after]: [Vec<CubeTensor>; 2],
        out: [usize; D],
        sizes: &[usize],
        [columns, rows, layers]: [usize; 3],
    ) -> CubeTensor {
        let (client, device) = (before[0].client.clone(), before[0].device.clone());
        let dtype = before[0].dtype();
        let result =
            CubeTensor::new_contiguous(client.clone(), device, out.to_vec().into(), memory, dtype);
        let binding = |tensor: CubeTensor| into_contiguous(tensor).handle.binding();
        #[cfg(not(target_family = "wasm"))]
        let profiled = profile::Window::open(
            &client,
            self.name,
            before.iter().chain(&after).chain([&result]).map(|x| x.handle.size_in_used()).sum(),
        );
        let mut bindings: Vec<_> = before.into_iter().map(binding).collect();
        bindings.push(result.handle.clone().binding());
        bindings.extend(after.into_iter().map(binding));
        let [x, y, z] = self.group;
        client.launch(
            Box::new(SourceKernel::new(self, CubeDim::new_3d(x, y, z))),
            CubeCount::Static(columns as u32, rows as u32, layers as u32),
            KernelArguments::new().with_buffers(bindings).with_info(uniform(sizes)),
        );
        #[cfg(not(target_family = "wasm"))]
        profiled.close(&client);
        result
    }
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        self.template(INPUTS)
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.clone())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Workgroups for `count` threads of `each.wgsl`.
pub fn groups(count: usize) -> [usize; 3] {
    let groups = count.div_ceil(GROUP);
    let rows = groups.div_ceil(MOST_GROUPS);
    [groups.div_ceil(rows), rows, 1]
}

fn bytes(shape: &[usize]) -> usize {
    shape.iter().product::<usize>() * size_of::<f32>()
}

/// Sizes as a uniform buffer of `u32`s; a uniform binding is a multiple of 16 bytes.
fn uniform(sizes: &[usize]) -> MetadataBindingInfo {
    let mut words: Vec<u64> = sizes
        .chunks(2)
        .map(|pair| pair[0] as u64 | (pair.get(1).copied().unwrap_or(0) as u64) << 32)
        .collect();
    words.resize(words.len().next_multiple_of(2), 0);
    MetadataBindingInfo::custom(words)
}
