//! The catalogue of English texts. The law: lower case, no full stop, the user's text in backticks, the domain's nouns;
//! the cause in the message, the cure in the help.

use super::codes::{Code, Finding, Hint, Refusal};

#[expect(clippy::too_many_lines, reason = "one line for each code")]
pub(super) const fn message(code: Code) -> &'static str {
    match code {
        Code::ForbiddenCharacter => "invisible control character {code}",
        Code::UnclosedText => "text is not closed on its line",
        Code::UnclosedBacktick => "name in backticks is not closed on its line",
        Code::BadEscape => "unknown escape `{text}` in a text",
        Code::GroupedDigits => "`{text}` has commas between its digits",
        Code::BadNumber => "`{text}` is not a number of this language",
        Code::AmbiguousSuffix => "`{text}` could mean two things",
        Code::NumberDoesNotFit => "`{text}` does not fit in an exact decimal",
        Code::NoSuchDay => "there is no day `{text}`",
        Code::DateForm => "`{text}` is a date without its zeros",
        Code::BadDuration => "`{text}` is not a duration",
        Code::UnknownOperator => "`{text}` is no operator of this language",
        Code::UnexpectedCharacter => "unexpected character `{text}`",
        Code::UnclosedBracket => "bracket `{text}` is not closed in this statement",
        Code::UnmatchedBracket => "bracket `{text}` closes nothing",
        Code::EmptyName => "name in backticks is empty",
        Code::Expected => "expected {expected}, found {found}",
        Code::MissingArrow => "missing `=>` between the condition and its tier",
        Code::MissingColon => "missing `:` behind the name {text}",
        Code::MixedAndOr => "`and` and `or` stand side by side without parentheses",
        Code::ChainedComparison => "comparison `{text}` follows another one",
        Code::MissingTier => "missing tier behind `=>`",
        Code::NeedsParentheses => "{text} needs parentheses here",
        Code::KeywordAsName => "`{text}` is a keyword and cannot be a name here",
        Code::BetweenWithoutAnd => "`between` wants two bounds with `and` between them",
        Code::VersionNotFirst => "the language version does not stand at the beginning of the file",
        Code::UnknownVersion => "unknown language version `{text}`",
        Code::NotSupportedYet => "`{text}` is not supported yet",
        Code::ListNotAllowed => "a list cannot stand here",
        Code::ListExpected => "expected a list in parentheses",
        Code::NotALiteral => "only a literal can stand here",
        Code::BadFieldOption => "`{text}` is no option of this field, or given twice, or with a wrong value",
        Code::UnknownName => "unknown name `{text}`",
        Code::UnknownFunction => "unknown function `{text}`",
        Code::UnknownTier => "unknown tier `{text}`",
        Code::UnknownMember => "`{text}` is no member of this closed set",
        Code::DuplicateName => "`{text}` is declared twice",
        Code::LetTakesFieldName => "`let {text}` takes the name of a field",
        Code::LetCycle => "lets need each other in a circle: `{text}`",
        Code::TierAsField => "`{text}` is a tier and cannot be compared",
        Code::UnknownType => "unknown type `{text}`",
        Code::IncomparableTypes => "{left} cannot be compared with {right}",
        Code::WrongOperand => "`{op}` cannot join {left} and {right}",
        Code::NoOrder => "`{op}` does not work on {type}",
        Code::NotACondition => "expected a condition, which is true or false; this is {type}",
        Code::ArgumentCount => "wrong number of arguments for `{function}`: {count}",
        Code::WrongArgument => "`{function}` does not take {type} here",
        Code::BareText => "`{text}` is a bare word, and text stands in quotes",
        Code::BadRegex => "regular expression `{text}` cannot be read",
        Code::WrongCurrency => "`{text}` is not the policy's currency {own}",
        Code::NoCurrency => "amount in `{text}`, but the policy states no currency",
        Code::UnknownCurrency => "`{text}` is no currency code of ISO 4217",
        Code::BranchTypes => "one side gives {left}, another one {right}",
        Code::AtLeastCount => "wrong count for `at least` over {count} conditions",
        Code::DuplicateStatement => "`{text}` is stated twice",
        Code::OtherwiseNotLast => "rule behind `otherwise` can never decide",
        Code::OtherwiseTwice => "`otherwise` stands twice",
        Code::NeedsTiers => "`{text}` needs the `tiers` statement",
        Code::ReversedRange => "range is the wrong way round",
        Code::WrongDefault => "expected a value of type {type}, found {found}",
        Code::ProtectedField => "protected field `{text}` reaches a decision",
        Code::NoRules => "the policy has no rules",
        Code::WrongRange => "{text} does not fit {range}",
        Code::RequiredWithDefault => "field `{text}` is required and has a default",
        Code::SourceTooLarge => "source has {bytes} bytes, the limit is {limit}",
        Code::TooManyTokens => "source has more than {limit} words and signs",
        Code::TooDeep => "more than {limit} brackets are open",
        Code::TooManyRules => "policy has {count} rules, the limit is {limit}",
        Code::ListTooLong => "list has {count} members, the limit is {limit}",
        Code::NameTooLong => "name is longer than {limit} bytes",
        Code::TooManyPatterns => "more than {limit} different regular expressions",
        Code::TierNeverGiven => "no rule, cap or floor gives tier `{text}`",
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each hint")]
pub(super) const fn hint(hint: Hint) -> &'static str {
    match hint {
        Hint::DidYouMean => "did you mean `{text}`?",
        Hint::DeclareField => "declare it: `field {text}: number`",
        Hint::FirstHere => "first stated here",
        Hint::OpenedHere => "`{text}` was opened here",
        Hint::WriteEscape => "inside a text it can be written as `{escape}`",
        Hint::CloseText => "close it with `{close}`; a text ends on the line where it begins",
        Hint::CloseBacktick => "a name in backticks holds at least one character and ends on its line",
        Hint::Escapes => "known escapes are `\\\"`, `\\n` and `{form}`; a backslash itself is written `\\\\`",
        Hint::GroupedDigits => "write `{number}` for one number, `{list}` for several",
        Hint::WriteAs => "write `{text}`",
        Hint::MillionOrMonths => "write `{digits}M` for millions, `{digits} months` for a duration",
        Hint::BillionOrDuration => "write `{digits}B` for billions",
        Hint::LimitsOfNumbers => "a number has at most 28 or 29 digits, 28 of them behind the point",
        Hint::PaddedDate => "write `{date}`; put blanks around `-` for a subtraction",
        Hint::WholeDuration => {
            "a duration is a whole number of days, weeks, months, quarters or years, at most 1_000_000"
        }
        Hint::WriteArrow => "a rule reads `CONDITION => TIER`",
        Hint::ArrowMissingToo => "`{text}` behind a number is read as a currency; is `=>` missing before it?",
        Hint::ReadingAndFirst => "`{reading}` if `and` belongs together",
        Hint::ReadingOrFirst => "`{reading}` if `or` belongs together",
        Hint::SplitChain => "join two comparisons with `and`, or put parentheses around one",
        Hint::NameTier => "name the tier that the rule gives: `… => A`",
        Hint::Parenthesise => "put parentheses around it: `(…)`",
        Hint::Backticks => "a name that is a keyword stands in backticks: `{text}`",
        Hint::BetweenForm => "write `between LOW and HIGH`; both ends are included",
        Hint::VersionFirst => "`tierwise 1` is the first line, or is left out; a rule reads `CONDITION => TIER`",
        Hint::OnlyVersionOne => "this is version 1: write `tierwise 1`, or leave the line out",
        Hint::OneValue => "put one value here; lists stand behind `in`, `contains any` and `contains all`",
        Hint::WriteList => "write `(a, b)`",
        Hint::ListOfLiterals => "a list holds numbers, texts, dates or members; compare with a fact by `=`",
        Hint::FieldOptions => {
            "a field takes a range `0..10`, `scale 2`, `default VALUE`, `required`, `sensitive`, `protected`, `fixed`, `rising`, `falling`, `cost NUMBER`, each once"
        }
        Hint::QuoteText => "write `\"{text}\"`",
        Hint::KnownTiers => "known tiers are `{list}`",
        Hint::KnownMembers => "its members are `{list}`",
        Hint::CycleStep => "`{text}` is on the way round",
        Hint::TierBehindArrow => "a tier stands behind `=>`; the customer's present tier is `current.tier`",
        Hint::KnownTypes => "types are number, integer, money, boolean, text, date, one of (…) and set of …",
        Hint::MoneyRatio => "money meets money: give the number a currency, or divide both sides",
        Hint::DurationForDate => "a duration is compared by `DATE within DURATION`, or added to a date",
        Hint::DaysForDuration => "add a duration: `today + 90 days`",
        Hint::TextNeedsNoOrder => {
            "only numbers, money and dates have an order; others are compared by `=`, `!=` and `in`"
        }
        Hint::Conditions => "compare it: `… > 0`, `… = \"x\"`, `… is present`",
        Hint::SetWantsContains => "a set is asked by `contains`, `contains any (…)` or `contains all (…)`",
        Hint::SetOnly => "`contains any` and `contains all` ask a set; `contains` asks a set or a text",
        Hint::StateCurrency => "add the statement `currency {text}`",
        Hint::PolicyCurrency => "thresholds are in {own}; facts in other currencies are what is converted",
        Hint::FunctionForm => "a call's `(` stands directly behind the name of a function",
        Hint::RegexReason => "{reason}",
        Hint::StateOnce => "keep one `{text}`",
        Hint::OtherwiseLast => "`otherwise` stands once, as the last rule",
        Hint::StateTiers => "add a statement such as `tiers A > B > C`, the best first",
        Hint::SwapEnds => "put the smaller end first",
        Hint::ProtectedHere => "leave it out, or have the host allow protected fields",
        Hint::WriteRule => "a rule reads `annual_spend > 200K => A`",
        Hint::HostLimit => "the host can set this limit",
        Hint::RemoveTier => "add a rule for it, or take it off the ladder",
        Hint::AtLeastRange => "write a whole number from 1 to {count}",
        Hint::RangeOnlyNumbers => "numbers, money and dates have ranges",
        Hint::DefaultOrRequired => "keep one of the two: a default makes the fact known",
        Hint::LetOfFact => "give a part of the expression a name by `let`",
        Hint::ThisIs => "this is {type}",
        Hint::CloseBracket => "add `{close}`",
        Hint::NoComma => "join conditions by `and` or `or`",
        Hint::CountAlone => "a count is compared with a number alone: `tenure_months >= 24`",
        Hint::TextOrNumber => "a text stands in quotes, a number without them",
        Hint::SetsDiffer => "the two closed sets have different members",
        Hint::OtherwiseHere => "`otherwise` stands here",
        Hint::KnownFunctions => "functions are `{list}`",
        Hint::Places => "the places are a whole number from 0 to 28, written out: `round(number, 2)`",
        Hint::OtherName => "choose another name; a `field` may redeclare a field of the standard model",
        Hint::RemoveIt => "remove it",
        Hint::ConditionsOther => "compare it: `… = …`, or ask `… is present`",
        Hint::WithinForm => "`within` asks a date about a duration: `last_order_on within 90 days`",
        Hint::NumberUnit => {
            "numbers read `1_000_000`, `0.5`, `200K`, `40%`, `600万`; durations `90 days`, dates `2026-03-31`"
        }
    }
}

pub(super) const fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::WrongType => "`{field}` is {type}, but the fact is {found}",
        Refusal::NotANumber => "`{field}` is {type}, but `{value}` is no number",
        Refusal::DoesNotFit => "`{field}`: `{value}` does not fit in an exact decimal",
        Refusal::NotWhole => "`{field}` is a whole number, but the fact is `{value}`",
        Refusal::OutOfRange => "`{field}`: `{value}` lies outside {range}",
        Refusal::TooFine => "`{field}`: `{value}` has more than {scale} decimal places",
        Refusal::NotADate => "`{field}`: `{value}` is no date of the form YYYY-MM-DD",
        Refusal::NotAMember => "`{field}`: `{value}` is none of `{list}`",
        Refusal::RequiredMissing => "required `{field}` is missing",
        Refusal::ForeignCurrency => {
            "`{field}` is in {currency}, but the policy is in {own} and rates are not supported yet"
        }
        Refusal::UnknownCurrency => "`{field}`: `{currency}` is no currency code of ISO 4217",
        Refusal::NoCurrency => "`{field}` is in {currency}, but the policy states no currency",
        Refusal::Unreadable => "`{field}` cannot be read: {reason}",
    }
}

pub(super) const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Undefined => "a calculation in {place} has no result",
        Finding::NoStanding => "`{field}` is undefined: the customer has no standing yet",
        Finding::UnknownTier => "`{field}` is a tier that is not on the ladder, and counts as missing",
        Finding::CapUnknown => "the cap in {place} is unknown and was not applied",
        Finding::FloorUnknown => "the floor in {place} is unknown and was not applied",
        Finding::AssumptionBroken => "the assumption in {place} does not hold of this customer",
    }
}
