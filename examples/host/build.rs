//! The compiler sees by itself when a policy changes; that it sees a new one takes this.

fn main() {
    println!("cargo::rerun-if-changed=policies");
}
