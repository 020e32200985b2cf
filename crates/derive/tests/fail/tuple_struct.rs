use tierwise::Facts;

#[derive(Facts)]
struct Account(i64);

fn main() {}
