//! Coverage as one HTML page that needs nothing beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tierwise::{Coverage, CoveredLine, Lang, ObligationState};

use crate::escape::escape;

const STYLE: &str = "\
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
p { margin: 0.2rem 0; }
table { border-collapse: collapse; margin-top: 0.7rem; }
td { font: 13px/1.5 ui-monospace, monospace; padding: 0 0.6rem; vertical-align: top; white-space: pre-wrap; }
td.count, td.number { text-align: right; color: #666; white-space: nowrap; }
tr.covered td.text { background: #e6f4e6; }
tr.uncovered td.text { background: #fbe3e0; }
tr.unknown td.text { background: #fdf3d8; }
ul { margin: 0; padding: 0.1rem 0 0.3rem 1.6rem; }
li.uncovered { color: #a3200d; }
li.unknown { color: #7a5900; }
li.infeasible { color: #666; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; }
  tr.covered td.text { background: #1f3320; }
  tr.uncovered td.text { background: #48211c; }
  tr.unknown td.text { background: #40371a; }
  td.count, td.number, li.infeasible { color: #999; }
  li.uncovered { color: #f0907f; }
  li.unknown { color: #dcb860; }
}
";

/// The page of several policies, each with the name of its file.
pub(crate) fn page<'c>(policies: impl Iterator<Item = (&'c str, &'c Coverage)>, lang: Lang) -> String {
    let (code, title) = match lang {
        Lang::Zh => ("zh", "测试覆盖"),
        _ => ("en", "Coverage of the tests"),
    };
    let page = html! {
        (DOCTYPE)
        html lang=(code) {
            head {
                meta charset="utf-8";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                @for (file, coverage) in policies { (policy(file, coverage, lang)) }
            }
        }
    };
    page.into_string()
}

fn policy(file: &str, coverage: &Coverage, lang: Lang) -> Markup {
    html! {
        h2 { (escape(file)) }
        @for line in coverage.summary(lang).lines() { p { (line) } }
        table {
            @for line in coverage.lines() {
                tr class=(class(&line)) {
                    td.count { @if let Some(tests) = line.tests() { (tests) "×" } }
                    td.number { (line.number()) }
                    td.text {
                        (escape(line.text()))
                        @let notes = line.notes(lang);
                        @if !notes.is_empty() {
                            ul { @for (state, note) in notes { li class=(word(state)) { (note) } } }
                        }
                    }
                }
            }
        }
    }
}

/// What is worst of a line.
fn class(line: &CoveredLine<'_>) -> &'static str {
    let states = || line.obligations().iter().map(|it| word(it.state()));
    let worst = ["uncovered", "unknown"].into_iter().find(|worst| states().any(|state| state == *worst));
    match line.obligations() {
        [] => "none",
        _ => worst.unwrap_or("covered"),
    }
}

fn word(state: ObligationState) -> &'static str {
    match state {
        ObligationState::Uncovered => "uncovered",
        ObligationState::Infeasible => "infeasible",
        ObligationState::Unknown(_) => "unknown",
        _ => "covered",
    }
}
