//! "Did you mean": the nearest known name at an edit distance of at most two.

use std::collections::BTreeMap;

const FARTHEST: usize = 2;

/// The known name nearest to `wanted`; of equally near ones the first in alphabetical order.
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.chars().collect();
    let allowed = FARTHEST.min(wanted.len().saturating_sub(1));
    let candidate = |name: &'a str| distance(&wanted, name, allowed).map(|distance| ((distance, name), name));
    known.into_iter().filter_map(candidate).collect::<BTreeMap<_, _>>().into_values().next()
}

/// Levenshtein distance, `None` beyond `allowed`; letters that differ in case only cost nothing.
fn distance(wanted: &[char], name: &str, allowed: usize) -> Option<usize> {
    // Names far apart in length never meet, so that a long list of long names stays cheap.
    if name.len() > (wanted.len() + allowed) * 4 {
        return None;
    }
    let name: Vec<char> = name.chars().collect();
    if name.len().abs_diff(wanted.len()) > allowed {
        return None;
    }
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (line, a) in wanted.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&name) {
            let same = a.to_lowercase().eq(b.to_lowercase());
            let next = (diagonal + usize::from(!same)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, next);
            left = next;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["annual_spend", "annual_revenue", "frequency"];
        assert_eq!(nearest("anual_spend", known), Some("annual_spend"));
        assert_eq!(nearest("Frequency", known), Some("frequency"));
        assert_eq!(nearest("turnover", known), None);
        assert_eq!(nearest("ab", ["ba", "cd"]), None, "two letters allow one edit");
        assert_eq!(nearest("年消费", ["年消费额"]), Some("年消费额"));
    }
}
