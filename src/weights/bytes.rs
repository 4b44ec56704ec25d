//! Where a model file's bytes are: in this memory, or where they are read from piece by piece.

use std::borrow::Cow;
use std::ops::Range;

/// The bytes of a whole file.
pub trait ModelBytes {
    /// How many there are.
    fn length(&self) -> usize;

    /// Those of a range, which lies within the file.
    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]>;

    /// Those of a range, `most` at a time; only the last piece may have fewer.
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
