//! The stand-in for AppVirality's API: checks what it is sent, and can be made to fail.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::crash_point::{Crash, CrashPoint};

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
        let state = Arc::new(Mutex::new(State {
            rewards: BTreeMap::new(),
            redeemed: BTreeMap::new(),
            faults: VecDeque::new(),
            calls: Vec::new(),
            meanwhile: None,
        }));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}/v2_0", listener.local_addr().expect("an address"));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let (state, gate) = (Arc::clone(&shared), Arc::clone(&gate));
                let service = service_fn(move |request| {
                    let (state, gate) = (Arc::clone(&state), Arc::clone(&gate));
                    async move {
                        let crash = gate.count();
                        if let Some(Crash::Before(_)) = crash {
                            gate.end().await;
                        }
                        let reply = serve(request, &state).await;
                        if crash.is_some() {
                            gate.end().await;
                        }
                        reply
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { url, state }
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

async fn serve(
    request: Request<Incoming>,
    state: &Mutex<State>,
) -> io::Result<Response<Full<Bytes>>> {
    let name = request.uri().path().strip_prefix("/v2_0/").expect("a known path").to_owned();
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.headers()["content-type"], "application/json");
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let mut state = state.lock().expect("no panic");
    state.calls.push(Call { name: name.clone(), body: body.clone() });
    if let Some((_, happen)) = state.meanwhile.take_if(|(call, _)| *call == name) {
        happen();
    }
    let place = state.faults.iter().position(|(call, _)| *call == name);
    let fault = place.and_then(|place| state.faults.remove(place)).map(|(_, fault)| fault);
    match fault {
        None => Ok(reply(200, state.carry_out(&name, &body).to_string())),
        Some(Fault::Mumbled(text)) => {
            state.carry_out(&name, &body);
            Ok(reply(200, text.to_owned()))
        }
        Some(Fault::Preceded(text)) => {
            Ok(reply(200, format!("{text}{}", state.carry_out(&name, &body))))
        }
        Some(Fault::LostCall) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(Fault::LostReply) => {
            state.carry_out(&name, &body);
            Err(io::ErrorKind::ConnectionReset.into())
        }
        Some(Fault::Instead(status, header, text)) => {
            let mut reply = reply(status, text);
            if let Some((name, value)) = header {
                reply.headers_mut().insert(name, value.parse().expect("a header value"));
            }
            Ok(reply)
        }
    }
}

fn reply(status: u16, body: String) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::from(body));
    *reply.status_mut() = StatusCode::from_u16(status).expect("a status");
    reply
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
