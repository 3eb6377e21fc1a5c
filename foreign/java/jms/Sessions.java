import com.amazon.sqs.javamessaging.SQSConnection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.CreateQueueRequest;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The connection, and queues of which a step has one or two. */
final class Sessions {
  private static final long PATIENCE = 20_000; // ms

  private final SQSConnection connection;
  private final SqsClient sqs;
  private final String prefix;

  Sessions(SQSConnection connection, SqsClient sqs, String prefix) {
    this.connection = connection;
    this.sqs = sqs;
    this.prefix = prefix;
  }

  Session open(int mode) throws JMSException {
    return connection.createSession(false, mode);
  }

  /** Creates a queue, as JMS has no way to, and returns its name. */
  String create(String name, Map<QueueAttributeName, String> attributes) throws JMSException {
    connection
        .getWrappedAmazonSQSClient()
        .createQueue(
            CreateQueueRequest.builder().queueName(prefix + name).attributes(attributes).build());
    return prefix + name;
  }

  /** The next message, which must be there. */
  static <M extends Message> M next(MessageConsumer consumer, Class<M> type) throws JMSException {
    Message m = consumer.receive(PATIENCE);
    Check.holds(type.isInstance(m), "received " + m + ", want a " + type.getSimpleName());
    return type.cast(m);
  }

  /** The messages visible and in flight. */
  List<String> counts(String queue) {
    String url = sqs.getQueueUrl(r -> r.queueName(queue)).queueUrl();
    var names =
        List.of(
            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    var got = sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(names)).attributes();
    return names.stream().map(got::get).toList();
  }

  /** Waits until no message is left. */
  void empties(String queue) throws InterruptedException {
    var none = List.of("0", "0");
    for (long start = System.nanoTime(); !counts(queue).equals(none) && System.nanoTime() - start < PATIENCE * 1e6; ) {
      Thread.sleep(20);
    }
    Check.equal(counts(queue), none, "messages left");
  }

  void delete() {
    for (String url : sqs.listQueues(r -> r.queueNamePrefix(prefix)).queueUrls()) {
      sqs.deleteQueue(r -> r.queueUrl(url));
    }
    Check.equal(sqs.listQueues(r -> r.queueNamePrefix(prefix)).queueUrls(), List.of(), "queues left");
  }
}
