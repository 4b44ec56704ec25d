//! The bytes of a model file: in this memory, or elsewhere, from where they are read in pieces.

use std::borrow::Cow;
use std::ops::Range;

/// The bytes of a whole file.
pub trait ModelBytes {
    /// Returns the number of bytes.
    fn length(&self) -> usize;

    /// Returns the bytes of a range within the file.
    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]>;

    /// Returns the bytes of a range, `most` at a time; only the last piece may have fewer.
    fn pieces(&self, range: Range<usize>, most: usize) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let end = range.end;
        range.step_by(most).map(move |start| self.read(start..end.min(start + most)))
    }
}

impl ModelBytes for [u8] {
    fn length(&self) -> usize {
        self.len()
    }

    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self[range])
    }
}

impl ModelBytes for Vec<u8> {
    fn length(&self) -> usize {
        self.len()
    }

    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self[range])
    }
}
