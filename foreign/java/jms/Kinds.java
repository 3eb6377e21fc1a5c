import jakarta.jms.BytesMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The kinds of messages that JMS has and SQS can carry. */
final class Kinds {
  private static final String TEXT =
      " snow \u2603 \uD83C\uDF89 \"quoted\" 'single' back\\slash\r\n\tcr\ralone "
          + "<b a=\"1\">&amp; markup</b> ]]> \u007f \u0085 \u2028 \ufffd end\n";

  private final Sessions sessions;

  Kinds(Sessions sessions) {
    this.sessions = sessions;
  }

  private interface Make {
    Message message(Session session) throws Exception;
  }

  /** Sends one message and returns it as received. */
  private <M extends Message> M roundTrip(Class<M> type, Make make) throws Exception {
    String name = sessions.create("kind-" + type.getSimpleName(), Map.of());
    try (var session = sessions.open(Session.AUTO_ACKNOWLEDGE)) {
      var queue = session.createQueue(name);
      var sent = make.message(session);
      session.createProducer(queue).send(sent);
      M received = Sessions.next(session.createConsumer(queue), type);
      Check.equal(received.getJMSMessageID(), sent.getJMSMessageID(), "id");
      Check.equal(received.getIntProperty("JMSXDeliveryCount"), 1, "delivery count");
      Check.equal(received.getJMSRedelivered(), false, "redelivered");
      Check.equal(sessions.counts(name), List.of("0", "0"), "messages left");
      return received;
    }
  }

  void text() throws Exception {
    var m =
        roundTrip(
            TextMessage.class,
            session -> {
              var text = session.createTextMessage(TEXT);
              text.setStringProperty("string", "snow \u2603 <&>\r\n");
              text.setIntProperty("int", -7);
              text.setLongProperty("long", Long.MAX_VALUE);
              text.setDoubleProperty("double", 2.5);
              text.setBooleanProperty("boolean", true);
              text.setJMSCorrelationID("correlated");
              return text;
            });
    Check.equal(m.getText(), TEXT, "text");
    Check.equal(m.getStringProperty("string"), "snow \u2603 <&>\r\n", "string");
    Check.equal(m.getObjectProperty("int"), -7, "int");
    Check.equal(m.getObjectProperty("long"), Long.MAX_VALUE, "long");
    Check.equal(m.getObjectProperty("double"), 2.5, "double");
    Check.equal(m.getObjectProperty("boolean"), true, "boolean");
    Check.equal(m.getJMSCorrelationID(), "correlated", "correlation id");
  }

  void bytes() throws Exception {
    var all = new byte[256];
    for (int i = 0; i < all.length; i++) all[i] = (byte) i;
    var m =
        roundTrip(
            BytesMessage.class,
            session -> {
              var bytes = session.createBytesMessage();
              bytes.writeBytes(all);
              return bytes;
            });
    var got = new byte[(int) m.getBodyLength()];
    m.readBytes(got);
    Check.holds(Arrays.equals(got, all), "bytes: got " + Arrays.toString(got));
  }

  void object() throws Exception {
    var list = new ArrayList<>(List.of("a", 1, 2.5, TEXT));
    var m = roundTrip(ObjectMessage.class, session -> session.createObjectMessage(list));
    Check.equal(m.getObject(), list, "object");
  }
}
