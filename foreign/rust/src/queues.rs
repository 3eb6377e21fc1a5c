//! Queues, their attributes and tags, deletes and purges.

use crate::check::{Outcome, Session, equal, failed, holds};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, QueueAttributeName};
use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

pub async fn queues(s: &Session) -> Outcome {
    let a = s.create("queues-a", &[]).await?;
    let b = s.create("queues-b", &[]).await?;
    let name = format!("{}queues-a", s.prefix);
    equal!(s.sqs.get_queue_url().queue_name(&name).send().await?.queue_url(), Some(a.as_str()), "URL");
    let list = || s.sqs.list_queues().queue_name_prefix(format!("{}queues-", s.prefix));
    equal!(list().send().await?.queue_urls(), [a.clone(), b.clone()], "list");
    let none = s.sqs.list_queues().queue_name_prefix(format!("{name}-none")).send().await?;
    equal!(none.queue_urls, None, "a list of nothing");
    let mut pages = list().max_results(1).into_paginator().send();
    let mut urls = Vec::new();
    while let Some(page) = pages.next().await {
        urls.push(page?.queue_urls.unwrap_or_default());
    }
    equal!(urls, [[a.clone()], [b]], "pages of one");
    equal!(s.create("queues-a", &[(QueueAttributeName::VisibilityTimeout, "30")]).await?, a, "created again");
    let different = s.sqs.create_queue().queue_name(name).attributes(QueueAttributeName::VisibilityTimeout, "31");
    let e = different.send().await.err().ok_or("created again with another attribute")?.into_service_error();
    holds!(e.is_queue_name_exists(), "{e:?}");
    equal!(e.code(), Some("QueueAlreadyExists"), "code");
    Ok(())
}

pub async fn attributes(s: &Session) -> Outcome {
    use QueueAttributeName::{All, CreatedTimestamp, MessageRetentionPeriod, QueueArn, VisibilityTimeout};
    let url = s.create("attributes", &[(MessageRetentionPeriod, "60")]).await?;
    s.sqs.set_queue_attributes().queue_url(&url).attributes(VisibilityTimeout, "45").send().await?;
    let some = s.get(&url, &[VisibilityTimeout, MessageRetentionPeriod]).await?;
    let want = HashMap::from([(VisibilityTimeout, "45".into()), (MessageRetentionPeriod, "60".into())]);
    equal!(some, want, "two by name");
    let all = s.get(&url, &[All]).await?;
    equal!(all.len(), 12, format!("number of attributes in {all:?}"));
    let arn = &all[&QueueArn];
    let name = format!(":{}attributes", s.prefix);
    holds!(arn.starts_with("arn:aws:sqs:us-east-1:") && arn.ends_with(&name), "ARN {arn}");
    let created = SystemTime::UNIX_EPOCH + Duration::from_secs(all[&CreatedTimestamp].parse()?);
    let age = SystemTime::now().duration_since(created)?;
    holds!(age < Duration::from_secs(300), "created {age:?} ago");

    for delay in [0, 0, 900] {
        s.sqs.send_message().queue_url(&url).message_body("counted").delay_seconds(delay).send().await?;
    }
    s.receive(&url, |r| r).await?;
    equal!(counts(s, &url).await?, ["1", "1", "1"], "visible, in flight, delayed");
    Ok(())
}

async fn counts(s: &Session, url: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let got = s.get(url, &names).await?;
    Ok(names.iter().map(|n| got[n].clone()).collect())
}

pub async fn tags(s: &Session) -> Outcome {
    let create = s.sqs.create_queue().queue_name(format!("{}tags", s.prefix)).tags("team", "a");
    let url = create.send().await?.queue_url.ok_or("no queue URL")?;
    let list = || s.sqs.list_queue_tags().queue_url(&url);
    let owned =
        |tags: &[(&str, &str)]| tags.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<HashMap<_, _>>();
    let all = owned(&[("env", "dev & <test>"), ("empty", ""), ("team", "b")]);
    s.sqs.tag_queue().queue_url(&url).set_tags(Some(all.clone())).send().await?;
    equal!(list().send().await?.tags, Some(all), "tags");
    s.sqs.untag_queue().queue_url(&url).tag_keys("env").tag_keys("absent").send().await?;
    equal!(list().send().await?.tags, Some(owned(&[("empty", ""), ("team", "b")])), "tags left");
    s.sqs.untag_queue().queue_url(&url).tag_keys("team").tag_keys("empty").send().await?;
    equal!(list().send().await?.tags, None, "no tags");
    Ok(())
}

pub async fn delete(s: &Session) -> Outcome {
    let url = s.create("delete", &[]).await?;
    let send = || s.sqs.send_message().queue_url(&url).message_body("to go").send();
    for _ in 0..3 {
        send().await?;
    }
    let got = s.receive(&url, |r| r.max_number_of_messages(10)).await?;
    equal!(got.len(), 3, "messages");
    let handle = |i: usize| got[i].receipt_handle.clone().unwrap_or_default();
    for _ in 0..2 {
        s.sqs.delete_message().queue_url(&url).receipt_handle(handle(0)).send().await?;
    }
    let mut batch = s.sqs.delete_message_batch().queue_url(&url);
    for (id, handle) in [("first", handle(1)), ("bad", "no-handle".into()), ("last", handle(2))] {
        batch = batch.entries(DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build()?);
    }
    let reply = batch.send().await?;
    equal!(reply.successful().iter().map(|e| e.id()).collect::<Vec<_>>(), ["first", "last"], "deleted");
    equal!(failed(reply.failed()), [("bad", "ReceiptHandleIsInvalid", true)], "not deleted");
    equal!(counts(s, &url).await?, ["0", "0", "0"], "counts after the deletes");

    send().await?;
    let purge = || s.sqs.purge_queue().queue_url(&url).send();
    purge().await?;
    equal!(counts(s, &url).await?, ["0", "0", "0"], "counts after the purge");
    let again = purge().await.err().ok_or("purged twice")?.into_service_error();
    holds!(again.is_purge_queue_in_progress(), "{again:?}");

    let list = || s.sqs.list_queues().queue_name_prefix(&s.prefix).send();
    for each in list().await?.queue_urls() {
        s.sqs.delete_queue().queue_url(each).send().await?;
    }
    equal!(list().await?.queue_urls, None, "queues left");
    let gone = s.sqs.get_queue_url().queue_name(format!("{}delete", s.prefix)).send().await;
    let gone = gone.err().ok_or("URL of a deleted queue")?.into_service_error();
    holds!(gone.is_queue_does_not_exist(), "{gone:?}");
    Ok(())
}
