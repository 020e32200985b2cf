//! What each policy says of its sample customers, worked out by hand from the words of the policy.
//!
//! A row is an id, the tier, the rule by its name, `then` the cap or floor that moved it, scores, segments; where it is
//! not certain, what is possible and the missing facts; findings. What is possible is exact here.

/// Policy, customers, rows.
pub(crate) const EXPECTED: &[(&str, &str, &str)] = &[
    ("distributor_abcd.tier", "customers.ndjson", DISTRIBUTOR),
    ("enterprise_size.tier", "enterprises.ndjson", SIZE),
    ("enterprise_size_zh.tier", "enterprises.ndjson", SIZE_ZH),
    ("lifecycle.tier", "customers.ndjson", LIFECYCLE),
    ("retail_membership_zh.tier", "members_zh.ndjson", MEMBERS),
    ("scorecard_rating.tier", "customers.ndjson", RATING),
    ("twin/key_accounts.tier", "customers.ndjson", TWIN),
    ("twin/key_accounts_zh.tier", "customers.ndjson", TWIN),
    ("value_potential.tier", "customers.ndjson", MATRIX),
];

const DISTRIBUTOR: &str = "
K-01 A by large and healthy
K-02 B by joint plan, then late
K-03 B by solid
K-04 C by buyer
K-05 D by too small for credit
K-06 D by too small for credit
K-07 D by too small for credit
K-08 D by large and healthy, then bad debt
K-09 D by too small for credit; possible A B C D; missing annual_spend
K-10 C by buyer; possible C D; missing overdue_days; F0104; F0104; F0104
K-11 D by too small for credit
K-12 C by buyer
K-13 A by large and healthy
K-14 D by too small for credit
";

const SIZE: &str = "
E-01 large
E-02 medium
E-03 medium
E-04 small
E-05 micro
E-06 micro
E-07 micro; possible medium small micro; missing employees
E-08 micro; possible large medium small micro; missing employees
E-09 large
E-10 medium
E-11 micro; possible large medium small micro; missing total_assets
E-12 refused D0109
";

const SIZE_ZH: &str = "
E-01 大型
E-02 中型
E-03 中型
E-04 小型
E-05 微型
E-06 微型
E-07 微型; possible 中型 小型 微型; missing employees
E-08 微型; possible 大型 中型 小型 微型; missing employees
E-09 大型
E-10 中型
E-11 微型; possible 大型 中型 小型 微型; missing 资产总额
E-12 refused D0109
";

const LIFECYCLE: &str = "
K-01 none, lifecycle loyal
K-02 none, lifecycle loyal
K-03 none, lifecycle repeat
K-04 none, lifecycle repeat
K-05 none, lifecycle first_time
K-06 none, lifecycle prospect
K-07 none, lifecycle churned
K-08 none, lifecycle loyal
K-09 none, lifecycle loyal
K-10 none, lifecycle loyal
K-11 none, lifecycle repeat
K-12 none, lifecycle loyal
K-13 none, lifecycle loyal
K-14 none, lifecycle churned
";

const MEMBERS: &str = "
M-01 金卡 by 金卡
M-02 银卡 by 银卡
M-03 金卡 by 常来的金卡
M-04 银卡 by 银卡
M-05 银卡 by 小程序银卡
M-06 银卡 by 其他会员, then 老会员
M-07 普通 by 金卡, then 异常退货
M-08 银卡 by 银卡; possible 金卡 银卡; missing annual_spend
M-09 普通 by 其他会员; possible 银卡 普通; missing 注册渠道
M-10 普通 by 其他会员
";

const RATING: &str = "
K-01 A, rating: 100
K-02 B, rating: 64
K-03 C, rating: 56
K-04 D, rating: 32.5
K-05 D, rating: 35..45; possible C D; missing growth
K-06 D, rating: 20..50; possible C D; missing satisfaction margin growth
K-07 D, rating: 11
K-08 B, rating: 71
K-09 B, rating: 75..100; possible A B; missing annual_spend
K-10 C, rating: 47.5..62.5; possible B C; missing overdue_days
K-11 C, rating: 56
K-12 D, rating: 36.5
K-13 B, rating: 62.5
K-14 D, rating: 29
";

const TWIN: &str = "
K-01 A by strategic, health: 100, stage active
K-02 B by two of three, health: 63, stage active
K-03 B by two of three, health: 100, stage active; F0102 current.tier
K-04 C by two of three, then complaints, health: 35, stage active
K-05 C by everyone else, health: 78, stage new; F0102 current.tier
K-06 C by everyone else, health: 85, stage prospect; possible A C; missing last_order_on; F0102 current.tier
K-07 C by everyone else, then heritage, then overdue, health: 20, stage churned
K-08 C by strategic, then overdue, health: 50, stage active
K-09 C by everyone else, health: 100, stage active; possible A B C; missing annual_spend; F0102 current.tier
K-10 B by two of three, health: 38..88, stage new; possible A B C; missing overdue_days; F0104
K-11 A by large and well, health: 75, stage active
K-12 B by middle, health: 53, stage active
K-13 C by everyone else, health: 65, stage new
K-14 C by everyone else, health: 85, stage churned; possible B C; missing nps region channels complaints contract_end; F0102 current.tier; F0104
";

const MATRIX: &str = "
K-01 keep, room: 30, value high, potential low
K-02 invest, room: 80, value high, potential high
K-03 keep, room: 20, value medium, potential low
K-04 invest, room: 100, value medium, potential high
K-05 none, room: 10..60, value low, potential open; possible serve; missing share_of_wallet
K-06 none, room: 100, value open, potential high; possible grow; missing margin
K-07 serve, room: 60, value low, potential medium
K-08 invest, room: 50, value high, potential medium
K-09 none, room: 60, value open, potential medium; possible invest grow serve; missing annual_spend
K-10 invest, room: 80, value medium, potential high
K-11 grow, room: 100, value low, potential high
K-12 grow, room: 40, value medium, potential medium
K-13 keep, room: 0, value high, potential low
K-14 none, room: 0..100, value low, potential open; possible grow serve; missing annual_revenue share_of_wallet
";

/// Rows in which the engine names a tier or a fact too many: rows of which policy, id, what it says. The language allows
/// that; a search for what is possible that is exact does without.
pub(crate) const WIDER: &[(&str, &str, &str)] = &[
    (
        TWIN,
        "K-06",
        "C by everyone else, health: 85, stage prospect; possible A C; missing first_order_on last_order_on; F0102 current.tier",
    ),
    (
        TWIN,
        "K-14",
        "C by everyone else, health: 85, stage churned; possible B C; missing nps region channels complaints; F0102 current.tier; F0104",
    ),
    (MATRIX, "K-05", "none, room: 10..60, value low, potential open; possible serve none; missing share_of_wallet"),
    (MATRIX, "K-06", "none, room: 100, value open, potential high; possible invest grow none; missing margin"),
    (
        MATRIX,
        "K-09",
        "none, room: 60, value open, potential medium; possible invest grow serve none; missing annual_spend",
    ),
    (
        MATRIX,
        "K-14",
        "none, room: 0..100, value low, potential open; possible grow serve none; missing annual_revenue share_of_wallet",
    ),
];
