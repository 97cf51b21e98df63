//! A contract as a Rust expression, for the programs that it is built into.

use databake::{Bake, CrateEnv, TokenStream, quote};

use super::ContractFile;

/// Without what only people and senders read.
impl Bake for ContractFile {
    fn bake(&self, env: &CrateEnv) -> TokenStream {
        env.insert("contracts");
        let Self {
            contract,
            title,
            sources: _,
            unconfirmed: _,
            caller,
            token,
            routes,
            fields,
            credential,
            networks,
            identity,
            meaning,
            callbacks,
            answers,
            settings,
            accept: _,
            vectors: _,
            samples: _,
        } = self;
        let (contract, title, caller) = (contract.bake(env), title.bake(env), caller.bake(env));
        let (token, routes, fields) = (token.bake(env), routes.bake(env), fields.bake(env));
        let (credential, networks) = (credential.bake(env), networks.bake(env));
        let (identity, meaning) = (identity.bake(env), meaning.bake(env));
        let (callbacks, answers) = (callbacks.bake(env), answers.bake(env));
        let settings = settings.bake(env);
        quote! {
            contracts::file::ContractFile {
                contract: #contract,
                title: #title,
                sources: alloc::borrow::Cow::Borrowed(&[]),
                unconfirmed: None,
                caller: #caller,
                token: #token,
                routes: #routes,
                fields: #fields,
                credential: #credential,
                networks: #networks,
                identity: #identity,
                meaning: #meaning,
                callbacks: #callbacks,
                answers: #answers,
                settings: #settings,
                accept: contracts::file::Table(alloc::borrow::Cow::Borrowed(&[])),
                vectors: alloc::vec::Vec::new(),
                samples: alloc::vec::Vec::new(),
            }
        }
    }
}
