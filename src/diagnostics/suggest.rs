//! "Did you mean": the nearest known name at an edit distance of at most two.

use std::collections::BTreeMap;

const FARTHEST: usize = 2;

/// The known name nearest to `wanted`; of equally near ones the first in alphabetical order.
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = lower(wanted);
    let allowed = FARTHEST.min(wanted.len().saturating_sub(1));
    let candidate = |name: &'a str| distance(&wanted, name, allowed).map(|distance| ((distance, name), name));
    known.into_iter().filter_map(candidate).collect::<BTreeMap<_, _>>().into_values().next()
}

/// Characters without their case: letters that differ in case only cost nothing.
fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Levenshtein distance, `None` beyond `allowed`. Only the cells near the diagonal can lie within it, so that two long
/// names cost their length and not its square.
fn distance(wanted: &[char], name: &str, allowed: usize) -> Option<usize> {
    if name.len() > (wanted.len() + allowed) * 4 {
        return None;
    }
    let name = lower(name);
    if name.len().abs_diff(wanted.len()) > allowed {
        return None;
    }
    let beyond = allowed + 1;
    let mut row: Vec<usize> = (0..=name.len()).map(|at| at.min(beyond)).collect();
    for (line, a) in wanted.iter().enumerate() {
        let (from, to) = (line.saturating_sub(allowed), (line + allowed + 1).min(name.len()));
        let mut diagonal = row.get(from).copied().unwrap_or(beyond);
        let mut left = if from == 0 { line + 1 } else { beyond };
        if let Some(first) = row.get_mut(from) {
            *first = left;
        }
        let mut least = left;
        for (cell, b) in row.iter_mut().skip(from + 1).zip(name.iter().skip(from)).take(to - from) {
            let next = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1).min(beyond);
            diagonal = std::mem::replace(cell, next);
            left = next;
            least = least.min(next);
        }
        // The cell behind the band was never within reach of this line.
        if let Some(behind) = row.get_mut(to + 1) {
            *behind = beyond;
        }
        if least > allowed {
            return None;
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

    /// The whole matrix, as the books have it.
    fn by_the_book(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut matrix = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                matrix[i][j] = match (i, j) {
                    (0, j) => j,
                    (i, 0) => i,
                    (i, j) => {
                        let change = matrix[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                        change.min(matrix[i - 1][j] + 1).min(matrix[i][j - 1] + 1)
                    }
                };
            }
        }
        matrix[a.len()][b.len()]
    }

    #[test]
    fn the_band_finds_what_the_whole_matrix_finds() {
        let letters = ["a", "b", ""];
        let word = |mut code: usize| {
            let mut word = String::from("x");
            for _ in 0..5 {
                word += letters[code % 3];
                code /= 3;
            }
            word
        };
        for a in 0..243 {
            for b in (0..243).step_by(7) {
                let (a, b) = (word(a), word(b));
                let expected = Some(by_the_book(&a, &b)).filter(|distance| *distance <= 2);
                assert_eq!(distance(&lower(&a), &b, 2), expected, "{a} {b}");
            }
        }
    }
}
