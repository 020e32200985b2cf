//! The language of the keywords: pieces are English, and are shown in Chinese where that is wanted.

use std::ops::Range;

use super::super::chinese::{Found, ROWS, Role};
use super::super::scan::{Kind, Token};
use super::super::twin::Twin;
use super::Keywords;
use super::pieces::{Pieces, token_text};

/// A keyword that is shown in another form than its pieces `from..to` have.
pub(super) struct Word {
    from: usize,
    to: usize,
    shown: String,
}

/// The keywords that stand at a part of a text.
pub(super) fn within(found: &[Found], part: Range<usize>) -> &[Found] {
    let from = found.partition_point(|found| found.start < part.start);
    let to = found.partition_point(|found| found.start < part.end);
    found.get(from..to).unwrap_or_default()
}

/// Whether a keyword of a printed text has a Chinese form. Signs stay signs.
pub(super) fn is_translated(found: &Found) -> bool {
    !found.chinese && !found.row.chinese.is_empty()
}

/// Keywords of a printed text in their first Chinese form. The text of the pieces begins at `start`.
pub(super) fn in_chinese(found: &[Found], start: usize, pieces: &Pieces) -> Vec<Word> {
    let at = |offset: usize| {
        pieces.all.partition_point(|piece| piece.start <= offset.saturating_sub(start)).saturating_sub(1)
    };
    let translated = found.iter().filter(|found| is_translated(found));
    translated
        .map(|found| Word {
            from: at(found.start),
            to: at(found.end - 1) + 1,
            shown: match (found.row.role, pieces.all.get(at(found.start))) {
                (Role::Unit, Some(number)) if number.kind == Kind::Number => measured(&number.text, found.row.chinese),
                // The field of a collection stands in the same piece.
                (Role::Collection, Some(piece)) => match piece.text.strip_prefix(found.row.english) {
                    Some(field) => format!("{}{field}", found.row.chinese),
                    None => found.row.chinese.to_owned(),
                },
                _ => found.row.chinese.to_owned(),
            },
        })
        .collect()
}

/// A text that begins at `start`, with the keywords in it in Chinese.
pub(super) fn translated(text: &str, start: usize, found: &[Found]) -> String {
    let mut shown = String::new();
    let mut done = 0;
    for found in found.iter().filter(|found| is_translated(found)) {
        shown += text.get(done..found.start - start).unwrap_or_default();
        shown += found.row.chinese;
        done = found.end - start;
    }
    shown + text.get(done..).unwrap_or_default()
}

/// A number with another unit.
fn measured(duration: &str, unit: &str) -> String {
    format!("{} {unit}", duration.split(' ').next().unwrap_or_default())
}

/// The unit that an author wrote at the end of a number or of a cell.
fn unit_at_end(written: &str) -> Option<&'static str> {
    let units = ROWS.iter().filter(|row| row.role == Role::Unit && written.ends_with(row.chinese));
    units.max_by_key(|row| row.chinese.len()).map(|row| row.chinese)
}

/// A cell of a table with what its author wrote: the sign `元`, and to be kept, a Chinese keyword.
pub(super) fn cell_of_author(cell: &str, twin: &Twin<'_>, tokens: &[Token], keywords: Keywords) -> String {
    if let Some(number) = cell.strip_suffix("CNY")
        && tokens.last().is_some_and(|token| token_text(twin, token).ends_with('元'))
    {
        return format!("{number}元");
    }
    let written = tokens.iter().find_map(|token| twin.keyword(token.start(), token.end()));
    let Some(written) = written.filter(|_| keywords == Keywords::Keep) else { return cell.to_owned() };
    match unit_at_end(written).filter(|_| cell != "missing") {
        Some(unit) => cell.trim_end_matches(|c: char| c.is_ascii_lowercase()).to_owned() + unit,
        None => written.to_owned(),
    }
}

/// The keywords that the author wrote in Chinese. `begun` says how many pieces have begun with each of the tokens.
pub(super) fn of_author(pieces: &Pieces, twin: &Twin<'_>, tokens: &[Token], begun: &[usize]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut last, mut before) = (None, 0);
    for (token, begun) in tokens.iter().zip(begun) {
        // Of what is not printed, nothing is shown.
        let printed = *begun > std::mem::replace(&mut before, *begun);
        let Some(written) = twin.keyword(token.start(), token.end()).filter(|_| printed) else { continue };
        let span = twin.span(token.start(), token.end());
        let from = begun.saturating_sub(1);
        if last == Some(span) {
            // One Chinese keyword, several English words.
            words.iter_mut().last().into_iter().for_each(|word| word.to = from + 1);
            continue;
        }
        last = Some(span);
        let shown = match pieces.all.get(from) {
            Some(number) if number.kind == Kind::Number => {
                let Some(unit) = unit_at_end(written) else { continue };
                measured(&number.text, unit)
            }
            // `不缺失` in a bin is printed as `present`.
            Some(piece) if matches!(&*piece.text, "missing" | "present") && token_text(twin, token) != piece.text => {
                let row = ROWS.iter().find(|row| row.role == Role::Asked && row.english == piece.text);
                row.map_or(written, |row| row.chinese).to_owned()
            }
            _ => written.to_owned(),
        };
        words.push(Word { from, to: from + 1, shown });
    }
    words
}

/// Shows the words in the place of their pieces.
pub(super) fn speak(pieces: &mut Pieces, words: Vec<Word>) {
    for word in words {
        let negated = pieces.is(word.from, "is") && pieces.is(word.from + 1, "not");
        let inside = word.from + 1..word.to + usize::from(negated);
        if inside.clone().any(|at| pieces.gap(at).is_some()) {
            continue;
        }
        let (shown, until) = (word.shown == "在", operand_end(pieces, word.from));
        for at in inside {
            if let Some(place) = pieces.breaks.get_mut(at) {
                *place = false;
            }
        }
        let mut text = Some(word.shown);
        for piece in pieces.all.get_mut(word.from..word.to).unwrap_or_default() {
            piece.glued |= text.is_none();
            piece.shown = Some(text.take().unwrap_or_default());
        }
        if let Some(last) = pieces.all.get_mut(until).filter(|_| shown) {
            last.closes_window = true;
        }
    }
    pieces.keep_trailing();
}

/// The last piece of the operand behind the word at `from`.
fn operand_end(pieces: &Pieces, from: usize) -> usize {
    let ends = |at: usize| {
        matches!(pieces.kind(at), None | Some(Kind::Arrow | Kind::Comma | Kind::Close | Kind::Colon))
            || pieces.weight == Some(at)
            || ["and", "or", "then", "else", "when", "where"].iter().any(|word| pieces.is(at, word))
    };
    let mut at = from + 1;
    let mut last = from;
    while !ends(at) {
        let behind = pieces.behind(at);
        (last, at) = (behind - 1, behind);
    }
    last
}
