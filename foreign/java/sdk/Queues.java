import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.ALL;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.CREATED_TIMESTAMP;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.MESSAGE_RETENTION_PERIOD;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.QUEUE_ARN;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.VISIBILITY_TIMEOUT;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.PurgeQueueInProgressException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;

/** Queues, their attributes and tags, deletes and purges. */
final class Queues {
  private final SqsClient sqs;
  private final String prefix;

  Queues(SqsClient sqs, String prefix) {
    this.sqs = sqs;
    this.prefix = prefix;
  }

  void queues() throws Exception {
    String a = create("queues-a", Map.of());
    String b = create("queues-b", Map.of());
    Check.equal(sqs.getQueueUrl(r -> r.queueName(prefix + "queues-a")).queueUrl(), a, "URL");
    String both = prefix + "queues-";
    Check.equal(sqs.listQueues(r -> r.queueNamePrefix(both)).queueUrls(), List.of(a, b), "list");
    Check.holds(!sqs.listQueues(r -> r.queueNamePrefix(both + "none")).hasQueueUrls(), "a list of nothing is left out");
    var pages = sqs.listQueuesPaginator(r -> r.queueNamePrefix(both).maxResults(1));
    Check.equal(pages.stream().map(p -> p.queueUrls()).toList(), List.of(List.of(a), List.of(b)), "pages of one");
    Check.equal(create("queues-a", Map.of(VISIBILITY_TIMEOUT, "30")), a, "created again");
    var e = Check.thrown(QueueNameExistsException.class, () -> create("queues-a", Map.of(VISIBILITY_TIMEOUT, "31")));
    Check.equal(e.awsErrorDetails().errorCode(), "QueueAlreadyExists", "created again with another attribute");
  }

  void attributes() {
    String url = create("attributes", Map.of(MESSAGE_RETENTION_PERIOD, "60"));
    sqs.setQueueAttributes(r -> r.queueUrl(url).attributes(Map.of(VISIBILITY_TIMEOUT, "45")));
    var some = get(url, VISIBILITY_TIMEOUT, MESSAGE_RETENTION_PERIOD);
    Check.equal(some, Map.of(VISIBILITY_TIMEOUT, "45", MESSAGE_RETENTION_PERIOD, "60"), "two by name");
    var all = get(url, ALL);
    Check.equal(all.size(), 12, "number of attributes in " + all);
    String arn = all.get(QUEUE_ARN);
    Check.holds(arn.matches("arn:aws:sqs:us-east-1:[0-9]{12}:" + prefix + "attributes"), arn);
    long age = Instant.now().getEpochSecond() - Long.parseLong(all.get(CREATED_TIMESTAMP));
    Check.holds(Math.abs(age) < 300, "created " + age + " s ago");

    for (int delay : List.of(0, 0, 900)) {
      sqs.sendMessage(r -> r.queueUrl(url).messageBody("counted").delaySeconds(delay));
    }
    sqs.receiveMessage(r -> r.queueUrl(url));
    Check.equal(counts(url), List.of("1", "1", "1"), "visible, in flight, delayed");
  }

  void tags() {
    String url = sqs.createQueue(r -> r.queueName(prefix + "tags").tags(Map.of("team", "a"))).queueUrl();
    var tags = Map.of("env", "dev & <test>", "empty", "", "team", "b");
    sqs.tagQueue(r -> r.queueUrl(url).tags(tags));
    Check.equal(sqs.listQueueTags(r -> r.queueUrl(url)).tags(), tags, "tags");
    sqs.untagQueue(r -> r.queueUrl(url).tagKeys("env", "absent"));
    Check.equal(sqs.listQueueTags(r -> r.queueUrl(url)).tags(), Map.of("empty", "", "team", "b"), "tags left");
    sqs.untagQueue(r -> r.queueUrl(url).tagKeys("empty", "team"));
    Check.holds(!sqs.listQueueTags(r -> r.queueUrl(url)).hasTags(), "no tags are left out");
  }

  void delete() throws Exception {
    String url = create("delete", Map.of());
    for (int i = 0; i < 3; i++) {
      sqs.sendMessage(r -> r.queueUrl(url).messageBody("to go"));
    }
    var handles =
        sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages().stream()
            .map(Message::receiptHandle)
            .toList();
    Check.equal(handles.size(), 3, "messages");
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(handles.get(0)));
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(handles.get(0)));
    var entries = List.of(entry("first", handles.get(1)), entry("bad", "no-handle"), entry("last", handles.get(2)));
    var reply = sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(entries));
    Check.equal(
        reply.successful().stream().map(DeleteMessageBatchResultEntry::id).toList(), List.of("first", "last"), "deleted");
    Check.equal(failed(reply.failed()), List.of("bad ReceiptHandleIsInvalid true"), "not deleted");
    Check.equal(counts(url), List.of("0", "0", "0"), "counts after the deletes");

    sqs.sendMessage(r -> r.queueUrl(url).messageBody("to go"));
    sqs.purgeQueue(r -> r.queueUrl(url));
    Check.equal(counts(url), List.of("0", "0", "0"), "counts after the purge");
    Check.thrown(PurgeQueueInProgressException.class, () -> sqs.purgeQueue(r -> r.queueUrl(url)));

    for (String each : sqs.listQueues(r -> r.queueNamePrefix(prefix)).queueUrls()) {
      sqs.deleteQueue(r -> r.queueUrl(each));
    }
    Check.equal(sqs.listQueues(r -> r.queueNamePrefix(prefix)).queueUrls(), List.of(), "queues left");
    Check.thrown(QueueDoesNotExistException.class, () -> sqs.getQueueUrl(r -> r.queueName(prefix + "delete")));
  }

  /** Id, code and whose fault, of each failed entry of a batch. */
  static List<String> failed(List<BatchResultErrorEntry> entries) {
    return entries.stream().map(e -> e.id() + " " + e.code() + " " + e.senderFault()).toList();
  }

  private static DeleteMessageBatchRequestEntry entry(String id, String handle) {
    return DeleteMessageBatchRequestEntry.builder().id(id).receiptHandle(handle).build();
  }

  private String create(String name, Map<QueueAttributeName, String> attributes) {
    return sqs.createQueue(r -> r.queueName(prefix + name).attributes(attributes)).queueUrl();
  }

  private Map<QueueAttributeName, String> get(String url, QueueAttributeName... names) {
    return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(names)).attributes();
  }

  private List<String> counts(String url) {
    var names =
        List.of(
            APPROXIMATE_NUMBER_OF_MESSAGES,
            APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
            APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED);
    var got = get(url, names.toArray(QueueAttributeName[]::new));
    return names.stream().map(got::get).toList();
  }
}
