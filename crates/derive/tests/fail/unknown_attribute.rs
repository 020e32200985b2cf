use tierwise::Facts;

#[derive(Facts)]
struct Account {
    #[facts(renamed = "annual_spend")]
    spend: i64,
}

fn main() {}
