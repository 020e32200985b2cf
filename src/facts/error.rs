//! Why a customer is refused.

use std::fmt;

use crate::diagnostics::{
    Arg, Args, Frame, Lang, Note, Refusal, Term, beside, beside_help, noticed_text, refusal_text,
};

/// Says that a host could not tell a fact; the reason is shown, so it must not contain the value of a sensitive field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct FactError {
    reason: Arg,
}

impl FactError {
    /// An error with a reason for the reader.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: Arg::Text(reason.into()) }
    }

    /// An error with a reason of the catalogue.
    pub(crate) fn known(reason: Term) -> Self {
        Self { reason: reason.into() }
    }

    /// The reason, for a message.
    pub(crate) fn reason(&self) -> Arg {
        self.reason.clone()
    }
}

/// A customer that cannot be classified: no tier is given, and an error never counts as "did not match".
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse("nps >= 50 => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let error = policy.classify(&Customer::new().with("nps", 900), today).unwrap_err();
/// assert_eq!((error.code(), error.field()), ("D0105", Some("nps")));
/// assert_eq!(error.to_string(), "`nps`: `900` is not between -100 and 100");
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct CustomerError {
    /// Behind a pointer, so that a result is no larger for it.
    refused: Box<Refused>,
}

#[derive(Clone, PartialEq, Eq)]
struct Refused {
    refusal: Refusal,
    field: Option<Box<str>>,
    args: Args,
    /// The record that it is about, counted from 1.
    record: Option<usize>,
    /// The member of the group, where it is not the customer itself.
    member: Option<Box<Member>>,
    /// What was noticed, in English and in Chinese.
    noticed: Option<Box<[String; 2]>>,
    help: Option<Note>,
}

/// A member of the customer's group.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Member {
    /// Its place, counted from 1.
    Place(usize),
    Id(Box<str>),
    /// Its id is sensitive.
    Hidden,
}

impl CustomerError {
    pub(crate) fn new(refusal: Refusal, field: &str) -> Self {
        let refused = Refused {
            refusal,
            field: Some(field.into()),
            args: vec![("field", Arg::from(field))],
            record: None,
            member: None,
            noticed: None,
            help: None,
        };
        Self { refused: Box::new(refused) }
    }

    /// A finding that is taken for an error.
    pub(crate) fn noticed(field: Option<&str>, code: &str, [en, zh]: [String; 2]) -> Self {
        let mut error = Self::new(Refusal::Noticed, field.unwrap_or_default()).with("code", code);
        error.refused.field = field.map(Into::into);
        error.refused.noticed = Some(Box::new([en, zh]));
        error
    }

    pub(crate) fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Self {
        self.refused.args.push((name, arg.into()));
        self
    }

    /// The same about a field of a record.
    pub(crate) fn within(mut self, field: &str) -> Self {
        self.refused.field = Some(field.into());
        self.refused.args.iter_mut().filter(|(name, _)| *name == "field").for_each(|(_, arg)| *arg = Arg::from(field));
        self
    }

    /// The same of a record, counted from 1.
    pub(crate) fn in_record(mut self, record: usize) -> Self {
        self.refused.record = Some(record);
        self
    }

    /// The same of a member of the customer's group.
    pub(crate) fn of_member(mut self, member: Member) -> Self {
        self.refused.member = Some(Box::new(member));
        self
    }

    pub(crate) fn hint(mut self, note: Note) -> Self {
        self.refused.help = Some(note);
        self
    }

    /// How to cure it, where that can be told.
    pub fn help(&self) -> Option<&Note> {
        self.refused.help.as_ref()
    }

    /// The stable code, `D…`; [`language::refusals`](crate::language::refusals) has an entry for each.
    pub fn code(&self) -> &'static str {
        self.refused.refusal.as_str()
    }

    /// The field it is about.
    pub fn field(&self) -> Option<&str> {
        self.refused.field.as_deref()
    }

    /// The record that it is about, where it is about one: its place among those of the collection as the host gives
    /// them, counted from 1.
    pub fn record(&self) -> Option<usize> {
        self.refused.record
    }

    /// The id of the member of the customer's group that it is about, in a portfolio; not where ids are sensitive.
    pub fn member(&self) -> Option<&str> {
        match self.refused.member.as_deref() {
            Some(Member::Id(id)) => Some(id),
            _ => None,
        }
    }

    /// What is wrong, in one line; values of sensitive fields are not in it.
    pub fn message(&self, lang: Lang) -> String {
        let text = match (self.refused.noticed.as_deref(), lang) {
            (Some([noticed, _]), Lang::En) | (Some([_, noticed]), Lang::Zh) => {
                noticed_text(noticed, &self.refused.args, lang)
            }
            (None, _) => refusal_text(self.refused.refusal, &self.refused.args, lang),
        };
        let text = match self.refused.record {
            Some(record) => beside(Frame::OfRecord, &text, record, lang),
            None => text,
        };
        let text = match self.refused.member.as_deref() {
            Some(Member::Id(id)) => beside(Frame::OfMember, &text, &**id, lang),
            Some(Member::Place(place)) => beside(Frame::OfMember, &text, *place, lang),
            Some(Member::Hidden) => beside(Frame::OfMember, &text, Term::Hidden, lang),
            None => text,
        };
        match &self.refused.help {
            Some(help) => beside_help(&text, help, lang),
            None => text,
        }
    }
}

impl fmt::Debug for CustomerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerError({}: {self})", self.code())
    }
}
