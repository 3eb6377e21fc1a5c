//! Standard queues: send, receive, wait, hide.

use crate::check::{FORBIDDEN, Outcome, Session, bodies, equal, failed, holds, system};
use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue, MessageSystemAttributeName as Name,
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry,
};
use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

/// Every character that SQS allows and that some codec mangles.
const BODY: &str = concat!(
    " snow \u{2603} \u{1f389} \"quoted\" 'single' back\\slash\r\n\tcr\ralone ",
    "<b a=\"1\">&amp; markup</b> ]]> \x7f \u{85} \u{2028} \u{fffd} end\n"
);
const BODY_MD5: &str = "e92b45721f8677b9a93f02f3bd42d864";
const ATTRIBUTES_MD5: &str = "455c2442c2146192d9523d261d2c4ede";
const POPULATION_MD5: &str = "67ce8f99d78dd5ddbe20a247f2f98c12"; // of population alone
const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";
const TRACE_MD5: &str = "62a56dd927315f2b2e12832b84617ea5";

/// The attributes of SQS's worked example.
fn attributes() -> Result<HashMap<String, MessageAttributeValue>, Box<dyn Error>> {
    let of = |data_type| MessageAttributeValue::builder().data_type(data_type);
    Ok(HashMap::from([
        ("city".into(), of("String").string_value("Any City").build()?),
        ("logo".into(), of("Binary.png").binary_value(Blob::new([0x89, 0x50])).build()?),
        ("population".into(), of("Number.int").string_value("1250800").build()?),
    ]))
}

async fn send_everything(s: &Session, url: &str) -> Result<SendMessageOutput, Box<dyn Error>> {
    let trace = MessageSystemAttributeValue::builder().data_type("String").string_value(TRACE).build()?;
    let call = s.sqs.send_message().queue_url(url).message_body(BODY).set_message_attributes(Some(attributes()?));
    Ok(call.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, trace).send().await?)
}

pub async fn send(s: &Session) -> Outcome {
    let url = s.create("send", &[]).await?;
    let sent = send_everything(s, &url).await?;
    equal!(sent.md5_of_message_body(), Some(BODY_MD5), "MD5 of the body");
    equal!(sent.md5_of_message_attributes(), Some(ATTRIBUTES_MD5), "MD5 of the attributes");
    equal!(sent.md5_of_message_system_attributes(), Some(TRACE_MD5), "MD5 of the system attributes");
    equal!(sent.message_id().map(str::len), Some(36), "length of the id");
    let plain = s.sqs.send_message().queue_url(&url).message_body("plain").send().await?;
    equal!(plain.md5_of_message_attributes(), None, "MD5 of no attributes");
    equal!(plain.md5_of_message_system_attributes(), None, "MD5 of no system attributes");
    equal!(plain.sequence_number(), None, "sequence number");
    Ok(())
}

pub async fn batch(s: &Session) -> Outcome {
    let url = s.create("batch", &[]).await?;
    let entry = |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body);
    let ids: Vec<String> = (0..10).map(|i| format!("id-{i}")).collect();
    let mut call = s.sqs.send_message_batch().queue_url(&url);
    for id in &ids {
        let attributes = if id == "id-3" { Some(attributes()?) } else { None };
        call = call.entries(entry(id, id).set_message_attributes(attributes).build()?);
    }
    let reply = call.send().await?;
    equal!(reply.successful().iter().map(|e| e.id()).collect::<Vec<_>>(), ids, "sent");
    equal!(reply.failed().len(), 0, "failed");
    for e in reply.successful() {
        let want = if e.id() == "id-3" { Some(ATTRIBUTES_MD5) } else { None };
        equal!(e.md5_of_message_attributes(), want, format!("MD5 of attributes of {}", e.id()));
    }

    let mut call = s.sqs.send_message_batch().queue_url(&url);
    for (id, body) in [("first", "a"), ("bad", FORBIDDEN), ("last", "b")] {
        call = call.entries(entry(id, body).build()?);
    }
    let reply = call.send().await?;
    equal!(reply.successful().iter().map(|e| e.id()).collect::<Vec<_>>(), ["first", "last"], "sent");
    equal!(failed(reply.failed()), [("bad", "InvalidMessageContents", true)], "failed");

    let mut got = Vec::new();
    loop {
        let more = s.receive(&url, |r| r.max_number_of_messages(10)).await?;
        if more.is_empty() {
            break;
        }
        got.extend(more.into_iter().filter_map(|m| m.body));
    }
    got.sort();
    let want: Vec<String> = ["a".into(), "b".into()].into_iter().chain(ids).collect();
    equal!(got, want, "bodies");
    Ok(())
}

pub async fn receive(s: &Session) -> Outcome {
    let url = s.create("receive", &[(QueueAttributeName::VisibilityTimeout, "0")]).await?;
    equal!(s.receive(&url, |r| r).await?.len(), 0, "messages of an empty queue");
    let sent = send_everything(s, &url).await?;
    let got = s.receive(&url, |r| r.message_attribute_names("All")).await?;
    equal!(bodies(&got), [BODY], "body");
    let m = &got[0];
    equal!(m.md5_of_body(), Some(BODY_MD5), "MD5 of the body");
    equal!(m.message_id(), sent.message_id(), "id");
    equal!(m.message_attributes, Some(attributes()?), "attributes");
    equal!(m.md5_of_message_attributes(), Some(ATTRIBUTES_MD5), "MD5 of the attributes");
    equal!(system(m, Name::ApproximateReceiveCount), "1", "receive count");
    equal!(system(m, Name::AwsTraceHeader), TRACE, "trace header");
    let sent = SystemTime::UNIX_EPOCH + Duration::from_millis(system(m, Name::SentTimestamp).parse()?);
    let age = SystemTime::now().duration_since(sent)?;
    holds!(age < Duration::from_secs(300), "sent {age:?} ago");
    for name in [Name::SenderId, Name::ApproximateFirstReceiveTimestamp] {
        holds!(!system(m, name.clone()).is_empty(), "no {name}");
    }

    let call = s.sqs.receive_message().queue_url(&url).message_attribute_names("pop.*");
    let got = call.message_system_attribute_names(Name::SentTimestamp).send().await?;
    let m = &got.messages()[0];
    equal!(m.attributes.as_ref().map(|a| a.keys().collect::<Vec<_>>()), Some(vec![&Name::SentTimestamp]), "by name");
    let names = m.message_attributes.as_ref().map(|a| a.keys().map(String::as_str).collect::<Vec<_>>());
    equal!(names, Some(vec!["population"]), "attributes by prefix");
    equal!(m.md5_of_message_attributes(), Some(POPULATION_MD5), "MD5 of those returned");
    let got = s.sqs.receive_message().queue_url(&url).send().await?;
    let m = &got.messages()[0];
    holds!(m.attributes.is_none() && m.message_attributes.is_none(), "attributes not asked for: {m:?}");
    equal!(m.md5_of_message_attributes(), None, "MD5 of attributes not asked for");
    Ok(())
}

pub async fn longpoll(s: &Session) -> Outcome {
    let url = s.create("longpoll", &[]).await?;
    let start = Instant::now();
    equal!(s.receive(&url, |r| r.wait_time_seconds(1)).await?.len(), 0, "messages of an empty queue");
    holds!(start.elapsed() >= Duration::from_secs(1), "waited {:?}", start.elapsed());

    const LEAD: Duration = Duration::from_millis(300); // for the receive to be there first
    let start = Instant::now();
    let send = async {
        tokio::time::sleep(LEAD).await;
        s.sqs.send_message().queue_url(&url).message_body("awake").send().await
    };
    let (got, sent) = tokio::join!(s.receive(&url, |r| r.wait_time_seconds(20)), send);
    sent?;
    equal!(bodies(&got?), ["awake"], "what woke it");
    let took = start.elapsed();
    holds!(took < Duration::from_secs(18), "woken after {took:?}");
    Ok(())
}

pub async fn visibility(s: &Session) -> Outcome {
    let url = s.create("visibility", &[]).await?;
    s.sqs.send_message().queue_url(&url).message_body("seen").send().await?;
    let first = s.receive(&url, |r| r).await?;
    equal!(system(&first[0], Name::ApproximateReceiveCount), "1", "receive count");
    equal!(s.receive(&url, |r| r).await?.len(), 0, "hidden messages");
    s.release(&url, &first[0]).await?;
    let second = s.receive(&url, |r| r.visibility_timeout(0)).await?;
    equal!(bodies(&second), ["seen"], "after a change to 0");
    equal!(system(&second[0], Name::ApproximateReceiveCount), "2", "receive count after a change to 0");
    let third = s.receive(&url, |r| r).await?;
    equal!(bodies(&third), ["seen"], "after a receive with 0");
    equal!(system(&third[0], Name::ApproximateReceiveCount), "3", "receive count after a receive with 0");

    let mut call = s.sqs.change_message_visibility_batch().queue_url(&url);
    for (id, handle) in [("good", third[0].receipt_handle().unwrap_or_default()), ("bad", "no-handle")] {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle);
        call = call.entries(entry.visibility_timeout(0).build()?);
    }
    let reply = call.send().await?;
    equal!(reply.successful().iter().map(|e| e.id()).collect::<Vec<_>>(), ["good"], "changed");
    equal!(failed(reply.failed()), [("bad", "ReceiptHandleIsInvalid", true)], "not changed");
    let fourth = s.receive(&url, |r| r).await?;
    equal!(bodies(&fourth), ["seen"], "after the batch");
    equal!(system(&fourth[0], Name::ApproximateReceiveCount), "4", "receive count after the batch");
    Ok(())
}
