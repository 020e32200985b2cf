//! What the tree does not know of a statement, from its source: comments, blank lines and line breaks inside it, and
//! the sign `元`.

use super::super::ast::Trivia;
use super::super::chinese;
use super::super::scan::{Kind, Token};
use super::super::twin::Twin;
use super::pieces::{Gap, Pieces, merged, token_text};
use super::speech::{self, Word};
use super::{Keywords, comment};
use crate::source::Span;

/// The source of a statement, or of a part of it.
pub(super) struct Part<'t, 's> {
    /// Of the whole statement, since keywords have their places there.
    pub(super) twin: &'t Twin<'s>,
    pub(super) tokens: &'t [Token],
    pub(super) trivia: &'t [Trivia],
}

/// Whether a source may say what its tree does not.
pub(super) fn matters(source: &str, comments: bool, keywords: Keywords) -> bool {
    comments || source.contains('元') || (keywords == Keywords::Keep && chinese::occurs(source))
}

/// Puts into the pieces what stands in the source, and gives the keywords that stand there in Chinese. With `comments`,
/// line breaks stay as well. `None` where the source does not go with the pieces.
pub(super) fn follow(pieces: &mut Pieces, part: &Part<'_, '_>, comments: bool) -> Option<Vec<Word>> {
    let tokens = merged(part.twin, part.tokens);
    let behind = pair(pieces, part.twin, &tokens)?;
    let words = speech::of_author(pieces, part.twin, &tokens, &behind);
    if comments {
        let ends = tokens.iter().map(|token| part.twin.span(token.start(), token.end()).end()).collect();
        let places = Places { twin: part.twin, ends, behind };
        places.fill(pieces, part);
    }
    Some(words)
}

/// The line breaks that stay of those that the author made.
pub(super) fn keep_breaks(pieces: &mut Pieces) {
    if !pieces.breaks.is_empty() {
        tidy(pieces);
        settle(pieces);
    }
}

/// How many pieces have begun with each token of the source. The comma behind the last member of a list is not printed,
/// and of `is missing` in a bin only one word.
fn pair(pieces: &mut Pieces, twin: &Twin<'_>, tokens: &[Token]) -> Option<Vec<usize>> {
    let mut behind = Vec::with_capacity(tokens.len());
    let mut begun = 0;
    for token in tokens {
        let last = token.kind == Kind::Comma && pieces.kind(begun) != Some(Kind::Comma);
        let absence = token.kind == Kind::Word
            && matches!(token_text(twin, token), "is" | "not" | "NOT")
            && (pieces.is(begun, "missing") || pieces.is(begun, "present"));
        if !last && !absence {
            let piece = pieces.all.get_mut(begun).filter(|piece| alike(piece.kind, token.kind))?;
            let number = piece.text.strip_suffix(" CNY").filter(|_| token_text(twin, token).ends_with('元'));
            if let Some(number) = number {
                piece.text = format!("{number}元");
            }
            begun += 1;
        }
        behind.push(begun);
    }
    (begun == pieces.all.len()).then_some(behind)
}

/// A member of a closed set is printed bare where it can be.
fn alike(printed: Kind, written: Kind) -> bool {
    printed == written || (printed == Kind::Word && written == Kind::Text)
}

/// From offsets in the source to the pieces.
struct Places<'t, 's> {
    twin: &'t Twin<'s>,
    /// Where each token ends.
    ends: Vec<usize>,
    /// Before which piece stands what follows each token.
    behind: Vec<usize>,
}

impl Places<'_, '_> {
    /// The piece that follows an offset, and where the token before it ends. A comma stays with what it stands behind.
    fn of(&self, pieces: &Pieces, offset: usize) -> Option<(usize, usize)> {
        let token = self.ends.partition_point(|end| *end <= offset).checked_sub(1)?;
        let at = *self.behind.get(token)?;
        Some((at + usize::from(pieces.kind(at) == Some(Kind::Comma)), *self.ends.get(token)?))
    }

    fn fill(&self, pieces: &mut Pieces, part: &Part<'_, '_>) {
        pieces.breaks = vec![false; pieces.all.len() + 1];
        let newlines = part.tokens.iter().filter(|token| token.kind == Kind::Newline);
        for start in newlines.map(|token| self.twin.span(token.start(), token.end()).start()) {
            if let Some((at, _)) = self.of(pieces, start) {
                break_before(pieces, at);
            }
        }
        for trivia in part.trivia {
            let Some((at, end)) = self.of(pieces, trivia.span.start()) else { continue };
            break_before(pieces, at);
            if pieces.gaps.last().is_none_or(|(gap, _)| *gap < at) {
                pieces.gaps.push((at, Gap::default()));
            }
            let Some((_, gap)) = pieces.gaps.last_mut() else { continue };
            let text = self.twin.source_text(trivia.span);
            let same_line = !self.twin.source_text(Span::of(end, trivia.span.start())).contains(['\n', '\r']);
            match comment(text) {
                blank if blank.is_empty() => {
                    if gap.own.last().is_none_or(|last| !last.is_empty()) {
                        gap.own.push(blank);
                    }
                }
                // Blank lines before a comma that begins a line go with the comma's place.
                comment if same_line && gap.behind.is_none() && gap.own.iter().all(String::is_empty) => {
                    gap.own.clear();
                    gap.behind = Some(comment);
                }
                comment => gap.own.push(comment),
            }
        }
    }
}

fn break_before(pieces: &mut Pieces, at: usize) {
    if let Some(place) = pieces.breaks.get_mut(at) {
        *place = true;
    }
}

/// Line breaks without a comment stay where a line may well begin; one behind `and` moves before it.
fn tidy(pieces: &mut Pieces) {
    for at in 1..pieces.all.len() {
        if !pieces.breaks.get(at).copied().unwrap_or_default() || pieces.gap(at).is_some() {
            continue;
        }
        let (before, here) = (pieces.kind(at - 1), pieces.kind(at));
        let sign = here == Some(Kind::Operator) && !pieces.is(at, "-");
        let stays = pieces.leads(at)
            || sign
            || matches!(here, Some(Kind::Close | Kind::Arrow))
            || matches!(before, Some(Kind::Open | Kind::Comma | Kind::Colon))
            || pieces.binding == Some(at - 1)
            || pieces.trails(at - 1);
        if let Some(place) = pieces.breaks.get_mut(at) {
            *place = stays;
        }
        if !stays && pieces.leads(at - 1) {
            break_before(pieces, at - 1);
        }
    }
}

/// What a line break in a bracket brings with it: the bracket begins and ends lines, and the members of a list have lines
/// of their own, unless each is a single value. Whether a member is broken has no say in that: the layout may yet break
/// one for its width, and only the next pass would see it.
fn settle(pieces: &mut Pieces) {
    let mut settled = Vec::new();
    // The open brackets: whether a line breaks inside, their commas.
    let mut open: Vec<(usize, bool, Vec<usize>)> = Vec::new();
    for at in 0..pieces.all.len() {
        if let Some((_, broken, _)) = open.last_mut() {
            *broken |= pieces.breaks.get(at).copied().unwrap_or_default();
        }
        match (pieces.kind(at), open.last_mut()) {
            (Some(Kind::Open), _) => open.push((at, false, Vec::new())),
            (Some(Kind::Comma), Some((_, _, commas))) => commas.push(at + 1),
            (Some(Kind::Close), Some(_)) => {
                let Some((start, true, commas)) = open.pop() else { continue };
                settled.extend([start + 1, at]);
                if !pieces.single_values(start + 1, at) {
                    settled.extend(commas);
                }
                if let Some((_, broken, _)) = open.last_mut() {
                    *broken = true;
                }
            }
            _ => {}
        }
    }
    settled.into_iter().for_each(|at| break_before(pieces, at));
}

#[cfg(test)]
mod tests {
    use super::super::pieces::unlimited;
    use super::*;
    use crate::syntax::scan::scan;

    #[test]
    fn a_source_that_does_not_go_with_the_pieces_is_refused() {
        for (source, fits) in [
            ("a in(1,2,) # c\n=> A", true),
            ("a in (1, 2) and b # c\n=> A", false),
            ("a in (1, 2) # c", false),
            ("a in (1, b) => A", false),
        ] {
            let mut pieces = Pieces::new("a in (1, 2) => A", false);
            let twin = Twin::new(source);
            let scanned = scan(&twin, &unlimited());
            let part = Part { twin: &twin, tokens: &scanned.tokens, trivia: &scanned.trivia };
            assert_eq!(follow(&mut pieces, &part, true).is_some(), fits, "{source}");
        }
    }
}
