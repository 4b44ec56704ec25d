//! A wasm file's bytes by crate, and its largest functions: tables in Markdown.

use std::collections::HashMap;
use std::fmt::Write;

use super::module::{Function, Module};
use super::origin::{origin, readable};

/// The longest a function's name may be in a table; names of generic functions fill pages.
const MAX_NAME: usize = 160;

/// The share of a wasm file that has one origin.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    name: String,
    functions: usize,
    bytes: usize,
}

/// Formats the code by crate, the largest `most` of them, then everything that is not code.
pub fn table(module: &Module, most: usize) -> String {
    let mut crates = by_crate(&module.functions);
    let code: usize = crates.iter().map(|row| row.bytes).sum();
    let small = crates.split_off(most.min(crates.len()));
    if !small.is_empty() {
        crates.push(Row {
            name: format!("{} other crates", small.len()),
            functions: small.iter().map(|row| row.functions).sum(),
            bytes: small.iter().map(|row| row.bytes).sum(),
        });
    }
    let total = module.shipped.len();
    let part = |name: &str, functions, bytes| Row { name: name.into(), functions, bytes };
    crates.push(part("data section", 0, module.data));
    crates.push(part("everything else", 0, total - code - module.data));
    crates.push(part("total", module.functions.len(), total));

    let mut text =
        String::from("| crate | functions | bytes | share |\n| --- | --: | --: | --: |\n");
    for Row { name, functions, bytes } in crates {
        let share = percent(bytes, total);
        writeln!(text, "| {name} | {functions} | {bytes} | {share} |").expect("a string grows");
    }
    text
}

/// Formats the largest `most` functions.
pub fn functions(module: &Module, most: usize) -> String {
    let mut functions: Vec<_> = module.functions.iter().collect();
    functions.sort_by_key(|function| std::cmp::Reverse(function.bytes));
    let mut text = String::from("| bytes | function |\n| --: | --- |\n");
    for function in functions.into_iter().take(most) {
        let name: String = name(function).chars().take(MAX_NAME).collect();
        writeln!(text, "| {} | `{name}` |", function.bytes).expect("a string grows");
    }
    text
}

/// Returns the functions' bytes by crate, largest first.
fn by_crate(functions: &[Function]) -> Vec<Row> {
    let mut rows: HashMap<String, Row> = HashMap::new();
    for function in functions {
        let name = origin(&name(function)).to_string();
        let row = rows.entry(name.clone()).or_insert(Row { name, functions: 0, bytes: 0 });
        row.functions += 1;
        row.bytes += function.bytes;
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    rows
}

fn name(function: &Function) -> String {
    function.symbol.as_deref().map_or_else(|| "(no name)".into(), readable)
}

fn percent(part: usize, total: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / total as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module {
        let function =
            |symbol: Option<&str>, bytes| Function { symbol: symbol.map(str::to_string), bytes };
        Module {
            functions: vec![
                function(Some("_RNvCsb_8burn_std5numel"), 100),
                function(Some("_RNvCsk_7reslens3run"), 400),
                function(Some("_RNvCsb_8burn_std4rank"), 200),
                function(Some("memcpy"), 50),
                function(None, 50),
            ],
            data: 100,
            shipped: vec![0; 1000],
        }
    }

    #[test]
    fn the_largest_crates_come_first_and_all_adds_up() {
        let expected = "\
| crate | functions | bytes | share |
| --- | --: | --: | --: |
| reslens | 1 | 400 | 40.0 % |
| burn_std | 2 | 300 | 30.0 % |
| (no path) | 2 | 100 | 10.0 % |
| data section | 0 | 100 | 10.0 % |
| everything else | 0 | 100 | 10.0 % |
| total | 5 | 1000 | 100.0 % |
";
        assert_eq!(table(&module(), 3), expected);
        assert_eq!(table(&module(), 99), expected);
    }

    #[test]
    fn small_crates_share_a_row() {
        let table = table(&module(), 1);
        assert!(table.contains("| 2 other crates | 4 | 400 | 40.0 % |\n"), "{table}");
    }

    #[test]
    fn the_largest_functions_come_first() {
        let expected = "\
| bytes | function |
| --: | --- |
| 400 | `reslens::run` |
| 200 | `burn_std::rank` |
";
        assert_eq!(functions(&module(), 2), expected);
    }
}
