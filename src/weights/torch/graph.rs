//! The values of a pickle: a graph, because lists and dictionaries may hold each other.

/// A value of the pickle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `None`, a boolean, or a number that is not an integer.
    Other,
    /// An integer in range.
    Int(i64),
    /// A string or bytes, by its range in the pickle.
    Text { start: usize, end: usize },
    /// Anything else: its index in the graph.
    Node(usize),
}

/// A value with parts.
#[derive(Debug)]
pub enum Node {
    /// A class or function, by its module and name.
    Global { module: Value, name: Value },
    /// A list, tuple or set.
    Sequence(Vec<Value>),
    /// A dictionary, in the order of its entries.
    Mapping(Vec<(Value, Value)>),
    /// The object that calling `class` with `args` would have made.
    Object {
        class: Value,
        args: Value,
        items: Vec<Value>,
        pairs: Vec<(Value, Value)>,
        state: Option<Value>,
    },
    /// Something stored outside the pickle, by its key.
    Persistent(Value),
}

/// The values of a pickle.
#[derive(Debug)]
pub struct Graph<'a> {
    bytes: &'a [u8],
    nodes: Vec<Node>,
}

impl<'a> Graph<'a> {
    /// Makes a graph without nodes over the bytes that contain its strings.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, nodes: Vec::new() }
    }

    /// Returns the bytes that contain the strings.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Appends a node; its index is the previous length.
    pub fn push(&mut self, node: Node) {
        self.nodes.push(node);
    }

    /// Returns the node at an index, to be filled.
    pub fn node_mut(&mut self, index: usize) -> Option<&mut Node> {
        self.nodes.get_mut(index)
    }

    /// Returns the node of a value that has parts.
    pub fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(index) => self.nodes.get(index),
            _ => None,
        }
    }

    /// Returns a string.
    pub fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text { start, end } => std::str::from_utf8(self.bytes.get(start..end)?).ok(),
            _ => None,
        }
    }

    /// Returns a class's module and name.
    pub fn global(&self, value: Value) -> Option<(&str, &str)> {
        match self.node(value)? {
            Node::Global { module, name } => Some((self.text(*module)?, self.text(*name)?)),
            _ => None,
        }
    }

    /// Returns the items of a list, tuple or set.
    pub fn sequence(&self, value: Value) -> Option<&[Value]> {
        match self.node(value)? {
            Node::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the number of values: the nodes and their parts.
    pub fn values(&self) -> usize {
        let parts = |node: &Node| match node {
            Node::Sequence(items) => items.len(),
            Node::Mapping(pairs) => pairs.len(),
            Node::Object { items, pairs, .. } => items.len() + pairs.len(),
            Node::Global { .. } | Node::Persistent(_) => 0,
        };
        self.nodes.iter().map(|node| 1 + parts(node)).sum()
    }
}
