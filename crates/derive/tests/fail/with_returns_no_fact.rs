use tierwise::Facts;

fn words(text: &String) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[derive(Facts)]
struct Account {
    #[facts(with = words)]
    notes: String,
}

fn main() {}
