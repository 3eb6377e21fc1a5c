import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.MESSAGE_GROUP_ID;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.SEQUENCE_NUMBER;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** FIFO queues: order, groups, deduplication. */
final class Fifo {
  private static final String SHA256_OF_1 = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";

  private final SqsClient sqs;
  private final String url;

  Fifo(SqsClient sqs, String prefix) {
    this.sqs = sqs;
    var attributes =
        Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
    url = sqs.createQueue(r -> r.queueName(prefix + "fifo.fifo").attributes(attributes)).queueUrl();
  }

  void fifo() {
    var sent =
        List.of(
            send("g1", "1", null), send("g1", "2", null), send("g1", "3", null),
            send("g2", "x", null), send("g2", "y", "once"));
    rising(sent.stream().map(SendMessageResponse::sequenceNumber).toList());
    var again = send("g1", "1", null);
    Check.equal(again.messageId(), sent.get(0).messageId(), "id of a duplicate by content");
    Check.equal(again.sequenceNumber(), sent.get(0).sequenceNumber(), "number of a duplicate by content");
    Check.equal(send("g2", "z", "once").messageId(), sent.get(4).messageId(), "id of a duplicate by id");

    var one = receive(1);
    Check.equal(bodies(one), List.of("1"), "first");
    var first = one.get(0);
    Check.equal(first.attributes().get(MESSAGE_GROUP_ID), "g1", "its group");
    Check.equal(first.attributes().get(MESSAGE_DEDUPLICATION_ID), SHA256_OF_1, "its deduplication id");
    Check.equal(first.attributes().get(SEQUENCE_NUMBER), sent.get(0).sequenceNumber(), "its number");
    var others = receive(10);
    Check.equal(bodies(others), List.of("x", "y"), "while group g1 is locked");
    Check.equal(others.get(1).attributes().get(MESSAGE_DEDUPLICATION_ID), "once", "deduplication id of y");
    Check.equal(receive(10), List.of(), "while both groups are locked");
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(first.receiptHandle()));
    Check.equal(bodies(receive(10)), List.of("2", "3"), "after the first was deleted");

    var entry = SendMessageBatchRequestEntry.builder().messageGroupId("g3");
    var entries = Stream.of("a", "b", "c").map(s -> entry.id(s).messageBody(s).build()).toList();
    var reply = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
    Check.equal(reply.successful().size(), 3, "sent by a batch");
    rising(reply.successful().stream().map(e -> e.sequenceNumber()).toList());
    Check.equal(bodies(receive(10)), List.of("a", "b", "c"), "order of a batch");
  }

  private static void rising(List<String> numbers) {
    var last = BigInteger.ZERO;
    for (String n : numbers) {
      Check.holds(last.compareTo(new BigInteger(n)) < 0, "sequence numbers rise: " + numbers);
      last = new BigInteger(n);
    }
  }

  private static List<String> bodies(List<Message> messages) {
    return messages.stream().map(Message::body).toList();
  }

  private SendMessageResponse send(String group, String body, String id) {
    return sqs.sendMessage(r -> r.queueUrl(url).messageGroupId(group).messageBody(body).messageDeduplicationId(id));
  }

  private List<Message> receive(int most) {
    return sqs.receiveMessage(
            r -> r.queueUrl(url).maxNumberOfMessages(most).messageSystemAttributeNames(MessageSystemAttributeName.ALL))
        .messages();
  }
}
