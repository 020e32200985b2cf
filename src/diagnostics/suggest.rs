//! "Did you mean": the known names nearest to a wrong one, by spelling, then by the words that they are made of.

use super::{Hint, Note};

const FARTHEST: usize = 2;

/// As many names as one proposal holds.
const SHOWN: usize = 2;

/// Names of more words are compared by their spelling only.
const WORDS: usize = 12;

/// What was found near a wrong name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Near<'a> {
    /// The nearest names, the best first.
    pub(crate) names: Vec<&'a str>,
    /// Whether the spelling says so; otherwise the names only share words, and another name may have been meant.
    pub(crate) by_spelling: bool,
}

/// The known names nearest to `wanted`; equally near ones stand in alphabetical order.
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Near<'a> {
    let letters = lower(wanted);
    let wanted = words(wanted);
    // A short name is near too much.
    let allowed = FARTHEST.min(letters.len() / 2).min(if letters.len() < 4 { 1 } else { FARTHEST });
    let mut spelt: Vec<(usize, &str)> = Vec::new();
    let mut shared: Vec<(usize, &str)> = Vec::new();
    for name in known {
        let other = words(name);
        if same_words(&wanted, &other) {
            spelt.push((0, name));
        } else if let Some(distance) = distance(&letters, name, allowed) {
            spelt.push((distance, name));
        } else if let Some(strangers) = strangers(&wanted, &other) {
            shared.push((strangers, name));
        }
    }
    let by_spelling = !spelt.is_empty();
    let mut found = if by_spelling { spelt } else { shared };
    found.sort_unstable();
    let least = found.first().map_or(0, |(distance, _)| *distance);
    let names = found.into_iter().filter(|(distance, _)| *distance == least).map(|(_, name)| name);
    Near { names: names.take(SHOWN).collect(), by_spelling }
}

/// The words of a name in lower case: `annualSpend` and `annual_spend` have the same ones.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The same words, in another order at most, and with their parts written together at most.
fn same_words(a: &[String], b: &[String]) -> bool {
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort_unstable();
        words
    };
    !a.is_empty() && (a.concat() == b.concat() || (a.len() == b.len() && sorted(a) == sorted(b)))
}

/// How many words only one of two names has, where all words of one are in the other, or at least half of both; a
/// word such as `on` says nothing.
fn strangers(wanted: &[String], known: &[String]) -> Option<usize> {
    if wanted.len().max(known.len()) > WORDS {
        return None;
    }
    let count = |words: &[String], others: &[String]| {
        words.iter().filter(|word| word.chars().count() > 2 && others.iter().any(|other| alike(word, other))).count()
    };
    let (shared, back) = (count(wanted, known), count(known, wanted));
    let shared = shared.min(back);
    let near = shared > 0 && (shared == wanted.len() || shared == known.len());
    (near || (shared > 0 && shared * 2 >= wanted.len().max(known.len())))
        .then(|| wanted.len() + known.len() - 2 * shared)
}

/// The same word, singular or plural.
fn alike(a: &str, b: &str) -> bool {
    a.strip_suffix('s').unwrap_or(a) == b.strip_suffix('s').unwrap_or(b)
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

/// The proposal for a date that is written with other signs or in another order: `31.12.2026`, `12/31/2026`. Where the
/// order of day and month cannot be told, both readings are shown.
pub(crate) fn year_first(text: &str) -> Option<Note> {
    let parts: Vec<&str> = text.split(['.', '/']).map(str::trim).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if parts.iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let date = |year: &str, month: &str, day: &str| {
        let within = |part: &str, most: u32| part.parse::<u32>().is_ok_and(|part| (1..=most).contains(&part));
        (year.len() == 4 && within(month, 12) && within(day, 31)).then(|| format!("{year}-{month:0>2}-{day:0>2}"))
    };
    let mut readings: Vec<String> = [date(a, b, c), date(c, b, a), date(c, a, b)].into_iter().flatten().collect();
    readings.dedup();
    match readings.as_slice() {
        [] => None,
        [only] => Some(Note::new(Hint::YearFirst).with("date", only.as_str())),
        [first, second, ..] => {
            Some(Note::new(Hint::DateOrder).with("first", first.as_str()).with("second", second.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'a>(wanted: &str, known: &[&'a str]) -> Vec<&'a str> {
        nearest(wanted, known.iter().copied()).names
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["annual_spend", "annual_revenue", "frequency"];
        assert_eq!(names("anual_spend", &known), ["annual_spend"]);
        assert_eq!(names("Frequency", &known), ["frequency"]);
        assert_eq!(names("turnover", &known), [""; 0]);
        assert_eq!(names("ab", &["ba", "cd"]), [""; 0], "two letters allow one edit");
        assert_eq!(names("年消费", &["年消费额"]), ["年消费额"]);
    }

    #[test]
    fn names_that_share_words_are_near() {
        let known =
            ["annual_spend", "current.tier", "days_since_last_order", "frequency", "overdue_days", "parent.tier"];
        for (wanted, expected) in [
            ("spend", &["annual_spend"][..]),
            ("annualSpend", &["annual_spend"]),
            ("AnnualSpend", &["annual_spend"]),
            ("days_overdue", &["overdue_days"]),
            ("order_frequency", &["frequency"]),
            ("total_spend", &["annual_spend"]),
            ("tier", &["current.tier", "parent.tier"]),
            ("shoe_size", &[]),
        ] {
            assert_eq!(names(wanted, &known), expected, "{wanted}");
        }
        assert!(nearest("days_overdue", known).by_spelling && !nearest("spend", known).by_spelling);
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
