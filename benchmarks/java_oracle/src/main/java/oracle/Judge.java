package oracle;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r5.context.SimpleWorkerContext;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.ImplementationGuide;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.r5.utils.validation.ValidatorSession;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidatorSettings;
import org.hl7.fhir.validation.instance.InstanceValidator;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/** The reference validator, set as its own test suite sets it, over one set of definitions. */
final class Judge {
  /** One thing the validator says; line and col are -1 where it names none. */
  record Issue(
      String severity, String code, String messageId, String location, int line, int col, String message) {}

  private final SimpleWorkerContext context;
  private final InstanceValidator validator;

  Judge(SimpleWorkerContext context) {
    this.context = context;
    this.validator = validator(context);
  }

  /** Everything said about one resource in JSON or XML; a validator that breaks off is one fatal issue. */
  List<Issue> issues(byte[] content, String profile) {
    var messages = new ArrayList<ValidationMessage>();
    var issues = new ArrayList<Issue>();
    try {
      validator.validate(null, messages, new ByteArrayInputStream(content), format(content), structures(profile));
    } catch (Exception | StackOverflowError | AssertionError fault) {
      issues.add(new Issue("fatal", "exception", null, null, -1, -1, fault.toString()));
    }
    for (ValidationMessage said : messages) {
      issues.add(
          new Issue(
              said.getLevel().toCode(),
              said.getType() == null ? null : said.getType().toCode(),
              said.getMessageId(),
              said.getLocation(),
              said.getLine(),
              said.getCol(),
              said.getMessage()));
    }
    return issues;
  }

  /** Made once: the validator reads long tables when it is made, and judges a later resource as a new one would. */
  private static InstanceValidator validator(SimpleWorkerContext context) {
    var validator = new InstanceValidator(context, null, null, new ValidatorSession(), new ValidatorSettings());
    validator.setFetcher(new Offline());
    validator.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.IGNORE, null));
    validator.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    validator.setWantCheckSnapshotUnchanged(true);
    validator.setAllowExamples(true);
    validator.getSettings().setUseValueSetDisplays(true);
    // Guides among the definitions say which structures hold for every resource of a type.
    validator.getImplementationGuides().addAll(context.fetchResourcesByType(ImplementationGuide.class));
    return validator;
  }

  private List<StructureDefinition> structures(String profile) {
    if (profile == null) {
      return List.of();
    }
    StructureDefinition structure = context.fetchResource(StructureDefinition.class, profile);
    if (structure == null) {
      throw new IllegalArgumentException("no structure " + profile + " is loaded");
    }
    return List.of(structure);
  }

  private static FhirFormat format(byte[] content) {
    for (byte octet : content) {
      if (octet == '<') {
        return FhirFormat.XML;
      }
      if (octet == '{' || octet == '[') {
        return FhirFormat.JSON;
      }
    }
    return FhirFormat.JSON;
  }
}
