//! A chapter of the language reference as its headings and fenced blocks.

use std::path::{Path, PathBuf};

/// A file of `src/language`.
pub(crate) struct Chapter {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) pieces: Vec<Piece>,
}

/// What a chapter is made of, as far as it can be run.
pub(crate) enum Piece {
    Heading { line: usize, text: String },
    Block(Block),
}

/// A fenced block.
#[derive(Clone)]
pub(crate) struct Block {
    /// The line of its opening fence.
    pub(crate) line: usize,
    /// The words of its info string.
    pub(crate) info: Vec<String>,
    pub(crate) body: String,
    /// Where the body stands in the file.
    pub(crate) from: usize,
}

impl Block {
    /// `tier`, `facts`, `text`, or another language.
    pub(crate) fn kind(&self) -> &str {
        self.info.first().map_or("", String::as_str)
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.info.iter().any(|known| known == word)
    }

    /// The code that a wrong policy or one worth a look must draw.
    pub(crate) fn code(&self) -> Option<&str> {
        let is_code = |word: &&str| word.len() == 5 && word[1..].bytes().all(|byte| byte.is_ascii_digit());
        self.info.iter().map(String::as_str).find(is_code)
    }
}

impl Chapter {
    /// Its name in the documentation.
    pub(crate) fn name(&self) -> String {
        self.path.file_stem().unwrap().to_string_lossy().into_owned()
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Block(block) => Some(block),
            Piece::Heading { .. } => None,
        })
    }

    fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut pieces = Vec::new();
        let mut open: Option<Block> = None;
        let mut offset = 0;
        for (at, line) in text.split_inclusive('\n').enumerate() {
            offset += line.len();
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some(_)) => pieces.extend(open.take().map(Piece::Block)),
                (Some(block), None) => block.body += line,
                (None, Some(info)) => {
                    let info = info.trim().split(',').map(str::to_owned).collect();
                    open = Some(Block { line: at + 1, info, body: String::new(), from: offset });
                }
                (None, None) if line.starts_with('#') => {
                    let text = line.trim_start_matches('#').trim().to_owned();
                    pieces.push(Piece::Heading { line: at + 1, text });
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", path.display());
        Self { path, text, pieces }
    }
}

/// Every chapter, by name.
pub(crate) fn chapters() -> Vec<Chapter> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/language");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.into_iter().map(Chapter::read).collect()
}
