//! Text in, [`Ast`] out: what comes out has balanced brackets, well-formed literals and statements the grammar knows;
//! whether its names and types make sense is for the checker to say.

pub(crate) mod ast;
mod block;
mod case;
mod chinese;
mod cut;
mod diagnose;
mod expression;
mod format;
mod literal;
mod operand;
mod parser;
mod print;
mod scan;
mod statement;
mod text;
mod twin;

pub(crate) use ast::Ast;
pub(crate) use chinese::{keywords, spaced};
pub use format::Keywords;
pub(crate) use format::format;
pub(crate) use literal::grouped;
pub(crate) use print::{expr as print_expr, member_name as print_member, name as print_name, print};
pub(crate) use text::quote as print_text;

use crate::diagnostics::{Code, Diagnostic, Hint, Note, Reports};
use crate::limits::Limits;
use crate::source::Span;
use ast::StatementKind;
use cut::{Cut, statement_word};
use expression::Place;
use parser::Kind;
use scan::{Kind as TokenKind, Token};
use twin::Twin;

/// What parsing gives: the tree of every statement that could be read, and what is wrong with the others.
pub(crate) struct Parsed {
    pub(crate) ast: Ast,
    pub(crate) diagnostics: Reports,
}

/// Parses a policy text. Linear in the source; after an error it goes on with the next statement.
pub(crate) fn parse(source: &str, limits: &Limits) -> Parsed {
    let mut parsed = Parsed { ast: Ast::default(), diagnostics: Reports::default() };
    if source.len() > limits.source_bytes.min(u32::MAX as usize) {
        parsed.ast.damaged = true;
        let error = Diagnostic::new(Code::SourceTooLarge, Span::default());
        parsed
            .diagnostics
            .push(error.with("bytes", source.len()).with("limit", limits.source_bytes).hint(Hint::HostLimit));
        return parsed;
    }
    let twin = Twin::new(source);
    let scanned = scan::scan(&twin, limits);
    parsed.ast.trivia = scanned.trivia;
    parsed.diagnostics = scanned.diagnostics;
    if parsed.diagnostics.as_slice().iter().any(|diagnostic| diagnostic.code() == Code::TooManyTokens) {
        parsed.ast.damaged = true;
        return parsed;
    }
    let (cuts, diagnostics) = cut::cut(&twin, &scanned.tokens, limits);
    parsed.diagnostics.append(diagnostics);
    let (mut rules, mut too_many) = (0, None);
    for (at, cut) in cuts.iter().enumerate() {
        if cut.damaged {
            lose(&mut parsed.ast, &twin, cut.tokens);
            continue;
        }
        match parse_cut(&twin, cut, at == 0) {
            Ok(statement) => {
                rules +=
                    usize::from(matches!(statement.node, StatementKind::Rule { .. } | StatementKind::Adjust { .. }));
                if rules > limits.rules && too_many.is_none() {
                    too_many = Some(statement.span);
                }
                parsed.ast.statements.push(statement);
            }
            Err(diagnostics) => {
                lose(&mut parsed.ast, &twin, cut.tokens);
                diagnostics.into_iter().for_each(|diagnostic| parsed.diagnostics.push(diagnostic));
            }
        }
    }
    if let Some(span) = too_many {
        let error = Diagnostic::new(Code::TooManyRules, span).with("count", rules).with("limit", limits.rules);
        parsed.diagnostics.push(error.hint(Hint::HostLimit));
    }
    parsed
}

/// The policy that a text names by `use`.
pub(crate) fn used_policy(source: &str) -> Option<String> {
    let limits = Limits::default();
    if source.len() > limits.source_bytes {
        return None;
    }
    let twin = Twin::new(source);
    let scanned = scan::scan(&twin, &limits);
    let (cuts, _) = cut::cut(&twin, &scanned.tokens, &limits);
    let mut uses = cuts.iter().filter(|cut| statement_word(twin.text(), cut.tokens) == Some("use"));
    let name = uses.find_map(|cut| cut.tokens.iter().find(|token| token.kind == TokenKind::Text))?;
    let quoted = twin.text().get(name.start()..name.end())?;
    text::unescape(quoted.trim_start_matches(['"', '“']).strip_suffix(['"', '”'])?).ok()
}

fn parse_cut(twin: &Twin<'_>, cut: &Cut<'_>, first: bool) -> Result<ast::Statement, Vec<Diagnostic>> {
    let (Some(begin), Some(end)) = (cut.tokens.first(), cut.tokens.last()) else {
        return Err(vec![Diagnostic::new(Code::Expected, Span::default())]);
    };
    let text = twin.text().get(begin.start()..end.end()).unwrap_or_default();
    let span = twin.span(begin.start(), end.end());
    let word = match statement_word(twin.text(), cut.tokens) {
        Some("test") if is_test_table(twin, cut.tokens) => Some(block::TEST_TABLE),
        word => word,
    };
    let kind = match word {
        Some("tierwise") if !first => {
            return Err(vec![Diagnostic::new(Code::VersionNotFirst, span).hint(Hint::VersionFirst)]);
        }
        Some(word) => match statement_kind(word) {
            Some(kind) => kind,
            None => return Err(vec![unsupported(twin, begin)]),
        },
        None if named_adjustment(twin, cut.tokens) => Kind::adjust,
        None => Kind::rule,
    };
    if let Some(token) = later_capability(twin, cut.tokens) {
        return Err(vec![unsupported(twin, token)]);
    }
    let place = Place { twin, tokens: cut.tokens, base: begin.start() };
    if let Some(word) = word.filter(|word| block::has_block(word)) {
        return block::block(place, word);
    }
    let built = match parser::parse_statement(kind, text) {
        Some(node) => statement::statement(place, &node),
        None => Err(diagnose::diagnose(place, kind)),
    };
    built.map_err(|diagnostic| vec![diagnostic])
}

fn statement_kind(word: &str) -> Option<Kind> {
    Some(match word {
        "tierwise" => Kind::version,
        "policy" => Kind::policy,
        "currency" => Kind::currency,
        "tiers" => Kind::tiers,
        "field" => Kind::field,
        "let" => Kind::binding,
        "match" => Kind::best,
        "cap" | "floor" => Kind::adjust,
        "assume" => Kind::assume,
        "score" => Kind::score,
        "segment" => Kind::segment,
        "table" => Kind::table,
        "benefits" => Kind::benefits,
        "collection" => Kind::collection,
        "test" => Kind::case,
        block::TEST_TABLE => Kind::case_table,
        "use" => Kind::use_file,
        _ => return None,
    })
}

fn unsupported(twin: &Twin<'_>, word: &Token) -> Diagnostic {
    let (start, end) = (word.start(), word.end());
    let error = Diagnostic::new(Code::NotSupportedYet, twin.span(start, end)).with("text", twin.written(start, end));
    error.hint(Hint::NotYet)
}

/// `test table "name" …`
fn is_test_table(twin: &Twin<'_>, tokens: &[Token]) -> bool {
    let second = tokens.iter().filter(|token| token.kind != TokenKind::Newline).nth(1);
    second.and_then(|token| twin.text().get(token.start()..token.end())) == Some("table")
}

/// `"name": cap B when …`
fn named_adjustment(twin: &Twin<'_>, tokens: &[Token]) -> bool {
    let [name, colon, rest @ ..] = tokens else { return false };
    name.kind == TokenKind::Text
        && colon.kind == TokenKind::Colon
        && matches!(statement_word(twin.text(), rest), Some("cap" | "floor"))
}

/// Keeps what a statement that could not be read would have declared, so that its uses are not reported as well.
fn lose(ast: &mut Ast, twin: &Twin<'_>, tokens: &[Token]) {
    ast.damaged = true;
    let text = |at: usize| {
        let token = tokens.iter().filter(|token| token.kind != TokenKind::Newline).nth(at);
        token.and_then(|token| twin.text().get(token.start()..token.end())).unwrap_or_default()
    };
    match text(0) {
        // A bad character behind the word hides that it begins a statement.
        "tiers" => ast.ladder_lost = true,
        "currency" => ast.currency_lost = true,
        "field" | "let" | "score" | "segment" | "table" | "collection" if !text(1).starts_with(['"', '“']) => {
            ast.promised.push(operand::name(text(1)).into());
        }
        _ => {}
    }
}

/// A function over the population: a part of the language that is not built yet.
fn later_capability<'t>(twin: &Twin<'_>, tokens: &'t [Token]) -> Option<&'t Token> {
    let text = twin.text();
    let word = |token: &Token| text.get(token.start()..token.end()).unwrap_or_default();
    tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Word).find_map(|(at, token)| {
        let called = tokens.get(at + 1).is_some_and(|next| next.start == token.end && word(next) == "(");
        let later = matches!(word(token), "percent_rank" | "cume_dist" | "rank" | "ntile" | "cumulative_share");
        (called && later).then_some(token)
    })
}

/// A note that proposes a spelling.
fn write_as(text: impl Into<String>) -> Note {
    Note::new(Hint::WriteAs).with("text", text.into())
}
