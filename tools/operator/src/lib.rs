//! Lists, explains and mends what the bundle keeps, deployed or on one machine.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`cli`] | the commands, each with the stack that it is about |
//! | [`stack`] | the stack that is looked at: its names, its clients |
//! | [`routing`] | what is sent of a record, and the queues it goes to |
//! | [`record`] | a record as it is kept, and as a list shows it |
//! | [`listing`] | records by provider, state and time, page by page |
//! | [`part`] | a record by a part of its id |
//! | [`partition`] | the partitions of the indexes that hold them |
//! | [`cursor`] | where a page ends |
//! | [`dead_letters`] | a look at dead letters that leaves them where they are |
//! | [`dead_records`] | records that have a dead letter and do not say so |
//! | [`mod@differences`] | in what two records differ |
//! | [`mod@explain`] | what a state and a reason mean, and what to do next |
//! | [`command`] | the command lines that a person is told to go on with |
//! | [`list`], [`show`], [`conflicts`], [`statement`](mod@statement) | commands that look |
//! | [`url`] | what is put into the providers' dashboards |
//! | [`decide`], [`emit`], [`redrive`] | commands that mend |
//! | [`log`] | what a deployed stack logs of requests and attempts |
//! | [`doctor`] | the command that checks all of it |
//! | [`time_arg`] | times and spans on the command line |
//! | [`error`] | why nothing was done |

pub mod cli;
pub mod command;
pub mod conflicts;
pub mod cursor;
pub mod dead_letters;
pub mod dead_records;
pub mod decide;
pub mod differences;
pub mod doctor;
pub mod emit;
pub mod error;
pub mod explain;
pub mod list;
pub mod listing;
pub mod log;
pub mod part;
pub mod partition;
pub mod record;
pub mod redrive;
pub mod routing;
pub mod show;
pub mod stack;
pub mod statement;
pub mod time_arg;
pub mod url;
