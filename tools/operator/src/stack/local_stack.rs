//! The bundle on this machine, whose names are the template's logical ids, the tables' aside.

use std::collections::HashMap;

use bundle::names::{TABLES, queue_url};
use bundle::template::Template;

use super::{Clients, Stack, Target};
use crate::command::Commands;

/// The types of the resources that have a name here.
const NAMED: [&str; 3] =
    ["AWS::SecretsManager::Secret", "AWS::Events::EventBus", "AWS::Serverless::HttpApi"];

/// The bundle that `place` says where to find.
pub(super) fn find(place: &Target, template: Template, commands: Commands) -> Stack {
    let pair = |(id, name): (&str, String)| (id.to_owned(), name);
    let mut names: HashMap<_, _> = TABLES.map(|(id, name)| pair((id, name.to_owned()))).into();
    for kind in NAMED {
        names.extend(template.resources(kind).map(|(id, _)| pair((id, id.to_owned()))));
    }
    let sqs = format!("http://127.0.0.1:{}", place.sqs_port);
    let queues = template.resources("AWS::SQS::Queue");
    names.extend(queues.map(|(id, _)| pair((id, queue_url(&sqs, id)))));
    Stack {
        name: "this machine".to_owned(),
        clients: Clients::local(place),
        api: format!("http://127.0.0.1:{}", place.port),
        domain: None,
        template,
        commands,
        here: Some(place.clone()),
        names,
        parameters: HashMap::new(),
    }
}
