//! The catalogue of English texts. The law: lower case, no full stop, the user's text in backticks, the domain's nouns;
//! the cause in the message, the cure in the help.

mod hints;
mod messages;
mod phrases;
mod terms;

use super::Arg;
use super::codes::{Finding, Refusal};
pub(super) use hints::hint;
pub(super) use messages::message;
pub(super) use phrases::{field_label, phrase};
pub(super) use terms::{frame, term};

/// What closes a text in quotes.
pub(super) const QUOTE: char = '"';

/// An argument as a reader sees it.
pub(super) fn words(arg: &Arg) -> String {
    match arg {
        Arg::Range { low: Some(low), high: Some(high), .. } => format!("between {low} and {high}"),
        Arg::Range { low: Some(low), dates: true, .. } => format!("{low} or later"),
        Arg::Range { low: Some(low), .. } => format!("at least {low}"),
        Arg::Range { high: Some(high), dates: true, .. } => format!("{high} or earlier"),
        Arg::Range { high: Some(high), .. } => format!("at most {high}"),
        Arg::Range { .. } => "any value".to_owned(),
        arg => arg.to_string(),
    }
}

pub(super) const fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::WrongType => "`{field}` is {type}, but the fact is {found}",
        Refusal::NotANumber => "`{field}` is {type}, but `{value}` is no number",
        Refusal::DoesNotFit => "`{field}`: `{value}` does not fit in an exact decimal",
        Refusal::NotWhole => "`{field}` is a whole number, but the fact is `{value}`",
        Refusal::OutOfRange => "`{field}`: `{value}` is not {range}",
        Refusal::TooFine => "`{field}`: `{value}` has more than {scale} decimal places",
        Refusal::NotADate => "`{field}`: `{value}` is no date of the form YYYY-MM-DD",
        Refusal::NotAMember => "`{field}`: `{value}` is none of `{list}`",
        Refusal::RequiredMissing => "required `{field}` is missing",
        Refusal::ForeignCurrency => "`{field}` is in {currency}, but the policy is in {own} and no rates are given",
        Refusal::UnknownCurrency => "`{field}`: `{currency}` is no currency code of ISO 4217",
        Refusal::NoCurrency => "`{field}` is in {currency}, but the policy states no currency",
        Refusal::NoRate => "`{field}`: no rate from {currency} to {own} is known on {date} or before",
        Refusal::Noticed => "{text} ({code}, which strict mode takes for an error)",
        Refusal::Unreadable => "`{field}` cannot be read: {reason}",
    }
}

pub(super) const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Undefined => "{place}: a calculation has no result",
        Finding::NoStanding => "`{field}` is undefined: the customer has no standing yet",
        Finding::UnknownTier => "`{field}` is a tier that is not on the ladder, and counts as missing",
        Finding::CapUnknown => "{place} is unknown and does not lower the tier",
        Finding::FloorUnknown => "{place} is unknown and does not lift the tier",
        Finding::NoRow => "table `{field}` has no row for this customer's `{key}`",
        Finding::EmptyCell => "table `{field}` has no `{column}` for this customer's `{key}`",
        Finding::NoSegment => "`{field}` has no value: none of its lines fits",
        Finding::NoBin => "`{field}` has no result: no bin of its line {line} fits",
        Finding::RepeatedRecord => {
            "`{field}` holds {count} more with the id and the values of an earlier one; each counts once"
        }
        Finding::ConflictingRecord => {
            "`{field}` holds {count} with the id of an earlier one and other values; the first of each counts"
        }
        Finding::FutureRecord => "`{field}` holds {count} dated after the as-of date, which do not count",
        Finding::UnknownCode => {
            "`{field}` holds {count} whose currency is no code of ISO 4217; their amount is missing"
        }
        Finding::NoRecords => "`{field}` is empty",
        Finding::UnknownParent => "`parent` is no customer of the portfolio",
        Finding::Circle => "`parent` leads back to the customer",
        Finding::SecondParent => {
            "the customer stands in the portfolio again under another parent; the first one counts"
        }
        Finding::RepeatedCustomer => "the customer stands in the portfolio again; the first one counts in the group",
        Finding::ParentOpen => "the tier of the parent is not certain, and counts as missing",
        Finding::PossibleSuperset => {
            "what is possible and missing may name one too many: too much is open to tell all apart"
        }
        Finding::AssumptionBroken => "the assumption in line {line} does not hold of this customer",
    }
}
