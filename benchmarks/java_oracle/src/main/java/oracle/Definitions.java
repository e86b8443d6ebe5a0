package oracle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.fhir.ucum.UcumEssenceService;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_40_50;
import org.hl7.fhir.r4.formats.JsonParser;
import org.hl7.fhir.r4.formats.XmlParser;
import org.hl7.fhir.r5.context.ContextUtilities;
import org.hl7.fhir.r5.context.SimpleWorkerContext;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.Parameters;
import org.hl7.fhir.r5.model.Resource;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.utilities.npm.NpmPackage;
import org.hl7.fhir.validation.ValidatorUtils;

/** The definitions that the validator judges by: FHIR R4 from packages on disk, never from the network. */
final class Definitions {
  private static final String RELEASE = "4.0.1";

  private Definitions() {}

  /** The context of the core package, and of further packages laid over it, each a package's .tgz. */
  static SimpleWorkerContext of(Path core, List<Path> packages) throws Exception {
    var context =
        new SimpleWorkerContext.SimpleWorkerContextBuilder()
            .withAllowLoadingDuplicates(true)
            .fromPackage(opened(core), ValidatorUtils.loaderForVersion(RELEASE), false);
    for (Path path : packages) {
      var opened = opened(path);
      context.loadFromPackage(opened, ValidatorUtils.loaderForVersion(opened.fhirVersion()), false);
    }
    try (var units = Definitions.class.getClassLoader().getResourceAsStream("ucum-essence.xml")) {
      context.setUcumService(new UcumEssenceService(units));
    }
    offline(context);
    return context;
  }

  /** A context of its own over the same definitions, so that what one case adds stays in that case. */
  static SimpleWorkerContext with(SimpleWorkerContext base, List<String> places) throws Exception {
    var context = new SimpleWorkerContext(base);
    offline(context);
    var structures = new ArrayList<StructureDefinition>();
    for (Path path : files(places)) {
      Resource resource = read(path);
      if (resource instanceof CanonicalResource canonical && canonical.hasUrl()) {
        context.cacheResource(canonical);
        if (canonical instanceof StructureDefinition structure) {
          structures.add(structure);
        }
      }
    }
    // Only after all are known: a differential may stand on another structure of the same folder.
    for (StructureDefinition structure : structures) {
      try {
        new ContextUtilities(context).generateSnapshot(structure);
      } catch (Exception fault) {
        System.err.println("no snapshot of " + structure.getUrl() + ": " + fault.getMessage());
      }
    }
    return context;
  }

  private static void offline(SimpleWorkerContext context) {
    context.setAllowLoadingDuplicates(true);
    context.setCanNoTS(true);
    context.setCanRunWithoutTerminology(true);
    context.setNoTerminologyServer(true);
    context.setExpansionParameters(new Parameters());
  }

  private static NpmPackage opened(Path path) throws IOException {
    try (InputStream stream = Files.newInputStream(path)) {
      return NpmPackage.fromPackage(stream, path.getFileName().toString());
    }
  }

  private static List<Path> files(List<String> places) throws IOException {
    var found = new ArrayList<Path>();
    for (String place : places) {
      try (Stream<Path> walked = Files.walk(Path.of(place))) {
        walked.filter(path -> path.toString().matches(".*\\.(json|xml)")).forEach(found::add);
      }
    }
    Collections.sort(found);
    return found;
  }

  /** A resource in the release that the validator works in; null, with a word about it, where none can be read. */
  private static Resource read(Path path) throws IOException {
    byte[] content = Files.readAllBytes(path);
    try {
      var parser = path.toString().endsWith(".json") ? new JsonParser() : new XmlParser();
      return VersionConvertorFactory_40_50.convertResource(parser.parse(content));
    } catch (Exception fault) {
      System.err.println("not loaded: " + path + ": " + fault.getMessage());
      return null;
    }
  }
}
