//! The names of a file's tensors, one per line: which state dict is chosen, and how its tensors are renamed.

use reslens::weights::names::{Choice, Name};

/// Checks that a choice has tensors, and that no two state dicts are the same.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (wanted, names) = text.split_once('\n').unwrap_or(("", text));
    let names: Vec<Name> = names
        .lines()
        .map(|line| match line.split_once('/') {
            Some((container, key)) => Name { container, key },
            None => Name { container: "", key: line },
        })
        .collect();
    for wanted in [None, Some(wanted)] {
        let Ok(choice) = Choice::find(&names, wanted) else { continue };
        let taken = &choice.taken;
        assert!(!taken.others.contains(&taken.prefix), "{taken} is also another one");
        let renamed = names.iter().filter_map(|&name| choice.rename(name)).count();
        assert!(renamed > 0 || names.is_empty(), "{taken} has no tensors");
    }
}
