//! Launching a kernel on Burn's tensors.

use burn::tensor::DType;
use burn_wgpu::{CubeTensor, WgpuResource};

use super::graph;
use super::{Binding, GpuContext, Kernel, KernelCall};

/// Threads of a workgroup of the kernels with one thread per element.
const GROUP: usize = 64;

/// The number of workgroups along one dimension that every device allows.
const MOST_GROUPS: usize = 65535;

impl Kernel {
    /// Launches it with `count` threads, which is also the first of its sizes; the result
    /// of shape `out` is bound between `before` and `after`.
    pub fn launch_elementwise<const D: usize>(
        self,
        before: Vec<CubeTensor>,
        after: Vec<CubeTensor>,
        out: [usize; D],
        count: usize,
        sizes: &[usize],
    ) -> CubeTensor {
        let sizes: Vec<usize> = [&[count], sizes].concat();
        self.launch(before, after, out, &sizes, elementwise_groups(count))
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
        self.launch_noted([before, after], None, (out, dtype), sizes, groups, |_| ())
    }

    /// Launches it for a result `[length]` of another type, with as many threads as the first of the `sizes`.
    pub fn launch_converting(
        self,
        input: CubeTensor,
        length: usize,
        dtype: DType,
        sizes: &[usize],
    ) -> CubeTensor {
        let groups = elementwise_groups(sizes[0]);
        let tensors = [vec![input], vec![]];
        self.launch_noted(tensors, None, ([length], dtype), sizes, groups, |_| ())
    }

    /// Launches it for a result that will be read back; `last` is bound after it.
    pub fn launch_result<const D: usize>(
        self,
        inputs: Vec<CubeTensor>,
        last: Option<Binding>,
        out: [usize; D],
        sizes: &[usize],
        groups: [usize; 3],
    ) -> CubeTensor {
        let dtype = inputs[0].dtype;
        let tensors = [inputs, vec![]];
        self.launch_noted(tensors, last, (out, dtype), sizes, groups, graph::result)
    }

    fn launch_noted<const D: usize>(
        self,
        [before, after]: [Vec<CubeTensor>; 2],
        last: Option<Binding>,
        (out, dtype): ([usize; D], DType),
        sizes: &[usize],
        groups: [usize; 3],
        note: impl FnOnce(WgpuResource),
    ) -> CubeTensor {
        let first = &before[0];
        let context = GpuContext::of(first);
        let bytes = out.iter().product::<usize>() * dtype.size();
        let memory = graph::memory(bytes, &first.client);
        let (client, device) = (first.client.clone(), first.device.clone());
        let result = CubeTensor::new_contiguous(client, device, out.to_vec().into(), memory, dtype);
        let tensors = before.iter().chain([&result]).chain(&after);
        let resources: Result<Vec<_>, _> = tensors.map(|tensor| context.resource(tensor)).collect();
        match resources {
            Ok(resources) => {
                note(resources[before.len()].clone());
                let call = KernelCall {
                    kernel: self,
                    bindings: resources.into_iter().map(Binding::Buffer).chain(last).collect(),
                    sizes: sizes.iter().map(|size| *size as u32).collect(),
                    groups: groups.map(|groups| groups as u32),
                };
                graph::launch(&context, call);
            }
            // Capturing a graph or awaiting results returns it as an error.
            Err(fault) => context.faults.record(fault),
        }
        result
    }
}

/// Returns the workgroups for `count` threads of `elementwise.wgsl`.
pub fn elementwise_groups(count: usize) -> [usize; 3] {
    rows_of_groups(count.div_ceil(GROUP))
}

/// Returns at least `groups` workgroups, in rows: a dispatch may be at most 65535 wide.
fn rows_of_groups(groups: usize) -> [usize; 3] {
    let rows = groups.div_ceil(MOST_GROUPS);
    [groups.div_ceil(rows), rows, 1]
}
