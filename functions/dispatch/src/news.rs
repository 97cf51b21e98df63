//! A happening and the record that it happened to: what is made into a message and an event.

use settlement::Detail;

use crate::event::Event;
use crate::happening::Happening;
use crate::image::Image;
use crate::stream::Unreadable;

/// What is to be sent of a record.
#[derive(Debug, Clone)]
pub struct News {
    happening: Happening,
    image: Image,
    happened_at: String,
}

impl News {
    /// That `happening` is what the record `image` tells; not where the record lacks what belongs to it.
    pub(crate) fn new(happening: Happening, image: Image) -> Result<Self, Unreadable> {
        let pairs = [
            (image.amount.is_some(), image.unit.is_some()),
            (image.booked_amount.is_some(), image.booked_unit.is_some()),
            (image.balance.is_some(), image.balance_entries.is_some()),
        ];
        if pairs.iter().any(|(one, other)| one != other) {
            return Err(Unreadable);
        }
        let at = match happening {
            Happening::Recorded | Happening::Held | Happening::Conflict => Some(&image.received_at),
            Happening::Accepted => image.accepted_at.as_ref(),
            _ => image.settled_at.as_ref(),
        };
        let happened_at = at.ok_or(Unreadable)?.text.clone();
        Ok(Self { happening, image, happened_at })
    }

    /// What is told of the item `image` of a record, in DynamoDB's JSON, that is `recorded` or `held`: that it came,
    /// or that a person accepted it.
    pub fn of_item(image: &str) -> Result<Self, Unreadable> {
        let image: Image = serde_json::from_str(image).map_err(|_| Unreadable)?;
        let happening = match (image.state.text.as_str(), &image.accepted_at) {
            ("recorded", None) => Happening::Recorded,
            ("recorded", Some(_)) => Happening::Accepted,
            ("held", _) => Happening::Held,
            _ => return Err(Unreadable),
        };
        Self::new(happening, image)
    }

    /// The id of the record.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.image.id.text
    }

    /// What happened.
    #[must_use]
    pub const fn happening(&self) -> Happening {
        self.happening
    }

    /// The message for the record's settler, whether or not it has one now; none of what is settled, and of a
    /// conflict.
    #[must_use]
    pub fn message(&self) -> Option<Detail> {
        let Image { amount, unit, .. } = &self.image;
        self.happening.has_message().then(|| Detail {
            id: self.image.id.text.clone(),
            provider: self.image.provider.text.clone(),
            kind: self.image.kind.text.clone(),
            user: self.image.user.text.clone(),
            effect: self.image.effect.text.clone(),
            effect_of: self.image.effect_of.text.clone(),
            settler: self.image.settler.text.clone(),
            amount: amount.as_ref().map(|amount| amount.text.clone()),
            unit: unit.as_ref().map(|unit| unit.text.clone()),
            test: self.image.test.flag,
            state: self.image.state.text.clone(),
            received_at: self.image.received_at.text.clone(),
            key_id: self.image.key_id.text.clone(),
            payload: self.image.payload.text.clone(),
        })
    }

    /// The event for subscribers of the bus.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        Event::new(self.happening, &self.image, &self.happened_at)
    }
}
