//! `licenses.txt`: the licences of all third-party code in dist/.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use spdx::LicenseReq;

use super::linked::{Id, Linked};
use super::npm::Bundled;
use super::policy;

/// Prefixes of the names of files with licence texts, in lower case.
const NAMES: [&str; 6] = ["licence", "license", "copying", "copyright", "notice", "unlicense"];

/// Code that rustc itself links into each file. No package of cargo's contains it, so its licences are listed here.
const STANDARD_LIBRARY: [(&str, &str); 4] = [
    ("core, alloc, std, panic_abort, and the libraries in them", "MIT OR Apache-2.0"),
    ("Unicode's tables in core", "Unicode-3.0"),
    ("compiler_builtins", "Apache-2.0 WITH LLVM-exception"),
    ("libm in compiler_builtins", "MIT"),
];

/// Texts by number. Texts that differ only in line breaks or indentation are stored once.
#[derive(Default)]
struct Texts {
    /// The texts as found.
    texts: Vec<String>,
    /// Their words, for comparison.
    words: Vec<String>,
}

impl Texts {
    /// Returns the number of a text.
    fn number(&mut self, text: &str) -> usize {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let at = self.words.iter().position(|known| *known == words).unwrap_or_else(|| {
            let lines: Vec<_> = text.lines().map(str::trim_end).collect();
            self.texts.push(lines.join("\n").trim_matches('\n').to_string());
            self.words.push(words);
            self.words.len() - 1
        });
        at + 1
    }

    fn numbers<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) -> String {
        let mut numbers: Vec<_> = texts.into_iter().map(|text| self.number(text)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// Returns the list of licences.
///
/// # Errors
///
/// If a crate has neither a text nor a licence with a known text.
pub fn write(crates: &BTreeMap<Id, Linked>, bundled: &[Bundled]) -> Result<String> {
    let mut texts = Texts::default();
    let mut list = String::from(
        "Third-party code in reslens, with the licences under which it is distributed. Each line names a component, \
         its licence,\nits source, and the numbers of the texts below.\n\nCrates in the wasm files\n\n",
    );
    // The clone's own crates have no checksum.
    for ((name, version), linked) in crates.iter().filter(|(_, linked)| linked.checksum.is_some()) {
        let own = own_texts(linked)?;
        let known = if own.is_empty() { known_texts(name, linked)? } else { own };
        let numbers = texts.numbers(known.iter().map(String::as_str));
        let license = &linked.license;
        writeln!(
            list,
            "{name} {version}: {license}; https://crates.io/crates/{name}/{version}; {numbers}"
        )?;
    }
    list += "\nRust's standard library in the wasm files, https://github.com/rust-lang/rust\n\n";
    for (piece, license) in STANDARD_LIBRARY {
        let known = known_texts(piece, &Linked { license: license.into(), ..Linked::default() })?;
        let numbers = texts.numbers(known.iter().map(String::as_str));
        writeln!(list, "{piece}: {license}; {numbers}")?;
    }
    if !bundled.is_empty() {
        list += "\nPackages in the page's scripts\n\n";
    }
    for Bundled { name, version, license, text, .. } in bundled {
        let numbers = texts.numbers([text.as_str()]);
        let address = format!("https://www.npmjs.com/package/{name}/v/{version}");
        writeln!(list, "{name} {version}: {license}; {address}; {numbers}")?;
    }
    for (number, text) in (1..).zip(&texts.texts) {
        write!(list, "\n\n{0}\nText {number}\n{0}\n\n{text}\n", "=".repeat(80))?;
    }
    Ok(list)
}

/// Returns the texts in a crate's package. Of two licences, either of which suffices, only the one that
/// [`policy::fulfilling`] chooses is included; other texts, such as notices, always are.
fn own_texts(linked: &Linked) -> Result<Vec<String>> {
    let folder = &linked.folder;
    let context = || format!("cannot read {}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if NAMES.iter().any(|start| name.starts_with(start)) && entry.path().is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if let [chosen] = &policy::fulfilling(&linked.license)[..] {
        let chosen = chosen.to_string().to_lowercase();
        let word = chosen.split('-').next().unwrap_or_default();
        let of_another = |path: &Path| {
            ["apache", "mit", "zlib", "0bsd", "bsd", "cc0", "unlicense"]
                .iter()
                .any(|other| !word.ends_with(other) && name(path).contains(other))
        };
        if paths.iter().any(|path| name(path).contains(word)) {
            paths.retain(|path| !of_another(path));
        }
    }
    let read = |path: &PathBuf| {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    paths.iter().map(read).collect()
}

/// Returns the texts of sufficient licences for a crate whose package has none.
fn known_texts(name: &str, linked: &Linked) -> Result<Vec<String>> {
    let licenses = policy::fulfilling(&linked.license);
    ensure!(!licenses.is_empty(), "{name}: expected a licence in SPDX, found `{}`", linked.license);
    let text = |req: &LicenseReq| {
        let license =
            req.license.id().with_context(|| format!("{name}: {req} has no known text"))?;
        let mut text = license.text().to_string();
        let exception = req.addition.as_ref().and_then(|addition| addition.id());
        text.extend(exception.map(|exception| format!("\n{}", exception.text())));
        if license.name == "MIT" {
            let holders = match &linked.authors[..] {
                [] => format!("the authors of {name}"),
                authors => authors.join(", "),
            };
            text = text.replace("<year> <copyright holders>", &holders);
        }
        Ok(text)
    };
    licenses.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linked(license: &str, folder: &Path) -> Linked {
        let checksum = Some("0".repeat(64));
        Linked { license: license.into(), folder: folder.into(), checksum, ..Linked::default() }
    }

    #[test]
    fn every_crate_has_a_text_and_the_same_text_is_stored_once() {
        let folders = [(); 4].map(|()| tempfile::tempdir().unwrap());
        fs::write(folders[0].path().join("LICENSE-MIT"), "Be\r\n  kind.\r\n").unwrap();
        fs::write(folders[1].path().join("license.md"), "Be kind.\n").unwrap();
        for (name, text) in
            [("LICENSE-APACHE", "Be generous."), ("LICENSE-MIT", "Be brief."), ("NOTICE", "By D.")]
        {
            fs::write(folders[3].path().join(name), text).unwrap();
        }
        let crates = BTreeMap::from([
            (("a".into(), "1.0.0".into()), linked("MIT", folders[0].path())),
            (("b".into(), "2.0.0".into()), linked("MIT", folders[1].path())),
            (("c".into(), "3.0.0".into()), linked("MIT OR Apache-2.0", folders[2].path())),
            (("d".into(), "4.0.0".into()), linked("MIT OR Apache-2.0", folders[3].path())),
        ]);
        let text = write(&crates, &[]).unwrap();
        assert!(
            text.contains("a 1.0.0: MIT; https://crates.io/crates/a/1.0.0; 1\n"),
            "{text:.900}"
        );
        assert!(
            text.contains("b 2.0.0: MIT; https://crates.io/crates/b/2.0.0; 1\n"),
            "{text:.900}"
        );
        assert!(text.contains("crates/c/3.0.0; 2\n"), "{text:.900}");
        assert_eq!(text.matches("kind.").count(), 1);
        assert!(
            text.contains("Be generous.") && text.contains("By D.") && !text.contains("Be brief."),
            "{text}"
        );
        assert!(text.contains("Apache License"));
        assert!(!text.contains("<copyright holders>"));
    }

    #[test]
    fn a_crate_without_licence_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let crates = BTreeMap::from([(("a".into(), "1.0.0".into()), linked("", folder.path()))]);
        assert!(write(&crates, &[]).unwrap_err().to_string().starts_with("a: expected a licence"));
    }
}
