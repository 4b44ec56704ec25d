//! A WGSL kernel with its constants.

/// How kernels declare the buffers that they only read. In a browser every tensor has a buffer of its
/// own. Natively tensors may share one, whose uses in a dispatch must then be all of one kind.
const INPUTS: &str = if cfg!(target_family = "wasm") { "read" } else { "read_write" };

/// Browsers want to be asked for subgroups; naga knows no such word.
pub const ENABLE_QUADS: &str = include_str!("wgsl/enable_quads.wgsl");

/// The entry point of kernels with one thread for each element of the result.
pub const ELEMENTWISE: &str = include_str!("wgsl/elementwise.wgsl");

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
    /// A kernel of these files without constants.
    pub fn new(name: &'static str, texts: &[&'static str]) -> Self {
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
}
