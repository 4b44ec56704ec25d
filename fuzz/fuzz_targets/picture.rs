#![no_main]

#[global_allocator]
static ALLOCATOR: reslens_fuzz::allocator::Counting = reslens_fuzz::allocator::Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reslens_fuzz::targets::picture::check(bytes));
