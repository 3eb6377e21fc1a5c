import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** How messages reach consumers, and when they are gone. */
final class Delivery {
  private final Sessions sessions;

  Delivery(Sessions sessions) {
    this.sessions = sessions;
  }

  /** One acknowledgement is for every message that the session received before. */
  void acknowledge() throws Exception {
    String name = sessions.create("acknowledge", Map.of());
    try (var session = sessions.open(Session.CLIENT_ACKNOWLEDGE)) {
      var queue = session.createQueue(name);
      var producer = session.createProducer(queue);
      for (String text : List.of("a", "b", "c")) producer.send(session.createTextMessage(text));
      var consumer = session.createConsumer(queue);
      Message last = null;
      for (int i = 0; i < 3; i++) last = Sessions.next(consumer, TextMessage.class);
      Check.equal(sessions.counts(name), List.of("0", "3"), "before the acknowledgement");
      last.acknowledge();
      Check.equal(sessions.counts(name), List.of("0", "0"), "after the acknowledgement");
    }
  }

  /** What a session closes without acknowledging comes to the next one at once. */
  void recover() throws Exception {
    String name = sessions.create("recover", Map.of());
    try (var session = sessions.open(Session.CLIENT_ACKNOWLEDGE)) {
      var queue = session.createQueue(name);
      session.createProducer(queue).send(session.createTextMessage("again"));
      var consumer = session.createConsumer(queue);
      Sessions.next(consumer, TextMessage.class);
      session.recover();
      var m = Sessions.next(consumer, TextMessage.class);
      Check.equal(m.getText(), "again", "text");
      Check.equal(m.getJMSRedelivered(), true, "redelivered");
      Check.equal(m.getIntProperty("JMSXDeliveryCount"), 2, "delivery count");
      m.acknowledge();
      Check.equal(sessions.counts(name), List.of("0", "0"), "messages left");
    }
  }

  void listener() throws Exception {
    String name = sessions.create("listener", Map.of());
    var texts = new ConcurrentLinkedQueue<String>();
    var done = new CountDownLatch(20);
    var want = new ArrayList<String>();
    // Neither is closed: a session waits for its poll, which takes up to twenty seconds.
    var consuming = sessions.open(Session.AUTO_ACKNOWLEDGE);
    var producing = sessions.open(Session.AUTO_ACKNOWLEDGE);
    MessageConsumer consumer = consuming.createConsumer(consuming.createQueue(name));
    consumer.setMessageListener(
        m -> {
          try {
            texts.add(((TextMessage) m).getText());
          } catch (Exception e) {
            texts.add(e.toString());
          }
          done.countDown();
        });
    var producer = producing.createProducer(producing.createQueue(name));
    for (int i = 10; i < 30; i++) {
      want.add("message " + i);
      producer.send(producing.createTextMessage("message " + i));
    }
    Check.holds(done.await(30, TimeUnit.SECONDS), "20 messages came, but for " + done.getCount());
    Check.equal(texts.stream().sorted().toList(), want, "messages");
    sessions.empties(name); // the last is acknowledged after the listener has returned
  }

  void fifo() throws Exception {
    var attributes = Map.of(QueueAttributeName.FIFO_QUEUE, "true");
    String name = sessions.create("fifo.fifo", attributes);
    try (var session = sessions.open(Session.AUTO_ACKNOWLEDGE)) {
      var queue = session.createQueue(name);
      var producer = session.createProducer(queue);
      var numbers = new ArrayList<String>();
      for (String id : List.of("1", "2", "2", "3")) {
        var m = session.createTextMessage("text " + id);
        m.setStringProperty("JMSXGroupID", "group");
        m.setStringProperty("JMS_SQS_DeduplicationId", id);
        producer.send(m);
        numbers.add(m.getStringProperty("JMS_SQS_SequenceNumber"));
      }
      Check.equal(numbers.get(1), numbers.get(2), "number of a duplicate");
      var consumer = session.createConsumer(queue);
      for (int i : List.of(0, 1, 3)) {
        var m = Sessions.next(consumer, TextMessage.class);
        Check.equal(m.getStringProperty("JMS_SQS_SequenceNumber"), numbers.get(i), "number of " + m.getText());
        Check.equal(m.getStringProperty("JMSXGroupID"), "group", "group of " + m.getText());
      }
      Check.equal(sessions.counts(name), List.of("0", "0"), "messages left");
    }
  }
}
