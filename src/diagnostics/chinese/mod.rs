//! The catalogue of Chinese texts. The law is that of the English ones: no full stop, the user's text in backticks, the
//! domain's nouns; the cause in the message, the cure in the help. A blank stands between Chinese and Latin words or
//! digits, and the catalogue sets it around what is filled in.

mod hints;
mod messages;
mod phrases;
mod terms;

use super::codes::{Finding, Refusal};
use super::{Arg, clip, escape};
use crate::schema::Type;
pub(super) use hints::hint;
pub(super) use messages::message;
pub(super) use phrases::{field_label, function_label, phrase};
pub(super) use terms::{frame, term};

/// What closes a text in quotes.
pub(super) const QUOTE: char = '”';

/// Whether a blank stands between the catalogue's words and what is filled in beside them.
pub(super) fn is_spaced(words: char, filled: char) -> bool {
    is_chinese(words) && (filled.is_ascii_graphic() || (filled.is_alphanumeric() && !is_chinese(filled)))
}

fn is_chinese(c: char) -> bool {
    c >= '\u{2E80}' && c.is_alphanumeric()
}

/// An argument as a reader sees it.
pub(super) fn words(arg: &Arg) -> String {
    match arg {
        Arg::Text(text) => escape(&clip(text)).into_owned(),
        Arg::Count(count) => count.to_string(),
        Arg::Type(ty) => ty_words(ty),
        Arg::Term(entry) => term(*entry).to_owned(),
        Arg::List(list) => escape(&list.join("`、`")).into_owned(),
        Arg::Range { low: Some(low), high: Some(high), .. } => format!("在 {low} 与 {high} 之间"),
        Arg::Range { low: Some(low), dates: true, .. } => format!("不早于 {low}"),
        Arg::Range { low: Some(low), .. } => format!("不小于 {low}"),
        Arg::Range { high: Some(high), dates: true, .. } => format!("不晚于 {high}"),
        Arg::Range { high: Some(high), .. } => format!("不大于 {high}"),
        Arg::Range { .. } => "为任意值".to_owned(),
    }
}

/// A type in a word or two.
fn ty_words(ty: &Type) -> String {
    let word = match ty {
        Type::Number => "数值",
        Type::Integer => "整数",
        Type::Money => "金额",
        Type::Boolean => "布尔值",
        Type::Text => "文本",
        Type::Date => "日期",
        Type::Duration => "时长",
        Type::OneOf(_) => "取值（…）",
        Type::SetOf(element) => return format!("{}集合", ty_words(element)),
    };
    word.to_owned()
}

pub(super) const fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::WrongType => "`{field}` 应为{type}，而数据为{found}",
        Refusal::NotANumber => "`{field}` 应为{type}，而 `{value}` 不是数字",
        Refusal::DoesNotFit => "`{field}`：`{value}` 超出精确小数的表示范围",
        Refusal::NotWhole => "`{field}` 应为整数，而数据为 `{value}`",
        Refusal::OutOfRange => "`{field}`：`{value}` 超出范围，应{range}",
        Refusal::TooFine => "`{field}`：`{value}` 的小数位数超过{scale}位",
        Refusal::NotADate => "`{field}`：`{value}` 不是 `YYYY-MM-DD` 格式的日期",
        Refusal::NotAMember => "`{field}`：`{value}` 不在 `{list}` 之中",
        Refusal::RequiredMissing => "缺少必填的 `{field}`",
        Refusal::ForeignCurrency => "`{field}` 的币种为{currency}，而策略的币种为{own}，没有提供汇率",
        Refusal::UnknownCurrency => "`{field}`：`{currency}` 不是 ISO 4217 币种代码",
        Refusal::NoCurrency => "`{field}` 的币种为{currency}，但策略没有声明币种",
        Refusal::NoRate => "`{field}`：{date} 当日及之前没有从{currency}到{own}的汇率",
        Refusal::Noticed => "{text}（{code}，严格模式下视为错误）",
        Refusal::Unreadable => "`{field}` 无法读取：{reason}",
    }
}

pub(super) const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Undefined => "{place}：计算无结果",
        Finding::NoStanding => "`{field}` 无结果：该客户尚无等级记录",
        Finding::UnknownTier => "`{field}` 的等级不在等级序列中，视为缺失",
        Finding::CapUnknown => "{place}未知，不降低等级",
        Finding::FloorUnknown => "{place}未知，不提升等级",
        Finding::NoRow => "表 `{field}` 中没有与该客户的 `{key}` 对应的行",
        Finding::EmptyCell => "表 `{field}` 对该客户的 `{key}` 没有 `{column}`",
        Finding::NoSegment => "`{field}` 没有值：没有一行符合",
        Finding::NoBin => "`{field}` 无结果：第{line}行没有符合的分档",
        Finding::RepeatedRecord => "`{field}` 中有 {count} 条与先前的编号和内容相同，各计一次",
        Finding::ConflictingRecord => "`{field}` 中有 {count} 条与先前的编号相同而内容不同，各取第一条",
        Finding::FutureRecord => "`{field}` 中有 {count} 条的日期晚于截至日，不予计入",
        Finding::UnknownCode => "`{field}` 中有 {count} 条的币种不是 ISO 4217 代码，其金额视为缺失",
        Finding::NoRecords => "`{field}` 没有记录",
        Finding::UnknownParent => "`parent` 不在客户组合中",
        Finding::Circle => "`parent` 经上级又回到该客户自身",
        Finding::SecondParent => "该客户在客户组合中另有一行且上级不同，以第一行为准",
        Finding::RepeatedCustomer => "该客户在客户组合中重复，集团中只计第一行",
        Finding::ParentOpen => "上级客户的等级尚不确定，视为缺失",
        Finding::PossibleSuperset => "可能的等级和缺失的信息或许多列了：未知的内容太多，无法逐一区分",
        Finding::AssumptionBroken => "第{line}行的假定对该客户不成立",
    }
}
