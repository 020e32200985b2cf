//! The texts that a field is compared with, found without a branch that depends on which it is.

use std::hint::select_unpredictable;
use std::sync::Arc;

/// So many bytes a short text has at most: its key tells it apart from every other text.
const SHORT: usize = 7;

/// As many texts are looked at one by one.
const FEW: usize = 8;

/// Texts by key, each with its place in the list as its ordinal.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Arc<[Word]>);

#[derive(Debug)]
struct Word {
    key: u64,
    text: Arc<str>,
    ordinal: i64,
}

/// The length of a short text and its bytes; of a longer one the first bytes.
#[inline]
fn key(text: &str) -> u64 {
    let bytes = text.as_bytes();
    if let Some(first) = bytes.first_chunk::<8>() {
        return u64::from_be_bytes(*first) | 0xff << 56;
    }
    let length = (bytes.len() as u64) << 56;
    // Two halves that overlap.
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_be_bytes(*first), u32::from_be_bytes(*last));
        return length | u64::from(first) << 24 | u64::from(last & 0xff_ffff);
    }
    length | bytes.iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}

impl Words {
    pub(super) fn new(texts: impl Iterator<Item = Arc<str>>) -> Self {
        let word = |(ordinal, text): (i64, Arc<str>)| Word { key: key(&text), text, ordinal };
        let mut words: Vec<Word> = (0..).zip(texts).map(word).collect();
        words.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| a.text.cmp(&b.text)));
        Self(words.into())
    }

    /// The ordinal of a text that is one of them, or `other`.
    #[inline]
    pub(super) fn find(&self, text: &str, other: i64) -> i64 {
        if text.len() <= SHORT && self.0.len() <= FEW {
            let key = key(text);
            let either = |found, word: &Word| select_unpredictable(word.key == key, word.ordinal, found);
            return self.0.iter().fold(other, either);
        }
        self.search(text, other)
    }

    #[inline(never)]
    fn search(&self, text: &str, other: i64) -> i64 {
        let key = key(text);
        let order = |word: &Word| word.key.cmp(&key).then_with(|| (*word.text).cmp(text));
        let found = self.0.binary_search_by(order).ok().and_then(|at| self.0.get(at));
        found.map_or(other, |word| word.ordinal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_from_every_other() {
        let extend = |texts: &[String]| -> Vec<String> {
            texts.iter().flat_map(|text| ["\0", "a", "é"].map(|next| format!("{text}{next}"))).collect()
        };
        let texts: Vec<String> = (0..7)
            .scan(vec![String::new()], |texts, _| Some(std::mem::replace(texts, extend(texts))))
            .flatten()
            .collect();
        for few in texts.chunks(FEW).chain([&texts[..]]) {
            let words = Words::new(few.iter().map(|text| text.as_str().into()));
            for text in &texts {
                let place = few.iter().position(|known| known == text);
                let expected = place.map_or(-1, |place| i64::try_from(place).unwrap());
                assert_eq!(words.find(text, -1), expected, "{text:?} of {few:?}");
            }
        }
    }
}
