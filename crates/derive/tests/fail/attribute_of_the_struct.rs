use tierwise::Facts;

#[derive(Facts)]
#[facts(rename = "account")]
struct Account {
    seats: i64,
}

fn main() {}
