//! A registry that stays empty.
//!
//! pliron, the compiler framework below Burn's GPU kernels, registers every operation of every dialect,
//! with its parser and its printer, through the crate `inventory` before a wasm module's first call. No linker can
//! leave out what is registered. Nothing of it is ever asked for: our kernels are WGSL, and none of
//! Burn's own runs. With this crate in `inventory`'s place nothing is registered, and the linker drops
//! it all. pliron takes `inventory` for wasm only; natively nothing changes.
//!
//! A kernel of Burn's own would fail for want of its operations; the check at load runs all that a frame
//! does.
#![no_std]

/// What may be collected.
pub trait Collect: Sync + Sized + 'static {}

/// All that was submitted: nothing.
pub fn iter<T: Collect>() -> core::slice::Iter<'static, T> {
    [].iter()
}

/// Names a type that may be collected.
#[macro_export]
macro_rules! collect {
    ($type:ty) => {
        impl $crate::Collect for $type {}
    };
}

/// Drops what is submitted.
#[macro_export]
macro_rules! submit {
    ($($value:tt)*) => {};
}
