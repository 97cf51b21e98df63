//! Stub.
pub mod lambda {
    //! Stub.
    pub type Error = Box<dyn std::error::Error + Send + Sync>;
    pub async fn run<P: verify::Provider>() -> Result<(), Error> {
        Ok(())
    }
}
