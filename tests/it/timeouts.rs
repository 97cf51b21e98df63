//! The functions' own time limits, and how long the template lets them run.

use bundle::provider::PROVIDERS;
use bundle::template::Template;
use dev_server::functions::SETTLERS;
use platform::aws::timeouts::{ANSWER, BATCH, CALLBACKS, KEYS, SETTLEMENT};

#[test]
fn functions_are_done_before_lambda_stops_them() {
    let template = Template::read(&bundle::project_file("template.yaml")).expect("a template");
    for provider in PROVIDERS.iter() {
        // Ahead of the first callback the keys are read and a connection is opened, both at once.
        let cold_start = KEYS.operation.max(CALLBACKS.connect);
        assert!(cold_start + ANSWER < template.timeout(&provider.function), "{}", provider.name);
    }
    for function in &SETTLERS {
        let told = BATCH + SETTLEMENT.operation;
        assert!(told < template.timeout(function.id), "{}", function.id);
    }
}
