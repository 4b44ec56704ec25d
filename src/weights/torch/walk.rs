//! The search for named tensors among the values of a pickle.
//!
//! Dictionaries name their values; `nn.Module`s name their parameters, buffers and modules as
//! `state_dict()` does. Each value is searched once. Values may share parts, such as one list of pairs in many
//! dictionaries, which are met again and again, so steps are counted: the size of the pickle bounds the work.

use super::graph::{Graph, Node, Value};
use super::invalid;
use super::view::View;
use crate::error::ModelError;

/// How deep values may be nested. State dicts are at the top, or a few levels below.
const MAX_DEPTH: usize = 64;

/// Longest path of names, in bytes.
const MAX_PATH: usize = 512;

/// Steps allowed for each value of a pickle, and the steps for reading one and for passing one in a search. Values are
/// read once; a module's attributes are searched for four names.
const STEPS: usize = 16;
const READ: usize = 4;
const SEARCH: usize = 1;

/// A tensor and its name.
pub struct Found {
    /// Path of the dictionary or module that contains it, with a final dot; empty at the top.
    pub container: String,
    /// Its key there.
    pub key: String,
    pub view: View,
}

/// Finds all tensors below `root`; also counts NumPy's arrays.
///
/// # Errors
/// [`ModelError::Format`] if the same values are met again and again, as in no checkpoint.
pub fn tensors(graph: &Graph, root: Value) -> Result<(Vec<Found>, usize), ModelError> {
    let steps = STEPS * graph.values();
    let seen = vec![false; graph.len()];
    let mut walk = Walk { graph, seen, found: Vec::new(), arrays: 0, steps };
    walk.visit(root, "", 0)?;
    Ok((walk.found, walk.arrays))
}

type Step<T = ()> = Result<T, ModelError>;

struct Walk<'g, 'a> {
    graph: &'g Graph<'a>,
    seen: Vec<bool>,
    found: Vec<Found>,
    arrays: usize,
    /// The remaining steps.
    steps: usize,
}

impl<'g> Walk<'g, '_> {
    /// Counts the steps for `values`, `each` for one.
    fn take<T>(&mut self, each: usize, values: &'g [T]) -> Step<&'g [T]> {
        self.steps = self.steps.checked_sub(each * values.len()).ok_or_else(|| {
            invalid("a pickle that is read once", "objects that share the same parts many times")
        })?;
        Ok(values)
    }

    /// Searches a value at `path`, which is empty or ends in a dot.
    fn visit(&mut self, value: Value, path: &str, depth: usize) -> Step {
        if depth > MAX_DEPTH || path.len() > MAX_PATH || !self.is_new(value) {
            return Ok(());
        }
        let graph = self.graph;
        match graph.node(value) {
            Some(Node::Mapping(pairs)) => self.visit_pairs(pairs, path, depth)?,
            Some(Node::Sequence(items)) => self.visit_items(items, path, depth)?,
            Some(Node::Object { class, args, items, pairs, state }) => {
                if graph.global(*class).is_some_and(|(module, _)| module.starts_with("numpy")) {
                    self.arrays += 1;
                    return Ok(());
                }
                if let Some(state) = *state
                    && self.field(state, "_modules")?.is_some()
                {
                    return self.visit_module(state, path, "", depth);
                }
                self.visit_pairs(pairs, path, depth)?;
                self.visit_items(items, path, depth)?;
                // In old Pythons an OrderedDict has its pairs among the arguments.
                if pairs.is_empty() {
                    self.visit_arguments(*args, path, depth)?;
                }
                if let Some(state) = state {
                    self.visit(*state, path, depth + 1)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_pairs(&mut self, pairs: &'g [(Value, Value)], path: &str, depth: usize) -> Step {
        for &(key, value) in self.take(READ, pairs)? {
            let name = self.name(key);
            self.visit_entry(&name, value, path, depth)?;
        }
        Ok(())
    }

    fn visit_items(&mut self, items: &'g [Value], path: &str, depth: usize) -> Step {
        for (index, &item) in self.take(READ, items)?.iter().enumerate() {
            self.visit_entry(&index.to_string(), item, path, depth)?;
        }
        Ok(())
    }

    /// Searches `[[key, value], …]`, as Python 2 passes it to an OrderedDict.
    fn visit_arguments(&mut self, args: Value, path: &str, depth: usize) -> Step {
        let graph = self.graph;
        for &argument in self.take(READ, graph.sequence(args).unwrap_or_default())? {
            for &item in self.take(READ, graph.sequence(argument).unwrap_or_default())? {
                if let Some(&[key, value]) = graph.sequence(item) {
                    let name = self.name(key);
                    self.visit_entry(&name, value, path, depth)?;
                }
            }
        }
        Ok(())
    }

    fn visit_entry(&mut self, name: &str, value: Value, path: &str, depth: usize) -> Step {
        match View::find(self.graph, value) {
            Some(view) => {
                self.found.push(Found { container: path.into(), key: name.into(), view });
                Ok(())
            }
            None if matches!(value, Value::Node(_)) => {
                self.visit(value, &format!("{path}{name}."), depth + 1)
            }
            None => Ok(()),
        }
    }

    /// Finds the tensors of a module with the attributes `state`, as `state_dict()` names them.
    fn visit_module(&mut self, state: Value, container: &str, prefix: &str, depth: usize) -> Step {
        if depth > MAX_DEPTH || prefix.len() > MAX_PATH {
            return Ok(());
        }
        for field in ["_parameters", "_buffers"] {
            for (key, value) in self.entries(state, field)? {
                if let Some(view) = View::find(self.graph, value) {
                    let key = format!("{prefix}{}", self.name(key));
                    self.found.push(Found { container: container.into(), key, view });
                }
            }
        }
        for (key, module) in self.entries(state, "_modules")? {
            let graph = self.graph;
            if let Some(Node::Object { state: Some(state), .. }) = graph.node(module)
                && self.is_new(module)
            {
                let prefix = format!("{prefix}{}.", self.name(key));
                self.visit_module(*state, container, &prefix, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Returns the pairs of a module's dictionary, ordered or not.
    fn entries(&mut self, state: Value, field: &str) -> Step<Vec<(Value, Value)>> {
        let (graph, value) = (self.graph, self.field(state, field)?);
        Ok(match value.and_then(|value| graph.node(value)) {
            Some(Node::Object { pairs, args, .. }) if pairs.is_empty() => {
                let items = graph.sequence(*args).and_then(|args| args.first());
                let items = items.and_then(|&items| graph.sequence(items));
                let pair = |&item: &Value| match graph.sequence(item) {
                    Some(&[key, value]) => Some((key, value)),
                    _ => None,
                };
                self.take(READ, items.unwrap_or_default())?.iter().filter_map(pair).collect()
            }
            Some(Node::Mapping(pairs) | Node::Object { pairs, .. }) => {
                self.take(READ, pairs)?.to_vec()
            }
            _ => Vec::new(),
        })
    }

    fn field(&mut self, state: Value, name: &str) -> Step<Option<Value>> {
        let graph = self.graph;
        let Some(Node::Mapping(pairs)) = graph.node(state) else { return Ok(None) };
        let mut pairs = self.take(SEARCH, pairs)?.iter();
        Ok(pairs.find(|(key, _)| graph.text(*key) == Some(name)).map(|&(_, value)| value))
    }

    fn name(&self, key: Value) -> String {
        match key {
            Value::Int(number) => number.to_string(),
            key => {
                let name = self.graph.text(key).filter(|name| name.len() <= MAX_PATH);
                name.unwrap_or("?").into()
            }
        }
    }

    fn is_new(&mut self, value: Value) -> bool {
        match value {
            Value::Node(index) => !std::mem::replace(&mut self.seen[index], true),
            _ => false,
        }
    }
}
