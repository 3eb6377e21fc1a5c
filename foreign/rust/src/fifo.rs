//! FIFO queues: order, groups, deduplication.

use crate::check::{Outcome, Session, bodies, equal, holds, system};
use aws_sdk_sqs::types::{MessageSystemAttributeName as Name, QueueAttributeName, SendMessageBatchRequestEntry};

const SHA256_OF_1: &str = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";

pub async fn fifo(s: &Session) -> Outcome {
    let attributes = [(QueueAttributeName::FifoQueue, "true"), (QueueAttributeName::ContentBasedDeduplication, "true")];
    let url = s.create("fifo.fifo", &attributes).await?;
    let send = |group: &str, body: &str, id: Option<&str>| {
        let call = s.sqs.send_message().queue_url(&url).message_group_id(group).message_body(body);
        call.set_message_deduplication_id(id.map(str::to_string)).send()
    };
    let mut sent = Vec::new();
    for (group, body, id) in
        [("g1", "1", None), ("g1", "2", None), ("g1", "3", None), ("g2", "x", None), ("g2", "y", Some("once"))]
    {
        sent.push(send(group, body, id).await?);
    }
    rising(sent.iter().map(|m| m.sequence_number()))?;
    let again = send("g1", "1", None).await?;
    equal!(again.message_id(), sent[0].message_id(), "id of a duplicate by content");
    equal!(again.sequence_number(), sent[0].sequence_number(), "number of a duplicate by content");
    let again = send("g2", "z", Some("once")).await?;
    equal!(again.message_id(), sent[4].message_id(), "id of a duplicate by id");

    let first = s.receive(&url, |r| r).await?;
    equal!(bodies(&first), ["1"], "first");
    equal!(system(&first[0], Name::MessageGroupId), "g1", "its group");
    equal!(system(&first[0], Name::MessageDeduplicationId), SHA256_OF_1, "its deduplication id");
    equal!(Some(system(&first[0], Name::SequenceNumber)), sent[0].sequence_number(), "its number");
    let others = s.receive(&url, |r| r.max_number_of_messages(10)).await?;
    equal!(bodies(&others), ["x", "y"], "while group g1 is locked");
    equal!(system(&others[1], Name::MessageDeduplicationId), "once", "deduplication id of y");
    equal!(s.receive(&url, |r| r).await?.len(), 0, "messages while both groups are locked");
    let delete = s.sqs.delete_message().queue_url(&url);
    delete.set_receipt_handle(first[0].receipt_handle.clone()).send().await?;
    let rest = s.receive(&url, |r| r.max_number_of_messages(10)).await?;
    equal!(bodies(&rest), ["2", "3"], "after the first was deleted");

    let mut call = s.sqs.send_message_batch().queue_url(&url);
    for id in ["a", "b", "c"] {
        let entry = SendMessageBatchRequestEntry::builder().id(id).message_body(id).message_group_id("g3");
        call = call.entries(entry.build()?);
    }
    let reply = call.send().await?;
    equal!(reply.successful().len(), 3, "sent by a batch");
    rising(reply.successful().iter().map(|e| e.sequence_number()))?;
    let got = s.receive(&url, |r| r.max_number_of_messages(10)).await?;
    equal!(bodies(&got), ["a", "b", "c"], "order of a batch");
    Ok(())
}

fn rising<'a>(numbers: impl Iterator<Item = Option<&'a str>>) -> Outcome {
    let mut last = 0;
    for text in numbers {
        let number: u128 = text.unwrap_or_default().parse()?;
        holds!(number > last, "sequence numbers do not rise: {last}, {number}");
        last = number;
    }
    Ok(())
}
