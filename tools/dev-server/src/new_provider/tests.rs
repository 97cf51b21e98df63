use std::process::Stdio;

use super::*;

/// A copy of what the command reads and adds to.
struct Project(PathBuf);

impl Project {
    fn copy(test: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("new-provider-{test}-{}", std::process::id()));
        let project = Self(folder);
        let edited =
            NewProvider { name: "x".to_owned() }.additions().map(|it| project_file(it.file));
        for file in files(&project_file(SKELETON)).expect("a skeleton").into_iter().chain(edited) {
            let copy = project.0.join(file.strip_prefix(project_file("")).expect("a file of ours"));
            fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
            fs::copy(&file, copy).expect("a copy");
        }
        fs::create_dir_all(project.0.join("functions")).expect("a folder");
        project
    }

    fn read(&self, file: &str) -> String {
        read(&self.0.join(file)).expect(file)
    }

    fn write(&self, name: &str) -> Result<String, NewProviderError> {
        NewProvider { name: name.to_owned() }.write(&self.0)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_provider_is_written_under_its_name_and_registered() {
    let project = Project::copy("written");
    let said = project.write("novel").expect("written");
    assert!(said.contains("template.yaml: a row for novel"), "{said}");
    let skeleton = files(&project.0.join(SKELETON)).expect("a skeleton");
    let written = files(&project.0.join("functions/novel")).expect("a folder");
    assert_eq!(written.len(), skeleton.len());
    for file in &written {
        let text = read(file).expect("text");
        assert!(!text.to_lowercase().contains(SKELETONS_NAME), "{}: {text}", file.display());
        assert!(said.contains(file.file_name().expect("a name").to_str().expect("text")), "{said}");
    }
    for (file, line) in [
        ("Cargo.toml", "novel = { path = \"functions/novel\" }"),
        ("tools/bundle/Cargo.toml", "novel.workspace = true"),
        ("tools/bundle/src/registry.rs", "    visitor.visit::<novel::Novel>();"),
        ("events/env.json", "  \"NovelFunction\": {"),
    ] {
        let text = project.read(file);
        assert_eq!(text.lines().filter(|known| *known == line).count(), 1, "{file}: {text}");
    }
    let manifest = project.read("tools/bundle/Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]\n").expect("dependencies");
    let names: Vec<_> = dependencies.lines().take_while(|line| !line.is_empty()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let env: serde_json::Value =
        serde_json::from_str(&project.read("events/env.json")).expect("JSON");
    let keys =
        env["NovelFunction"]["KEYS"].as_str().and_then(|keys| verify::Keys::from_json(keys).ok());
    assert_eq!(keys.expect("keys").first().expose_text(), "sample-novel-secret");
}

#[test]
fn what_is_written_is_formatted_under_a_name_of_any_length() {
    for name in ["a", "aproviderwhosenameisratherlong"] {
        let project = Project::copy(name);
        project.write(name).expect("written");
        for file in files(&project.0.join("functions").join(name)).expect("a folder") {
            if file.extension().is_some_and(|kind| kind == "rs") {
                let mut rustfmt = Command::new("rustfmt");
                rustfmt.args(["--check", "--edition", "2024"]).arg("--config-path");
                rustfmt.arg(project_file("rustfmt.toml")).arg(&file).stdout(Stdio::null());
                assert!(rustfmt.status().expect("rustfmt runs").success(), "{}", file.display());
            }
        }
    }
}

#[test]
fn nothing_is_written_where_something_is_wrong() {
    let project = Project::copy("wrong");
    for name in ["", "Cpx", "cpx-research", "cpx_research", "9cpx", "../cpx", "cpx/x", "é"] {
        assert!(matches!(project.write(name), Err(NewProviderError::BadName)), "{name}");
    }
    let registry = project.0.join("tools/bundle/src/registry.rs");
    fs::write(&registry, "pub fn visit() {}\n").expect("written");
    assert!(matches!(project.write("cpx"), Err(NewProviderError::NoPlace(..))));
    assert!(files(&project.0.join("functions")).expect("a folder").is_empty());
    fs::create_dir(project.0.join("functions/cpx")).expect("a folder");
    assert!(matches!(project.write("cpx"), Err(NewProviderError::Exists(_))));
}
