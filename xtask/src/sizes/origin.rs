//! The crate that a function comes from, by its name.

use rustc_demangle::try_demangle;

/// The generic crates of the standard library: their code exists for another crate.
const STANDARD: [&str; 3] = ["core", "alloc", "std"];

/// The origin of functions without a path: exports, and functions of the linker or wasm-bindgen.
const NO_PATH: &str = "(no path)";

/// Returns a readable name: paths and types, without hashes. Names that Rust did not mangle are returned unchanged.
pub fn readable(symbol: &str) -> String {
    try_demangle(symbol).map_or_else(|_| symbol.to_string(), |name| format!("{name:#}"))
}

/// Returns the crate that a function with this [`readable`] name is counted as.
///
/// It is the first crate in the name that is not the standard library: of the function's own path, of the type that a
/// trait is implemented for, of that type's arguments, of the trait, in this order. So
/// `<alloc::vec::Vec<cubecl_ir::Value> as Clone>::clone` is `cubecl_ir`: without that crate the function would not
/// exist. If all are the standard library's, it is the first.
pub fn origin(name: &str) -> &str {
    let is_foreign = |root: &&str| !STANDARD.contains(root);
    roots(name).find(is_foreign).or_else(|| roots(name).next()).unwrap_or(NO_PATH)
}

/// Returns the first words of all paths in `name`: words with `::` after them and none before.
fn roots(name: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(start) = name[from..].find(is_word).map(|offset| from + offset) {
            let length = name[start..].find(|c| !is_word(c)).unwrap_or(name.len() - start);
            from = start + length;
            if name[from..].starts_with("::") && !name[..start].ends_with("::") {
                return Some(&name[start..from]);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(symbol: &str) -> String {
        origin(&readable(symbol)).to_string()
    }

    /// A symbol as rustc wrote it, except that the crates' hashes are shortened.
    #[track_caller]
    fn check(symbol: &str, name: &str, expected: &str) {
        assert_eq!(readable(symbol), name);
        assert_eq!(origin(name), expected);
    }

    #[test]
    fn a_path_belongs_to_its_crate() {
        check(
            "_RNCNvMNtCsk_7reslens7sessionNtB4_7Session3run0B6_",
            "<reslens::session::Session>::run::{closure#0}",
            "reslens",
        );
        check(
            "_RNvNtNtNtCsb_8burn_std4data6tensor4base5numel",
            "burn_std::data::tensor::base::numel",
            "burn_std",
        );
        check(
            "_RINvMs0_NtCs1_9burn_flex6tensorNtB6_10FlexTensor3newNtCs2_7reslens5ModelEB6_",
            "<burn_flex::tensor::FlexTensor>::new::<reslens::Model>",
            "burn_flex",
        );
    }

    #[test]
    fn standard_library_code_for_a_crate_counts_for_that_crate() {
        check(
            "_RNvXs1g_NtCsj_4core3fmtRNtNtCs8_13cubecl_zspace5shape5ShapeNtB6_5Debug3fmtCsk_7reslens",
            "<&cubecl_zspace::shape::Shape as core::fmt::Debug>::fmt",
            "cubecl_zspace",
        );
        check(
            "_RINvNtCsj_4core3ptr13drop_in_placeINtNtCsc_5alloc3vec3VecNtNtCsd_9burn_flex6tensor10FlexTensorEECsk_7reslens",
            "core::ptr::drop_in_place::<alloc::vec::Vec<burn_flex::tensor::FlexTensor>>",
            "burn_flex",
        );
        check(
            "_RNvYNCNvNtNtCs8_12burn_backend7backend6device8REGISTRY0INtNtNtCsj_4core3ops8function6FnOnceuE9call_onceBa_",
            "<burn_backend::backend::device::REGISTRY::{closure#0} as core::ops::function::FnOnce<()>>::call_once",
            "burn_backend",
        );
    }

    #[test]
    fn standard_library_code_for_itself_counts_for_itself() {
        check(
            "_RNvXsq_NtCsc_5alloc6stringNtB5_6StringNtNtCsj_4core3fmt7Display3fmt",
            "<alloc::string::String as core::fmt::Display>::fmt",
            "alloc",
        );
        check(
            "_RNvXs1_NtNtCsj_4core3num11float_parsefNtNtNtB9_3str6traits7FromStr8from_str",
            "<f32 as core::str::traits::FromStr>::from_str",
            "core",
        );
    }

    #[test]
    fn older_mangling_is_also_read() {
        assert_eq!(of("_ZN9cubecl_ir4data5Value3new17h0123456789abcdefE"), "cubecl_ir");
        assert_eq!(
            of(
                "_ZN53_$LT$cubecl_ir..Value$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE"
            ),
            "cubecl_ir"
        );
    }

    #[test]
    fn names_without_a_path_have_no_crate() {
        for name in ["memcpy", "__wbindgen_malloc", "engine_load_c0cc94871ffb732c", "_ZN"] {
            assert_eq!(of(name), NO_PATH, "{name}");
        }
    }
}
