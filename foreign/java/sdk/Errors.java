import java.util.Arrays;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sqs.model.EmptyBatchRequestException;
import software.amazon.awssdk.services.sqs.model.InvalidAttributeNameException;
import software.amazon.awssdk.services.sqs.model.InvalidMessageContentsException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;
import software.amazon.awssdk.services.sqs.model.TooManyEntriesInBatchRequestException;

/** Errors, by the class and the code that people branch on. */
final class Errors {
  private final SqsClient sqs;
  private final String prefix;

  Errors(SqsClient sqs, String prefix) {
    this.sqs = sqs;
    this.prefix = prefix;
  }

  void errors() throws Exception {
    String url = sqs.createQueue(r -> r.queueName(prefix + "errors")).queueUrl();
    String service = "AWS.SimpleQueueService.";
    String missing = service + "NonExistentQueue";
    fails(QueueDoesNotExistException.class, missing, 400, () -> sqs.getQueueUrl(r -> r.queueName(prefix + "missing")));
    fails(QueueDoesNotExistException.class, missing, 400, () -> send(url + "-missing", "x"));
    fails(ReceiptHandleIsInvalidException.class, "ReceiptHandleIsInvalid", 404,
        () -> sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle("no-handle")));
    fails(BatchEntryIdsNotDistinctException.class, service + "BatchEntryIdsNotDistinct", 400, () -> batch(url, "a", "a"));
    fails(TooManyEntriesInBatchRequestException.class, service + "TooManyEntriesInBatchRequest", 400,
        () -> batch(url, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"));
    fails(EmptyBatchRequestException.class, service + "EmptyBatchRequest", 400, () -> batch(url));
    fails(InvalidMessageContentsException.class, "InvalidMessageContents", 400, () -> send(url, Messages.FORBIDDEN));
    fails(SqsException.class, "InvalidParameterValue", 400,
        () -> sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(11)));
    fails(InvalidAttributeNameException.class, "InvalidAttributeName", 400,
        () -> sqs.setQueueAttributes(r -> r.queueUrl(url).attributesWithStrings(Map.of("Colour", "red"))));
  }

  private static <E extends SqsException> void fails(Class<E> type, String code, int status, Check.Call call) throws Exception {
    var e = Check.thrown(type, call);
    Check.equal(e.awsErrorDetails().errorCode(), code, "code");
    Check.equal(e.statusCode(), status, "status of " + code);
  }

  private void send(String url, String body) {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
  }

  private void batch(String url, String... ids) {
    List<SendMessageBatchRequestEntry> entries =
        Arrays.stream(ids).map(id -> SendMessageBatchRequestEntry.builder().id(id).messageBody("x").build()).toList();
    sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
  }
}
