//! Coverage as people read it: how much, and beside each line of the policy what is not shown.

use super::coverage::{Coverage, CoveredLine, Obligation, ObligationKind, ObligationState, Tally};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::search::{Aim, Site};
use crate::source::Lines;

/// How much is covered: all together, then by kind.
pub(super) fn summary(coverage: &Coverage, lang: Lang) -> String {
    let total = coverage.tally(None);
    let count = |count: usize| ("count", count.to_string());
    let mut parts = vec![phrase(Phrase::CoverOf, &of(total), lang)];
    match coverage.as_of() {
        _ if total.infeasible == 0 => {}
        None => parts.push(phrase(Phrase::CoverNobody, &[count(total.infeasible)], lang)),
        Some(day) => {
            parts.push(phrase(Phrase::CoverDay, &[count(total.infeasible), ("day", day.to_string())], lang));
        }
    }
    if total.unknown > 0 {
        parts.push(phrase(Phrase::CoverUnsure, &[count(total.unknown)], lang));
    }
    let kinds = ObligationKind::ALL.iter().filter_map(|kind| {
        let tally = coverage.tally(*kind);
        let name = match kind {
            ObligationKind::Rule => Phrase::CoverRules,
            ObligationKind::Limit => Phrase::CoverLimits,
            ObligationKind::Segment => Phrase::CoverSegments,
            ObligationKind::Bin => Phrase::CoverBins,
            ObligationKind::Condition => Phrase::CoverConditions,
            ObligationKind::Threshold => Phrase::CoverThresholds,
            ObligationKind::Mcdc => Phrase::CoverMcdc,
        };
        let counts = format!("{} {}/{}", phrase(name, &[], lang), tally.covered, tally.counted());
        (tally != Tally::default()).then_some(counts)
    });
    let kinds: Vec<String> = kinds.collect();
    let lines = [parts.join(comma(lang)), kinds.join(comma(lang))];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn of(tally: Tally) -> [(&'static str, String); 2] {
    [("covered", tally.covered.to_string()), ("all", tally.counted().to_string())]
}

fn comma(lang: Lang) -> &'static str {
    if lang == Lang::En { ", " } else { "，" }
}

/// The lines of the policy from the first to the last of which something is to be shown.
pub(super) fn lines(coverage: &Coverage) -> impl Iterator<Item = CoveredLine<'_>> {
    let all = coverage.obligations.as_slice();
    let ends = all.first().zip(all.last()).map(|(first, last)| (first.line, last.line));
    let lines = Lines::new(&coverage.source);
    let numbers = ends.into_iter().flat_map(|(first, last)| first..=last);
    numbers.map(move |number| {
        let from = all.partition_point(|it| it.line < number);
        let to = all.partition_point(|it| it.line <= number);
        let (_, text) = lines.text(&coverage.source, number);
        CoveredLine { number, text, obligations: all.get(from..to).unwrap_or_default() }
    })
}

/// The summary, and each line with a mark, how many tests it decides, and what is not shown: `+` where all is, `!` where
/// something is not, `?` where that may not be possible, `-` where it can do nothing.
pub(super) fn text(coverage: &Coverage, lang: Lang) -> String {
    let mut text = summary(coverage, lang) + "\n";
    let gutter = coverage.obligations.last().map_or(1, |last| last.line.to_string().len());
    let widest = coverage.tests.to_string().len();
    for line in lines(coverage) {
        let has = |state: fn(&ObligationState) -> bool| line.obligations.iter().any(|it| state(&it.state));
        let mark = match () {
            () if line.obligations.is_empty() => ' ',
            () if has(|state| *state == ObligationState::Uncovered) => '!',
            () if has(|state| matches!(state, ObligationState::Unknown(_))) => '?',
            () if line.is_idle() => '-',
            () => '+',
        };
        let tests = line.tests().map(|tests| format!("{tests}x")).unwrap_or_default();
        let source = crate::diagnostics::escape(line.text);
        let row = format!("{mark} {tests:>widest$} {:>gutter$} | {source}", line.number, widest = widest + 1);
        text += row.trim_end();
        text.push('\n');
        for (_, note) in notes(&line, lang) {
            text += &format!("{:indent$} |   {note}\n", "", indent = widest + gutter + 4);
        }
    }
    text
}

/// What tests do not show of a line.
pub(super) fn notes(line: &CoveredLine<'_>, lang: Lang) -> Vec<(ObligationState, String)> {
    let mut notes: Vec<(ObligationState, Vec<&Obligation>)> = Vec::new();
    for it in line.obligations.iter().filter(|it| it.state != ObligationState::Covered) {
        match notes.iter_mut().find(|(state, _)| *state == it.state) {
            Some((_, own)) => own.push(it),
            None => notes.push((it.state, vec![it])),
        }
    }
    notes.sort_by_key(|(state, _)| match state {
        ObligationState::Covered | ObligationState::Uncovered => 0,
        ObligationState::Unknown(_) => 1,
        ObligationState::Infeasible => 2,
    });
    let told = notes.into_iter().map(|(state, own)| {
        let template = match state {
            ObligationState::Covered | ObligationState::Uncovered => Phrase::NotSeen,
            ObligationState::Unknown(_) => Phrase::SeenUnsure,
            ObligationState::Infeasible => Phrase::CannotBe,
        };
        (state, phrase(template, &[("list", listed(line, &own, lang))], lang))
    });
    told.collect()
}

/// Several things, those of one condition together, and all of them as one.
fn listed(line: &CoveredLine<'_>, all: &[&Obligation], lang: Lang) -> String {
    let semicolon = if lang == Lang::En { "; " } else { "；" };
    let parts = all.chunk_by(|a, b| part_of(a).is_some() && part_of(a) == part_of(b));
    let told = parts.filter_map(|part| {
        let first = *part.first()?;
        let ways: Vec<String> = part.iter().map(|it| phrase(way(it), &[], lang)).collect();
        let ways = ways.join(comma(lang));
        let whole = line.obligations.iter().filter(|it| part_of(it) == part_of(first)).count();
        Some(match part_of(first) {
            Some(_) if part.len() > 2 && part.len() == whole => {
                phrase(Phrase::SeenWhole, &[("source", first.source.clone())], lang)
            }
            Some(_) => phrase(Phrase::SeenPart, &[("source", first.source.clone()), ("ways", ways)], lang),
            None => ways,
        })
    });
    told.collect::<Vec<_>>().join(semicolon)
}

/// The condition or the bin that something is to be shown of.
fn part_of(it: &Obligation) -> Option<(Site, usize)> {
    match it.aim {
        Aim::Fits(site @ Site::Bin(..)) | Aim::Edge(site @ Site::Bin(..), ..) => Some((site, 0)),
        Aim::Is(site, at, _) | Aim::Edge(site, at, ..) | Aim::Alone(site, at, _) => Some((site, at)),
        Aim::Decides(_) | Aim::Moves(_) | Aim::Fits(_) => None,
    }
}

pub(super) fn way(it: &Obligation) -> Phrase {
    match (it.aim, it.edge) {
        (Aim::Decides(_), _) => Phrase::SeenDecides,
        (Aim::Moves(_), _) => Phrase::SeenMoves,
        (Aim::Fits(_), _) => Phrase::SeenFits,
        (Aim::Is(_, _, Some(true)), _) => Phrase::SeenTrue,
        (Aim::Is(_, _, Some(false)), _) => Phrase::SeenFalse,
        (Aim::Is(_, _, None), _) => Phrase::SeenOpen,
        (_, Some("below")) => Phrase::SeenBelow,
        (_, Some("above")) => Phrase::SeenAbove,
        (_, Some("lower")) => Phrase::SeenLower,
        (_, Some("upper")) => Phrase::SeenUpper,
        (Aim::Edge(..), _) => Phrase::SeenAt,
        (Aim::Alone(_, _, true), _) => Phrase::SeenTrueAlone,
        (Aim::Alone(_, _, false), _) => Phrase::SeenFalseAlone,
    }
}
