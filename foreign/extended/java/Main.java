import com.amazon.sqs.javamessaging.AmazonSQSExtendedClient;
import com.amazon.sqs.javamessaging.ExtendedClientConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Runs the steps of ../../README.md through the Amazon SQS Extended Client Library for Java. */
public final class Main {
  private static final String LARGE = "snow \u2603 \"quoted\" \\ \ud83c\udf89\r\n".repeat(20000);
  private static final Map<String, String> BODIES = Map.of("new", LARGE, "legacy", LARGE, "small", "small");

  private final SqsClient sqs = SqsClient.create();
  private final S3Client s3 = S3Client.builder().forcePathStyle(true).build();

  public static void main(String[] args) throws Exception {
    var main = new Main();
    Map<String, Scenario.Step> steps = new LinkedHashMap<>();
    steps.put("receive", main::receive);
    steps.put("send", main::send);
    var jar = Path.of(AmazonSQSExtendedClient.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    System.exit(Scenario.run(jar.getFileName().toString().replace(".jar", ""), steps));
  }

  /** A client that writes the attribute of that name. Legacy is the library's default. */
  private SqsClient client(boolean legacy) {
    var configuration = new ExtendedClientConfiguration().withPayloadSupportEnabled(s3, System.getenv("QUAYSIDE_BUCKET"));
    return new AmazonSQSExtendedClient(sqs, legacy ? configuration : configuration.withLegacyReservedAttributeNameDisabled());
  }

  private String url(String variable) {
    return sqs.getQueueUrl(b -> b.queueName(System.getenv(variable))).queueUrl();
  }

  /** What Go has sent: one message a case, in the attribute of that name. */
  private void receive() {
    var client = client(true);
    String url = url("QUAYSIDE_FROM_GO");
    List<String> seen = new ArrayList<>();
    while (seen.size() < BODIES.size()) {
      var reply = client.receiveMessage(b -> b.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(5).messageAttributeNames("All"));
      Check.holds(reply.hasMessages(), "no more messages after " + seen);
      for (var m : reply.messages()) {
        String kind = m.messageAttributes().get("case").stringValue();
        Check.holds(m.body().equals(BODIES.get(kind)), "the body of " + kind + " has " + m.body().length() + " chars, or is another");
        Check.equal(m.messageAttributes().keySet(), Set.of("case", "Quayside.Type"), "attributes");
        Check.equal(m.receiptHandle().contains("-..s3Key..-"), !kind.equals("small"), "came through S3");
        client.deleteMessage(b -> b.queueUrl(url).receiptHandle(m.receiptHandle()));
        seen.add(kind);
      }
    }
    Check.equal(new TreeSet<>(seen), new TreeSet<>(BODIES.keySet()), "cases");
    var counts = sqs.getQueueAttributes(b -> b.queueUrl(url).attributeNames(QueueAttributeName.ALL)).attributes();
    Check.equal(counts.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE), "0", "messages in flight");
  }

  /** What Go is to receive. */
  private void send() {
    String url = url("QUAYSIDE_TO_GO");
    BODIES.forEach((kind, body) -> {
      var name = MessageAttributeValue.builder().dataType("String").stringValue(kind).build();
      client(kind.equals("legacy")).sendMessage(b -> b.queueUrl(url).messageBody(body).messageAttributes(Map.of("case", name)));
    });
  }
}
