//! DynamoDB out of order, and the function killed: whoever was answered 200 finds one record; whoever
//! was not is asked to send again, in time, and gets through when DynamoDB is back.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::support::event::Event;
use crate::support::lambda::{Function, Settings};
use crate::support::proxy::Fate;
use crate::support::{Deployed, TIMEOUTS, deploy};

use Fate::{Answered, HalfReply, HeldReply, HeldRequest, Instead, LostReply, LostRequest};

const SAMPLE: &str = "inbrain-survey-completed";

const THROTTLED: Fate = Instead(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}"#,
);
const OVER_CAPACITY: Fate = Instead(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"m"}"#,
);
const OVER_LIMIT: Fate = Instead(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#RequestLimitExceeded","message":"m"}"#,
);
const BROKEN: Fate = Instead(
    500,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"m"}"#,
);
const NO_TABLE: Fate = Instead(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"m"}"#,
);
const FORBIDDEN: Fate =
    Instead(400, r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"m"}"#);
/// The condition failed, and what is there was not sent along.
const NOTHING_THERE: Fate = Instead(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"m"}"#,
);
const MAINTENANCE: Fate = Instead(503, "<html>back soon</html>");
const GARBAGE: Fate = Instead(200, "<html>welcome</html>");
const CUT_JSON: Fate = Instead(200, r#"{"Attributes":{"id":{"S":"a"#);
/// Success, as anything may say that is not DynamoDB.
const NOBODY: Fate = Instead(200, "");
const SOMEBODY: Fate = Instead(200, "{}");
const NO_REASON: Fate = Instead(400, "");
const GARBAGE_REASON: Fate = Instead(400, "{\"__type\":[]}");

/// Lets `fates` befall the requests and sends one callback: the answer must be 503. Then all is well
/// again, and the callback is sent once more: the answer must be `then`.
async fn unavailable(fates: &[Fate], then: &str) {
    let Deployed { mut function, dynamodb } = deploy("inbrain").await;
    let event = Event::sample(SAMPLE);
    dynamodb.proxy.befall(fates);
    function.invoke(&event).await.assert_unavailable();
    assert_eq!(dynamodb.items().len(), usize::from(then == "duplicate"), "{fates:?}");

    dynamodb.proxy.befall(&[Answered]);
    function.invoke(&event).await.assert_kept(then);
    dynamodb.only_item();
    function.invoke(&event).await.assert_kept("duplicate");
    dynamodb.only_item();
}

#[tokio::test]
async fn a_callback_goes_through_once_dynamodb_is_back() {
    let mut cases = JoinSet::new();
    for (fates, then) in [
        (&[LostRequest][..], "recorded"),
        (&[HeldRequest], "recorded"),
        (&[THROTTLED], "recorded"),
        (&[OVER_CAPACITY], "recorded"),
        (&[OVER_LIMIT], "recorded"),
        (&[BROKEN], "recorded"),
        (&[MAINTENANCE], "recorded"),
        (&[NO_TABLE], "recorded"),
        (&[FORBIDDEN], "recorded"),
        (&[NOTHING_THERE], "recorded"),
        (&[GARBAGE], "recorded"),
        (&[CUT_JSON], "recorded"),
        (&[NOBODY], "recorded"),
        (&[SOMEBODY], "recorded"),
        (&[NO_REASON], "recorded"),
        (&[GARBAGE_REASON], "recorded"),
        // Written, but nobody here can know.
        (&[LostReply], "duplicate"),
        (&[HalfReply], "duplicate"),
        (&[HeldReply], "duplicate"),
        (&[LostReply, BROKEN], "duplicate"),
        (&[HeldReply, THROTTLED], "duplicate"),
        (&[HalfReply, HeldRequest], "duplicate"),
    ] {
        cases.spawn(unavailable(fates, then));
    }
    cases.join_all().await;
}

#[tokio::test]
async fn a_short_disturbance_is_not_the_providers_affair() {
    for first in [LostRequest, LostReply, HalfReply, THROTTLED, OVER_CAPACITY, BROKEN, MAINTENANCE]
    {
        let Deployed { mut function, dynamodb } = deploy("inbrain").await;
        let event = Event::sample(SAMPLE);
        dynamodb.proxy.befall(&[first, Answered]);
        // After a lost reply the second try meets what the first one wrote: that is no duplicate.
        let answer = function.invoke(&event).await;
        answer.assert_kept("recorded");
        assert!(answer.took < Duration::from_secs(3), "{first:?}: {answer:?}");
        assert_eq!(dynamodb.proxy.asked().len(), 2, "{first:?}");
        dynamodb.only_item();
        function.invoke(&event).await.assert_kept("duplicate");
        dynamodb.only_item();
    }
}

#[tokio::test]
async fn a_slow_reply_is_asked_for_again() {
    for first in [HeldRequest, HeldReply] {
        let Deployed { mut function, dynamodb } = deploy("inbrain").await;
        let event = Event::sample(SAMPLE);
        dynamodb.proxy.befall(&[first, Answered]);
        let answer = function.invoke(&event).await;
        answer.assert_kept("recorded");
        assert!(answer.took < Duration::from_secs(3), "{first:?}: {answer:?}");
        dynamodb.only_item();
        function.invoke(&event).await.assert_kept("duplicate");
    }
}

#[tokio::test]
async fn a_callback_goes_through_after_dynamodb_was_stopped() {
    let Deployed { mut function, dynamodb } = deploy("inbrain").await;
    let [first, second] = ["inbrain-survey-completed", "inbrain-ad-hoc"].map(Event::sample);
    dynamodb.proxy.stop().await;
    function.invoke(&first).await.assert_unavailable();
    function.invoke(&first).await.assert_unavailable();
    assert_eq!(dynamodb.proxy.asked(), [""; 0]);
    dynamodb.proxy.listen();
    function.invoke(&first).await.assert_kept("recorded");

    // And with connections that were open.
    dynamodb.proxy.stop().await;
    function.invoke(&second).await.assert_unavailable();
    dynamodb.proxy.listen();
    function.invoke(&second).await.assert_kept("recorded");
    function.invoke(&first).await.assert_kept("duplicate");
    assert_eq!(dynamodb.items().len(), 2);
}

#[tokio::test]
async fn a_conflict_is_told_only_once_it_is_put_aside() {
    let Deployed { mut function, dynamodb } = deploy("claimr").await;
    let message = |xp: u32| {
        let payload = format!(
            r#"{{"id":"m-1","scope":"user_activity","user":"u","event":{{"data":{{"xp":{xp}}}}}}}"#
        );
        Event::signed("claimr", "POST /claimr/webhooks", &payload)
    };
    function.invoke(message(1)).await.assert_kept("recorded");
    for (fates, aside) in [
        // Of the note on the first record.
        (&[Answered, BROKEN][..], 0),
        (&[Answered, LostRequest], 0),
        // Slow twice: the whole of it is in time all the same.
        (&[HeldRequest, HeldRequest, Answered, HeldRequest], 0),
        // Of what is put aside.
        (&[Answered, Answered, BROKEN], 0),
        // It is noted by now.
        (&[Answered, LostRequest], 0),
        (&[Answered, HeldReply], 1),
        (&[Answered], 1),
    ] {
        dynamodb.proxy.befall(fates);
        let answer = function.invoke(message(2)).await;
        if fates.len() == 1 {
            answer.assert_conflict("claimr");
        } else {
            answer.assert_unavailable();
        }
        assert_eq!(dynamodb.items().len(), 1 + aside, "{fates:?}");
    }
    // The SDK's second try to note or to put aside meets its first one.
    dynamodb.proxy.befall(&[Answered, LostReply, Answered]);
    function.invoke(message(3)).await.assert_conflict("claimr");
    assert_eq!(dynamodb.items().len(), 3);
    dynamodb.proxy.befall(&[Answered, Answered, LostReply, Answered]);
    function.invoke(message(4)).await.assert_conflict("claimr");
    assert_eq!(dynamodb.items().len(), 4);
}

/// Between the two writes of a conflict nobody is answered, and what comes again is put aside.
#[tokio::test]
async fn a_function_that_is_killed_between_its_writes_has_lost_nothing() {
    let Deployed { mut function, dynamodb } = deploy("claimr").await;
    let message = |xp: u32| {
        let payload = format!(
            r#"{{"id":"m-1","scope":"user_reward","user":"u","event":{{"data":{{"xp":{xp}}}}}}}"#
        );
        Event::signed("claimr", "POST /claimr/webhooks", &payload)
    };
    function.invoke(message(1)).await.assert_kept("recorded");
    dynamodb.proxy.befall(&[Answered, HeldReply]);
    function.begin(&message(2));
    let noted = async {
        while !dynamodb.only_item().contains_key("conflicts") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TIMEOUTS, noted).await.expect("noted in time");
    function.stop().await;

    dynamodb.proxy.befall(&[Answered]);
    let mut next = Function::start("claimr", &Settings::sample("claimr", &dynamodb)).await;
    next.invoke(message(2)).await.assert_conflict("claimr");
    assert_eq!(dynamodb.items().len(), 2);
}

#[tokio::test]
async fn a_function_that_is_killed_after_its_write_has_lost_nothing() {
    let Deployed { function, dynamodb } = deploy("inbrain").await;
    let event = Event::sample(SAMPLE);
    dynamodb.proxy.befall(&[HeldReply]);
    function.begin(&event);
    tokio::time::timeout(TIMEOUTS, dynamodb.written()).await.expect("written in time");
    function.stop().await;

    dynamodb.proxy.befall(&[Answered]);
    let settings = Settings::sample("inbrain", &dynamodb);
    let mut next = Function::start("inbrain", &settings).await;
    next.invoke(&event).await.assert_kept("duplicate");
    dynamodb.only_item();
}

#[tokio::test]
async fn a_function_that_starts_while_dynamodb_is_stopped_recovers() {
    let Deployed { function, dynamodb } = deploy("inbrain").await;
    function.stop().await;
    dynamodb.proxy.stop().await;
    let settings = Settings::sample("inbrain", &dynamodb);
    let mut function = Function::start("inbrain", &settings).await;
    function.invoke(Event::sample(SAMPLE)).await.assert_unavailable();
    dynamodb.proxy.listen();
    function.invoke(Event::sample(SAMPLE)).await.assert_kept("recorded");
}
