import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.APPROXIMATE_FIRST_RECEIVE_TIMESTAMP;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.AWS_TRACE_HEADER;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.SENDER_ID;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.SENT_TIMESTAMP;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** Standard queues: send, receive, wait, hide. */
final class Messages {
  /** Every character that SQS allows and that some codec mangles. */
  private static final String BODY =
      " snow \u2603 \uD83C\uDF89 \"quoted\" 'single' back\\slash\r\n\tcr\ralone "
          + "<b a=\"1\">&amp; markup</b> ]]> \u007f \u0085 \u2028 \ufffd end\n";
  private static final String BODY_MD5 = "e92b45721f8677b9a93f02f3bd42d864";

  /** The attributes of SQS's worked example, and their MD5. */
  private static final Map<String, MessageAttributeValue> ATTRIBUTES =
      Map.of(
          "city", MessageAttributeValue.builder().dataType("String").stringValue("Any City").build(),
          "logo", binary((byte) 0x89, (byte) 0x50),
          "population", MessageAttributeValue.builder().dataType("Number.int").stringValue("1250800").build());
  private static final String ATTRIBUTES_MD5 = "455c2442c2146192d9523d261d2c4ede";
  private static final String POPULATION_MD5 = "67ce8f99d78dd5ddbe20a247f2f98c12";

  private static final String TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793";
  private static final String TRACE_MD5 = "62a56dd927315f2b2e12832b84617ea5";

  /** A body that SQS refuses. */
  static final String FORBIDDEN = "bell \u0007";

  private final SqsClient sqs;
  private final String prefix;

  Messages(SqsClient sqs, String prefix) {
    this.sqs = sqs;
    this.prefix = prefix;
  }

  void send() {
    String url = create("send", Map.of());
    var sent = sendEverything(url);
    Check.equal(sent.md5OfMessageBody(), BODY_MD5, "MD5 of the body");
    Check.equal(sent.md5OfMessageAttributes(), ATTRIBUTES_MD5, "MD5 of the attributes");
    Check.equal(sent.md5OfMessageSystemAttributes(), TRACE_MD5, "MD5 of the system attributes");
    Check.holds(sent.messageId().matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), sent.messageId());
    var plain = sqs.sendMessage(r -> r.queueUrl(url).messageBody("plain"));
    Check.equal(plain.md5OfMessageAttributes(), null, "MD5 of no attributes");
    Check.equal(plain.md5OfMessageSystemAttributes(), null, "MD5 of no system attributes");
    Check.equal(plain.sequenceNumber(), null, "sequence number");
  }

  void batch() {
    String url = create("batch", Map.of());
    var ids = IntStream.range(0, 10).mapToObj(i -> "id-" + i).toList();
    var entries = new ArrayList<>(ids.stream().map(id -> entry(id, id)).toList());
    entries.set(3, entries.get(3).toBuilder().messageAttributes(ATTRIBUTES).build());
    var reply = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
    Check.equal(reply.successful().stream().map(SendMessageBatchResultEntry::id).toList(), ids, "sent");
    Check.equal(reply.failed(), List.of(), "failed");
    for (var e : reply.successful()) {
      Check.equal(e.md5OfMessageAttributes(), e.id().equals("id-3") ? ATTRIBUTES_MD5 : null, "MD5 of attributes of " + e.id());
    }

    var mixed = List.of(entry("first", "a"), entry("bad", FORBIDDEN), entry("last", "b"));
    reply = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(mixed));
    Check.equal(reply.successful().stream().map(SendMessageBatchResultEntry::id).toList(), List.of("first", "last"), "sent");
    Check.equal(Queues.failed(reply.failed()), List.of("bad InvalidMessageContents true"), "failed");

    var want = new TreeSet<>(ids);
    want.addAll(Set.of("a", "b"));
    var got = new ArrayList<String>();
    List<Message> more;
    do {
      more = receive(url, r -> r.maxNumberOfMessages(10));
      more.forEach(m -> got.add(m.body()));
    } while (!more.isEmpty());
    Check.equal(got.stream().sorted().toList(), List.copyOf(want), "bodies");
  }

  void receive() {
    String url = create("receive", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "0"));
    Check.equal(receive(url, r -> {}), List.of(), "messages of an empty queue");
    var sent = sendEverything(url);
    var m = receive(url, r -> r.messageSystemAttributeNames(MessageSystemAttributeName.ALL).messageAttributeNames("All")).get(0);
    Check.equal(m.body(), BODY, "body");
    Check.equal(m.md5OfBody(), BODY_MD5, "MD5 of the body");
    Check.equal(m.messageId(), sent.messageId(), "id");
    Check.equal(m.messageAttributes(), ATTRIBUTES, "attributes");
    Check.equal(m.md5OfMessageAttributes(), ATTRIBUTES_MD5, "MD5 of the attributes");
    Check.equal(m.attributes().get(APPROXIMATE_RECEIVE_COUNT), "1", "receive count");
    Check.equal(m.attributes().get(AWS_TRACE_HEADER), TRACE, "trace header");
    long age = System.currentTimeMillis() - Long.parseLong(m.attributes().get(SENT_TIMESTAMP));
    Check.holds(Math.abs(age) < 300_000, "sent " + age + " ms ago");
    for (var name : List.of(SENDER_ID, APPROXIMATE_FIRST_RECEIVE_TIMESTAMP)) {
      Check.holds(m.attributes().containsKey(name), name.toString());
    }

    m = receive(url, r -> r.messageSystemAttributeNames(SENT_TIMESTAMP).messageAttributeNames("pop.*")).get(0);
    Check.equal(m.attributes().keySet(), Set.of(SENT_TIMESTAMP), "system attributes by name");
    Check.equal(m.messageAttributes().keySet(), Set.of("population"), "attributes by prefix");
    Check.equal(m.md5OfMessageAttributes(), POPULATION_MD5, "MD5 of those returned");
    m = receive(url, r -> {}).get(0);
    Check.holds(!m.hasAttributes() && !m.hasMessageAttributes(), "attributes not asked for");
    Check.equal(m.md5OfMessageAttributes(), null, "MD5 of attributes not asked for");
  }

  void longpoll() throws Exception {
    String url = create("longpoll", Map.of());
    long start = System.nanoTime();
    Check.equal(receive(url, r -> r.waitTimeSeconds(1)), List.of(), "messages of an empty queue");
    Check.holds(seconds(start) >= 1, "waited " + seconds(start) + " s");

    long asked = System.nanoTime();
    var waiting = CompletableFuture.supplyAsync(() -> receive(url, r -> r.waitTimeSeconds(20)));
    Thread.sleep(300);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("awake"));
    Check.equal(waiting.get().stream().map(Message::body).toList(), List.of("awake"), "what woke it");
    Check.holds(seconds(asked) < 18, "woken after " + seconds(asked) + " s");
  }

  void visibility() {
    String url = create("visibility", Map.of());
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("seen"));
    Consumer<ReceiveMessageRequest.Builder> counted = r -> r.messageSystemAttributeNames(APPROXIMATE_RECEIVE_COUNT);
    var first = receive(url, counted).get(0);
    Check.equal(first.attributes().get(APPROXIMATE_RECEIVE_COUNT), "1", "receive count");
    Check.equal(receive(url, counted), List.of(), "hidden messages");
    sqs.changeMessageVisibility(r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
    var second = receive(url, counted.andThen(r -> r.visibilityTimeout(0))).get(0);
    Check.equal(second.attributes().get(APPROXIMATE_RECEIVE_COUNT), "2", "receive count after a change to 0");
    var third = receive(url, counted).get(0);
    Check.equal(third.attributes().get(APPROXIMATE_RECEIVE_COUNT), "3", "receive count after a receive with 0");

    var entry = ChangeMessageVisibilityBatchRequestEntry.builder().visibilityTimeout(0);
    var entries =
        List.of(
            entry.id("good").receiptHandle(third.receiptHandle()).build(),
            entry.id("bad").receiptHandle("no-handle").build());
    var reply = sqs.changeMessageVisibilityBatch(r -> r.queueUrl(url).entries(entries));
    Check.equal(reply.successful().stream().map(e -> e.id()).toList(), List.of("good"), "changed");
    Check.equal(Queues.failed(reply.failed()), List.of("bad ReceiptHandleIsInvalid true"), "not changed");
    var fourth = receive(url, counted).get(0);
    Check.equal(fourth.attributes().get(APPROXIMATE_RECEIVE_COUNT), "4", "receive count after the batch");
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static MessageAttributeValue binary(byte... value) {
    return MessageAttributeValue.builder().dataType("Binary.png").binaryValue(SdkBytes.fromByteArray(value)).build();
  }

  private static SendMessageBatchRequestEntry entry(String id, String body) {
    return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
  }

  private String create(String name, Map<QueueAttributeName, String> attributes) {
    return sqs.createQueue(r -> r.queueName(prefix + name).attributes(attributes)).queueUrl();
  }

  private SendMessageResponse sendEverything(String url) {
    var trace = MessageSystemAttributeValue.builder().dataType("String").stringValue(TRACE).build();
    return sqs.sendMessage(
        r ->
            r.queueUrl(url)
                .messageBody(BODY)
                .messageAttributes(ATTRIBUTES)
                .messageSystemAttributes(Map.of(MessageSystemAttributeNameForSends.AWS_TRACE_HEADER, trace)));
  }

  private List<Message> receive(String url, Consumer<ReceiveMessageRequest.Builder> how) {
    return sqs.receiveMessage(how.andThen(r -> r.queueUrl(url))).messages();
  }
}
