//! A registry that stays empty.
//!
//! pliron, the compiler framework below Burn's GPU kernels, registers every operation of every dialect, with its parser
//! and its printer, through the crate `inventory` before a wasm module's first call. No linker can drop what is
//! registered, although nothing here uses it: our kernels are WGSL, and none of Burn's own runs. With this crate in
//! place of `inventory` nothing is registered, and the linker drops everything. pliron uses `inventory` for wasm only;
//! natively nothing changes.
//!
//! One of Burn's own kernels would fail without its operations; the check at load runs everything that a frame runs.
#![no_std]

/// A type that can be collected.
pub trait Collect: Sync + Sized + 'static {}

/// Returns everything that was submitted: nothing.
pub fn iter<T: Collect>() -> core::slice::Iter<'static, T> {
    [].iter()
}

/// Names a type that can be collected.
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
