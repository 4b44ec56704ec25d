//! A WGSL kernel with its constants.

/// The access mode in which kernels declare read-only buffers. In a browser every tensor has its own
/// buffer. Natively tensors may share one, and all its uses in a dispatch must then be of the same kind.
const INPUTS: &str = if cfg!(target_family = "wasm") { "read" } else { "read_write" };

/// The directive with which browsers enable subgroups; naga does not know it.
pub const ENABLE_QUADS: &str = include_str!("wgsl/enable_quads.wgsl");

/// The entry point of kernels with one thread for each element of the result.
pub const ELEMENTWISE: &str = include_str!("wgsl/elementwise.wgsl");

/// A kernel's text and its compile-time constants: one pipeline for each combination.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Kernel {
    /// Its name in profiles.
    pub name: &'static str,
    /// The files of which it consists.
    pub texts: Vec<&'static str>,
    /// The values of the `{{ name }}`s other than `{{ inputs }}`.
    pub constants: Vec<(&'static str, usize)>,
}

impl Kernel {
    /// Makes a kernel of these files without constants.
    pub fn new(name: &'static str, texts: &[&'static str]) -> Self {
        Self { name, texts: texts.to_vec(), constants: vec![] }
    }

    /// Returns the text for this machine.
    pub fn text(&self) -> String {
        self.text_with(INPUTS, cfg!(target_family = "wasm"))
    }

    /// Returns the text for a browser, without a directive that naga does not accept.
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
}
