//! What a step works and compares with.

use aws_sdk_sqs::types::{BatchResultErrorEntry, Message, MessageSystemAttributeName, QueueAttributeName};
use aws_sdk_sqs::{Client, operation::receive_message::builders::ReceiveMessageFluentBuilder};
use std::collections::HashMap;
use std::error::Error;

pub type Outcome = Result<(), Box<dyn Error>>;

/// A body that SQS refuses.
pub const FORBIDDEN: &str = "bell \x07";

/// Ends the step if the first is not equal to the second.
macro_rules! equal {
    ($got:expr, $want:expr, $what:expr) => {
        match (&$got, &$want) {
            (got, want) if *got == *want => {}
            (got, want) => return Err(format!("{}: got {:?}, want {:?}", $what, got, want).into()),
        }
    };
}

/// Ends the step unless the condition holds.
macro_rules! holds {
    ($condition:expr, $($what:tt)*) => {
        if !$condition {
            return Err(format!($($what)*).into());
        }
    };
}

pub(crate) use {equal, holds};

/// The client, and the prefix of the names of its queues.
pub struct Session {
    pub sqs: Client,
    pub prefix: String,
}

impl Session {
    /// Creates a queue and returns its URL.
    pub async fn create(
        &self,
        name: &str,
        attributes: &[(QueueAttributeName, &str)],
    ) -> Result<String, Box<dyn Error>> {
        let mut call = self.sqs.create_queue().queue_name(format!("{}{name}", self.prefix));
        for (name, value) in attributes {
            call = call.attributes(name.clone(), *value);
        }
        Ok(call.send().await?.queue_url.ok_or("no queue URL")?)
    }

    /// Attributes of a queue.
    pub async fn get(
        &self,
        url: &str,
        names: &[QueueAttributeName],
    ) -> Result<HashMap<QueueAttributeName, String>, Box<dyn Error>> {
        let call = self.sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
        Ok(call.send().await?.attributes.unwrap_or_default())
    }

    /// One receive, with all system attributes.
    pub async fn receive(
        &self,
        url: &str,
        how: impl FnOnce(ReceiveMessageFluentBuilder) -> ReceiveMessageFluentBuilder,
    ) -> Result<Vec<Message>, Box<dyn Error>> {
        let call = self.sqs.receive_message().queue_url(url);
        let call = how(call.message_system_attribute_names(MessageSystemAttributeName::All));
        Ok(call.send().await?.messages.unwrap_or_default())
    }

    /// Makes a message visible.
    pub async fn release(&self, url: &str, m: &Message) -> Outcome {
        let call = self.sqs.change_message_visibility().queue_url(url).visibility_timeout(0);
        call.set_receipt_handle(m.receipt_handle.clone()).send().await?;
        Ok(())
    }
}

/// A system attribute of a message, or nothing.
pub fn system(m: &Message, name: MessageSystemAttributeName) -> &str {
    m.attributes.as_ref().and_then(|all| all.get(&name)).map_or("", |v| v)
}

pub fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|m| m.body().unwrap_or_default()).collect()
}

/// Id, code and whose fault, of each failed entry of a batch.
pub fn failed(entries: &[BatchResultErrorEntry]) -> Vec<(&str, &str, bool)> {
    entries.iter().map(|e| (e.id(), e.code(), e.sender_fault())).collect()
}

/// An error and what it comes from.
pub fn chain(e: &dyn Error) -> String {
    e.source().map_or_else(|| e.to_string(), |source| format!("{e}: {}", chain(source)))
}
