//! Errors, by the kind and the code that people branch on.

use crate::check::{FORBIDDEN, Outcome, Session, equal, holds};
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};

/// The error of a call that must fail with this code and this status.
fn error<T, E: ProvideErrorMetadata>(
    result: Result<T, SdkError<E, HttpResponse>>,
    code: &str,
    status: u16,
) -> Result<E, Box<dyn std::error::Error>> {
    let e = result.err().ok_or_else(|| format!("no {code}"))?;
    equal!(e.code(), Some(code), "code");
    equal!(e.raw_response().map(|r| r.status().as_u16()), Some(status), format!("status of {code}"));
    match e {
        SdkError::ServiceError(e) => Ok(e.into_err()),
        _ => Err(format!("{code} is no service error").into()),
    }
}

pub async fn errors(s: &Session) -> Outcome {
    const MISSING: &str = "AWS.SimpleQueueService.NonExistentQueue";
    let url = s.create("errors", &[]).await?;
    let send = |url: &str, body: &str| s.sqs.send_message().queue_url(url).message_body(body).send();
    let batch = |ids: Vec<String>| {
        let entry = |id: &String| SendMessageBatchRequestEntry::builder().id(id).message_body("x").build();
        let entries = ids.iter().map(entry).collect::<Result<Vec<_>, _>>();
        entries.map(|entries| s.sqs.send_message_batch().queue_url(&url).set_entries(Some(entries)).send())
    };

    let e = error(s.sqs.get_queue_url().queue_name(format!("{}missing", s.prefix)).send().await, MISSING, 400)?;
    holds!(e.is_queue_does_not_exist(), "{e:?}");
    let e = error(send(&format!("{url}-missing"), "x").await, MISSING, 400)?;
    holds!(e.is_queue_does_not_exist(), "{e:?}");
    let delete = s.sqs.delete_message().queue_url(&url).receipt_handle("no-handle");
    let e = error(delete.send().await, "ReceiptHandleIsInvalid", 404)?;
    holds!(e.is_receipt_handle_is_invalid(), "{e:?}");
    let twice = batch(vec!["a".into(), "a".into()])?;
    let e = error(twice.await, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400)?;
    holds!(e.is_batch_entry_ids_not_distinct(), "{e:?}");
    let eleven = batch((0..11).map(|i| i.to_string()).collect())?;
    let e = error(eleven.await, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400)?;
    holds!(e.is_too_many_entries_in_batch_request(), "{e:?}");
    let e = error(batch(Vec::new())?.await, "AWS.SimpleQueueService.EmptyBatchRequest", 400)?;
    holds!(e.is_empty_batch_request(), "{e:?}");
    let e = error(send(&url, FORBIDDEN).await, "InvalidMessageContents", 400)?;
    holds!(e.is_invalid_message_contents(), "{e:?}");
    let receive = s.sqs.receive_message().queue_url(&url).max_number_of_messages(11);
    error(receive.send().await, "InvalidParameterValue", 400)?;
    let set = s.sqs.set_queue_attributes().queue_url(&url).attributes(QueueAttributeName::from("Colour"), "red");
    let e = error(set.send().await, "InvalidAttributeName", 400)?;
    holds!(e.is_invalid_attribute_name(), "{e:?}");
    Ok(())
}
