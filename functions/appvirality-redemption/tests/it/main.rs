//! The function against an embedded DynamoDB and a stand-in for AppVirality's API.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`rewards`] | rewards of every kind and status |
//! | [`waiting`] | rewards that are not decided about |
//! | [`once`] | one reward, however often and under whatever name it arrives |
//! | [`forged`] | hooks that name somebody else for a reward that is paid, or will be |
//! | [`closed`] | a person closes the record meanwhile |
//! | [`faults`] | AppVirality or DynamoDB fail |
//! | [`crashes`] | the process ends at any point |
//!
//! | module | what it stands on |
//! | --- | --- |
//! | [`harness`] | the function with all that is around it, and what became of that |
//! | [`api`] | the stand-in, which can be made to fail |
//! | [`crash_point`] | ends an attempt at any request, as a killed process does |
//! | [`samples`] | hooks, and the records of them |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod api;
mod closed;
mod crash_point;
mod crashes;
mod faults;
mod forged;
mod harness;
mod once;
mod rewards;
mod samples;
mod waiting;
