//! Dead-letter queues and the way back.

use crate::check::{Outcome, Session, bodies, equal, system};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName as Name};
use std::time::{Duration, Instant};

pub async fn dlq(s: &Session) -> Outcome {
    let dead = s.create("dead", &[]).await?;
    let dead_arn = s.get(&dead, &[Name::QueueArn]).await?[&Name::QueueArn].clone();
    let policy = format!(r#"{{"deadLetterTargetArn":"{dead_arn}","maxReceiveCount":1}}"#);
    let source = s.create("source", &[(Name::RedrivePolicy, &policy)]).await?;
    equal!(s.get(&source, &[Name::RedrivePolicy]).await?[&Name::RedrivePolicy], policy, "policy");
    let sources = s.sqs.list_dead_letter_source_queues().queue_url(&dead).send().await?;
    equal!(sources.queue_urls(), std::slice::from_ref(&source), "sources");

    let sent = s.sqs.send_message().queue_url(&source).message_body("poison").send().await?;
    let got = s.receive(&source, |r| r).await?;
    equal!(bodies(&got), ["poison"], "received once");
    s.release(&source, &got[0]).await?;
    equal!(s.receive(&source, |r| r).await?.len(), 0, "received once too often");
    let letter = s.receive(&dead, |r| r).await?;
    equal!(bodies(&letter), ["poison"], "dead letters");
    equal!(letter[0].message_id(), sent.message_id(), "id of the dead letter");
    let source_arn = s.get(&source, &[Name::QueueArn]).await?[&Name::QueueArn].clone();
    let came_from = system(&letter[0], MessageSystemAttributeName::DeadLetterQueueSourceArn);
    equal!(came_from, source_arn, "where it came from");
    s.release(&dead, &letter[0]).await?;

    let task = s.sqs.start_message_move_task().source_arn(&dead_arn).send().await?;
    equal!(task.task_handle().is_some(), true, "task handle");
    let start = Instant::now();
    loop {
        let tasks = s.sqs.list_message_move_tasks().source_arn(&dead_arn).send().await?;
        let task = tasks.results().first().ok_or("no task")?;
        if task.status() != Some("RUNNING") || start.elapsed() > Duration::from_secs(20) {
            equal!(task.status(), Some("COMPLETED"), "task");
            equal!(task.approximate_number_of_messages_moved(), 1, "moved back");
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    equal!(bodies(&s.receive(&source, |r| r).await?), ["poison"], "back in the source");
    Ok(())
}
