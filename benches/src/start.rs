//! One start of one function: from process start to the last of its callbacks.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use bytes::Bytes;
use serde_json::Value;
use test_support::{Did, RuntimeApi, Told};
use tokio::time::timeout;

use crate::callbacks::Callbacks;
use crate::cpu::{Cpus, stay_on};
use crate::error::Error;
use crate::store::{Kind, Stores};
use crate::subject::Subject;

/// How long one step of a function may take, callgrind's included.
const TIMEOUTS: Duration = Duration::from_mins(3);

/// What was measured at one start.
#[derive(Debug, Clone)]
pub struct Start {
    /// From process start to the first request for an event.
    pub init: Duration,
    /// From process start to the first answer.
    pub first_answer: Duration,
    /// From an event handed over to its answer, for every callback in order.
    pub answers: Vec<Duration>,
    /// From the first warm event handed over to the request for the one after the last.
    pub warm: Duration,
    /// The time on a CPU in that time.
    pub warm_cpu: Duration,
    /// How many callbacks that were.
    pub warm_callbacks: usize,
    /// The largest resident size of the process, in KiB.
    pub peak_kib: u64,
    /// DynamoDB requests for all the callbacks.
    pub requests: u64,
    /// The size of the item that was put last, in bytes.
    pub item_size: usize,
}

/// A running function.
pub struct Running {
    /// The process; it is killed when this is dropped.
    pub process: std::process::Child,
    api: RuntimeApi,
    subject: String,
    started: Instant,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already where it failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How a function is started.
pub struct Launch<'a> {
    /// What is started.
    pub subject: &'a Subject,
    /// Makes the callbacks that are sent to it.
    pub callbacks: &'a mut Callbacks,
    /// The stores that it may use.
    pub stores: &'a Stores,
    /// The store that it uses.
    pub kind: Kind,
    /// Where it runs.
    pub cpus: Cpus,
    /// How large an item of the provider's function is, where that is known.
    pub item_bytes: usize,
}

impl Launch<'_> {
    /// Starts the process; `prefix` is a program that runs it.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn start(&self, prefix: &[OsString]) -> Result<Running, Error> {
        let api = RuntimeApi::start().await;
        let command: Vec<_> =
            prefix.iter().map(PathBuf::from).chain(self.subject.command.iter().cloned()).collect();
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| Error::Machine(format!("{}: no command", self.subject.name)))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.subject.environment(self.callbacks, self.stores, self.kind, self.item_bytes))
            .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
            .current_dir(&self.subject.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(if prefix.is_empty() { Stdio::null() } else { Stdio::piped() });
        let cpu = self.cpus.function;
        // A process starts on the CPU of the thread that starts it.
        let spawning = thread::spawn(move || {
            stay_on(cpu)?;
            let started = Instant::now();
            let process = command.spawn();
            let program = command.get_program().to_string_lossy().into_owned();
            process
                .map(|process| (started, process))
                .map_err(|error| Error::Program { program, error })
        });
        let (started, process) = spawning
            .join()
            .map_err(|_| Error::Machine("a process could not be started".to_owned()))??;
        Ok(Running { process, api, subject: self.subject.name.clone(), started })
    }

    /// Starts the function, lets it answer `callbacks` callbacks, and ends it.
    ///
    /// # Errors
    ///
    /// When it does anything else than answer 200.
    pub async fn measure(&mut self, callbacks: usize, warm_up: usize) -> Result<Start, Error> {
        let events: Vec<_> =
            (0..callbacks).map(|_| self.callbacks.next_event()).collect::<Result<_, _>>()?;
        let asked_before = self.stores.asked.requests();
        let mut running = self.start(&[]).await?;
        let init = running.asked().await?.duration_since(running.started);
        let mut first_answer = Duration::ZERO;
        let mut answers = Vec::with_capacity(callbacks);
        let mut warm_since = running.started;
        let mut cpu_before = Duration::ZERO;
        let mut ended = running.started;
        for (number, event) in events.into_iter().enumerate() {
            let mut sent = Instant::now();
            if number == warm_up {
                cpu_before = running.cpu_time()?;
                sent = Instant::now();
                warm_since = sent;
            }
            let answered = running.answer(event).await?;
            if number == 0 {
                first_answer = answered.duration_since(running.started);
            }
            answers.push(answered.duration_since(sent));
            ended = running.asked().await?;
        }
        Ok(Start {
            init,
            first_answer,
            answers,
            warm: ended.duration_since(warm_since),
            warm_cpu: running.cpu_time()?.saturating_sub(cpu_before),
            warm_callbacks: callbacks - warm_up,
            peak_kib: running.peak_kib()?,
            requests: self.stores.asked.requests() - asked_before,
            item_size: self.stores.asked.last_item_size(),
        })
    }
}

impl Running {
    /// Waits for the request for the next event.
    ///
    /// # Errors
    ///
    /// When the function does something else.
    pub async fn asked(&mut self) -> Result<Instant, Error> {
        match timeout(TIMEOUTS, self.api.did()).await {
            Ok(Did::Asked(at)) => Ok(at),
            Ok(Did::FailedToStart(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.silent()),
        }
    }

    /// Hands over `event` and waits for the answer.
    ///
    /// # Errors
    ///
    /// When it is not 200.
    pub async fn answer(&mut self, event: Bytes) -> Result<Instant, Error> {
        match timeout(TIMEOUTS, self.api.hand_over(event)).await {
            Ok(Ok(Told::Answer { body, at, .. })) if is_ok(&body) => Ok(at),
            Ok(Ok(Told::Answer { body, .. })) => {
                Err(self.error(format!("answered {}", String::from_utf8_lossy(&body))))
            }
            Ok(Ok(Told::Error(error))) => Err(self.failed(&error)),
            Ok(Err(_)) | Err(_) => Err(self.silent()),
        }
    }

    fn failed(&self, error: &[u8]) -> Error {
        self.error(format!("failed: {}", String::from_utf8_lossy(error)))
    }

    fn silent(&self) -> Error {
        self.error(format!("did nothing for {TIMEOUTS:?}"))
    }

    fn error(&self, what: String) -> Error {
        Error::Function { subject: self.subject.clone(), what }
    }

    /// How long the process has been on a CPU, to the nanosecond: the first number of `schedstat`
    /// ("Scheduler Statistics" in the kernel's documentation), which is the main thread's. No subject that is
    /// compared by it has another one that works.
    fn cpu_time(&self) -> Result<Duration, Error> {
        let path = PathBuf::from(format!("/proc/{}/schedstat", self.process.id()));
        let stat = fs::read_to_string(&path).map_err(|error| Error::File { path, error })?;
        let time = stat.split(' ').next().and_then(|time| time.parse().ok());
        time.map(Duration::from_nanos).ok_or_else(|| self.error("has no time on a CPU".to_owned()))
    }

    fn peak_kib(&self) -> Result<u64, Error> {
        let path = PathBuf::from(format!("/proc/{}/status", self.process.id()));
        let status = fs::read_to_string(&path).map_err(|error| Error::File { path, error })?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok());
        peak.ok_or_else(|| self.error("has no peak memory".to_owned()))
    }
}

fn is_ok(body: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    answer["statusCode"] == 200
}
