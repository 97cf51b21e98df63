//! Writes the inputs that a target starts from into a folder, a file each, for libFuzzer.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(target), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: seeds TARGET FOLDER"));
    };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    let targets = fuzz::targets::all();
    let Some(target) = targets.iter().find(|known| known.name() == target) else {
        let names: Vec<_> = targets.iter().map(fuzz::targets::Target::name).collect();
        return Err(io::Error::other(format!("the targets are {}", names.join(", "))));
    };
    for (number, seed) in fuzz::corpus::seeds(*target).iter().enumerate() {
        fs::write(folder.join(format!("{number:04}")), seed)?;
    }
    Ok(())
}
