use tierwise::Facts;

#[derive(Facts)]
struct Account {
    annual_spend: i64,
    #[facts(rename = "annual_spend")]
    turnover: i64,
}

fn main() {}
