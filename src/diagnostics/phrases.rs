//! The phrases of explanations.

use std::borrow::Cow;

use super::{Lang, english, escape, fill_with};

macro_rules! phrases {
    ($($name:ident,)*) => {
        /// A piece of an explanation's text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Phrase { $($name,)* }

        impl Phrase {
            /// Every phrase.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

phrases! {
    Tier,
    NoTier,
    NoTierName,
    Provisional,
    FactIsMissing,
    FactsAreMissing,
    CouldRise,
    CouldFall,
    CouldBoth,
    ListAnd,
    ListOr,
    Others,
    Policy,
    PolicyVersion,
    PolicyBare,
    NamedRule,
    UnnamedRule,
    NamedOtherwise,
    UnnamedOtherwise,
    NamedCap,
    UnnamedCap,
    NamedFloor,
    UnnamedFloor,
    Decides,
    Gives,
    OtherwiseDecides,
    OtherwiseBest,
    NoRule,
    Lowers,
    Lifts,
    NotTier,
    StillOpen,
    MoreRule,
    MoreRules,
    MoreTiers,
    MoreConditions,
    EarlierDecides,
    RuleLine,
    Plain,
    PlainMade,
    PlainSet,
    With,
    AndDoes,
    HasToBe,
    HasTo,
    Missing,
    Unknown,
    Undefined,
    FactMissing,
    FactValue,
    Hidden,
    HiddenMissing,
    HiddenValue,
    MoreThan,
    AtLeast,
    LessThan,
    AtMost,
    Equal,
    NotEqual,
    After,
    OnOrAfter,
    Before,
    OnOrBefore,
    OneOf,
    NoneOf,
    BoundValue,
    BoundMissing,
    True,
    False,
    Known,
    IsMissing,
    BothEnds,
    EitherEnd,
    Contains,
    Contain,
    ContainsNot,
    ContainNot,
    ContainsAny,
    ContainAny,
    ContainsAll,
    ContainAll,
    ContainsNone,
    ContainNone,
    ContainsNotAll,
    ContainNotAll,
    Starts,
    Start,
    StartsNot,
    StartNot,
    Matches,
    Match,
    MatchesNot,
    MatchNot,
    Within,
    NotWithin,
    WithinLength,
    NotWithinLength,
    ShortBy,
    ShortByMore,
    OverBy,
    OverByMore,
    TooEarly,
    TooLate,
    About,
    OneDay,
    Days,
    EmptySet,
    OneHasTo,
    OneMayNot,
    SomeOf,
    AtLeastOf,
    SomeOfNot,
    AllOf,
    LetHolds,
    LetFails,
    LetOpen,
    LetHidden,
    Because,
    Heading,
    TextHolds,
    TextFails,
    TextOpen,
    TitleRules,
    TitleBest,
    TitleAdjustments,
    TitleLets,
    TitleFacts,
    TitleFindings,
    Legend,
    RuleDecides,
    RuleHolds,
    RuleBehind,
    RuleFails,
    RuleUnknown,
    RuleHidden,
    RuleLater,
    RuleOtherwise,
    Limits,
    LimitsTo,
    CouldLower,
    CouldLift,
    Applies,
    Moved,
    AppliesNot,
    AppliesHidden,
    AppliesUnknown,
    LetLine,
    FactLine,
    ByDefault,
}

/// A phrase in a language with its arguments.
pub(crate) fn phrase(phrase: Phrase, args: &[(&'static str, String)], lang: Lang) -> String {
    let Lang::En = lang;
    let arg = |name: &str| args.iter().find(|(known, _)| *known == name);
    fill_with(english::phrase(phrase), |name| arg(name).map_or(Cow::Borrowed("?"), |(_, text)| escape(text)))
}

/// The texts of all phrases, arguments not filled in.
pub(crate) fn phrase_templates(lang: Lang) -> impl Iterator<Item = &'static str> {
    let Lang::En = lang;
    Phrase::ALL.iter().map(|phrase| english::phrase(*phrase))
}

/// What a reader calls a field of the standard model, where its name does not say it.
pub(crate) fn field_label(name: &str, lang: Lang) -> Option<&'static str> {
    let Lang::En = lang;
    english::field_label(name)
}
