//! Memory for activations: a dropped tensor's memory is reused by the next tensor of its size.
//!
//! A network's frames are all alike. Their activations have the same sizes in every frame, and each
//! lives until the layers that read it are done. So freed memory, kept by size,
//! is an arena whose layout follows from the network. From the second frame on, nothing is allocated.

use std::cell::RefCell;

use burn::backend::Shape;
use burn::tensor::TensorData;

use super::FlexTensor;

/// A block of memory, shared with a tensor while there is one.
struct Block {
    memory: FlexTensor,
    /// Whether this frame used it.
    used: bool,
}

thread_local! {
    static BLOCKS: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// Returns a tensor of `shape` whose values `write` sets; until then it holds the previous user's values.
pub fn activation<const D: usize>(shape: [usize; D], write: impl FnOnce(&mut [f32])) -> FlexTensor {
    let length = shape.iter().product();
    let mut memory = take(length)
        .unwrap_or_else(|| FlexTensor::from_data(TensorData::new(vec![0.0f32; length], [length])));
    let values = memory.try_storage_mut().expect("a free block has no other user");
    if cfg!(debug_assertions) {
        values.fill(f32::NAN); // so that a kernel that leaves a value out fails its test
    }
    write(values);
    #[cfg(test)]
    super::fault::inject(values);
    let tensor = memory.reshape(Shape::from(shape));
    BLOCKS.with_borrow_mut(|blocks| blocks.push(Block { memory, used: true }));
    tensor
}

/// Ends a frame: frees the blocks that it did not use, so that another input size, or maps that
/// are no longer requested, do not keep theirs forever.
pub fn end_frame() {
    BLOCKS.with_borrow_mut(|blocks| blocks.retain_mut(|block| std::mem::take(&mut block.used)));
}

/// Returns a block of this length that no tensor uses.
fn take(length: usize) -> Option<FlexTensor> {
    BLOCKS.with_borrow_mut(|blocks| {
        let free = |block: &Block| {
            block.memory.is_unique() && block.memory.layout().num_elements() == length
        };
        let index = blocks.iter().position(free)?;
        Some(blocks.swap_remove(index).memory)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(tensor: &FlexTensor) -> usize {
        tensor.as_slice::<f32>().expect("contiguous").as_ptr() as usize
    }

    #[test]
    fn memory_of_a_dropped_tensor_is_reused_by_the_next_of_its_size() {
        let first = activation([2, 3], |values| values.fill(1.0));
        let second = activation([6], |values| values.fill(2.0));
        assert_ne!(address(&first), address(&second));
        assert_eq!(first.as_slice::<f32>().unwrap(), [1.0; 6]);

        let left = address(&first);
        drop(first);
        assert_ne!(address(&activation([2], |values| values.fill(3.0))), left);
        assert_eq!(address(&activation([3, 2], |_| ())), left);
    }

    #[test]
    fn a_frame_keeps_the_memory_that_it_used() {
        let kept = || BLOCKS.with_borrow(Vec::len);
        drop([activation([5], |_| ()), activation([7], |_| ())]);
        end_frame();
        assert_eq!(kept(), 2);
        drop(activation([5], |_| ()));
        end_frame();
        assert_eq!(kept(), 1);
        end_frame();
        assert_eq!(kept(), 0);
    }

    #[test]
    fn an_answer_outlives_the_frame() {
        let answer = activation([4], |values| values.fill(1.0));
        end_frame();
        end_frame();
        drop(activation([4], |values| values.fill(2.0)));
        assert_eq!(answer.into_data().try_to_vec::<f32>().unwrap(), [1.0; 4]);
    }
}
