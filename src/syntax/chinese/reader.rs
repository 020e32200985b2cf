//! The words of a policy and the keywords among them, in both languages, in one pass.

use super::super::cut;
use super::super::literal::{is_blank, is_code, unit};
use super::super::parser::{is_name_continue, is_name_start};
use super::super::scan::{closing, number_length, word_length};
use super::super::text::date_attempt;
use super::place::{Before, Place, Position, Seen, blank_off};
use super::table::{Role, Row, beginning_with, english, is_reserved};

/// A keyword in a text.
#[derive(Clone, Copy)]
pub(in crate::syntax) struct Found {
    pub(in crate::syntax) start: usize,
    pub(in crate::syntax) end: usize,
    pub(in crate::syntax) row: &'static Row,
    /// The English form.
    pub(in crate::syntax) english: &'static str,
    /// It is written in Chinese.
    pub(in crate::syntax) chinese: bool,
    /// No blank may be put beside it.
    pub(in crate::syntax) tight: bool,
}

/// Finds the keywords of a text, full-width signs read as ASCII already.
pub(in crate::syntax) fn read(text: &str) -> Vec<Found> {
    let mut reader = Reader { text, at: 0, line_end: false, spaced: true, place: Place::new(), found: Vec::new() };
    while let Some(c) = reader.rest().chars().next() {
        reader.step(c);
    }
    reader.found
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// The line before has ended and may yet go on.
    line_end: bool,
    /// A blank or a line end stands before.
    spaced: bool,
    place: Place,
    found: Vec<Found>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self, c: char) {
        match c {
            c if is_blank(c) => {
                self.at += c.len_utf8();
                self.spaced = true;
                return;
            }
            '\n' | '\r' => return self.newline(),
            '#' => {
                self.at += self.line();
                return;
            }
            '`' => self.name(),
            c if is_name_start(c) => self.word(c),
            _ => self.other(c),
        }
        self.spaced = false;
    }

    /// How much is left of the line.
    fn line(&self) -> usize {
        self.rest().find(['\n', '\r']).unwrap_or(self.rest().len())
    }

    fn newline(&mut self) {
        self.at += 1;
        self.spaced = true;
        self.place.fresh = true;
        self.line_end |= !self.place.open;
    }

    /// Before a token that goes on with the line before, or does not.
    fn resume(&mut self, goes_on: bool) {
        if std::mem::take(&mut self.line_end) && !goes_on {
            self.place.begin();
        }
    }

    fn other(&mut self, c: char) {
        let rest = self.rest();
        let operator = matches!(c, '=' | '<' | '>' | '!' | '+' | '-' | '*' | '/' | '?') && !rest.starts_with("=>");
        self.resume(matches!(c, ')' | ']' | '}' | '{' | ',') || rest.starts_with("=>") || (operator && c != '-'));
        let mut length = c.len_utf8();
        match c {
            '"' | '“' => {
                let close = if c == '"' { '"' } else { '”' };
                let body = rest.get(length..).unwrap_or_default();
                length = closing(body, close).map_or_else(|| self.line(), |inner| length + inner + close.len_utf8());
                self.place.value(Before::Label);
            }
            '0'..='9' => {
                length = date_attempt(rest).map_or_else(|| number_length(rest), |(length, _)| length);
                // A unit that stands tight is a keyword of its own.
                let number = rest.get(..length).unwrap_or_default();
                let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase()).len();
                if number.get(digits..).and_then(unit).is_some() {
                    length = digits;
                }
                self.place.value(Before::Number);
            }
            '(' | '[' | '{' => self.place.bracket(c == '{'),
            ')' | ']' | '}' => self.place.close(),
            ',' => self.place.comma(),
            ':' => self.place.colon(),
            ';' => self.place.begin(),
            _ if rest.starts_with("=>") => {
                length = 2;
                self.place.arrow();
            }
            '.' => self.place.value(Before::Nothing),
            _ if operator => self.place.operator(),
            _ => {}
        }
        self.at += length;
    }

    /// A name, with its dots.
    fn name(&mut self) {
        self.resume(false);
        self.at += word_length(self.rest()).unwrap_or_else(|| self.line()).max(1);
        self.place.value(Before::Nothing);
    }

    fn word(&mut self, first: char) {
        if self.line_end {
            let joins = match self.chinese(first, true).or_else(|| self.english(first)) {
                Some((row, _, _)) => row.role.joins_from_the_start() && !row.english.starts_with("not"),
                None => first_word(self.rest()).is_some_and(|word| matches!(word, "is" | "else")),
            };
            let chinese_else = first == '否';
            self.resume((joins || first_word(self.rest()) == Some("else")) && !chinese_else);
        }
        if let Some((row, length, chinese)) = self.chinese(first, false).or_else(|| self.english(first)) {
            return self.keyword(row, length, chinese);
        }
        if matches!(self.place.position, Position::Infix | Position::Bin) && first_word(self.rest()) == Some("is") {
            self.at += 2;
            return self.place.is();
        }
        match self.measure() {
            Some(length) => {
                self.at += length;
                self.place.value(Before::Nothing);
            }
            None => self.name(),
        }
    }

    /// A currency or an English unit behind a number, with a Chinese word tightly behind.
    fn measure(&self) -> Option<usize> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let word = rest.get(..length)?;
        let known = self.place.before == Before::Number && (is_code(word) || unit(word).is_some());
        (known && rest.get(length..)?.chars().next().is_some_and(|c| !c.is_ascii())).then_some(length)
    }

    fn seen(&self, length: usize, chinese: bool) -> Seen<'t> {
        let behind = self.rest().get(length..).unwrap_or_default();
        let mut next = behind.chars();
        let whole = match next.next() {
            Some('.') => !next.next().is_some_and(|c| c == '`' || is_name_start(c)),
            Some(c) => !is_name_continue(c),
            None => true,
        };
        Seen { whole, chinese, tight: !self.spaced, behind }
    }

    /// The longest Chinese keyword that begins here.
    fn chinese(&self, first: char, whole: bool) -> Option<(&'static Row, usize, bool)> {
        beginning_with(first).iter().find_map(|row| {
            if !self.rest().starts_with(row.chinese) {
                return None;
            }
            let seen = self.seen(row.chinese.len(), true);
            ((seen.whole || !whole) && self.place.fits(row, &seen)).then_some((*row, row.chinese.len(), true))
        })
    }

    /// The longest English keyword that begins here.
    fn english(&self, first: char) -> Option<(&'static Row, usize, bool)> {
        if !first.is_ascii_lowercase() && !matches!(first, 'A' | 'O' | 'N' | 'I') {
            return None;
        }
        let word = first_word(self.rest())?;
        english(word).iter().find_map(|row| {
            let mut words = row.english.split(' ');
            words.next();
            let mut length = word.len();
            for wanted in words {
                let behind = self.rest().get(length..)?;
                let next = blank_off(behind);
                if next.len() == behind.len() || first_word(next) != Some(wanted) {
                    return None;
                }
                length += behind.len() - next.len() + wanted.len();
            }
            let seen = self.seen(length, false);
            (seen.whole || row.role == Role::Collection).then_some(())?;
            self.place.fits(row, &seen).then_some((*row, length, false))
        })
    }

    fn keyword(&mut self, row: &'static Row, length: usize, chinese: bool) {
        let cell = self.place.position == Position::Cell;
        let single = row.role == Role::Unit && self.place.before == Before::Period;
        let english = if single { row.singular() } else { row.english };
        let tight = cell || matches!(row.role, Role::Function | Role::Collection);
        let end = self.at + length;
        self.found.push(Found { start: self.at, end, row, english, chinese, tight });
        self.place.take(row, chinese);
        self.at = end;
        if row.role == Role::Collection && self.rest().starts_with('.') {
            let part = word_length(self.rest().get(1..).unwrap_or_default()).unwrap_or_default();
            self.at += 1 + part;
        }
    }
}

/// The word that begins a text, up to its first dot.
pub(super) fn first_word(text: &str) -> Option<&str> {
    let length = text.find(|c| !is_name_continue(c)).unwrap_or(text.len());
    text.get(..length).filter(|word| !word.is_empty())
}

/// Whether a text begins with a name, as it stands behind the word of a statement.
pub(super) fn begins_name(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    if first == '`' {
        return true;
    }
    let Some(word) = first_word(text).filter(|_| is_name_start(first)) else { return false };
    // `评分 大于70` compares a fact.
    let compared = beginning_with(first).iter().any(|row| {
        let behind = word.strip_prefix(row.chinese).filter(|_| row.role == Role::Compare);
        behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
    });
    // What cannot follow a value is meant as a name, and reported.
    let meant = matches!(word, "true" | "false" | "today" | "last" | "this" | "previous" | "if" | "when")
        || beginning_with(first).iter().any(|row| {
            use Role::{AtLeast, If, Value, When, WholeWindow, Window};
            let value = matches!(row.role, Value | If | AtLeast | Window | WholeWindow | When);
            value && row.chinese == word
        });
    meant || (!is_reserved(word) && !cut::is_reserved(word) && !compared)
}
