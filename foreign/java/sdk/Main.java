import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Runs the scenario of ../../README.md through the AWS SDK for Java, version 2. */
public final class Main {
  public static void main(String[] args) {
    int status;
    try (var sqs = SqsClient.create()) {
      String prefix = System.getenv("QUAYSIDE_PREFIX");
      var queues = new Queues(sqs, prefix);
      var messages = new Messages(sqs, prefix);
      var redrive = new Redrive(sqs, prefix);
      Map<String, Scenario.Step> steps = new LinkedHashMap<>();
      steps.put("queues", queues::queues);
      steps.put("attributes", queues::attributes);
      steps.put("send", messages::send);
      steps.put("batch", messages::batch);
      steps.put("receive", messages::receive);
      steps.put("longpoll", messages::longpoll);
      steps.put("visibility", messages::visibility);
      steps.put("fifo", new Fifo(sqs, prefix)::fifo);
      steps.put("dlq", redrive::dlq);
      steps.put("tags", queues::tags);
      steps.put("errors", new Errors(sqs, prefix)::errors);
      steps.put("delete", queues::delete);
      String java = System.getProperty("java.version");
      status = Scenario.run("AWS SDK for Java " + VersionInfo.SDK_VERSION + " (Java " + java + ")", steps);
    }
    System.exit(status);
  }
}
