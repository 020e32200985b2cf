//! The codes of everything that can be reported. A code keeps its meaning for ever; its number is never used again.

macro_rules! codes {
    ($(#[$attribute:meta])* $vis:vis enum $name:ident { $($variant:ident = $code:literal,)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name { $($variant,)* }

        impl $name {
            /// Every code, in order.
            $vis const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is printed.
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

codes! {
    /// What can be wrong with a policy (`E…`) or worth a look (`W…`).
    #[non_exhaustive]
    #[expect(missing_docs, reason = "the catalogue of messages says what each means")]
    pub enum Code {
        ForbiddenCharacter = "E0101",
        UnclosedText = "E0102",
        UnclosedBacktick = "E0103",
        BadEscape = "E0104",
        GroupedDigits = "E0105",
        BadNumber = "E0106",
        AmbiguousSuffix = "E0107",
        NumberDoesNotFit = "E0108",
        NoSuchDay = "E0109",
        DateForm = "E0110",
        BadDuration = "E0111",
        UnknownOperator = "E0112",
        UnexpectedCharacter = "E0113",
        UnclosedBracket = "E0114",
        UnmatchedBracket = "E0115",
        EmptyName = "E0116",
        Expected = "E0201",
        MissingArrow = "E0202",
        MissingColon = "E0203",
        MixedAndOr = "E0204",
        ChainedComparison = "E0205",
        MissingTier = "E0206",
        NeedsParentheses = "E0207",
        KeywordAsName = "E0208",
        BetweenWithoutAnd = "E0209",
        VersionNotFirst = "E0210",
        UnknownVersion = "E0211",
        NotSupportedYet = "E0212",
        ListNotAllowed = "E0213",
        ListExpected = "E0214",
        NotALiteral = "E0215",
        BadFieldOption = "E0216",
        OptionTwice = "E0217",
        OptionValue = "E0218",
        OtherRuleForm = "E0219",
        TierInFront = "E0220",
        NameWithoutQuotes = "E0221",
        UnknownName = "E0301",
        UnknownFunction = "E0302",
        UnknownTier = "E0303",
        UnknownMember = "E0304",
        DuplicateName = "E0305",
        LetTakesFieldName = "E0306",
        LetCycle = "E0307",
        TierAsField = "E0308",
        UnknownType = "E0309",
        IncomparableTypes = "E0401",
        WrongOperand = "E0402",
        NoOrder = "E0403",
        NotACondition = "E0404",
        ArgumentCount = "E0405",
        WrongArgument = "E0406",
        BareText = "E0407",
        BadRegex = "E0408",
        WrongCurrency = "E0409",
        NoCurrency = "E0410",
        UnknownCurrency = "E0411",
        BranchTypes = "E0412",
        AtLeastCount = "E0413",
        DuplicateStatement = "E0501",
        OtherwiseNotLast = "E0502",
        OtherwiseTwice = "E0503",
        NeedsTiers = "E0504",
        ReversedRange = "E0505",
        WrongDefault = "E0506",
        ProtectedField = "E0507",
        NoRules = "E0508",
        WrongRange = "E0509",
        RequiredWithDefault = "E0510",
        DefaultOutOfRange = "E0511",
        DefaultTooFine = "E0512",
        SourceTooLarge = "E0601",
        TooManyTokens = "E0602",
        TooDeep = "E0603",
        TooManyRules = "E0604",
        ListTooLong = "E0605",
        NameTooLong = "E0606",
        TooManyPatterns = "E0607",
        TierNeverGiven = "W0101",
        NeverHolds = "W0102",
        AlwaysHolds = "W0103",
    }
}

/// Whether a diagnostic stops the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// The policy can be used; its author should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Code {
    /// Errors begin with `E`, warnings with `W`.
    pub const fn severity(self) -> Severity {
        match self {
            Self::TierNeverGiven | Self::NeverHolds | Self::AlwaysHolds => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

codes! {
    /// Why a customer is refused.
    pub(crate) enum Refusal {
        WrongType = "D0101",
        NotANumber = "D0102",
        DoesNotFit = "D0103",
        NotWhole = "D0104",
        OutOfRange = "D0105",
        TooFine = "D0106",
        NotADate = "D0107",
        NotAMember = "D0108",
        RequiredMissing = "D0109",
        ForeignCurrency = "D0110",
        UnknownCurrency = "D0111",
        Unreadable = "D0112",
        NoCurrency = "D0113",
    }
}

codes! {
    /// What is noticed about a customer's data without refusing the customer.
    pub(crate) enum Finding {
        Undefined = "F0101",
        NoStanding = "F0102",
        UnknownTier = "F0103",
        CapUnknown = "F0104",
        FloorUnknown = "F0105",
        AssumptionBroken = "F0106",
    }
}

macro_rules! hints {
    ($($variant:ident,)*) => {
        /// Help lines and labels.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Hint { $($variant,)* }

        impl Hint {
            /// Every entry of the catalogue.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in the catalogue.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
        }
    };
}

hints! {
    DidYouMean,
    DeclareField,
    FirstHere,
    OpenedHere,
    WriteEscape,
    CloseText,
    CloseBacktick,
    Escapes,
    GroupedDigits,
    WriteAs,
    MillionOrMonths,
    BillionOrDuration,
    LimitsOfNumbers,
    PaddedDate,
    WholeDuration,
    WriteArrow,
    ArrowMissingToo,
    ReadingAndFirst,
    ReadingOrFirst,
    SplitChain,
    NameTier,
    Parenthesise,
    Backticks,
    BetweenForm,
    VersionFirst,
    OnlyVersionOne,
    OneValue,
    ListOfLiterals,
    FieldOptions,
    QuoteText,
    KnownTiers,
    KnownMembers,
    CycleStep,
    TierBehindArrow,
    KnownTypes,
    MoneyRatio,
    DurationForDate,
    DaysForDuration,
    TextNeedsNoOrder,
    Conditions,
    SetWantsContains,
    SetOnly,
    StateCurrency,
    PolicyCurrency,
    FunctionForm,
    RegexReason,
    StateOnce,
    OtherwiseLast,
    StateTiers,
    ProtectedHere,
    WriteRule,
    HostLimit,
    RemoveTier,
    AtLeastRange,
    RangeOnlyNumbers,
    DefaultOrRequired,
    LetOfFact,
    ThisIs,
    CloseBracket,
    NoComma,
    NumberUnit,
    WithinForm,
    CountAlone,
    TextOrNumber,
    SetsDiffer,
    OtherwiseHere,
    KnownFunctions,
    Places,
    OtherName,
    RemoveIt,
    DidYouMeanEither,
    OrDeclare,
    AndHere,
    ScaleValue,
    CostValue,
    OptionType,
    CurrencySign,
    CurrencyWord,
    DateOrder,
    YearFirst,
    WriteAtLeast,
    OneArrow,
    OneTier,
    TierOneWord,
    RulesInOrder,
    WriteOtherwise,
    ValueBehind,
    OperatorBefore,
    OneOperator,
    ConditionBefore,
    ListInParentheses,
    RepeatComparison,
    BooleanAlone,
    SameType,
    BranchesAlike,
    BestFirst,
    NotYet,
    AlwaysRange,
    WholeNumber,
    ScalePlaces,
    AskPresent,
    WithoutQuotes,
    DateWithDate,
    OwnCircle,
    RenameOne,
    ArrowOfRule,
    ChoiceForm,
    MemberForm,
    RangeForm,
    EveryFactOptional,
    InsideRange,
    HostField,
    SameKind,
    YearOf,
    LastDay,
    DateParts,
    StateThese,
    ListAlike,
    TextOnly,
    DatesSubtract,
    NoSetDefault,
    CommaBefore,
    FactNoTier,
    CodeBehindNumber,
    ConditionBehind,
    SuchAs,
    WriteCoalesce,
    NameWithoutBlanks,
}
