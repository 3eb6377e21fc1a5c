import java.util.Objects;

/** Ends a step that finds something else than it should. */
final class Check {
  private Check() {}

  interface Call {
    void run() throws Exception;
  }

  static void equal(Object got, Object want, String what) {
    if (!Objects.equals(got, want)) {
      throw new AssertionError(what + ": got " + got + ", want " + want);
    }
  }

  static void holds(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  /** What the call throws, which must be of this type. */
  static <E extends Exception> E thrown(Class<E> type, Call call) throws Exception {
    try {
      call.run();
    } catch (Exception e) {
      if (type.isInstance(e)) return type.cast(e);
      throw e;
    }
    throw new AssertionError("no " + type.getSimpleName());
  }
}
