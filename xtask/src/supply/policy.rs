//! The accepted licences and sources: `deny.toml`, as cargo-deny reads it.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, anyhow, ensure};
use spdx::expression::ExpressionReq;
use spdx::{Expression, LicenseReq, ParseMode};
use toml::de::{DeTable, DeValue};

use super::linked::{Id, Linked, Package};
use crate::project::Project;

/// The source of all crates.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The licences that `deny.toml` allows.
pub struct Allowed(Vec<String>);

impl Allowed {
    /// Reads the list.
    ///
    /// # Errors
    ///
    /// If `deny.toml` has no list of them.
    pub fn read(project: &Project) -> Result<Self> {
        let text =
            fs::read_to_string(project.root.join("deny.toml")).context("cannot read deny.toml")?;
        Self::parse(&text)
    }

    /// Reads the list from a text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let table = DeTable::parse(text).map_err(|error| anyhow!("deny.toml: {error}"))?;
        let licenses = table.get_ref().get("licenses").and_then(|each| each.get_ref().as_table());
        let names = licenses.and_then(|each| each.get("allow")?.get_ref().as_array());
        let names = names.context("deny.toml: expected a list `licenses.allow`")?.iter();
        let name = |each: &toml::Spanned<DeValue>| Some(each.get_ref().as_str()?.to_string());
        let list: Vec<String> = names
            .map(name)
            .collect::<Option<_>>()
            .context("deny.toml: expected names in `licenses.allow`")?;
        ensure!(!list.is_empty(), "deny.toml: `licenses.allow` is empty");
        Ok(Self(list))
    }

    /// Returns why a licence expression is refused; `None` if it is accepted.
    pub fn refusal(&self, license: &str) -> Option<String> {
        let Some(expression) = parse(license) else {
            return Some(format!("expected a licence in SPDX, found `{license}`"));
        };
        let is_allowed = |wanted: &LicenseReq| self.0.contains(&wanted.to_string());
        (!expression.evaluate(is_allowed))
            .then(|| format!("`{license}` is not among the licences that deny.toml allows"))
    }
}

/// Parses an expression; older manifests write `MIT/Apache-2.0`.
fn parse(license: &str) -> Option<Expression> {
    Expression::parse_mode(license, ParseMode::LAX).ok()
}

/// Returns the licences that fulfil an expression: one if one suffices, Apache-2.0 and MIT before others; otherwise
/// all.
pub fn fulfilling(license: &str) -> Vec<LicenseReq> {
    let Some(expression) = parse(license) else { return Vec::new() };
    let all = expression.requirements().map(|ExpressionReq { req, .. }| req.clone());
    let mut all: Vec<LicenseReq> = all.collect();
    all.sort_by_key(|req| match req.to_string().as_str() {
        "Apache-2.0" => 0,
        "MIT" => 1,
        _ => 2,
    });
    let alone = all.iter().find(|req| expression.evaluate(|wanted| wanted == *req)).cloned();
    alone.map_or(all, |one| vec![one])
}

/// Returns the problems with the licences of the linked crates.
pub fn licence_complaints(crates: &BTreeMap<Id, Linked>, allowed: &Allowed) -> Vec<String> {
    let complain = |((name, version), linked): (&Id, &Linked)| {
        Some(format!("{name} {version}: {}", allowed.refusal(&linked.license)?))
    };
    crates.iter().filter_map(complain).collect()
}

/// Returns the problems with the sources of packages: those in the `own` folders have none, all others have the
/// registry and a checksum.
pub fn source_complaints(packages: &[Package], own: &[&str]) -> Vec<String> {
    let complain = |package: &Package| {
        let Package { name, version, source, checksum } = package;
        let right = match source.as_deref() {
            None => own.contains(&name.as_str()),
            Some(source) => source == REGISTRY && checksum.as_deref().is_some_and(is_sha256),
        };
        let found = source.as_deref().unwrap_or("a folder");
        (!right).then(|| {
            format!(
                "{name} {version}: expected crates.io and a checksum, found {found}, {checksum:?}"
            )
        })
    };
    packages.iter().filter_map(complain).collect()
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_accepted_if_one_way_of_fulfilling_it_is() {
        let allowed = Allowed::parse(
            "[licenses]\nallow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\", \"Unicode-3.0\"]\n",
        )
        .unwrap();
        for license in [
            "MIT",
            "GPL-3.0-only OR MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert_eq!(allowed.refusal(license), None, "{license}");
        }
        for license in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "Apache-2.0", "", "see LICENSE"] {
            assert!(allowed.refusal(license).is_some(), "{license}");
        }
        assert!(Allowed::parse("[licenses]\nallow = []\n").is_err());
        assert!(Allowed::parse("[bans]\n").is_err());
    }

    #[test]
    fn of_several_licences_one_that_suffices_is_used() {
        let names = |license| {
            fulfilling(license).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(names("MIT OR Apache-2.0"), "Apache-2.0");
        assert_eq!(names("Unlicense OR MIT"), "MIT");
        assert_eq!(names("(MIT OR Apache-2.0) AND Unicode-3.0"), "Apache-2.0, MIT, Unicode-3.0");
    }

    #[test]
    fn a_crate_from_elsewhere_is_named() {
        let package = |name: &str, source: Option<&str>, checksum: Option<String>| Package {
            name: name.into(),
            version: "1.0.0".into(),
            source: source.map(str::to_string),
            checksum,
        };
        let sum = Some("0".repeat(64));
        let good = [package("a", Some(REGISTRY), sum.clone()), package("own", None, None)];
        assert_eq!(source_complaints(&good, &["own"]), [""; 0]);
        for bad in [
            package("a", Some("git+https://example.org/a"), sum.clone()),
            package("a", Some(REGISTRY), None),
            package("a", None, None),
        ] {
            assert_eq!(source_complaints(&[bad], &["own"]).len(), 1);
        }
    }
}
