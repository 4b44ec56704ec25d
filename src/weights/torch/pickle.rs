//! Python's pickles as data: a stack machine that builds a graph of values and calls nothing.
//!
//! Opcodes of protocols 0 to 5, as in CPython's `Lib/pickletools.py`. The result of a call
//! is a [`Node::Object`] in the graph, with everything that is later put into it. Strings and numbers stay
//! in place in the file.

use std::collections::HashMap;
use std::ops::Range;

use super::graph::{Graph, Node, Value};
use super::invalid;
use crate::error::ModelError;

/// The most nodes of a graph, and the most values pushed. A ResNet-152's checkpoint with its
/// optimizer takes some 20,000.
const MAX_NODES: usize = 1 << 20;
const MAX_VALUES: usize = 1 << 22;

/// Reads the pickle that begins at `start`; returns its values, the last one, and its end.
///
/// # Errors
/// [`ModelError::Incomplete`] if it ends early, [`ModelError::Format`] if it is not a pickle.
pub fn read(bytes: &[u8], start: usize) -> Result<(Graph<'_>, Value, usize), ModelError> {
    let graph = Graph::new(bytes);
    let mut machine = Machine {
        graph,
        at: start,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        pushed: 0,
    };
    while !machine.step()? {}
    let value = machine.pop()?;
    Ok((machine.graph, value, machine.at))
}

struct Machine<'a> {
    graph: Graph<'a>,
    /// The next byte to read.
    at: usize,
    stack: Vec<Value>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    /// Values pushed so far.
    pushed: usize,
}

type Step<T> = Result<T, ModelError>;

impl Machine<'_> {
    /// Runs one opcode; returns whether it was the last one.
    fn step(&mut self) -> Step<bool> {
        let code = self.take(1)?.start;
        match self.graph.bytes()[code] {
            b'.' => return Ok(true),
            // PROTO and FRAME carry no needed information.
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_mark()?),
            b'2' => self.push(*self.stack.last().ok_or_else(underflow)?)?,
            b'N' | 0x88 | 0x89 => self.push(Value::Other)?,
            b'G' => self.skip_number(8)?,
            b'F' => drop(self.line().and_then(|_| self.push(Value::Other))?),
            b'I' | b'L' => self.decimal()?,
            b'J' => self.integer(4, true)?,
            b'K' => self.integer(1, false)?,
            b'M' => self.integer(2, false)?,
            0x8a => self.long(1)?,
            0x8b => self.long(4)?,
            b'S' => self.quoted_line()?,
            b'V' => {
                let Range { start, end } = self.line()?;
                self.push(Value::Text { start, end })?;
            }
            b'U' | b'C' | 0x8c => self.string(1)?,
            b'T' | b'X' | b'B' => self.string(4)?,
            0x8d | 0x8e | 0x96 => self.string(8)?,
            b']' | b')' | 0x8f => self.new_node(Node::Sequence(Vec::new()))?,
            b'}' => self.new_node(Node::Mapping(Vec::new()))?,
            b'l' | b't' | 0x91 => {
                let items = self.pop_mark()?;
                self.new_node(Node::Sequence(items))?;
            }
            b'd' => {
                let pairs = pairs(&self.pop_mark()?)?;
                self.new_node(Node::Mapping(pairs))?;
            }
            tuple @ 0x85..=0x87 => {
                let from = self.stack.len().checked_sub(usize::from(tuple - 0x84));
                let items = self.stack.split_off(from.ok_or_else(underflow)?);
                self.new_node(Node::Sequence(items))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.put_items(vec![item])?;
            }
            b'e' | 0x90 => {
                let items = self.pop_mark()?;
                self.put_items(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.put_pairs(vec![(key, value)])?;
            }
            b'u' => {
                let pairs = pairs(&self.pop_mark()?)?;
                self.put_pairs(pairs)?;
            }
            b'c' => self.global_line()?,
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                self.new_node(Node::Global { module, name })?;
            }
            b'R' | 0x81 => {
                let (args, class) = (self.pop()?, self.pop()?);
                self.new_object(class, args)?;
            }
            0x92 => {
                let (_keywords, args, class) = (self.pop()?, self.pop()?, self.pop()?);
                self.new_object(class, args)?;
            }
            b'i' => {
                self.global_line()?;
                let class = self.pop()?;
                self.new_instance(class)?;
            }
            b'o' => {
                let mut items = self.pop_mark()?;
                if items.is_empty() {
                    return Err(underflow());
                }
                let class = items.remove(0);
                self.new_node(Node::Sequence(items))?;
                let args = self.pop()?;
                self.new_object(class, args)?;
            }
            b'b' => self.build()?,
            b'Q' => {
                let key = self.pop()?;
                self.new_node(Node::Persistent(key))?;
            }
            b'P' => {
                let Range { start, end } = self.line()?;
                self.new_node(Node::Persistent(Value::Text { start, end }))?;
            }
            b'p' => {
                let key = self.line_number()?;
                self.remember(key)?;
            }
            b'q' => {
                let key = self.number(1)?;
                self.remember(key)?;
            }
            b'r' => {
                let key = self.number(4)?;
                self.remember(key)?;
            }
            0x94 => self.remember(self.memo.len() as u64)?,
            b'g' => {
                let key = self.line_number()?;
                self.recall(key)?;
            }
            b'h' => {
                let key = self.number(1)?;
                self.recall(key)?;
            }
            b'j' => {
                let key = self.number(4)?;
                self.recall(key)?;
            }
            other => return Err(broken(format!("opcode {other:#04x} at byte {code}"))),
        }
        Ok(false)
    }

    fn take(&mut self, length: usize) -> Step<Range<usize>> {
        let end = self.at.checked_add(length).filter(|&end| end <= self.graph.bytes().len());
        let end = end.ok_or_else(|| ModelError::Incomplete {
            expected: format!("{length} more bytes of its pickle"),
            found: format!("{}", self.graph.bytes().len() - self.at),
        })?;
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn skip(&mut self, length: usize) -> Step<()> {
        self.take(length).map(|_| ())
    }

    /// Reads the bytes up to the end of the line.
    fn line(&mut self) -> Step<Range<usize>> {
        let rest = &self.graph.bytes()[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let line = self.take(length)?;
        self.take(1)?;
        Ok(line)
    }

    /// Reads an unsigned little-endian number.
    fn number(&mut self, length: usize) -> Step<u64> {
        let range = self.take(length)?;
        let bytes = &self.graph.bytes()[range];
        Ok(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn line_number(&mut self) -> Step<u64> {
        let line = self.line()?;
        let number = std::str::from_utf8(&self.graph.bytes()[line]).ok();
        number.and_then(|line| line.parse().ok()).ok_or_else(|| broken("a memo without a number"))
    }

    fn integer(&mut self, length: usize, signed: bool) -> Step<()> {
        let number = self.number(length)? as i64;
        self.push(Value::Int(if signed { i64::from(number as i32) } else { number }))
    }

    fn skip_number(&mut self, length: usize) -> Step<()> {
        self.skip(length)?;
        self.push(Value::Other)
    }

    /// Reads a two's complement integer after its length.
    fn long(&mut self, prefix: usize) -> Step<()> {
        let length = self.number(prefix)? as usize;
        if length > 8 {
            return self.skip_number(length);
        }
        let unused = 64 - 8 * length as u32;
        let number = self.number(length)?;
        let number = number.checked_shl(unused).unwrap_or(0) as i64;
        self.push(Value::Int(number.checked_shr(unused).unwrap_or(0)))
    }

    fn decimal(&mut self) -> Step<()> {
        let line = self.line()?;
        let text = std::str::from_utf8(&self.graph.bytes()[line]).unwrap_or("");
        let number = text.trim_end_matches('L').parse();
        self.push(number.map_or(Value::Other, Value::Int))
    }

    /// Reads a string after its length.
    fn string(&mut self, prefix: usize) -> Step<()> {
        let length = usize::try_from(self.number(prefix)?).unwrap_or(usize::MAX);
        let Range { start, end } = self.take(length)?;
        self.push(Value::Text { start, end })
    }

    fn quoted_line(&mut self) -> Step<()> {
        let Range { start, end } = self.line()?;
        if end < start + 2 {
            return Err(broken("a text without quotes"));
        }
        self.push(Value::Text { start: start + 1, end: end - 1 })
    }

    fn global_line(&mut self) -> Step<()> {
        let text = |Range { start, end }| Value::Text { start, end };
        let (module, name) = (text(self.line()?), text(self.line()?));
        self.new_node(Node::Global { module, name })
    }

    fn push(&mut self, value: Value) -> Step<()> {
        self.pushed += 1;
        if self.pushed > MAX_VALUES {
            return Err(too_many(MAX_VALUES, "values"));
        }
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Step<Value> {
        self.stack.pop().ok_or_else(underflow)
    }

    fn pop_mark(&mut self) -> Step<Vec<Value>> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len());
        Ok(self.stack.split_off(mark.ok_or_else(underflow)?))
    }

    fn new_node(&mut self, node: Node) -> Step<()> {
        let index = self.graph.len();
        if index >= MAX_NODES {
            return Err(too_many(MAX_NODES, "objects"));
        }
        self.graph.push(node);
        self.push(Value::Node(index))
    }

    fn new_object(&mut self, class: Value, args: Value) -> Step<()> {
        let (items, pairs) = (Vec::new(), Vec::new());
        self.new_node(Node::Object { class, args, items, pairs, state: None })
    }

    fn new_instance(&mut self, class: Value) -> Step<()> {
        let items = self.pop_mark()?;
        self.new_node(Node::Sequence(items))?;
        let args = self.pop()?;
        self.new_object(class, args)
    }

    /// Returns the node on top of the stack.
    fn top(&mut self) -> Step<Option<&mut Node>> {
        match *self.stack.last().ok_or_else(underflow)? {
            Value::Node(index) => Ok(self.graph.node_mut(index)),
            _ => Ok(None),
        }
    }

    fn put_items(&mut self, new: Vec<Value>) -> Step<()> {
        if let Some(Node::Sequence(items) | Node::Object { items, .. }) = self.top()? {
            items.extend(new);
        }
        Ok(())
    }

    fn put_pairs(&mut self, new: Vec<(Value, Value)>) -> Step<()> {
        if let Some(Node::Mapping(pairs) | Node::Object { pairs, .. }) = self.top()? {
            pairs.extend(new);
        }
        Ok(())
    }

    fn build(&mut self) -> Step<()> {
        let new = self.pop()?;
        if let Some(Node::Object { state, .. }) = self.top()? {
            *state = Some(new);
        }
        Ok(())
    }

    fn remember(&mut self, key: u64) -> Step<()> {
        let value = *self.stack.last().ok_or_else(underflow)?;
        self.memo.insert(key, value);
        if self.memo.len() > MAX_VALUES {
            return Err(too_many(MAX_VALUES, "values"));
        }
        Ok(())
    }

    fn recall(&mut self, key: u64) -> Step<()> {
        let value = self.memo.get(&key).copied();
        self.push(value.ok_or_else(|| broken(format!("no value under the number {key}")))?)
    }
}

fn pairs(items: &[Value]) -> Step<Vec<(Value, Value)>> {
    match items.as_chunks() {
        (pairs, []) => Ok(pairs.iter().map(|&[key, value]| (key, value)).collect()),
        _ => Err(broken("a key without a value")),
    }
}

fn underflow() -> ModelError {
    broken("an opcode without the values that it needs")
}

fn too_many(limit: usize, what: &str) -> ModelError {
    broken(format!("more than {limit} {what}, which no ResNet's checkpoint has"))
}

fn broken(found: impl Into<String>) -> ModelError {
    invalid("a pickle", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes values by one opcode, and drops each but the last.
    fn pushes(opcode: u8, count: usize) -> Vec<u8> {
        [[opcode, b'0'].repeat(count - 1), vec![opcode, b'.']].concat()
    }

    #[test]
    fn a_pickle_has_as_many_values_and_objects_as_the_limits_say_and_no_more() {
        for (opcode, most) in [(b'N', MAX_VALUES), (b']', MAX_NODES)] {
            assert!(read(&pushes(opcode, most), 0).is_ok(), "{most}");
            assert!(read(&pushes(opcode, most + 1), 0).is_err(), "{most}");
        }
    }
}
