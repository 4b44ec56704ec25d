//! Checks that no compiler makes: short files, no unfinished work, documents that match the code.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::Cli;
use crate::project::Project;
use crate::tree;

use super::report::{Count, Report};

/// The most lines that a source file may have. One idea per file rarely needs half of that.
const MAX_LINES: usize = 400;

/// Markers of unfinished work; in two halves, so that this file does not find itself.
const LEFT_OVERS: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("debug", "ger;"),
];

/// Phrases that sound foreign, and what to write instead. Also in two halves.
const FOREIGN: [(&str, &str); 7] = [
    (concat!("be ", "had"), "available, unavailable"),
    (concat!("for ", "ever"), "forever"),
    (concat!("an", "ew"), "again"),
    (concat!("brought ", "about"), "caused"),
    (concat!("brings ", "about"), "causes"),
    (concat!("who", "ever"), "the name of the one that is meant"),
    (concat!(", ", "too"), "also, before the verb"),
];

/// Extensions of the files that people write.
const SOURCES: [&str; 8] = ["css", "html", "js", "mjs", "py", "rs", "ts", "wgsl"];

/// A file of the clone.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn has_extension(&self, extensions: &[&str]) -> bool {
        let extension = Path::new(&self.path).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extensions.contains(&extension))
    }
}

/// Runs all checks; each is a test.
pub fn check(project: &Project, report: &mut Report) {
    report.step("tidiness", || {
        let sources = sources(project)?;
        let checks: [(&str, Vec<String>); 6] = [
            ("files are short", long_files(&sources)),
            ("nothing is left over", left_overs(&sources)),
            ("words are plain", foreign_phrases(&sources)),
            ("documented commands exist", unknown_commands(&sources)),
            ("links in documents lead somewhere", dead_links(&sources, &project.root)),
            ("files that documents name exist", dead_paths(&sources, &project.root)),
        ];
        let mut count = Count::default();
        for (name, complaints) in checks {
            println!("{name}: {}", if complaints.is_empty() { "ok" } else { "FAILED" });
            complaints.iter().for_each(|complaint| println!("  {complaint}"));
            count += if complaints.is_empty() { Count::ONE } else { Count::FAILURE };
        }
        Ok(count)
    });
}

/// Returns all text files that git has or would add.
fn sources(project: &Project) -> Result<Vec<Source>> {
    let read = |path: String| {
        let full = project.root.join(&path);
        let source = Source { path, text: String::new() };
        if !source.has_extension(&SOURCES) && !source.has_extension(&["md"]) {
            return None;
        }
        let text =
            fs::read_to_string(&full).with_context(|| format!("cannot read {}", source.path));
        Some(text.map(|text| Source { text, ..source }))
    };
    tree::of_git(&project.root)?.into_iter().filter_map(read).collect()
}

fn long_files(sources: &[Source]) -> Vec<String> {
    let code = sources.iter().filter(|source| source.has_extension(&SOURCES));
    code.map(|source| (&source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines, at most {MAX_LINES} expected"))
        .collect()
}

fn left_overs(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            for word in LEFT_OVERS.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{}:{number}: `{word}`", source.path));
            }
        }
    }
    complaints
}

/// Finds phrases of [`FOREIGN`] as separate words.
fn foreign_phrases(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            for (phrase, better) in FOREIGN.iter().filter(|(phrase, _)| has_words(line, phrase)) {
                complaints.push(format!("{}:{number}: `{phrase}`: write {better}", source.path));
            }
        }
    }
    complaints
}

/// Whether `line` has the `phrase` as separate words; after a comma only at the end of a clause, because "large, too large"
/// is no such phrase.
fn has_words(line: &str, phrase: &str) -> bool {
    let line = line.to_lowercase();
    line.match_indices(phrase).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let rest = &line[at + phrase.len()..];
        let ends = !rest.starts_with(is_part);
        match phrase.starts_with(',') {
            true => ends && !rest.trim_start().starts_with(is_part),
            false => ends && !line[..at].ends_with(is_part),
        }
    })
}

/// Finds `cargo xtask NAME` in documents, if there is no such command.
fn unknown_commands(sources: &[Source]) -> Vec<String> {
    let cli = Cli::command();
    let known: Vec<_> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| source.has_extension(&["md"])) {
        for mention in source.text.split("cargo xtask ").skip(1) {
            let end = mention.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(mention.len());
            let name = &mention[..end];
            if !name.is_empty() && name != "help" && !known.contains(&name) {
                complaints.push(format!("{}: there is no `cargo xtask {name}`", source.path));
            }
        }
    }
    complaints
}

/// Finds links to missing files of the clone.
fn dead_links(sources: &[Source], root: &Path) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| source.has_extension(&["md"])) {
        let folder = root.join(&source.path).parent().unwrap_or(root).to_path_buf();
        for rest in source.text.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains(':');
            if !elsewhere && !folder.join(target).exists() {
                complaints.push(format!("{}: there is no {target}", source.path));
            }
        }
    }
    complaints
}

/// Finds paths in back-ticks that begin with a folder of the clone and do not exist, except output of commands.
fn dead_paths(sources: &[Source], root: &Path) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| source.has_extension(&["md"])) {
        for quoted in source.text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let is_path = |c: char| c.is_alphanumeric() || "_-./".contains(c);
            let Some((folder, _)) = quoted.split_once('/') else { continue };
            let ours = !["", ".", "..", "dist", "target", "node_modules"].contains(&folder)
                && quoted.chars().all(is_path)
                && root.join(folder).is_dir();
            if ours && !root.join(quoted).exists() {
                complaints.push(format!("{}: there is no {quoted}", source.path));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> [Source; 1] {
        [Source { path: path.into(), text: text.into() }]
    }

    #[test]
    fn each_check_finds_what_it_is_for() {
        assert_eq!(long_files(&source("a.rs", &"x\n".repeat(MAX_LINES))), [""; 0]);
        assert_eq!(long_files(&source("a.rs", &"x\n".repeat(MAX_LINES + 1))).len(), 1);
        let text = format!("fine\n// {}: later", LEFT_OVERS[0]);
        assert_eq!(left_overs(&source("a.js", &text)), [format!("a.js:2: `{}`", LEFT_OVERS[0])]);
        let [had, .., trailing] = FOREIGN.map(|(phrase, _)| phrase);
        let text = format!(
            "It cannot {had}.\nThis one{trailing}.\nWide{trailing} wide. They would {had}ron."
        );
        let found = foreign_phrases(&source("a.md", &text));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with(&format!("a.md:1: `{had}`: write ")), "{found:?}");
        let text = "run `cargo xtask build`, `cargo xtask fly --high` or `cargo xtask --help`";
        assert_eq!(
            unknown_commands(&source("README.md", text)),
            ["README.md: there is no `cargo xtask fly`"]
        );
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("there.md"), "").unwrap();
        let text = "[a](there.md#part) [b](gone.md) [c](https://example.org/) [d](#here)";
        assert_eq!(
            dead_links(&source("README.md", text), root.path()),
            ["README.md: there is no gone.md"]
        );
        fs::create_dir_all(root.path().join("src/model")).unwrap();
        let text = "`src/model/` holds `src/model/gone.rs`, and `a/b` and `src/*.rs` are no paths";
        assert_eq!(
            dead_paths(&source("README.md", text), root.path()),
            ["README.md: there is no src/model/gone.rs"]
        );
    }
}
