//! The stand-in for AppVirality's API: checks what it is sent, and can be made to fail.
//!
//! The dev server has one as well, which is not this one: that knows rewards from the records of hooks, on
//! disk, and tells a caller what is wrong. This one is told of rewards by the test, answers nothing to a call
//! that is not as it should be, and breaks off where the test wants it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use test_support::{Answer, Server};

use crate::crash_point::CrashPoint;

/// What happens to a call instead of what ought to.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The connection ends before the call is carried out.
    LostCall,
    /// The call is carried out, and the connection ends before the reply.
    LostReply,
    /// It is not carried out, and answered with this status, this header and this body.
    Instead(u16, Option<(&'static str, &'static str)>, String),
    /// It is carried out, and answered with 200 and this body.
    Mumbled(&'static str),
    /// It is carried out, and this stands before the reply.
    Preceded(String),
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// `checkrewardstatus` or `redeemrewards`.
    pub(crate) name: String,
    /// Its body.
    pub(crate) body: Value,
}

/// What happens while a call is on its way.
type Meanwhile = (&'static str, Box<dyn FnOnce() + Send>);

#[derive(Default)]
struct State {
    /// What a check answers, by id.
    rewards: BTreeMap<String, Value>,
    /// How often each id was redeemed.
    redeemed: BTreeMap<String, usize>,
    faults: VecDeque<(&'static str, Fault)>,
    calls: Vec<Call>,
    meanwhile: Option<Meanwhile>,
}

/// The stand-in.
pub(crate) struct Api {
    /// Its URL.
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Api {
    /// Starts it, without any rewards.
    pub(crate) async fn start(gate: Arc<CrashPoint>) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let known = Arc::clone(&state);
        let server = Server::start(move |request| {
            let (state, gate) = (Arc::clone(&known), Arc::clone(&gate));
            async move { gate.pass(async { answer(&request, &state) }).await }
        });
        Self { url: format!("{}/v2_0", server.await.url()), state }
    }

    /// Sets what a check of `id` answers.
    pub(crate) fn set(&self, id: &str, status: &str, amount: &str, unit: &str) {
        let reply = json!({
            "success": true,
            "rewarddtlid": id,
            "reward_status": status,
            "comment": "",
            "amount": amount,
            "rewardunit": unit,
            "statuscode": 1,
            "message": "Success",
        });
        self.answer(id, reply);
    }

    /// Sets the whole reply to a check of `id`.
    pub(crate) fn answer(&self, id: &str, reply: Value) {
        self.state.lock().expect("no panic").rewards.insert(id.to_owned(), reply);
    }

    /// Lets `faults` befall the next calls of the name `call`.
    pub(crate) fn befall(&self, call: &'static str, faults: &[Fault]) {
        let faults = faults.iter().map(|fault| (call, fault.clone()));
        self.state.lock().expect("no panic").faults.extend(faults);
    }

    /// Lets `happen` happen while the next call of the name `call` is on its way.
    pub(crate) fn meanwhile(&self, call: &'static str, happen: impl FnOnce() + Send + 'static) {
        self.state.lock().expect("no panic").meanwhile = Some((call, Box::new(happen)));
    }

    /// The calls since the last time.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().expect("no panic").calls)
    }

    /// The names of the calls since the last time.
    pub(crate) fn names(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.name).collect()
    }

    /// How often `id` was redeemed.
    pub(crate) fn redeemed(&self, id: &str) -> usize {
        self.state.lock().expect("no panic").redeemed.get(id).copied().unwrap_or_default()
    }
}

fn answer(request: &Request<Bytes>, state: &Mutex<State>) -> Answer {
    let name = request.uri().path().strip_prefix("/v2_0/").expect("a known path").to_owned();
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(request.body()).expect("JSON");
    let mut state = state.lock().expect("no panic");
    state.calls.push(Call { name: name.clone(), body: body.clone() });
    if let Some((_, happen)) = state.meanwhile.take_if(|(call, _)| *call == name) {
        happen();
    }
    let place = state.faults.iter().position(|(call, _)| *call == name);
    let fault = place.and_then(|place| state.faults.remove(place)).map(|(_, fault)| fault);
    match fault {
        None => Answer::new(200, state.carry_out(&name, &body).to_string()),
        Some(Fault::Mumbled(text)) => {
            state.carry_out(&name, &body);
            Answer::new(200, text)
        }
        Some(Fault::Preceded(text)) => {
            Answer::new(200, format!("{text}{}", state.carry_out(&name, &body)))
        }
        Some(Fault::LostCall) => Answer::HangUp,
        Some(Fault::LostReply) => {
            state.carry_out(&name, &body);
            Answer::HangUp
        }
        Some(Fault::Instead(status, header, text)) => {
            let answer = Answer::new(status, text);
            match header {
                Some((name, value)) => answer.with_header(name, value),
                None => answer,
            }
        }
    }
}

impl State {
    fn carry_out(&mut self, name: &str, body: &Value) -> Value {
        assert_eq!((&body["apikey"], &body["privatekey"]), (&json!("api-key"), &json!("private")));
        match name {
            "checkrewardstatus" => {
                let id = body["rewarddtlid"].as_str().expect("an id");
                let unknown = json!({"success": false, "statuscode": 11, "message": "Invalid"});
                self.rewards.get(id).cloned().unwrap_or(unknown)
            }
            "redeemrewards" => self.redeem(body),
            _ => panic!("no such call: {name}"),
        }
    }

    /// All of the ids or none.
    fn redeem(&mut self, body: &Value) -> Value {
        let ids = body["rewarddtlids"].as_array().expect("ids").iter();
        let ids: Vec<_> = ids.map(|id| id.as_str().expect("text").to_owned()).collect();
        assert!(!ids.is_empty());
        let approved = |id: &String| self.rewards[id]["reward_status"] == "Approved";
        if !ids.iter().all(approved) {
            return json!({"success": false, "message": "not approved"});
        }
        for id in ids {
            if let Some(reward) = self.rewards.get_mut(&id) {
                reward["reward_status"] = json!("Rewarded");
            }
            *self.redeemed.entry(id).or_default() += 1;
        }
        json!({"success": true, "message": null})
    }
}
