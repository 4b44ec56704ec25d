//! The parts of a wasm file: functions with names and sizes, data, and the rest.

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

/// The parts of a wasm file, in bytes.
#[derive(Debug, Default)]
pub struct Module {
    /// The functions with a body, in the file's order.
    pub functions: Vec<Function>,
    /// The data section: constants, strings, tables of methods.
    pub data: usize,
    /// The file without its names, as it would be shipped.
    pub shipped: Vec<u8>,
}

/// A function with a body.
#[derive(Debug)]
pub struct Function {
    /// Its mangled name.
    pub symbol: Option<String>,
    /// The size of its body.
    pub bytes: usize,
}

impl Module {
    /// Reads a wasm file that has names.
    pub fn parse(wasm: &[u8]) -> Result<Self> {
        let module = Self::read(wasm).context("not a wasm file that can be read")?;
        ensure!(
            module.functions.iter().any(|function| function.symbol.is_some()),
            "no function of the wasm file has a name: expected one that rustc wrote, or wasm-opt \
             with --debuginfo"
        );
        Ok(module)
    }

    fn read(wasm: &[u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut imported = 0;
        // The start of the section being read, including the bytes for its kind and length.
        let mut start = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            let end = match &payload {
                Payload::Version { range, .. } => range.end,
                section => section.as_section().map_or(start, |(_, range)| range.end),
            };
            let section = &wasm[start..end];
            start = end;
            match payload {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    module.functions.push(Function { symbol: None, bytes: body.range().len() });
                }
                Payload::DataSection(data) => module.data = data.range().len(),
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(names) = custom.as_known() {
                        module.name(names, imported)?;
                        continue;
                    }
                }
                _ => {}
            }
            module.shipped.extend_from_slice(section);
        }
        Ok(module)
    }

    /// Gives the functions their names. `imported`: how many functions precede those with a body.
    fn name(&mut self, names: NameSectionReader, imported: usize) -> Result<()> {
        for name in names {
            let Name::Function(functions) = name? else { continue };
            for naming in functions {
                let naming = naming?;
                let index = (naming.index as usize).checked_sub(imported);
                if let Some(function) = index.and_then(|index| self.functions.get_mut(index)) {
                    function.symbol = Some(naming.name.to_string());
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes a section: its kind, its length, its content.
    fn section(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind, u8::try_from(content.len()).unwrap()], content].concat()
    }

    /// Encodes a custom section that names function 0, which is imported, and function 2, the second with a body.
    fn names() -> Vec<u8> {
        section(0, b"\x04name\x01\x0d\x02\x00\x02io\x02\x06memcpy")
    }

    /// Encodes a module with one imported function, two with a body, and four bytes of data.
    fn nameless() -> Vec<u8> {
        let sections = [
            section(1, b"\x01\x60\x00\x00"),
            section(2, b"\x01\x01e\x01f\x00\x00"),
            section(3, b"\x02\x00\x00"),
            section(5, b"\x01\x00\x01"),
            section(10, b"\x02\x02\x00\x0b\x04\x00\x01\x01\x0b"),
            section(11, b"\x01\x00\x41\x00\x0b\x04data"),
            section(0, b"\x05othersomething"),
        ];
        [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
    }

    #[test]
    fn functions_have_sizes_and_names() {
        let module = Module::parse(&[nameless(), names()].concat()).unwrap();
        let functions = module.functions.iter().map(|f| (f.symbol.as_deref(), f.bytes));
        assert_eq!(functions.collect::<Vec<_>>(), [(None, 2), (Some("memcpy"), 4)]);
        assert_eq!(module.data, 10);
    }

    #[test]
    fn the_shipped_size_excludes_only_the_names() {
        let module = Module::parse(&[nameless(), names()].concat()).unwrap();
        assert_eq!(module.shipped, nameless());
    }

    #[test]
    fn a_file_without_names_is_refused() {
        let error = Module::parse(&nameless()).unwrap_err();
        assert!(error.to_string().contains("--debuginfo"), "{error}");
        let error = Module::parse(b"<html>").unwrap_err();
        assert!(error.to_string().contains("not a wasm file"), "{error}");
    }
}
