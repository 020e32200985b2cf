//! Keywords in Chinese: read as their English twins, and written in their place.
//!
//! | module | what it knows |
//! | --- | --- |
//! | `table` | every keyword in both languages, and its role |
//! | `place` | which roles fit where, and what each leads to |
//! | `reader` | the words of a text, and the keywords among them |
//!
//! Everything behind the twin knows English only. Where a name could stand, a Chinese keyword is a whole word; elsewhere
//! the longest form that begins a word is one, whatever follows.

mod place;
mod reader;
mod table;

pub(super) use reader::{Found, read};
pub(super) use table::{ROWS, Role, is_reserved};

/// Whether a keyword may be in the text at all.
pub(super) fn occurs(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|c| !table::beginning_with(c).is_empty())
}

/// The Chinese keywords of a text as `(Chinese, English)`; every keyword that there is for `None`.
pub(crate) fn keywords(text: Option<&str>) -> Vec<(&'static str, &'static str)> {
    let Some(text) = text else { return ROWS.iter().map(|row| (row.chinese, row.english)).collect() };
    let found = read(text).into_iter().filter(|found| found.chinese);
    found.map(|found| (found.row.chinese, found.row.english)).collect()
}

/// A name with blanks around the keyword that stands in it: `年消费额 且 频率` for `年消费额且频率`. `known` says which
/// names there are; one known name beside the keyword is enough, two are better.
pub(crate) fn spaced(name: &str, known: impl Fn(&str) -> bool) -> Option<String> {
    let mut likely = None;
    for (at, c) in name.char_indices() {
        let (before, rest) = name.split_at_checked(at)?;
        for row in table::beginning_with(c) {
            let Some(behind) = rest.strip_prefix(row.chinese) else { continue };
            let sides = (known(before), known(behind) || behind.starts_with(|c: char| c.is_ascii_digit()));
            match (row.role, sides) {
                (Role::Not, (_, true)) if before.is_empty() => return Some(format!("{} {behind}", row.chinese)),
                (Role::Question, (true, _)) if behind.is_empty() => return Some(format!("{before} {rest}")),
                (Role::IsNot, (true, _)) => return Some(format!("{before} {rest}")),
                (role, (_, true)) if stands_between(role) && before.is_empty() => {
                    return Some(format!("{} {behind}", row.chinese));
                }
                (role, (true, true)) if stands_between(role) => {
                    return Some(format!("{before} {} {behind}", row.chinese));
                }
                (role, (true, _) | (_, true)) if stands_between(role) && !before.is_empty() && !behind.is_empty() => {
                    likely.get_or_insert_with(|| format!("{before} {} {behind}", row.chinese));
                }
                _ => {}
            }
        }
    }
    likely
}

const fn stands_between(role: Role) -> bool {
    use Role::{Between, Compare, Contains, Infix, Logic, Within};
    matches!(role, Logic | Infix | Between | Contains | Compare | Within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::twin::Twin;

    /// Blanks are no matter: the words of the twin.
    fn twin(source: &str) -> String {
        Twin::new(source).text().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Policies in Chinese with their twins; between them every row of the table is used.
    const TWINS: [(&str, &str); 62] = [
        // Logic, spaced and tight.
        ("a >= 12且b > 100万并且 c => A", "a >= 12 and b > 100万 and c => A"),
        ("(a)或(b)或者 c => A", "(a) or (b) or c => A"),
        ("非 a 且 不 b 且 不是 (c) => A", "not a and not b and not (c) => A"),
        ("非会员 且 不良率 > 3 => A", "非会员 and 不良率 > 3 => A"),
        ("a 属于 (1)且b 不属于(2) => A", "a in (1) and b not in (2) => A"),
        ("a 介于3和5且 b 介于 1 且 2 => A", "a between 3 and 5 and b between 1 and 2 => A"),
        ("a 缺失且 b 存在 => A", "a is missing and b is present => A"),
        ("a 不缺失 或 b 非 存在 或 c 不是 缺失 => A", "a is not missing or b is not present or c is not missing => A"),
        (
            "a is 缺失 或 b is not 存在 或 c is 不 缺失 => A",
            "a is missing or b is not present or c is not missing => A",
        ),
        (
            "a 包含 \"x\"且 b 包含任一(\"y\") 且 c 包含全部 (\"z\") => A",
            "a contains \"x\" and b contains any (\"y\") and c contains all (\"z\") => A",
        ),
        (
            "a contains 任一 (\"x\") 且 a 包含 全部(\"y\") => A",
            "a contains any (\"x\") and a contains all (\"y\") => A",
        ),
        (
            "a 开头为\"x\" 且 b 匹配\"y\" 且 c 不 匹配 \"z\" => A",
            "a starts with \"x\" and b matches \"y\" and c not matches \"z\" => A",
        ),
        (
            "d 在90天内且 d 在 3 个月 内 且 d 不 在 2年 内=> A",
            "d within 90 days and d within 3 months and d not within 2 years => A",
        ),
        ("d 在 期限 内 => A", "d within 期限 => A"),
        ("至少满足2 项 (a) => A", "至少满足2 项 (a) => A"),
        ("至少满足 2项(a, b) => A", "at least 2 of (a, b) => A"),
        ("若 a 则 b 否则 若 c 则 d 否则 e => A", "if a then b else if c then d else e => A"),
        ("真 或 是 或 假 或 否 => A", "true or true or false or false => A"),
        ("d = 今天 => A", "d = today => A"),
        // Comparisons, the longest form first.
        ("a 等于 1 且 b 为2 且 c 不等于3 => A", "a = 1 and b = 2 and c != 3 => A"),
        ("a 不是 1 且 b不是 => A", "a != 1 and b不是 => A"),
        ("a 大于1 且 b 超过 2 且 c 高于 3 => A", "a > 1 and b > 2 and c > 3 => A"),
        ("a 小于1 且 b 低于 2 => A", "a < 1 and b < 2 => A"),
        ("a 不低于1 且 b 不小于 2 且 c 至少 3 且 d 大于等于4 => A", "a >= 1 and b >= 2 and c >= 3 and d >= 4 => A"),
        ("a 不高于1 且 b 不大于 2 且 c 至多 3 且 d 小于等于4 => A", "a <= 1 and b <= 2 and c <= 3 and d <= 4 => A"),
        // Lines.
        ("a > 1\n且 b\n且c => A\n否则 => B", "a > 1\nand b\n且c => A\notherwise => B"),
        ("(若 a 则 1\n否则 2) > 1 => A", "(if a then 1\notherwise 2) > 1 => A"),
        ("a > 1 且\n不 b => A; 否则 => B", "a > 1 and\nnot b => A; otherwise => B"),
        ("a 缺失\n或 b\n不 缺失 => A", "a is missing\nor b\nis not missing => A"),
        // Statements.
        ("策略 \"x\"版本\"1\"生效2026-01-01", "policy \"x\" version \"1\" effective 2026-01-01"),
        ("策略\"x\"\n币种 CNY\n等级 甲 高于 乙", "policy \"x\"\ncurrency CNY\ntiers 甲 > 乙"),
        (
            "字段 甲: 数值 0..1 小数位 4默认 0.5必填\n字段 乙: 整数",
            "field 甲: number 0..1 scale 4 default 0.5 required\nfield 乙: integer",
        ),
        (
            "字段 金额: 金额 敏感\n字段 a: 布尔 受保护\n字段 b: 文本 固定",
            "field 金额: money sensitive\nfield a: boolean protected\nfield b: text fixed",
        ),
        (
            "字段 a: 日期\n字段 b: 取值(甲, 乙)必填\n字段 c: 集合 取值 (天)",
            "field a: date\nfield b: one of (甲, 乙) required\nfield c: set of one of (天)",
        ),
        ("设 x 为 5\n设 设 = 表\n设 = 3 => A", "let x = 5\nlet 设 = 表\n设 = 3 => A"),
        ("封顶 B 当a\n\"n\": 保底 B 当 b\n封顶 > 3 => A", "cap B when a\n\"n\": floor B when b\n封顶 > 3 => A"),
        ("取最高\n取最高 => A\n假定 a > 1\n假定 > 3 => A", "match best\n取最高 => A\nassume a > 1\n假定 > 3 => A"),
        ("评分 大于70 => A\n评分 至少 70 => A\n表 = 1 => A", "评分 > 70 => A\n评分 >= 70 => A\n表 = 1 => A"),
        // Blocks.
        (
            "评分 v {\n x: >= 100万 => 40, 缺失 => 5, 否则 => 0\n\"w\": y: 属于(a) => 1, 不属于 (b) => 2 权重 40%\n(若 a 则 1 否则 2)\n} 最小 0 最大 100",
            "score v {\n x: >= 100万 => 40, missing => 5, otherwise => 0\n\"w\": y: in (a) => 1, not in (b) => 2 weight 40%\n(if a then 1 else 2)\n} min 0 max 100",
        ),
        ("评分 v { x: 大于5 => 40, 至少3 => 20, 否则 => 0 }", "score v { x: > 5 => 40, >= 3 => 20, otherwise => 0 }"),
        (
            "分群 s {\n a 缺失 => x\n否则 => y\n}\n否则 => B",
            "segment s {\n a is missing => x\notherwise => y\n}\notherwise => B",
        ),
        (
            "表 t 按 行业 {\n行业 天 最近\n制造 12个月 缺失\n非 3天 真\n}",
            "table t by 行业 {\n行业 天 最近\n制造 12months missing\n非 3days 真\n}",
        ),
        ("权益 A { 折扣: 10%, 响应: 4 小时, 天: 30分钟 }", "benefits A { 折扣: 10%, 响应: 4 hours, 天: 30 minutes }"),
        (
            "状态 {\n有效至今年底\n立即升级\n逐级降级 连续 3 次未达标\n保留 A 当 x > 80万\n}",
            "status {\nvalid until end of this year\nupgrade immediately\ndowngrade one tier after 3 misses\nkeep A when x > 80万\n}",
        ),
        (
            "状态 { 有效至明年底; 下月升级; 降至达标级 }",
            "status { valid until end of next year; upgrade at next month; downgrade to qualified }",
        ),
        (
            "状态 { 有效12个月; 下季升级; 降至最低级连续2次未达标 }",
            "status { valid for 12 months; upgrade at next quarter; downgrade to lowest after 2 misses }",
        ),
        ("状态 { 有效 12 个月; 明年升级 }", "status { valid for 12 months; upgrade at next year }"),
        (
            "明细 住宿 \"Stays\" { 晚数: 整数 0.., 花费: 金额, 日: 日期 } 依日期 日",
            "collection 住宿 \"Stays\" { 晚数: integer 0.., 花费: money, 日: date } dated by 日",
        ),
        (
            "测试 \"x\" 截至 2026-06-30: 消费 = 120万, 频率 = 缺失 => A 依据 \"r\" 可能 (A, B) 确定",
            "test \"x\" as of 2026-06-30: 消费 = 120万, 频率 = missing => A by \"r\" possible (A, B) certain",
        ),
        ("测试 \"x\": => 无\n测试 \"y\": => 错误 \"vat\"", "test \"x\": => none\ntest \"y\": => error \"vat\""),
        (
            "测试 表 \"b\" 截至2026-06-30 {\n消费 =>\n缺失 B\n}",
            "test table \"b\" as of 2026-06-30 {\n消费 =>\nmissing B\n}",
        ),
        // Aggregates and windows.
        (
            "合计(订单.金额 在 最近 12 个月 内 其中 渠道 为 \"x\") > 3 => A",
            "sum(orders.金额 in last 12 months where 渠道 = \"x\") > 3 => A",
        ),
        (
            "次数(订单 在最近30天) > 1 且 平均(退款.金额 in 近30天) > 1 => A",
            "count(orders in last 30 days) > 1 and average(refunds.金额 in last 30 days) > 1 => A",
        ),
        ("最小(a, 3) > 1 且 最大(a) > 最大 => A", "min(a, 3) > 1 and max(a) > 最大 => A"),
        (
            "任一(订单 在 本 年 内 其中 x) 且 全部(各月 在 上 6 个月 其中 y) => A",
            "any(orders in this year where x) and all(months in previous 6 months where y) => A",
        ),
        (
            "连续(各季 在 上一 季度) > 1 且 次数(各年 在今年内) > 1 => A",
            "streak(quarters in previous quarter) > 1 and count(years in this year ) > 1 => A",
        ),
        (
            "合计(集团.人数 在 去年) > 1 且 次数(订单 在 自 2026-01-01) > 2 => A",
            "sum(group.人数 in previous year) > 1 and count(orders in since 2026-01-01) > 2 => A",
        ),
        ("次数(订单 在 2026-01-01..2026-03-31 内) > 2 => A", "count(orders in 2026-01-01..2026-03-31 ) > 2 => A"),
        // Units.
        (
            "d + 1日 > d + 2周 且 d + 3月 > d + 4季 => A",
            "d + 1 days > d + 2 weeks and d + 3 months > d + 4 quarters => A",
        ),
        ("d + 2季度 > d + 2 年 => A", "d + 2 quarters > d + 2 years => A"),
        ("a > 200 USD且 d + 12 months且 x => A", "a > 200 USD and d + 12 months and x => A"),
        // Neither texts nor comments nor backticks.
        ("`且` = \"且\" # 且\n天 > 3 => 年", "`且` = \"且\" # 且\n天 > 3 => 年"),
    ];

    #[test]
    fn keywords_are_read_by_their_place() {
        let wrong: Vec<_> = TWINS.iter().filter(|(source, english)| twin(source) != *english).collect();
        let shown = wrong.iter().map(|(source, english)| format!("{source}\n{}\n{english}\n", twin(source)));
        assert!(wrong.is_empty(), "{}", shown.collect::<String>());
    }

    #[test]
    fn every_row_is_read() {
        let mut read = std::collections::HashSet::new();
        for (source, _) in TWINS {
            read.extend(reader::read(source).iter().filter(|f| f.chinese).map(|f| (f.row.chinese, f.row.english)));
        }
        let unread: Vec<_> = ROWS.iter().map(|row| (row.chinese, row.english)).filter(|r| !read.contains(r)).collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn names_that_run_into_keywords_are_taken_apart() {
        let known = |name: &str| ["年消费额", "频率", "会员"].contains(&name);
        for (name, apart) in [
            ("年消费额且频率", Some("年消费额 且 频率")),
            ("年消费额大于等于5", Some("年消费额 大于等于 5")),
            ("非会员", Some("非 会员")),
            ("频率缺失", Some("频率 缺失")),
            ("频率不缺失", Some("频率 不缺失")),
            ("频率且点数", Some("频率 且 点数")),
            ("点数且次数", None),
            ("且频率", Some("且 频率")),
            ("在职月数", None),
        ] {
            assert_eq!(spaced(name, known).as_deref(), apart, "{name}");
        }
    }
}
