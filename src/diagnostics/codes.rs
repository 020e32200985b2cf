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
    /// What can be wrong with a policy (`E…`), worth a look (`W…`), or found by an analysis (`A…`).
    ///
    /// [`language::errors`](crate::language::errors), [`language::warnings`](crate::language::warnings) and
    /// [`language::analysis`](crate::language::analysis) have an entry for each: what it means, a policy that draws it, and
    /// one that is right.
    #[non_exhaustive]
    #[expect(missing_docs, reason = "the language reference says what each means")]
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
        BinForm = "E0222",
        WindowUnit = "E0223",
        WindowElsewhere = "E0224",
        EmptyWindow = "E0225",
        UnknownName = "E0301",
        UnknownFunction = "E0302",
        UnknownTier = "E0303",
        UnknownMember = "E0304",
        DuplicateName = "E0305",
        LetTakesFieldName = "E0306",
        LetCycle = "E0307",
        TierAsField = "E0308",
        UnknownType = "E0309",
        UnknownColumn = "E0310",
        TableAsFact = "E0311",
        CollectionAsFact = "E0312",
        NotACollection = "E0313",
        UnknownElement = "E0314",
        ElementOutside = "E0315",
        NotAFact = "E0316",
        UnknownRule = "E0317",
        UnknownResult = "E0318",
        UseElsewhere = "E0319",
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
        PointsType = "E0414",
        HoursElsewhere = "E0415",
        TwoCollections = "E0416",
        WrongTestValue = "E0417",
        NotRecords = "E0418",
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
        DuplicateKey = "E0513",
        RowLength = "E0514",
        KeyColumn = "E0515",
        ColumnTypes = "E0516",
        BenefitTypes = "E0517",
        EmptyBlock = "E0518",
        KeyType = "E0519",
        NotADateField = "E0520",
        NoDateField = "E0521",
        PeriodWithoutWindow = "E0522",
        YearStart = "E0523",
        TestWithoutDate = "E0524",
        NeverPasses = "E0525",
        NotATest = "E0526",
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
        PeriodsInLast = "W0104",
        Contradiction = "A0101",
        Gap = "A0102",
        GapWhereMissing = "A0103",
        NeverTrue = "A0104",
        NeverDecides = "A0105",
        OtherwiseUnused = "A0106",
        AlwaysTrue = "A0107",
        AlwaysFalse = "A0108",
        TierOfNobody = "A0109",
        MovesNobody = "A0110",
        Overlap = "A0111",
        NeverFits = "A0112",
        FallbackUnused = "A0113",
        DefaultUnused = "A0114",
    }
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Of a text that is checked: the policy cannot be used. Of an analysis: it does not do what is written.
    Error,
    /// The policy can be used; its author should look.
    Warning,
    /// Something that the author may want to know.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Code {
    /// Errors begin with `E`, warnings with `W`; what an analysis finds begins with `A` and weighs more or less.
    pub const fn severity(self) -> Severity {
        match self {
            Self::TierNeverGiven | Self::NeverHolds | Self::AlwaysHolds | Self::PeriodsInLast => Severity::Warning,
            Self::AlwaysTrue | Self::AlwaysFalse | Self::TierOfNobody | Self::MovesNobody => Severity::Warning,
            Self::FallbackUnused | Self::DefaultUnused => Severity::Warning,
            Self::GapWhereMissing | Self::OtherwiseUnused | Self::Overlap => Severity::Note,
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
        NoRate = "D0114",
        Noticed = "D0115",
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
        NoRow = "F0107",
        EmptyCell = "F0108",
        NoSegment = "F0109",
        NoBin = "F0110",
        RepeatedRecord = "F0111",
        ConflictingRecord = "F0112",
        FutureRecord = "F0113",
        UnknownCode = "F0114",
        NoRecords = "F0115",
        UnknownParent = "F0116",
        Circle = "F0117",
        SecondParent = "F0118",
        RepeatedCustomer = "F0119",
        ParentOpen = "F0120",
        PossibleSuperset = "F0121",
    }
}
