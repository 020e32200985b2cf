//! The one table of keywords: the Chinese form, the English one, and where the two are keywords.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Where a keyword stands, and so what may follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) enum Role {
    /// In front of a condition.
    Not,
    /// `true`, `false` and `today`: values.
    Value,
    /// `missing` and `present` without `is`: in a bin, in a table, as a test's value, behind `is`.
    Asked,
    If,
    Then,
    Else,
    Otherwise,
    AtLeast,
    /// `of` behind the number of `at least`.
    Of,
    /// Between two operands.
    Infix,
    /// `and` and `or`.
    Logic,
    Between,
    /// The `and` of a `between`.
    Middle,
    /// `contains`, behind which `any` and `all` may stand.
    Contains,
    /// `any` and `all` behind `contains`.
    Quantifier,
    /// A sign of comparison.
    Compare,
    /// The same, where it would be `not` in front of an operand.
    Differs,
    /// `is missing` and `is present`, behind an operand.
    Question,
    /// `is not` before `missing` and `present`.
    IsNot,
    /// `not` behind an operand.
    InfixNot,
    Within,
    /// `in` before a window.
    InWindow,
    /// The end of `within` and of a window, which English has not.
    Inside,
    When,
    Where,
    /// Directly behind a number.
    Unit,
    /// `last`, `this`, `previous`.
    Window,
    /// A window by itself.
    WholeWindow,
    Since,
    /// Where a type stands.
    Type,
    /// A type of which more follows.
    TypeOf,
    /// Behind a type, with a value.
    Option,
    /// Behind a type, alone.
    Flag,
    /// Directly before `(`.
    Function,
    /// The first word of a function's argument.
    Collection,
    /// Begins a statement.
    Statement,
    /// A statement by itself.
    Whole,
    /// Behind an operand of the statement that is named.
    Clause(&'static str),
    /// Behind the `=>` of a test.
    Result,
    /// Begins an entry of a `status` block.
    Status,
    /// Later in an entry of a `status` block.
    StatusClause,
    /// Behind the number of misses.
    Misses,
}

/// A keyword in both languages.
#[derive(Debug)]
pub(in crate::syntax) struct Row {
    pub(in crate::syntax) chinese: &'static str,
    pub(in crate::syntax) english: &'static str,
    pub(in crate::syntax) role: Role,
}

macro_rules! rows {
    ($($role:expr => { $($chinese:literal $english:literal)* })*) => {
        /// Every keyword; of the Chinese forms of one keyword the first is the one that is written.
        pub(in crate::syntax) static ROWS: &[Row] =
            &[$($(Row { chinese: $chinese, english: $english, role: $role },)*)*];
    };
}

rows! {
    Role::Not => { "非" "not" "不" "not" "不是" "not" }
    Role::Value => { "真" "true" "是" "true" "假" "false" "否" "false" "今天" "today" }
    Role::Asked => { "缺失" "missing" "存在" "present" }
    Role::If => { "若" "if" }
    Role::Then => { "则" "then" }
    Role::Else => { "否则" "else" }
    Role::Otherwise => { "否则" "otherwise" }
    Role::AtLeast => { "至少满足" "at least" }
    Role::Of => { "项" "of" }
    Role::Middle => { "和" "and" }
    Role::Logic => { "且" "and" "并且" "and" "或" "or" "或者" "or" }
    Role::InWindow => { "在" "in" }
    Role::Infix => { "属于" "in" "不属于" "not in" "开头为" "starts with" "匹配" "matches" }
    Role::Between => { "介于" "between" }
    Role::Contains => { "包含任一" "contains any" "包含全部" "contains all" "包含" "contains" }
    Role::Quantifier => { "任一" "any" "全部" "all" }
    Role::Question => { "缺失" "is missing" "存在" "is present" }
    Role::IsNot => { "不" "is not" "非" "is not" "不是" "is not" }
    Role::InfixNot => { "不" "not" "非" "not" }
    Role::Within => { "在" "within" }
    Role::Inside => { "内" "" }
    Role::Compare => {
        "等于" "=" "为" "="
        "不等于" "!="
        "大于" ">" "超过" ">" "高于" ">"
        "小于" "<" "低于" "<"
        "不低于" ">=" "不小于" ">=" "至少" ">=" "大于等于" ">="
        "不高于" "<=" "不大于" "<=" "至多" "<=" "小于等于" "<="
    }
    Role::Differs => { "不是" "!=" }
    Role::When => { "当" "when" }
    Role::Where => { "其中" "where" }
    Role::Unit => {
        "小时" "hours" "分钟" "minutes" "天" "days" "日" "days" "周" "weeks" "个月" "months" "月" "months"
        "季度" "quarters" "季" "quarters" "年" "years"
    }
    Role::Window => { "最近" "last" "近" "last" "本" "this" "上" "previous" "上一" "previous" }
    Role::WholeWindow => { "今年" "this year" "去年" "previous year" }
    Role::Since => { "自" "since" }
    Role::Type => {
        "数值" "number" "整数" "integer" "金额" "money" "布尔" "boolean" "文本" "text" "日期" "date"
    }
    Role::TypeOf => { "取值" "one of" "集合" "set of" }
    Role::Option => { "默认" "default" "小数位" "scale" }
    Role::Flag => { "必填" "required" "敏感" "sensitive" "受保护" "protected" "固定" "fixed" }
    Role::Clause("collection") => { "依日期" "dated by" }
    Role::Function => {
        "合计" "sum" "次数" "count" "平均" "average" "最小" "min" "最大" "max" "任一" "any" "全部" "all" "连续" "streak"
    }
    Role::Collection => {
        "订单" "orders" "退款" "refunds" "集团" "group" "各月" "months" "各季" "quarters" "各年" "years"
    }
    Role::Statement => {
        "策略" "policy" "币种" "currency" "等级" "tiers" "字段" "field" "设" "let" "封顶" "cap" "保底" "floor"
        "评分" "score" "分群" "segment" "表" "table" "权益" "benefits" "状态" "status" "测试" "test" "假定" "assume"
        "明细" "collection"
    }
    Role::Whole => { "取最高" "match best" }
    Role::Clause("policy") => { "版本" "version" "生效" "effective" }
    Role::Clause("table") => { "按" "by" }
    Role::Clause("score") => { "权重" "weight" "最小" "min" "最大" "max" }
    Role::Clause("test") => { "截至" "as of" "依据" "by" "可能" "possible" "确定" "certain" }
    Role::Result => { "无" "none" "错误" "error" }
    Role::Status => {
        "有效至今年底" "valid until end of this year" "有效至明年底" "valid until end of next year"
        "有效" "valid for" "立即升级" "upgrade immediately" "下月升级" "upgrade at next month"
        "下季升级" "upgrade at next quarter" "明年升级" "upgrade at next year" "逐级降级" "downgrade one tier"
        "降至达标级" "downgrade to qualified" "降至最低级" "downgrade to lowest" "保留" "keep"
    }
    Role::StatusClause => { "连续" "after" }
    Role::Misses => { "次未达标" "misses" }
}

impl Row {
    /// The English form, in the singular for one unit behind `this` and `previous`.
    pub(super) fn singular(&self) -> &'static str {
        self.english.strip_suffix('s').unwrap_or(self.english)
    }
}

/// The rows whose Chinese form begins with a character, longer forms first.
pub(super) fn beginning_with(c: char) -> &'static [&'static Row] {
    static INDEX: LazyLock<HashMap<char, Vec<&'static Row>>> = LazyLock::new(|| {
        let mut index: HashMap<char, Vec<&'static Row>> = HashMap::new();
        for row in ROWS {
            if let Some(first) = row.chinese.chars().next() {
                index.entry(first).or_default().push(row);
            }
        }
        index.values_mut().for_each(|rows| rows.sort_by_key(|row| std::cmp::Reverse(row.chinese.len())));
        index
    });
    if c.is_ascii() { &[] } else { INDEX.get(&c).map_or(&[], Vec::as_slice) }
}

/// The rows whose English form begins with a word, longer forms first.
pub(super) fn english(word: &str) -> &'static [&'static Row] {
    static INDEX: LazyLock<HashMap<&'static str, Vec<&'static Row>>> = LazyLock::new(|| {
        let mut index: HashMap<&'static str, Vec<&'static Row>> = HashMap::new();
        for row in ROWS {
            let first = row.english.split(' ').next().unwrap_or_default();
            index.entry(first).or_default().push(row);
            if row.role == Role::Unit {
                index.entry(row.singular()).or_default().push(row);
            }
        }
        index.values_mut().for_each(|rows| rows.sort_by_key(|row| std::cmp::Reverse(row.english.len())));
        index
    });
    let word = match word {
        "AND" => "and",
        "OR" => "or",
        "NOT" => "not",
        "IN" => "in",
        word => word,
    };
    if word.is_empty() { &[] } else { INDEX.get(word).map_or(&[], Vec::as_slice) }
}

/// Whether a word is a keyword wherever a name could stand, and so no name.
pub(in crate::syntax) fn is_reserved(word: &str) -> bool {
    let rows = word.chars().next().map_or(&[][..], beginning_with);
    rows.iter().any(|row| row.chinese == word && row.role.is_reserved())
}

impl Role {
    /// Whether a whole word of this role is a keyword even where a name could stand.
    pub(super) const fn is_reserved(self) -> bool {
        matches!(
            self,
            Self::Not
                | Self::Value
                | Self::Asked
                | Self::If
                | Self::Then
                | Self::Else
                | Self::AtLeast
                | Self::Infix
                | Self::Logic
                | Self::Between
                | Self::Contains
                | Self::Compare
                | Self::Within
                | Self::When
                | Self::Where
                | Self::Window
                | Self::WholeWindow
        )
    }

    /// Whether a line that begins with it goes on with the line before.
    pub(super) const fn joins_from_the_start(self) -> bool {
        matches!(
            self,
            Self::Then
                | Self::Infix
                | Self::Logic
                | Self::Between
                | Self::Middle
                | Self::Contains
                | Self::Compare
                | Self::Question
                | Self::IsNot
                | Self::Within
                | Self::InWindow
                | Self::When
                | Self::Where
        )
    }

    /// Whether a line that ends with it goes on in the next.
    pub(super) const fn leaves_open(self) -> bool {
        self.joins_from_the_start() && !matches!(self, Self::Question)
            || matches!(self, Self::Not | Self::InfixNot | Self::If | Self::Else | Self::Differs)
    }
}
