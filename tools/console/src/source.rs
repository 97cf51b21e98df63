//! Where the requests come from.

mod tail;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bundle::folder::Folder;
use dev_server::diagnosis::Diagnosis;
use dev_server::feed::{Feed, Here};
use dev_server::settings::EnvVars;
use operator::stack::{Stack, Target};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, broadcast};

use crate::command::CommandError;
use crate::item::Item;
use crate::refused::NotDone;

pub use crate::source::tail::Tail;

/// The bundle on this machine, with all that its page needs.
#[derive(Debug)]
pub struct Bundle {
    pub(crate) feed: Arc<Feed>,
    pub(crate) diagnosis: Arc<Diagnosis>,
    pub(crate) env: EnvVars,
    pub(crate) contracts: Folder,
    /// The samples that are known: reading a contract takes memory for good.
    pub(crate) samples: Mutex<HashMap<String, Known>>,
}

/// What is known of a provider's samples.
#[derive(Debug)]
pub(crate) struct Known {
    /// The file that says it, of a contract.
    pub(crate) file: Option<String>,
    /// Their names.
    pub(crate) names: Vec<String>,
}

/// Where the requests come from.
#[derive(Debug)]
pub enum Source {
    /// The bundle on this machine, and as the operator's commands see it, once it is asked for.
    Here(Box<Bundle>, Box<OnceCell<Stack>>),
    /// The log of a stack on AWS.
    Deployed(Tail),
}

/// Something that came or happened just now.
#[derive(Debug, Clone)]
pub enum News {
    /// A request.
    Request(Item),
    /// Something happened to the record with this id.
    Record(String),
    /// What is shown is not all that there is, or is again.
    Problem,
}

/// Those who wait for what comes.
#[derive(Debug)]
pub enum Coming {
    /// To this machine.
    Here(Arc<Feed>, broadcast::Receiver<dev_server::feed::News>),
    /// To a stack.
    Deployed(broadcast::Receiver<News>),
}

impl Coming {
    /// The next one.
    ///
    /// # Errors
    ///
    /// That some were missed, or that nothing will come any more.
    pub async fn next(&mut self) -> Result<News, RecvError> {
        match self {
            Self::Here(feed, coming) => match coming.recv().await? {
                dev_server::feed::News::Exchange(number) => {
                    let exchange = feed.get(number).ok_or(RecvError::Lagged(1))?;
                    Ok(News::Request(Item::Exchange(exchange)))
                }
                dev_server::feed::News::Record(id) => Ok(News::Record(id)),
            },
            Self::Deployed(coming) => coming.recv().await,
        }
    }
}

impl Source {
    /// The last requests, the last one first.
    #[must_use]
    pub fn recent(&self) -> Vec<Item> {
        match self {
            Self::Here(bundle, _) => bundle.feed.recent().into_iter().map(Item::Exchange).collect(),
            Self::Deployed(tail) => tail.recent(),
        }
    }

    /// The request with this number, where it is kept.
    ///
    /// # Errors
    ///
    /// [`NotDone::NoRequest`].
    pub fn get(&self, number: u64) -> Result<Item, NotDone> {
        let found = match self {
            Self::Here(bundle, _) => bundle.feed.get(number).map(Item::Exchange),
            Self::Deployed(tail) => tail.recent().into_iter().find(|item| item.number() == number),
        };
        found.ok_or(NotDone::NoRequest)
    }

    /// `text` as it is shown: without the keys of the bundle on this machine, and cut where it is long.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        match self {
            Self::Here(bundle, _) => bundle.diagnosis.redactor().shown(text),
            Self::Deployed(_) => text.to_owned(),
        }
    }

    /// `text` without the keys, whole.
    #[must_use]
    pub fn without_keys(&self, text: &str) -> String {
        match self {
            Self::Here(bundle, _) => bundle.diagnosis.redactor().without_keys(text),
            Self::Deployed(_) => text.to_owned(),
        }
    }

    /// The same, of `most` bytes.
    #[must_use]
    pub fn first(&self, text: &str, most: usize) -> String {
        match self {
            Self::Here(bundle, _) => bundle.diagnosis.redactor().first(text, most),
            Self::Deployed(_) => text.to_owned(),
        }
    }

    /// What comes from now on.
    #[must_use]
    pub fn subscribe(&self) -> Coming {
        match self {
            Self::Here(bundle, _) => {
                Coming::Here(Arc::clone(&bundle.feed), bundle.feed.subscribe())
            }
            Self::Deployed(tail) => Coming::Deployed(tail.subscribe()),
        }
    }

    /// The bundle on this machine.
    ///
    /// # Errors
    ///
    /// [`NotDone::OnlyHere`] where the page is about a stack on AWS.
    pub fn bundle(&self) -> Result<&Bundle, NotDone> {
        match self {
            Self::Here(bundle, _) => Ok(bundle),
            Self::Deployed(_) => Err(NotDone::OnlyHere),
        }
    }

    /// The name of the stack on AWS that it is about.
    #[must_use]
    pub fn stack_name(&self) -> Option<&str> {
        match self {
            Self::Here(..) => None,
            Self::Deployed(tail) => Some(&tail.stack().name),
        }
    }

    /// What the operator's commands are about.
    ///
    /// # Errors
    ///
    /// [`CommandError`].
    pub async fn stack(&self) -> Result<&Stack, CommandError> {
        match self {
            Self::Deployed(tail) => Ok(tail.stack()),
            Self::Here(bundle, stack) => {
                let Here { api, dynamodb, sqs, .. } = bundle.here()?;
                let here = Target::here(api, dynamodb, sqs);
                Ok(stack.get_or_try_init(|| Stack::find(&here)).await?)
            }
        }
    }

    /// Why what is shown is not all that there is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Here(..) => None,
            Self::Deployed(tail) => tail.problem(),
        }
    }
}

impl Bundle {
    /// The one to which comes what `feed` has, with the environment variables `env` of its functions and the providers that
    /// `contracts` describe; `diagnosis` finds out why nothing proved a request.
    #[must_use]
    pub fn new(
        feed: Arc<Feed>,
        diagnosis: Arc<Diagnosis>,
        env: EnvVars,
        contracts: Folder,
    ) -> Self {
        Self { feed, diagnosis, env, contracts, samples: Mutex::default() }
    }

    /// Where it is.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotReady`].
    pub fn here(&self) -> Result<Here, CommandError> {
        self.feed.here().ok_or(CommandError::NotReady)
    }
}
