import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.Page;
import org.mlflow.tracking.RunsPage;
import org.mlflow_project.google.gson.Gson;
import org.mlflow_project.google.gson.GsonBuilder;

/**
 * Drives an unmodified MLflow client for Java: `MlflowJava TRACKING_URI`. Answers JSON lines as lines.py does. Compiled
 * against 2.x and run with 1.x too, where only the actions that call nothing newer are asked for.
 */
public final class MlflowJava {
  private static final Gson JSON = new GsonBuilder().serializeNulls().create();

  private final MlflowClient client;

  private MlflowJava(String uri) {
    this.client = new MlflowClient(uri);
  }

  public static void main(String[] parameters) throws Exception {
    // The lines are UTF-8 whatever the platform's own encoding.
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    MlflowJava driven = new MlflowJava(parameters[0]);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      @SuppressWarnings("unchecked")
      Map<String, String> asked = JSON.fromJson(line, Map.class);
      answers.println(JSON.toJson(driven.answer(asked)));
    }
  }

  private Map<String, Object> answer(Map<String, String> asked) {
    try {
      return of("value", act(asked));
    } catch (Throwable error) {
      return of("error", described(error));
    }
  }

  private Object act(Map<String, String> asked) throws Exception {
    switch (asked.get("do")) {
      case "log": return log(asked.get("experiment"));
      case "batch": return batch(asked.get("experiment"));
      case "search": return search(asked.get("experiment"));
      case "fluent": return fluent(asked.get("experiment"));
      case "artifacts": return artifacts(asked.get("experiment"), asked.get("name"));
      case "models": return models(asked.get("experiment"), asked.get("name"));
      case "versions": return versions(asked.get("name"));
      case "experiments": return experiments(asked.get("experiment"));
      case "mistakes": return mistakes();
      default: throw new IllegalArgumentException("no action is called " + asked.get("do"));
    }
  }

  private Object log(String experiment) {
    String id = client.createExperiment(experiment);
    client.setExperimentTag(id, "team", "weather");
    Experiment found = client.getExperimentByName(experiment).get();
    String run = client.createRun(id).getRunId();
    client.logParam(run, "lr", "0.1");
    client.logParam(run, "unicode", "größer ☂");
    client.logMetric(run, "auc", 0.9);
    client.logMetric(run, "nan", Double.NaN);
    client.logMetric(run, "high", Double.POSITIVE_INFINITY);
    for (int step = 0; step < 3; step++) client.logMetric(run, "loss", 1.0 / (step + 1), 1000 + step, step);
    client.setTag(run, "stage", "draft");
    client.setTag(run, "passing", "yes");
    client.deleteTag(run, "passing");
    Run running = client.getRun(run);
    client.setTerminated(run, RunStatus.FAILED, 2_000_000_000_000L);
    Run ended = client.getRun(run);
    return of(
        "found", found.getExperimentId().equals(id),
        "nobody", client.getExperimentByName("nobody's").isPresent(),
        "location", found.getArtifactLocation().replace(id, "ID"),
        "tags", found.getTagsList().stream().map(tag -> tag.getKey() + "=" + tag.getValue()).toArray(),
        "status", List.of(running.getInfo().getStatus().name(), ended.getInfo().getStatus().name()),
        "ended", ended.getInfo().getEndTime(),
        "params", params(ended),
        "metrics", metrics(ended),
        "runTags", tags(ended),
        "user", ended.getInfo().getUserId().equals(System.getProperty("user.name")),
        "history", history(run, "loss"));
  }

  private Object batch(String experiment) {
    String run = client.createRun(client.createExperiment(experiment)).getRunId();
    List<Metric> metrics = new ArrayList<>();
    for (int step = 0; step < 500; step++)
      metrics.add(Metric.newBuilder().setKey("loss").setValue(step / 10.0).setTimestamp(1000 + step).setStep(step).build());
    List<Param> params = List.of(
        Param.newBuilder().setKey("depth").setValue("3").build(), Param.newBuilder().setKey("empty").setValue("").build());
    List<RunTag> tags = List.of(RunTag.newBuilder().setKey("stage").setValue("draft").build());
    client.logBatch(run, metrics, params, tags);
    client.logBatch(run, null, null, null);
    Run found = client.getRun(run);
    return of(
        "metrics", metrics(found), "params", params(found), "tags", tags(found), "values", history(run, "loss").size());
  }

  private Object search(String experiment) {
    String id = client.createExperiment(experiment);
    Map<String, String> depths = new TreeMap<>();
    for (int depth = 1; depth <= 3; depth++) {
      String run = client.createRun(id).getRunId();
      client.logParam(run, "depth", String.valueOf(depth));
      client.logMetric(run, "auc", depth / 10.0);
      client.setTerminated(run);
      depths.put(run, String.valueOf(depth));
    }
    List<String> ids = List.of(id);
    String last = depths.entrySet().stream().filter(one -> one.getValue().equals("3")).findFirst().get().getKey();
    RunsPage first = client.searchRuns(ids, null, ViewType.ACTIVE_ONLY, 2, List.of("metrics.auc ASC"));
    Page<Run> second = first.getNextPage();
    client.deleteRun(last);
    List<String> left = depthsOf(depths, client.searchRuns(ids, "", ViewType.ACTIVE_ONLY, 10).getItems());
    List<String> deleted = depthsOf(depths, client.searchRuns(ids, "", ViewType.DELETED_ONLY, 10).getItems());
    client.restoreRun(last);
    return of(
        "greater", depthsOf(depths, client.searchRuns(ids, "metrics.auc > 0.15", null, 10, List.of("metrics.auc DESC")).getItems()),
        "both", depthsOf(depths, client.searchRuns(ids, "params.depth = '2' and attributes.status = 'FINISHED'", null, 10).getItems()),
        "pages", List.of(depthsOf(depths, first.getItems()), depthsOf(depths, MlflowJava.<Run>iterable(second.getItems()))),
        "more", List.of(first.hasNextPage(), second.hasNextPage()),
        "left", left.size(),
        "deleted", deleted,
        "restored", client.listRunInfos(id).size());
  }

  private Object fluent(String experiment) {
    client.createExperiment(experiment);
    MlflowContext context = new MlflowContext(client).setExperimentName(experiment);
    ActiveRun outer = context.startRun("outer");
    outer.logParams(Map.of("lr", "0.1", "depth", "3"));
    outer.logMetrics(Map.of("auc", 0.9), 4);
    outer.setTags(Map.of("team", "weather"));
    ActiveRun inner = context.startRun("inner", outer.getId());
    inner.endRun();
    outer.endRun();
    Run found = client.getRun(outer.getId());
    return of(
        // The only name that 1.x knows.
        "name", found.getData().getTagsList().stream().filter(tag -> tag.getKey().equals("mlflow.runName")).findFirst().get().getValue(),
        "status", found.getInfo().getStatus().name(),
        "params", params(found),
        "metrics", metrics(found),
        "team", tags(found).get("team"),
        "uri", outer.getArtifactUri().equals(found.getInfo().getArtifactUri()),
        "child", tags(client.getRun(inner.getId())).get("mlflow.parentRunId").equals(outer.getId()));
  }

  /** Which the client has done by the command `mlflow`, one slow process for each. */
  private Object artifacts(String experiment, String name) throws Exception {
    Run run = client.getRun(client.createRun(client.createExperiment(experiment)).getRunId());
    String id = run.getInfo().getRunId();
    Path folder = Files.createTempDirectory("stead-java-");
    Files.writeString(folder.resolve("größe.txt"), "hello");
    Files.writeString(Files.createDirectories(folder.resolve("deep")).resolve("a.json"), "[1]");
    client.logArtifacts(id, folder.toFile(), "model");
    register(run, name);
    File text = client.downloadArtifacts(id, "model/größe.txt");
    return of(
        "listed", client.listArtifacts(id, "model").stream().map(one -> one.getPath() + ":" + one.getFileSize()).sorted().toArray(),
        "text", Files.readString(text.toPath()),
        // The command adds a note of its own.
        "model", filesIn(client.downloadLatestModelVersion(name, "None")).stream().filter(path -> !path.equals("registered_model_meta")).toArray());
  }

  /** The client for Java cannot create models, but sends what it is given. */
  private void register(Run run, String name) {
    Object version = of("name", name, "source", run.getInfo().getArtifactUri() + "/model", "run_id", run.getInfo().getRunId());
    client.sendPost("registered-models/create", JSON.toJson(of("name", name)));
    client.sendPost("model-versions/create", JSON.toJson(version));
  }

  private Object models(String experiment, String name) {
    Run run = client.getRun(client.createRun(client.createExperiment(experiment)).getRunId());
    register(run, name);
    String source = run.getInfo().getArtifactUri() + "/other";
    client.sendPost("model-versions/create", JSON.toJson(of("name", name, "source", source)));
    client.sendPost("model-versions/transition-stage", JSON.toJson(of("name", name, "version", "1", "stage", "Production")));
    return of(
        "latest", latest(client.getLatestVersions(name)),
        "production", latest(client.getLatestVersions(name, List.of("Production"))),
        "uri", client.getModelVersionDownloadUri(name, "2").equals(source));
  }

  private Object versions(String name) {
    ModelVersion version = client.getModelVersion(name, "1");
    Page<ModelVersion> page = client.searchModelVersions("name = '" + name + "'", 1, List.of("version_number ASC"));
    return of(
        "version", version.getVersion(),
        "stage", version.getCurrentStage(),
        "status", version.getStatus().name(),
        "model", client.getRegisteredModel(name).getName(),
        "pages", List.of(latest(page.getItems()), latest(page.getNextPage().getItems())));
  }

  private Object experiments(String experiment) {
    List<String> ids = new ArrayList<>();
    for (String suffix : List.of("-a", "-b", "-c")) ids.add(client.createExperiment(experiment + suffix));
    String filter = "name LIKE '" + experiment + "-%'";
    client.renameExperiment(ids.get(2), experiment + "-z");
    Page<Experiment> page = client.searchExperiments(filter, ViewType.ACTIVE_ONLY, 2, List.of("name DESC"));
    List<String> pages = new ArrayList<>();
    pages.add(names(page));
    pages.add(names(page.getNextPage()));
    client.deleteExperiment(ids.get(0));
    pages.add(names(client.searchExperiments(filter, ViewType.DELETED_ONLY, 2, List.of())));
    client.restoreExperiment(ids.get(0));
    pages.add(client.getExperiment(ids.get(0)).getLifecycleStage());
    return pages;
  }

  private Object mistakes() {
    String run = client.createRun().getRunId();
    client.logParam(run, "p", "1");
    return of(
        "param", refused(() -> client.logParam(run, "p", "2")),
        "run", refused(() -> client.getRun("f".repeat(32))),
        "experiment", refused(() -> client.deleteExperiment("99999")),
        "taken", refused(() -> client.createExperiment("Default")),
        "filter", refused(() -> client.searchRuns(List.of("0"), "metrics.a ~ 1")),
        "model", refused(() -> client.getLatestVersions("nobody")));
  }

  private static Object refused(Runnable act) {
    try {
      act.run();
      return null;
    } catch (MlflowHttpException error) {
      Map<?, ?> body = JSON.fromJson(error.getBodyMessage(), Map.class);
      return List.of(error.getStatusCode(), body.get("error_code"), body.get("message"));
    }
  }

  private List<List<Object>> history(String run, String key) {
    return client.getMetricHistory(run, key).stream()
        .map(one -> List.<Object>of(one.getStep(), one.getTimestamp(), one.getValue()))
        .collect(Collectors.toList());
  }

  private static Map<String, String> metrics(Run run) {
    return run.getData().getMetricsList().stream().collect(Collectors.toMap(Metric::getKey, one -> String.valueOf(one.getValue())));
  }

  private static Map<String, String> params(Run run) {
    return run.getData().getParamsList().stream().collect(Collectors.toMap(Param::getKey, Param::getValue));
  }

  private static Map<String, String> tags(Run run) {
    return run.getData().getTagsList().stream()
        .filter(tag -> !tag.getKey().equals("mlflow.runName"))
        .collect(Collectors.toMap(RunTag::getKey, RunTag::getValue));
  }

  private static List<String> depthsOf(Map<String, String> depths, Iterable<Run> runs) {
    List<String> found = new ArrayList<>();
    for (Run run : runs) found.add(depths.get(run.getInfo().getRunId()));
    return found;
  }

  private static List<String> latest(Iterable<ModelVersion> versions) {
    List<String> found = new ArrayList<>();
    for (ModelVersion version : versions) found.add(version.getVersion() + " " + version.getCurrentStage());
    found.sort(null);
    return found;
  }

  private static String names(Page<Experiment> page) {
    List<String> found = new ArrayList<>();
    for (Experiment one : MlflowJava.<Experiment>iterable(page.getItems())) found.add(one.getName());
    return String.join(" ", found);
  }

  /** The interface of pages is raw. */
  @SuppressWarnings("unchecked")
  private static <T> Iterable<T> iterable(Iterable<?> items) {
    return () -> (Iterator<T>) items.iterator();
  }

  private static List<String> filesIn(File folder) throws Exception {
    Path root = folder.toPath();
    try (Stream<Path> found = Files.walk(root)) {
      return found.filter(Files::isRegularFile).map(path -> root.relativize(path).toString()).sorted().collect(Collectors.toList());
    }
  }

  private static Map<String, Object> described(Throwable error) {
    String status = error instanceof MlflowHttpException ? String.valueOf(((MlflowHttpException) error).getStatusCode()) : null;
    return of("type", error.getClass().getSimpleName(), "status", status, "message", String.valueOf(error.getMessage()));
  }

  private static Map<String, Object> of(Object... pairs) {
    Map<String, Object> map = new TreeMap<>();
    for (int at = 0; at < pairs.length; at += 2) map.put((String) pairs[at], pairs[at + 1]);
    return map;
  }
}
