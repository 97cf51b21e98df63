//! The list of the providers. Whatever is done for each of them, here and in the tests, goes by it.

use crate::provider::Visitor;

/// Shows `visitor` every provider, one after the other.
pub fn visit(visitor: &mut impl Visitor) {
    visitor.visit::<giveaway::Giveaway>();
    visitor.visit::<claimr::Claimr>();
    visitor.visit::<devtodev::Devtodev>();
    visitor.visit::<inbrain::Inbrain>();
    visitor.visit::<appvirality::AppVirality>();
}
