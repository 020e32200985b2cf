use tierwise::Facts;

#[derive(Facts)]
struct Account {
    #[facts(skip, money)]
    spend: i64,
    #[facts(label = "")]
    frequency: i64,
    #[facts(money, money)]
    points: i64,
}

fn main() {}
