import com.amazon.sqs.javamessaging.ProviderConfiguration;
import com.amazon.sqs.javamessaging.SQSConnectionFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Runs the scenario of ../../README.md through the Amazon SQS Java Messaging Library. */
public final class Main {
  public static void main(String[] args) throws Exception {
    int status;
    try (var sqs = SqsClient.create()) {
      // Without prefetching, so that closing a session does not wait for a poll of twenty seconds.
      var configuration = new ProviderConfiguration().withNumberOfMessagesToPrefetch(0);
      var connection = new SQSConnectionFactory(configuration, sqs).createConnection();
      connection.start();
      String prefix = System.getenv("QUAYSIDE_PREFIX");
      var sessions = new Sessions(connection, sqs, prefix);
      var kinds = new Kinds(sessions);
      var delivery = new Delivery(sessions);
      Map<String, Scenario.Step> steps = new LinkedHashMap<>();
      steps.put("text", kinds::text);
      steps.put("bytes", kinds::bytes);
      steps.put("object", kinds::object);
      steps.put("acknowledge", delivery::acknowledge);
      steps.put("recover", delivery::recover);
      steps.put("listener", delivery::listener);
      steps.put("fifo", delivery::fifo);
      steps.put("delete", sessions::delete);
      var jar = Path.of(SQSConnectionFactory.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      status = Scenario.run(jar.getFileName().toString().replace(".jar", ""), steps); // the jar's name has its version
    }
    System.exit(status); // with the listener still polling
  }
}
