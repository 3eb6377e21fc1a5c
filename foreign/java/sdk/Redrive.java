import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Dead-letter queues and the way back. */
final class Redrive {
  private final SqsClient sqs;
  private final String prefix;

  Redrive(SqsClient sqs, String prefix) {
    this.sqs = sqs;
    this.prefix = prefix;
  }

  void dlq() throws Exception {
    String dead = sqs.createQueue(r -> r.queueName(prefix + "dead")).queueUrl();
    String deadArn = attribute(dead, QueueAttributeName.QUEUE_ARN);
    String policy = "{\"deadLetterTargetArn\":\"" + deadArn + "\",\"maxReceiveCount\":1}";
    var attributes = Map.of(QueueAttributeName.REDRIVE_POLICY, policy);
    String source = sqs.createQueue(r -> r.queueName(prefix + "source").attributes(attributes)).queueUrl();
    Check.equal(attribute(source, QueueAttributeName.REDRIVE_POLICY), policy, "policy");
    Check.equal(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(dead)).queueUrls(), List.of(source), "sources");
    Check.equal(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(source)).queueUrls(), List.of(), "sources of the source");

    var sent = sqs.sendMessage(r -> r.queueUrl(source).messageBody("poison"));
    release(source, receive(source).get(0));
    Check.equal(receive(source), List.of(), "received once too often");
    var letter = receive(dead).get(0);
    Check.equal(letter.messageId(), sent.messageId(), "id of the dead letter");
    Check.equal(letter.body(), "poison", "body of the dead letter");
    Check.equal(
        letter.attributes().get(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN),
        attribute(source, QueueAttributeName.QUEUE_ARN),
        "where it came from");
    release(dead, letter);

    Check.holds(sqs.startMessageMoveTask(r -> r.sourceArn(deadArn)).taskHandle() != null, "task handle");
    long start = System.nanoTime();
    var task = sqs.listMessageMoveTasks(r -> r.sourceArn(deadArn)).results().get(0);
    while (task.status().equals("RUNNING") && System.nanoTime() - start < 20e9) {
      Thread.sleep(50);
      task = sqs.listMessageMoveTasks(r -> r.sourceArn(deadArn)).results().get(0);
    }
    Check.equal(task.status(), "COMPLETED", "task");
    Check.equal(task.approximateNumberOfMessagesMoved(), 1L, "moved back");
    Check.equal(receive(source).stream().map(Message::body).toList(), List.of("poison"), "back in the source");
  }

  private String attribute(String url, QueueAttributeName name) {
    return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name)).attributes().get(name);
  }

  private List<Message> receive(String url) {
    return sqs.receiveMessage(r -> r.queueUrl(url).messageSystemAttributeNames(MessageSystemAttributeName.ALL)).messages();
  }

  private void release(String url, Message m) {
    sqs.changeMessageVisibility(r -> r.queueUrl(url).receiptHandle(m.receiptHandle()).visibilityTimeout(0));
  }
}
