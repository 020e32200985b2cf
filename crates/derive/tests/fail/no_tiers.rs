use tierwise::Tier;

#[derive(Clone, Copy, Tier)]
enum Level {}

fn main() {}
