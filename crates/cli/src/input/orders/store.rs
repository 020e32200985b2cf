//! Orders in memory, one behind the other in one run of bytes: what is asked of an order lies together.
//!
//! An order is the place of the next one of its customer, its row in the file, and its values: a byte that says of what
//! kind, and for texts the length and the bytes, for sets the place among the sets.

use tierwise::{Datum, Fact};

use crate::failure::Failure;

/// No order.
pub(super) const END: u32 = u32::MAX;

const MISSING: u8 = 0;
const TEXT: u8 = 1;
const NUMERAL: u8 = 2;
const FALSE: u8 = 3;
const TRUE: u8 = 4;
const SET: u8 = 5;
const OBJECT: u8 = 6;

/// Orders, each known by where it begins.
#[derive(Default)]
pub(super) struct Store {
    bytes: Vec<u8>,
    sets: Vec<Vec<Datum>>,
}

impl Store {
    /// Begins an order that stands in a row of the file.
    pub(super) fn begin(&mut self, row: u64) -> Result<u32, Failure> {
        let order = u32::try_from(self.bytes.len()).ok().filter(|order| *order != END).ok_or_else(|| {
            Failure::unusable("the orders take more than 4 GiB in the fields that the policy uses".to_owned())
                .help("split the file by customers")
        })?;
        self.bytes.extend(END.to_le_bytes());
        self.bytes.extend(u32::try_from(row).unwrap_or(END).to_le_bytes());
        Ok(order)
    }

    /// Puts an order behind another one of the same customer.
    pub(super) fn link(&mut self, order: u32, next: u32) {
        let place = self.bytes.iter_mut().skip(order as usize);
        place.zip(next.to_le_bytes()).for_each(|(byte, next)| *byte = next);
    }

    /// Adds the next value of the order that was begun last.
    pub(super) fn push(&mut self, value: Datum) {
        match value {
            Datum::Boolean(value) => self.bytes.push(if value { TRUE } else { FALSE }),
            Datum::Text(text) => self.text(TEXT, &text),
            Datum::Numeral(text) => self.text(NUMERAL, &text),
            Datum::Object(_) => self.bytes.push(OBJECT),
            Datum::List(members) => {
                self.number(SET, self.sets.len());
                self.sets.push(members);
            }
            _ => self.bytes.push(MISSING),
        }
    }

    fn text(&mut self, kind: u8, text: &str) {
        self.number(kind, text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, kind: u8, number: usize) {
        self.bytes.push(kind);
        // A row is no longer than its limit, and there are no more sets than bytes.
        self.bytes.extend(u32::try_from(number).unwrap_or(END).to_le_bytes());
    }

    /// The next order of the same customer.
    pub(super) fn next(&self, order: u32) -> Option<u32> {
        self.word(order as usize).filter(|next| *next != END)
    }

    /// The row of the file in which an order stands.
    pub(super) fn row(&self, order: u32) -> Option<u32> {
        self.word(order as usize + 4)
    }

    fn word(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// A value of an order, by its place among them; there have to be so many.
    pub(super) fn value(&self, order: u32, at: usize) -> Fact<'_> {
        let mut rest = self.bytes.get(order as usize + 8..).unwrap_or_default();
        for _ in 0..at {
            rest = split(rest).map_or(&[][..], |(.., behind)| behind);
        }
        let text = |text| std::str::from_utf8(text).unwrap_or_default();
        match split(rest) {
            Some((TEXT, _, bytes, _)) => Fact::Text(text(bytes)),
            Some((NUMERAL, _, bytes, _)) => Fact::Numeral(text(bytes)),
            Some((FALSE, ..)) => Fact::Boolean(false),
            Some((TRUE, ..)) => Fact::Boolean(true),
            Some((SET, set, ..)) => self.sets.get(set).map_or(Fact::Missing, |members| Fact::Set(members)),
            Some((OBJECT, ..)) => Fact::Other("an object"),
            _ => Fact::Missing,
        }
    }
}

/// The kind of the first value, its number, its text, and what stands behind it.
fn split(bytes: &[u8]) -> Option<(u8, usize, &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    if !matches!(*kind, TEXT | NUMERAL | SET) {
        return Some((*kind, 0, &[], rest));
    }
    let (number, rest) = rest.split_first_chunk()?;
    let number = u32::from_le_bytes(*number) as usize;
    let (text, behind) = if *kind == SET { (&[][..], rest) } else { rest.split_at_checked(number)? };
    Some((*kind, number, text, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let mut store = Store::default();
        let order = |store: &mut Store, row| {
            let order = store.begin(row).unwrap();
            let values = [
                Datum::Text("客户".to_owned()),
                Datum::Missing,
                Datum::Numeral("1e400".to_owned()),
                Datum::Boolean(true),
                Datum::List(vec![Datum::Text("a".to_owned()), Datum::Text("b".to_owned())]),
                Datum::Boolean(false),
                Datum::Object(tierwise::Customer::new()),
                Datum::Text(String::new()),
            ];
            values.into_iter().for_each(|value| store.push(value));
            order
        };
        let (first, second) = (order(&mut store, 1), order(&mut store, 7));
        store.link(first, second);
        assert_eq!((store.next(first), store.next(second)), (Some(second), None));
        assert_eq!((store.row(first), store.row(second)), (Some(1), Some(7)));
        for order in [first, second] {
            assert!(matches!(store.value(order, 0), Fact::Text("客户")));
            assert!(matches!(store.value(order, 1), Fact::Missing));
            assert!(matches!(store.value(order, 2), Fact::Numeral("1e400")));
            assert!(matches!(store.value(order, 3), Fact::Boolean(true)));
            let Fact::Set(members) = store.value(order, 4) else { panic!("no set") };
            let mut all = Vec::new();
            members.each(&mut |member| all.push(format!("{}", matches!(member, Fact::Text("a" | "b")))));
            assert_eq!(all, ["true", "true"]);
            assert!(matches!(store.value(order, 5), Fact::Boolean(false)));
            assert!(matches!(store.value(order, 6), Fact::Other(_)));
            assert!(matches!(store.value(order, 7), Fact::Text("")));
        }
    }
}
