//! The data folder and the key file in it, made at the first start and readable by the owner only.

use std::fs;
use std::fs::DirBuilder;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use crate::domain::id::opaque_uuid;
use crate::domain::secret::MasterKey;

const KEY_FILE: &str = "master.key";

/// A master key, and the file that was made for it just now, if one was.
#[derive(Debug)]
pub struct KeyInUse {
    /// The key.
    pub key: MasterKey,
    /// The file, if it did not exist before.
    pub made: Option<PathBuf>,
}

/// Makes the folder, with access for its owner alone, unless it is there.
pub fn ensure(folder: &Path) -> Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| {
        format!(
            "the data folder {} cannot be made: {error}",
            folder.display()
        )
    })
}

/// The key in the folder's key file; a missing file is made with a new key.
pub fn master_key(folder: &Path) -> Result<KeyInUse, String> {
    ensure(folder)?;
    let path = folder.join(KEY_FILE);
    let about = |error: io::Error| format!("the key file {}: {error}", path.display());
    match fs::read_to_string(&path) {
        Ok(text) => Ok(KeyInUse {
            key: parsed(&path, &text)?,
            made: None,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = MasterKey::fresh().map_err(|failure| failure.to_string())?;
            write_new(&path, &key.to_base64()).map_err(about)?;
            let made = Some(path);
            Ok(KeyInUse { key, made })
        }
        Err(error) => Err(about(error)),
    }
}

/// The key in the folder's key file, which a server has made.
pub fn known_master_key(folder: &Path) -> Result<MasterKey, String> {
    let path = folder.join(KEY_FILE);
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("the key file {}: {error}", path.display()))?;
    parsed(&path, &text)
}

fn parsed(path: &Path, text: &str) -> Result<MasterKey, String> {
    let wrong = || {
        format!(
            "the key file {} must hold 32 bytes in base64",
            path.display()
        )
    };
    MasterKey::from_base64(text).ok_or_else(wrong)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// A folder that is gone when dropped.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes a folder of its own below the system's folder for temporary files.
    pub fn make() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("vestibule-{}", opaque_uuid()));
        ensure(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "a temporary folder stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn folder_and_key_are_made_once_and_for_the_owner_alone() {
        let parent = TemporaryFolder::make().unwrap();
        let folder = parent.path().join("data");
        let first = master_key(&folder).unwrap();
        let file = first.made.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
        let second = master_key(&folder).unwrap();
        assert_eq!(second.made, None);
        assert_eq!(second.key.to_base64(), first.key.to_base64());
        fs::write(&file, "nonsense").unwrap();
        assert!(
            master_key(&folder)
                .unwrap_err()
                .contains("32 bytes in base64")
        );
        let path = parent.path().to_owned();
        drop(parent);
        assert!(!path.exists());
    }
}
