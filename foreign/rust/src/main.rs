//! Runs the scenario of ../../README.md through the AWS SDK for Rust.
//!
//! Prints `client <description>`, then `ok <step>` or `FAIL <step>: <why>` for each step.

mod check;
mod errors;
mod fifo;
mod messages;
mod queues;
mod redrive;

use check::{Outcome, Session, chain};
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::from_env().http_client(http).load().await;
    let session = Session {
        sqs: aws_sdk_sqs::Client::new(&config),
        prefix: std::env::var("QUAYSIDE_PREFIX").unwrap_or_default(),
    };
    println!("client AWS SDK for Rust, aws-sdk-sqs {}", aws_sdk_sqs::meta::PKG_VERSION);
    let mut code = ExitCode::SUCCESS;
    let mut report = |step: &str, outcome: Outcome| match outcome {
        Ok(()) => println!("ok {step}"),
        Err(e) => {
            println!("FAIL {step}: {}", chain(&*e).replace('\n', " "));
            code = ExitCode::FAILURE;
        }
    };
    report("queues", queues::queues(&session).await);
    report("attributes", queues::attributes(&session).await);
    report("send", messages::send(&session).await);
    report("batch", messages::batch(&session).await);
    report("receive", messages::receive(&session).await);
    report("longpoll", messages::longpoll(&session).await);
    report("visibility", messages::visibility(&session).await);
    report("fifo", fifo::fifo(&session).await);
    report("dlq", redrive::dlq(&session).await);
    report("tags", queues::tags(&session).await);
    report("errors", errors::errors(&session).await);
    report("delete", queues::delete(&session).await);
    code
}
