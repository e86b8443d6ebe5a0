package oracle;

import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.hl7.fhir.r5.context.SimpleWorkerContext;

/**
 * Judges many files in one process: {@code Main JOBS OUT CORE [PACKAGE ...]}. JOBS holds one JSON object a line,
 * {@code {"file", "profile"?, "resources"?: [file or folder, ...]}}; OUT gets one object a resource, in order.
 */
public final class Main {
  private static final Gson JSON = new Gson();

  private Main() {}

  /** One line of JOBS. */
  record Job(String file, String profile, List<String> resources) {
    List<String> places() {
      return resources == null ? List.of() : resources;
    }
  }

  /** One line of OUT: the resource's place, and what the validator says of it. */
  record Verdict(String file, int line, String profile, List<Judge.Issue> issues) {}

  public static void main(String[] arguments) throws Exception {
    long begun = System.nanoTime();
    var packages = new ArrayList<Path>();
    for (int at = 3; at < arguments.length; at++) {
      packages.add(Path.of(arguments[at]));
    }
    SimpleWorkerContext base = Definitions.of(Path.of(arguments[2]), packages);
    System.err.printf("definitions loaded in %.1f s%n", seconds(begun));
    begun = System.nanoTime();
    int judged = 0;
    Judge judge = null;
    List<String> places = null;
    try (var out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[1])))) {
      for (String line : Files.readAllLines(Path.of(arguments[0]))) {
        Job job = JSON.fromJson(line, Job.class);
        if (judge == null || !job.places().equals(places)) {
          places = job.places();
          judge = new Judge(Definitions.with(base, places));
        }
        judged += job(job, judge, out);
      }
    }
    System.err.printf("%d resources in %.1f s, %.1f a second%n", judged, seconds(begun), judged / seconds(begun));
    System.exit(0); // the validator leaves threads behind that would keep the process
  }

  private static int job(Job job, Judge judge, PrintWriter out) throws Exception {
    if (!job.file().matches(".*\\.ndjson(\\.gz)?")) {
      byte[] content = Files.readAllBytes(Path.of(job.file()));
      out.println(JSON.toJson(new Verdict(job.file(), 1, job.profile(), judge.issues(content, job.profile()))));
      return 1;
    }
    int line = 0;
    int judged = 0;
    try (InputStream raw = Files.newInputStream(Path.of(job.file()));
        InputStream plain = job.file().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        var reader = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        line++;
        if (!text.isBlank()) {
          var issues = judge.issues(text.getBytes(StandardCharsets.UTF_8), job.profile());
          out.println(JSON.toJson(new Verdict(job.file(), line, job.profile(), issues)));
          judged++;
        }
      }
    }
    return judged;
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }
}
