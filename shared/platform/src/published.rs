//! A document that a third party publishes for everybody, such as the public keys that it signs with.

use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::client::legacy::Client;

use crate::aws::connector::Connector;
use crate::aws::http::pool;
use crate::aws::trust::Trust;
use crate::secret::NotRead;

/// How large a document may be, in bytes.
const LARGEST: usize = 256 * 1024;

/// A document at a URL. Redirections are not followed: who publishes keys says where.
#[derive(Debug)]
pub struct Published {
    pool: Client<Connector, SdkBody>,
    url: Uri,
    patience: Duration,
}

impl Published {
    /// The document at `url`, which is given within `patience` or not at all.
    #[must_use]
    pub fn new(url: Uri, patience: Duration) -> Self {
        let trust = Trust::at(Some(&url.to_string()), "");
        Self { pool: pool(Connector::new(trust, patience)), url, patience }
    }

    /// The document as text.
    pub(crate) async fn read(&self) -> Result<String, NotRead> {
        let reading = tokio::time::timeout(self.patience, self.exchange());
        reading.await.unwrap_or(Err(NotRead::Unreachable))
    }

    async fn exchange(&self) -> Result<String, NotRead> {
        let request = Request::get(self.url.clone()).body(SdkBody::empty());
        let request = request.map_err(|_| NotRead::Unreachable)?;
        let reply = self.pool.request(request).await.map_err(|_| NotRead::Unreachable)?;
        if reply.status() != StatusCode::OK {
            return Err(NotRead::Unreachable);
        }
        let body = Limited::new(reply.into_body(), LARGEST).collect().await;
        let bytes = body.map_err(|_| NotRead::Unreachable)?.to_bytes();
        String::from_utf8(bytes.to_vec()).map_err(|_| NotRead::Binary)
    }
}
