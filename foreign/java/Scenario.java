import java.util.Map;

/** Runs steps and prints {@code client <description>}, then {@code ok <step>} or {@code FAIL <step>: <why>} for each. */
final class Scenario {
  interface Step {
    void run() throws Exception;
  }

  private Scenario() {}

  /** Returns the exit status: 1 if a step failed. */
  static int run(String client, Map<String, Step> steps) {
    System.out.println("client " + client);
    int status = 0;
    for (var step : steps.entrySet()) {
      try {
        step.getValue().run();
        System.out.println("ok " + step.getKey());
      } catch (Exception | AssertionError e) {
        status = 1;
        System.out.println("FAIL " + step.getKey() + ": " + (e + " " + at(e)).replaceAll("\\s+", " "));
      }
    }
    return status;
  }

  /** The place in one of the programs here. */
  private static String at(Throwable e) {
    for (var frame : e.getStackTrace()) {
      boolean ours = frame.getClassName().indexOf('.') < 0 && !frame.getClassName().equals("Check");
      if (ours) return "at " + frame;
    }
    return "";
  }
}
