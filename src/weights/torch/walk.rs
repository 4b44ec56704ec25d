//! From the values of a pickle to the tensors in it, by their names.
//!
//! Dictionaries name what they hold; `nn.Module`s name their parameters, buffers and modules as
//! `state_dict()` does. Each value is looked into once, so that the work is bounded by the pickle.

use super::graph::{Graph, Node, Value};
use super::view::View;

/// How deep values may be nested. State dicts lie at the top, or a few levels below.
const MAX_DEPTH: usize = 64;

/// Longest path of names, in bytes.
const MAX_PATH: usize = 512;

/// A tensor and its name.
pub struct Found {
    /// Path of the dictionary or module that holds it, with a final dot; empty at the top.
    pub container: String,
    /// Its key there.
    pub key: String,
    pub view: View,
}

/// Finds all tensors below `root`; also counts NumPy's arrays.
pub fn tensors(graph: &Graph, root: Value) -> (Vec<Found>, usize) {
    let mut walk = Walk { graph, seen: vec![false; graph.len()], found: Vec::new(), arrays: 0 };
    walk.visit(root, "", 0);
    (walk.found, walk.arrays)
}

struct Walk<'g, 'a> {
    graph: &'g Graph<'a>,
    seen: Vec<bool>,
    found: Vec<Found>,
    arrays: usize,
}

impl Walk<'_, '_> {
    /// Looks into a value at `path`, which is empty or ends in a dot.
    fn visit(&mut self, value: Value, path: &str, depth: usize) {
        if depth > MAX_DEPTH || path.len() > MAX_PATH || !self.is_new(value) {
            return;
        }
        let graph = self.graph;
        match graph.node(value) {
            Some(Node::Mapping(pairs)) => self.visit_pairs(pairs, path, depth),
            Some(Node::Sequence(items)) => self.visit_items(items, path, depth),
            Some(Node::Object { class, args, items, pairs, state }) => {
                if graph.global(*class).is_some_and(|(module, _)| module.starts_with("numpy")) {
                    self.arrays += 1;
                    return;
                }
                if let Some(state) = state.filter(|&state| self.field(state, "_modules").is_some())
                {
                    return self.visit_module(state, path, "", depth);
                }
                self.visit_pairs(pairs, path, depth);
                self.visit_items(items, path, depth);
                // An OrderedDict of old Pythons has its pairs among the arguments.
                if pairs.is_empty() {
                    self.visit_arguments(*args, path, depth);
                }
                if let Some(state) = state {
                    self.visit(*state, path, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn visit_pairs(&mut self, pairs: &[(Value, Value)], path: &str, depth: usize) {
        for &(key, value) in pairs {
            let name = self.name(key);
            self.visit_entry(&name, value, path, depth);
        }
    }

    fn visit_items(&mut self, items: &[Value], path: &str, depth: usize) {
        for (index, &item) in items.iter().enumerate() {
            self.visit_entry(&index.to_string(), item, path, depth);
        }
    }

    /// Looks into `[[key, value], …]`, as Python 2 hands it to an OrderedDict.
    fn visit_arguments(&mut self, args: Value, path: &str, depth: usize) {
        let graph = self.graph;
        for &argument in graph.sequence(args).unwrap_or_default() {
            let Some(items) = graph.sequence(argument) else { continue };
            for &item in items {
                if let Some(&[key, value]) = graph.sequence(item) {
                    let name = self.name(key);
                    self.visit_entry(&name, value, path, depth);
                }
            }
        }
    }

    fn visit_entry(&mut self, name: &str, value: Value, path: &str, depth: usize) {
        match View::find(self.graph, value) {
            Some(view) => {
                self.found.push(Found { container: path.into(), key: name.into(), view });
            }
            None if matches!(value, Value::Node(_)) => {
                self.visit(value, &format!("{path}{name}."), depth + 1);
            }
            None => {}
        }
    }

    /// Finds the tensors of a module with the attributes `state`, as `state_dict()` names them.
    fn visit_module(&mut self, state: Value, container: &str, prefix: &str, depth: usize) {
        if depth > MAX_DEPTH || prefix.len() > MAX_PATH {
            return;
        }
        for field in ["_parameters", "_buffers"] {
            for (key, value) in self.entries(state, field) {
                if let Some(view) = View::find(self.graph, value) {
                    let key = format!("{prefix}{}", self.name(key));
                    self.found.push(Found { container: container.into(), key, view });
                }
            }
        }
        for (key, module) in self.entries(state, "_modules") {
            let graph = self.graph;
            if let Some(Node::Object { state: Some(state), .. }) = graph.node(module)
                && self.is_new(module)
            {
                let prefix = format!("{prefix}{}.", self.name(key));
                self.visit_module(*state, container, &prefix, depth + 1);
            }
        }
    }

    /// Returns the pairs of a module's dictionary, ordered or not.
    fn entries(&self, state: Value, field: &str) -> Vec<(Value, Value)> {
        let value = self.field(state, field);
        match value.and_then(|value| self.graph.node(value)) {
            Some(Node::Mapping(pairs)) => pairs.clone(),
            Some(Node::Object { pairs, args, .. }) if pairs.is_empty() => {
                let items = self.graph.sequence(*args).and_then(|args| args.first());
                let items = items.and_then(|&items| self.graph.sequence(items));
                let pair = |&item: &Value| match self.graph.sequence(item) {
                    Some(&[key, value]) => Some((key, value)),
                    _ => None,
                };
                items.unwrap_or_default().iter().filter_map(pair).collect()
            }
            Some(Node::Object { pairs, .. }) => pairs.clone(),
            _ => Vec::new(),
        }
    }

    fn field(&self, state: Value, name: &str) -> Option<Value> {
        let Node::Mapping(pairs) = self.graph.node(state)? else { return None };
        pairs.iter().find(|(key, _)| self.graph.text(*key) == Some(name)).map(|&(_, value)| value)
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
