//! Diagnostics as data: a code, typed arguments, a span, labels and help. Texts come from one catalogue per language
//! and are put together only when a person reads them.

mod catalogue;
mod chinese;
mod codes;
mod english;
mod entries;
mod phrases;
mod render;
mod reports;
mod suggest;

use std::borrow::Cow;
use std::fmt;

pub(crate) use catalogue::{catalogue, field_label, function_label, inside_quotes, phrases, terms};
use catalogue::{fill, fill_with};
pub use codes::{Code, Severity};
pub(crate) use codes::{Finding, Refusal};
pub use entries::Term;
pub(crate) use entries::{Frame, Hint};
pub(crate) use phrases::{Phrase, phrase};
pub use render::Report;
pub(crate) use render::escape;
pub(crate) use reports::Reports;
pub(crate) use suggest::{Near, nearest, year_first};

use crate::schema::{Range, Type};
use crate::source::Span;
use crate::value::{Constant, canonical};

/// The language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// A typed argument of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arg {
    /// A text as it stands in the policy or the data.
    Text(String),
    /// A number.
    Count(u64),
    /// A type of the language.
    Type(Type),
    /// A thing that the catalogue names.
    Term(Term),
    /// Several texts.
    List(Vec<String>),
    /// From one end to the other, both included; an end that is absent is open.
    Range {
        /// The lower end.
        low: Option<String>,
        /// The upper end.
        high: Option<String>,
        /// Whether the ends are dates.
        dates: bool,
    },
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Arg {
    fn from(count: usize) -> Self {
        Self::Count(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

impl From<Type> for Arg {
    fn from(ty: Type) -> Self {
        Self::Type(ty)
    }
}

impl From<Term> for Arg {
    fn from(term: Term) -> Self {
        Self::Term(term)
    }
}

impl From<Vec<String>> for Arg {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl From<&Range> for Arg {
    fn from(range: &Range) -> Self {
        let end = |end: &Option<Constant>| match end {
            Some(Constant::Number(number)) => Some(canonical(*number)),
            Some(Constant::Date(date)) => Some(date.to_string()),
            _ => None,
        };
        let dates = [&range.low, &range.high].iter().any(|end| matches!(end, Some(Constant::Date(_))));
        Self::Range { low: end(&range.low), high: end(&range.high), dates }
    }
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&escape(&clip(text))),
            Self::Count(count) => write!(f, "{count}"),
            Self::Type(Type::OneOf(_)) => f.write_str("one of (…)"),
            Self::Type(ty) => write!(f, "{ty}"),
            Self::Term(term) => f.write_str(english::term(*term)),
            Self::List(list) => f.write_str(&escape(&list.join("`, `"))),
            Self::Range { low, high, .. } => {
                let end = |end: &Option<String>| end.clone().unwrap_or_default();
                write!(f, "{}..{}", end(low), end(high))
            }
        }
    }
}

/// As many characters of an argument are shown: more than a name may have, and less than a source.
const SHOWN: usize = 400;

/// The beginning of a text that is longer than anybody reads.
fn clip(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN).and_then(|(at, _)| text.get(..at)) {
        Some(beginning) => Cow::Owned(format!("{beginning}…")),
        None => Cow::Borrowed(text),
    }
}

pub(crate) type Args = Vec<(&'static str, Arg)>;

/// A help line or a label: an entry of the catalogue with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    hint: Hint,
    args: Args,
}

impl Note {
    pub(crate) fn new(hint: Hint) -> Self {
        Self { hint, args: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Self {
        self.args.push((name, arg.into()));
        self
    }

    /// The text in a language.
    pub fn text(&self, lang: Lang) -> String {
        fill(catalogue::hint(self.hint, lang), &self.args, lang)
    }

    /// Its entry in the catalogue.
    pub(crate) fn entry(&self) -> Hint {
        self.hint
    }
}

impl From<Hint> for Note {
    fn from(hint: Hint) -> Self {
        Self::new(hint)
    }
}

/// A second place that a diagnostic points at, such as "first defined here".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    span: Span,
    note: Note,
}

impl Label {
    /// The place.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What is to be said of it.
    pub fn note(&self) -> &Note {
        &self.note
    }
}

/// One thing that is wrong with a policy, or that its author should know.
///
/// ```
/// use tierwise::{Lang, Policy};
///
/// let error = Policy::parse("anual_spend > 1M => A\notherwise => B").unwrap_err();
/// let diagnostic = &error.diagnostics()[0];
/// assert_eq!(diagnostic.code().as_str(), "E0301");
/// assert_eq!(diagnostic.message(Lang::En), "unknown name `anual_spend`");
/// assert_eq!(diagnostic.help()[0].text(Lang::En), "did you mean `annual_spend`?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    code: Code,
    args: Args,
    span: Span,
    labels: Vec<Label>,
    help: Vec<Note>,
}

impl Diagnostic {
    pub(crate) fn new(code: Code, span: Span) -> Self {
        Self { code, args: Vec::new(), span, labels: Vec::new(), help: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Self {
        self.args.push((name, arg.into()));
        self
    }

    pub(crate) fn label(mut self, span: Span, note: impl Into<Note>) -> Self {
        self.labels.push(Label { span, note: note.into() });
        self
    }

    /// A second place that was found later.
    pub(super) fn add_label(&mut self, span: Span, note: impl Into<Note>) {
        self.labels.push(Label { span, note: note.into() });
    }

    pub(crate) fn hint(mut self, note: impl Into<Note>) -> Self {
        self.help.push(note.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The place it is about.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What is wrong, in one line.
    pub fn message(&self, lang: Lang) -> String {
        fill(catalogue::message(self.code, lang), &self.args, lang)
    }

    /// Other places that matter.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// How to cure it.
    pub fn help(&self) -> &[Note] {
        &self.help
    }
}

/// The message of a refused customer.
pub(crate) fn refusal_text(refusal: Refusal, args: &Args, lang: Lang) -> String {
    fill(catalogue::refusal(refusal, lang), args, lang)
}

/// The message of a finding.
pub(crate) fn finding_text(finding: Finding, args: &Args, lang: Lang) -> String {
    fill(catalogue::finding(finding, lang), args, lang)
}

/// A message of a record or of a member of a group, with which one that is in front.
pub(crate) fn beside(frame: Frame, text: &str, of: impl Into<Arg>, lang: Lang) -> String {
    let of = fill("{of}", &vec![("of", of.into())], lang);
    fill_with(catalogue::frame(frame, lang), lang, |name| if name == "text" { text } else { &of }.into())
}

/// The message of a finding that is taken for an error.
pub(crate) fn noticed_text(noticed: &str, args: &Args, lang: Lang) -> String {
    let code = fill("{code}", args, lang);
    let template = catalogue::refusal(Refusal::Noticed, lang);
    fill_with(template, lang, |name| if name == "text" { noticed } else { &code }.into())
}

/// A message with its cure on the same line.
pub(crate) fn beside_help(text: &str, help: &Note, lang: Lang) -> String {
    let help = help.text(lang);
    fill_with(catalogue::frame(Frame::WithHelp, lang), lang, |name| if name == "text" { text } else { &help }.into())
}
