//! Reports of tests as people read them.

use super::report::{Difference, TestReport, TestResult};
use crate::diagnostics::{Lang, Phrase, inside_quotes, phrase};
use crate::explain::{Detail, State};

/// The tests that fail, and how many pass.
pub(super) fn report(report: &TestReport, lang: Lang) -> String {
    let failed: String = report.results.iter().map(|result| result.text(lang)).collect();
    failed + &summary(report, lang) + "\n"
}

/// How many pass and fail.
pub(super) fn summary(report: &TestReport, lang: Lang) -> String {
    let counts = [("passed", report.passed().to_string()), ("failed", report.failed().to_string())];
    let summary = match (report.results.is_empty(), report.failed()) {
        (true, _) => Phrase::TestsNone,
        (false, 0) => Phrase::TestsPass,
        (false, _) => Phrase::TestsFail,
    };
    phrase(summary, &counts, lang)
}

/// Why a test fails; nothing where it passes.
pub(super) fn result(result: &TestResult, lang: Lang) -> String {
    if result.passed {
        return String::new();
    }
    let (name, line) = (inside_quotes(&result.name, lang), result.line.to_string());
    let mut lines = vec![match result.row {
        Some(row) => phrase(Phrase::TestRow, &[("name", name), ("row", row.to_string()), ("line", line)], lang),
        None => phrase(Phrase::TestFailed, &[("name", name), ("line", line)], lang),
    }];
    lines.extend(result.differences.iter().map(|difference| format!("  {}", differs(difference, lang))));
    let [english, chinese] = result.refusal.clone().unwrap_or_default();
    let refusal = if lang == Lang::En { english } else { chinese };
    if !refusal.is_empty() {
        lines.push(format!("  {refusal}"));
    }
    if let (Some(turn), Some(why)) = (&result.turn, &result.why) {
        let place = [("line", turn.line().to_string())];
        let heading = match turn.state() {
            State::True => Phrase::TurnHolds,
            State::False => Phrase::TurnFails,
            State::Masked => Phrase::TurnHidden,
            _ => Phrase::TurnOpen,
        };
        lines.push(format!("  {}", phrase(heading, &place, lang)));
        lines.extend(why.turn_lines(turn, lang).into_iter().map(|line| format!("    {line}")));
    }
    if let Some(why) = &result.why {
        lines.push(format!("  {}", phrase(Phrase::TestFound, &[], lang)));
        lines.extend(why.text(Detail::Short, lang).lines().map(|line| format!("    {line}")));
    }
    lines.join("\n") + "\n\n"
}

fn differs(difference: &Difference, lang: Lang) -> String {
    let what = match difference.what() {
        "tier" => phrase(Phrase::WhatTier, &[], lang),
        "rule" => phrase(Phrase::WhatRule, &[], lang),
        "possible" => phrase(Phrase::WhatPossible, &[], lang),
        "certain" => phrase(Phrase::WhatCertain, &[], lang),
        "error" => phrase(Phrase::WhatError, &[], lang),
        other => other.to_owned(),
    };
    let [expected, actual] = difference.both(lang).map(str::to_owned);
    phrase(Phrase::TestDiffers, &[("what", what), ("expected", expected), ("actual", actual)], lang)
}
